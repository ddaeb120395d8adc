"""What is said in what people and language models write, and its offer: in JSON, else in words. Linear in the text's length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from negotiations.engine.characters import readable
from negotiations.engine.worded_offers import NOTHING, Offered, as_number, first_number, in_words, offered_of

LONGEST = 20_000
"""Characters of a text that are looked at, its thoughts not counted; what a model says beyond is no offer."""
MOST_WORDS = 1000
"""Characters of a message that anybody is shown."""


def offer_in(text: str) -> Offered:
    """The offer of a text. No number, no offer; a number that makes no sense is passed over."""
    text = spoken(text).translate(_AS_TYPED)
    return _in_json(text) or in_words(_without_json(text)) or NOTHING


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
    return offered_of(_number(price), _number(quantity))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return as_number(str(value))
    return first_number(value[:100]) if isinstance(value, str) else None
