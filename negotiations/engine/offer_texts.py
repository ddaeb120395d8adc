"""Offers in what people and language models write: JSON first, then numbers in the text. Linear in the text's length."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from negotiations.engine.characters import readable
from negotiations.engine.room_specs import MOST

LONGEST = 20_000
"""Characters of a text that are looked at, its thoughts not counted; what a model says beyond is no offer."""
MOST_WORDS = 1000
"""Characters of a message that anybody is shown."""

NUMBER = (
    r"(?<![\w.,])(?:[€$£¥]\s?)?-?\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?(?![\w,]|\.\d)"
    r"|(?<![\w.,])(?:[€$£¥]\s?)?-?\d{1,15}(?:[.,]\d{1,6})?(?!\d|[.,]\d|[a-zA-Z_])"
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What an offer names; each None where it does not. The price is for one, of two decimals."""

    price: float | None = None
    quantity: int | None = None


NOTHING = Offered()


def offer_in(text: str) -> Offered:
    """The offer of a text. No number, no offer; a number that makes no sense is passed over."""
    text = spoken(text).translate(_AS_TYPED)
    return _in_json(text) or _in_words(_without_json(text)) or NOTHING


_AS_TYPED = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys((0x200C, 0x200D)) | {0x2212: "-"}
)
"""Wide letters and digits as plain ones, and nothing between two digits that nobody sees."""


def clean_words(text: str) -> str:
    """What may be shown of a text: without thoughts, blocks of JSON and characters that nobody sees."""
    plain = _EMPTY_LIST.sub(" ", _without_json(spoken(text)))
    plain = "\n".join(line.rstrip() for line in plain.split("\n"))
    return _GAPS.sub("\n\n", plain).strip()[:MOST_WORDS].rstrip()


def spoken(text: str) -> str:
    """What was said aloud of a text, its JSON included: characters first, since one that nobody sees may part a tag."""
    return without_thoughts(readable(text))[:LONGEST]


_GAPS = re.compile(r"\n{3,}")
_EMPTY_LIST = re.compile(r"\[[\s,]{0,99}\]")
_THOUGHT = re.compile(r"<\s{0,3}(/?)\s{0,3}(?:think(?:ing)?|thoughts?|reasoning)\b[^<>]{0,99}>", re.I)


def without_thoughts(text: str) -> str:
    """Without `<think>` blocks, nested or not; one that never ends takes all that follows, one that never began
    all that went before. A space stays where one was, so that no word is made of what stood around it."""
    kept: list[str] = []
    depth = end = 0
    for tag in _THOUGHT.finditer(text):
        if not depth:
            kept.append(text[end : tag.start()])
        if not tag[1]:
            depth += 1
        elif depth:
            depth -= 1
        else:
            kept.clear()
        end = tag.end()
    return " ".join(kept if depth else [*kept, text[end:]])


def _blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Where blocks of JSON stand: fenced ones, and objects in braces, open to the end where they are cut off."""
    at = 0
    while (mark := _OPENING.search(text, at)) is not None:
        start = mark.start()
        if mark[0] == "{":
            at = _end_of_object(text, start)
            yield start, at, text[start:at]
        else:
            closing = text.find("```", mark.end())
            inside_end, at = (len(text), len(text)) if closing < 0 else (closing, closing + 3)
            yield start, at, text[mark.end() : inside_end]


_OPENING = re.compile(r"\{|```(?:[a-zA-Z]{1,12}\b)?")


def _end_of_object(text: str, start: int) -> int:
    """Behind the brace that closes this one; the end where none does."""
    depth = 0
    for brace in _BRACES.finditer(text, start):
        if brace[0] == "{":
            depth += 1
        elif brace[0] == "}":
            depth -= 1
            if not depth:
                return brace.end()
    return len(text)


_BRACES = re.compile(r'[{}]|"(?:[^"\\\n]|\\.)*+"?')


def _without_json(text: str) -> str:
    kept: list[str] = []
    end = 0
    for start, after, _ in _blocks(text):
        kept.append(text[end:start])
        end = after
    return " ".join([*kept, text[end:]]) if kept else text


def _in_json(text: str) -> Offered | None:
    for _, _, inside in _blocks(text):
        try:
            offered = _of_object(json.loads(inside))
        except (ValueError, RecursionError):
            continue
        if offered:
            return offered
    return None


_PRICES = ("price", "unit_price", "price_per_unit", "price_per_item", "unitprice")
_QUANTITIES = ("quantity", "qty", "amount", "units")
_NESTS = ("offer", "counter_offer", "counter", "proposal")


def _of_object(found: Any) -> Offered | None:
    if not isinstance(found, dict):
        return None
    named = {str(name).strip().lower().replace(" ", "_"): value for name, value in found.items()}
    inner = next((named[name] for name in _NESTS if isinstance(named.get(name), dict)), None)
    if inner is not None:
        return _of_object(inner)
    price = next((named[name] for name in _PRICES if name in named), None)
    quantity = next((named[name] for name in _QUANTITIES if name in named), None)
    return _offered(_number(price), _number(quantity))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return as_number(str(value))
    found = _NUMBERS.search(value[:100]) if isinstance(value, str) else None
    return as_number(found[0]) if found else None


_NUMBERS = re.compile(NUMBER)


def as_number(text: str) -> float | None:
    """The number of `€1,000.50`, `12,5` or `5`; None of what is no finite number."""
    plain = text.strip().lstrip("€$£¥ ").strip()
    if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _offered(price: float | None, quantity: float | None) -> Offered | None:
    """None where neither makes sense."""
    fits = price is not None and 0 <= price <= MOST
    whole = quantity is not None and 1 <= quantity <= MOST and quantity == int(quantity)
    found = Offered(
        round(price, 2) + 0.0 if fits and price is not None else None,  # -0.0 would be shown as such
        int(quantity) if whole and quantity is not None else None,
    )
    return None if found == NOTHING else found


_UNITS = r"(?:units?|pieces?|pcs?|items?|of them)"
_EACH = r"(?:each|a piece|apiece|per (?:unit|piece|item|one)|a unit|/ ?unit|/ ?pc)"
_AT = re.compile(
    rf"({NUMBER})\s{{0,3}}({_UNITS}\s{{0,3}})?(?:@|\bat\b|\bfor\b|x)\s{{0,3}}({NUMBER})(?:\s{{0,3}}({_UNITS})\b)?",
    re.I,
)
_PRICE = re.compile(
    rf"({NUMBER})\s{{0,3}}(?:€|\$|£|euros?|dollars?|eur|usd)?\s{{0,3}}{_EACH}\b"
    rf"|(?:\b(?:price|offer|counter|pay|sell|do|ask(?:ing)?|go (?:down |as low as )?(?:to)?|at|for)\b|@)\W{{0,3}}"
    rf"(?:(?:of|is|you|now|at|to)\b\W{{0,3}}){{0,2}}({NUMBER})(?!\s{{0,3}}{_UNITS}\b)",
    re.I,
)
_QUANTITY = re.compile(
    rf"({NUMBER})\s{{0,3}}{_UNITS}\b|\b(?:quantity|qty|buy|order|take)\b\W{{0,3}}(?:of\s|is\s|all\s)?({NUMBER})",
    re.I,
)
_FOR_MANY = re.compile(rf"{_EACH}\W{{1,3}}(?:for|x)\s{{0,3}}(?:all\s{{0,3}})?({NUMBER})", re.I)
_MONEY = re.compile(r"[€$£¥]\s?\d")
_IN_ALL = re.compile(r"\s{0,3}(?:€|euros?|dollars?)?\s{0,3}(?:in total|in all|altogether|total)\b", re.I)
_COUNTS = re.compile(
    rf"(?:\b(?:rounds?|steps?|number)\s{{0,3}}|#)({NUMBER})"
    rf"|({NUMBER})\s{{0,3}}(?:%|(?:percent|days?|weeks?|months?|years?|hours?|minutes?|rounds?|times|people|others|sellers?|buyers?)\b)",
    re.I,
)
"""Numbers that are neither a price nor a quantity."""


def _in_words(text: str) -> Offered | None:
    """`5 @ 12.50`, `12 each for 5`, `price 12, quantity 5`, `€12`; a lone number is a price."""
    plain = _COUNTS.sub(" ", text)
    return _pair(plain) or _apart(plain)


def _pair(text: str) -> Offered | None:
    """Quantity, then price: unless the price comes first, as in `€12.50 for 5`."""
    found = _AT.search(text)
    if not found:
        return None
    first, second = as_number(found[1]), as_number(found[3])
    has_cents = "." in found[1] and "." not in found[3]
    price_is_first = not found[2] and (_MONEY.match(found[1]) or found[4] or has_cents)
    if not price_is_first and first and second is not None and _IN_ALL.match(text, found.end()):
        second /= first
    return _offered(first, second) if price_is_first else _offered(second, first)


def _apart(text: str) -> Offered | None:
    price = _first(_PRICE, text)
    quantity = _first(_QUANTITY, text)
    quantity = _first(_FOR_MANY, text) if quantity is None else quantity
    if price is None:
        price = next(_lone_prices(text), None)
    return _offered(price, quantity)


def _lone_prices(text: str) -> Iterator[float]:
    """Numbers that are said to be nothing else; money first."""
    there = [found[0] for found in _NUMBERS.finditer(_QUANTITY.sub(" ", text))]
    for found in sorted(there, key=lambda each: not _MONEY.match(each)):
        value = as_number(found)
        if value is not None and 0 <= value <= MOST:
            yield value


def _first(pattern: re.Pattern[str], text: str) -> float | None:
    found = pattern.search(text)
    return as_number(next(group for group in found.groups() if group)) if found else None
