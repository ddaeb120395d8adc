"""Offers in words: a price for one and a quantity, wherever they stand. Linear in the text's length."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from negotiations.engine.room_specs import MOST

NUMBER = (
    r"(?<![\w.,])(?:[€$£¥]\s?)?-?\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?(?![\w,]|\.\d)"
    r"|(?<![\w.,])(?:[€$£¥]\s?)?-?\d{1,15}(?:[.,]\d{1,6})?(?!\d|[.,]\d|[a-zA-Z_])"
)
_NUMBERS = re.compile(NUMBER)


@dataclass(frozen=True, slots=True)
class Offered:
    """What an offer names; each None where it does not. The price is for one, of two decimals."""

    price: float | None = None
    quantity: int | None = None


NOTHING = Offered()


def offered_of(price: float | None, quantity: float | None) -> Offered | None:
    """None where neither makes sense."""
    fits = price is not None and 0 <= price <= MOST
    whole = quantity is not None and 1 <= quantity <= MOST and quantity == int(quantity)
    found = Offered(
        round(price, 2) + 0.0 if fits and price is not None else None,  # -0.0 would be shown as such
        int(quantity) if whole and quantity is not None else None,
    )
    return None if found == NOTHING else found


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


def first_number(text: str) -> float | None:
    found = _NUMBERS.search(text)
    return as_number(found[0]) if found else None


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
_TOTAL = re.compile(r"\btotal\b[^\d.!?\n]{0,15}$", re.I)
_SUFFIX = re.compile(r"(?<=\d)(?=(?:eur|usd|gbp|euros?|dollars?|units?|pcs?|pieces?)\b)", re.I)
_LIMIT = re.compile(r"\b(?:below|under|less than|instead of)\W{1,3}$", re.I)
"""Before what is named to say what the offer is not."""
_COUNTS = re.compile(
    rf"(?<!\d)\d{{4}}-\d\d-\d\d(?!\d)|(?<!\d)\d{{1,2}}[./]\d{{1,2}}[./](?:19|20)\d\d(?!\d)|(?<!\d)\d{{1,2}}:\d\d(?!\d)"
    rf"|\b(?:since|in)\s(?:19|20)\d\d(?!\d|[.,]\d|\s{{0,3}}(?:{_UNITS}|{_EACH}|euros?|eur|dollars?|usd)\b)"
    rf"|\bfrom\s{{1,3}}(?:{NUMBER})(?=\s{{0,3}}(?:[€$£¥]|euros?|eur|dollars?|usd)?\s{{0,3}}(?:down\s)?to\b)"
    rf"|(?:\b(?:rounds?|steps?|number)\s{{0,3}}|#)({NUMBER})"
    rf"|({NUMBER})\s{{0,3}}(?:%|(?:percent|days?|weeks?|months?|years?|hours?|minutes?|rounds?|times|people|others|sellers?|buyers?)\b)",
    re.I,
)
"""Numbers that are neither a price nor a quantity."""


def in_words(text: str) -> Offered | None:
    """`5 @ 12.50`, `12 each for 5`, `price 12, quantity 5`, `€12`; a lone number is a price."""
    plain = _COUNTS.sub(" ", _SUFFIX.sub(" ", text))
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
    if price_is_first and second and first is not None and _TOTAL.search(text[: found.start()][-30:]):
        first /= second
    return offered_of(first, second) if price_is_first else offered_of(second, first)


def _apart(text: str) -> Offered | None:
    priced = _PRICE.search(text)
    price = as_number(priced[1] or priced[2]) if priced else None
    quantity = _first(_QUANTITY, text)
    quantity = _first(_FOR_MANY, text) if quantity is None else quantity
    if priced and price is not None and quantity and _IN_ALL.match(text, priced.end()):
        price /= quantity
    if price is None:
        price = next(_lone_prices(text), None)
    return offered_of(price, quantity)


def _lone_prices(text: str) -> Iterator[float]:
    """Numbers that are said to be nothing else; money first, and last what the offer is said not to be."""
    plain = _QUANTITY.sub(" ", text)
    there = list(_NUMBERS.finditer(plain))

    def order(found: re.Match[str]) -> tuple[bool, bool]:
        before = plain[max(0, found.start() - 20) : found.start()]
        return bool(_LIMIT.search(before)), not _MONEY.match(found[0])

    for found in sorted(there, key=order):
        value = as_number(found[0])
        if value is not None and 0 <= value <= MOST:
            yield value


def _first(pattern: re.Pattern[str], text: str) -> float | None:
    found = pattern.search(text)
    return as_number(next(group for group in found.groups() if group)) if found else None
