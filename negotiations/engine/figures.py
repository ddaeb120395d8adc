"""Figures in what people write: `1,200`, `1.200,00`, `1'200`, `1.2k`, `€14.50`, `fourteen fifty`, `two hundred and ten`.

For whoever looks for a number that is known: where a figure can be read in two ways - `1.200` - it has both values. Counts
of pieces, rounds, days and parts in percent are none. Linear in the text's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Figure(NamedTuple):
    """Where it stands, a currency behind it included, and what it may mean."""

    start: int
    end: int
    values: tuple[float, ...]
    is_spoken: bool = False


def figures_in(text: str) -> list[Figure]:
    """In the order of the text."""
    found = sorted([*_written(text), *_spoken(text)])
    return [_with_rest(text, each) for each in _with_cents(text, found) if not _is_count(text, each)]


_CURRENCY = r"(?:[€$£¥₹]|(?:euros?|dollars?|pounds?|francs?|bucks|cents?|pence)\b)"
_CENTS = re.compile(rf"\s?{_CURRENCY}(?:\sand)?\s|(\spoint\s)", re.I)
_REST = re.compile(
    rf"(\sand a half\b)?(?:\s?{_CURRENCY})?(\sand a half\b)?(?:\s(?:each|a piece|apiece|per (?:piece|unit|item|one))\b)?",
    re.I,
)
_COUNTED = re.compile(
    r"\s{0,3}(?:%|(?:percent|per cent|days?|weeks?|months?|years?|hours?|minutes?|rounds?|times|people|others|sellers?"
    r"|buyers?|units?|pieces?|pcs?|items?|of (?:them|those|these))\b)",
    re.I,
)
_NUMBERED = re.compile(r"(?:\b(?:rounds?|steps?|number|offers? no\.?)\s{0,3}|#)$", re.I)
_REACH = 12


def _with_cents(text: str, found: list[Figure]) -> list[Figure]:
    """`14 dollars and fifty cents` and `fourteen point two five` are one figure each."""
    joined: list[Figure] = []
    for figure in found:
        last = joined[-1] if joined else None
        link = last and _CENTS.fullmatch(text[last.end : figure.start][: 2 * _REACH])
        digits = "".join(f"{value:.0f}" for value in figure.values if value < 100)
        if last and link and digits:
            part = float(f"0.{digits}") if link[1] else figure.values[0] / 100
            values = tuple(value + part for value in last.values)
            joined[-1] = Figure(last.start, figure.end, values, last.is_spoken)
        else:
            joined.append(figure)
    return joined


def _with_rest(text: str, figure: Figure) -> Figure:
    """With the half and the currency behind it."""
    rest = _REST.match(text, figure.end)
    half = 0.5 if rest and (rest[1] or rest[2]) else 0.0
    end = rest.end() if rest else figure.end
    return figure._replace(end=end, values=tuple(value + half for value in figure.values))


def _is_count(text: str, figure: Figure) -> bool:
    before = text[max(0, figure.start - _REACH) : figure.start]
    return bool(_COUNTED.match(text, figure.end) or _NUMBERED.search(before))


# --- In digits ------------------------------------------------------------------------------------------------

_CODES = r"eur|usd|gbp|chf|jpy|inr"
_SPACES = "\u00a0\u2009\u202f"
_DIGITS = re.compile(
    rf"(?<![\w.,])(?:{_CODES}|us)?[€$£¥₹]?\s?[-−]?"
    rf"(\d{{1,15}}(?:[.,'’{_SPACES}]\d{{1,15}}){{0,5}}(?:\ \d{{3}}(?!\w|[.,]\d))?)"
    rf"(?:\s?(k|thousand|grand|hundred|million|mio)\b)?(?:\s?(?:{_CODES})\b)?(?![\w]|[.,'’]\d)",
    re.I,
)
_SCALES = {"k": 1e3, "grand": 1e3, "thousand": 1e3, "hundred": 1e2, "million": 1e6, "mio": 1e6}


def _written(text: str) -> Iterator[Figure]:
    for found in _DIGITS.finditer(text):
        scale = _SCALES.get((found[2] or "").lower(), 1.0)
        values = tuple(value * scale for value in _readings(found[1]))
        if values:
            yield Figure(found.start(), found.end(), values)


def _readings(digits: str) -> tuple[float, ...]:
    """`1,200` is one thousand two hundred, and to some one and a fifth; `12 500` may be two numbers."""
    first, is_parted, last = digits.partition(" ")
    if is_parted:
        return (*_readings(f"{first}'{last}"), *_readings(first))
    plain = re.sub(rf"['’{_SPACES}](?=\d{{3}}(?!\d))", "", digits)
    points, commas = plain.count("."), plain.count(",")
    if not plain.replace(".", "").replace(",", "").isdigit():
        return ()
    if not points + commas:
        return (float(plain),)
    if points and commas:
        thousands, decimal = (",", ".") if plain.rindex(".") > plain.rindex(",") else (".", ",")
        whole, _, part = plain.rpartition(decimal)
        return (float(f"{_joined(whole, thousands)}.{part}"),) if _joined(whole, thousands) else ()
    mark = "." if points else ","
    joined = _joined(plain, mark)
    decimals = (float(plain.replace(mark, ".")),) if points + commas == 1 else ()
    return (float(joined), *decimals) if joined else decimals


def _joined(digits: str, mark: str) -> str:
    """Without the marks of thousands; empty where they are none."""
    first, *groups = digits.split(mark)
    are_parts = bool(groups) and all(len(group) == 3 and group.isdigit() for group in groups)
    is_first = len(first) <= 3 and first.isdigit() and bool(first.strip("0"))
    return "".join([first, *groups]) if are_parts and is_first else ""


# --- In words -------------------------------------------------------------------------------------------------

_SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: value for value, word in enumerate(_SMALL)}
_WORDS |= {word: 10 * place for place, word in enumerate(_TENS, start=2)} | {"fourty": 40}
_LARGE = {"hundred": 100, "thousand": 1000, "grand": 1000}
_WORD = re.compile(rf"\b(?:{'|'.join([*_WORDS, *_LARGE])})\b", re.I)
_MOST_WORDS = 12
_LINK = re.compile(r"(?:\s|-){1,2}")
_AND = re.compile(r"\s{1,2}and\s{1,2}", re.I)


def _spoken(text: str) -> Iterator[Figure]:
    """Words that belong to one number; `one` alone is none, as in `the lowest one`."""
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        if run and not _goes_on(text, run, word):
            yield from _figure_of(text, run)
            run = []
        run.append(word)
    yield from _figure_of(text, run)


def _goes_on(text: str, run: list[re.Match[str]], word: re.Match[str]) -> bool:
    between = text[run[-1].end() : word.start()][:8]
    if len(run) >= _MOST_WORDS:
        return False
    return bool(_LINK.fullmatch(between) or (run[-1][0].lower() in _LARGE and _AND.fullmatch(between)))


def _figure_of(text: str, run: list[re.Match[str]]) -> Iterator[Figure]:
    words = [word[0].lower() for word in run]
    if not words or words == ["one"]:
        return
    start, is_amount = run[0].start(), words[0] not in _LARGE
    if not is_amount:
        article = re.search(r"\ba\s$", text[max(0, start - 3) : start], re.I)
        if article is None:
            return
        start -= 2
    values = _values(words)
    if values:
        yield Figure(start, run[-1].end(), values, is_spoken=True)


def _values(words: list[str]) -> tuple[float, ...]:
    """`twenty five` is one number, `twelve fifty` two: twelve and a half, or twelve hundred and fifty."""
    numbers: list[int] = []
    total = group = last = 0
    room = 10**6
    for word in words:
        value = _LARGE.get(word) or _WORDS[word]
        if value >= 1000 or (value == 100 and group < 100):
            total, group = (total, max(group, 1) * 100) if value == 100 else (total + max(group, 1) * 1000, 0)
            room = value
        elif value == 100:  # `one hundred and two hundred` are two numbers
            numbers.append(total + group - last)
            total, group, room = 0, last * 100, 100
        elif value < room:
            group, room, last = group + value, 10 if value >= 20 else 1, value
        else:
            numbers.append(total + group)
            total, group, room, last = 0, value, 10 if value >= 20 else 1, value
    numbers.append(total + group)
    if len(numbers) == 2 and numbers[0] < 1000 and 10 <= numbers[1] < 100:
        return numbers[0] + numbers[1] / 100, numbers[0] * 100 + numbers[1]
    return tuple(map(float, numbers))
