"""Messages that give a secret away: a cost, a least price, a ceiling or a budget, called by its name with its figure.

A figure counts with the words for it close by: an offer at the least price is an offer, "I cannot go below 14.00" is
not. Figures within half a percent count, in digits or in words (`figures`). Linear in the text's length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import islice

from negotiations.engine.figures import Figure, figures_in
from negotiations.engine.offer_texts import LONGEST

CLOSE = 0.005
"""Of the secret."""
_AFTER, _BEFORE = 60, 30
"""Characters between the words and a figure that follows or goes before."""
_NEAR = 3
"""Figures behind the words that are looked at."""

_NO = r"(?:can(?:no|')?t|can not|cannot|could(?:n't| not)|won'?t|will not|not|never|unable to)"
_FLOOR = (
    rf"\b{_NO} (?:\w+ ){{0,5}}(?:below|under|lower|less|beneath)\b"
    r"|\b(?:nothing|no|anything) (?:below|under|lower than|less than)\b"
    r"|\b(?:floor|minimum|lowest|bottom(?: line)?|break[- ]?even|walk[- ]?away|reserv(?:e|ed|ation)|least(?:[ _]price)?)\b"
    r"|\b(?:lose money|at a loss|no profit)\b"
)
_CEILING = (
    rf"\b{_NO} (?:\w+ ){{0,5}}(?:above|over|higher|more|beyond|exceed)\b"
    r"|\b(?:nothing|no|anything) (?:above|over|higher than|more than|beyond)\b"
    r"|\b(?:ceiling|maximum|max|at most|up to|upper limit|limit|highest|as high as|walk[- ]?away|reserv(?:e|ed|ation))\b"
)
_COST = r"\b(?:costs?(?! you)|costing|paid|pay my supplier|purchase price|production|make it for|buy it (?:at|for|in))\b"
_BUDGET = r"\b(?:budget|afford|funds|to spend|set aside|in total|altogether)\b"
_WORDS = {
    "cost": re.compile(_COST, re.I),
    "least": re.compile(_FLOOR, re.I),
    "high": re.compile(_CEILING, re.I),
    "budget": re.compile(rf"{_BUDGET}|{_CEILING}", re.I),
}
"""By the name of the secret, as the specs call it."""
_PARTING = re.compile(r"[.!?;\n](?:\s|$)|\bbut\b", re.I)
_BEING = re.compile(
    r"\s*(?:is|was|are|being|would be|=|:|,|\()?\s*(?:(?:all|my|our|the|me|us|what|it|that|i|we|very|absolute|own|already|left|would|make|have) ?){0,4}\s*",
    re.I,
)


Secret = float | None | tuple[float | None, ...]
"""A figure, or several that say the same: a budget, and what is left of it."""


def disclosed(text: str, secrets: Mapping[str, Secret]) -> tuple[str, ...]:
    """The names of the secrets that a text gives away, of `cost`, `least`, `high` and `budget`."""
    text = text[:LONGEST].replace("\u2019", "'")
    figures = figures_in(text)
    return tuple(
        name
        for name, secret in secrets.items()
        if name in _WORDS and any(_is_told(text, figures, _WORDS[name], each) for each in _values(secret))
    )


def _values(secret: Secret) -> list[float]:
    each = secret if isinstance(secret, tuple) else (secret,)
    return [value for value in each if value is not None]


def _is_told(text: str, figures: list[Figure], words: re.Pattern[str], secret: float) -> bool:
    if not any(_is_close(figure, secret) for figure in figures):
        return False
    starts = [figure.start for figure in figures]
    for called in words.finditer(text):
        after = bisect_left(starts, called.end())
        if any(_follows(text, called.end(), figure, secret) for figure in _next(figures, after)):
            return True
        before = bisect_left(starts, called.start()) - 1
        if before >= 0 and _precedes(text, called.start(), figures[before], secret):
            return True
    return False


def _next(figures: Sequence[Figure], after: int) -> list[Figure]:
    """The next figure: what is said in words may be meant as none, as in `for these two it is 14`, so one in digits counts too."""
    near = list(islice(figures, after, after + _NEAR))
    n_spoken = next((place for place, figure in enumerate(near) if not figure.is_spoken), len(near))
    return near[: n_spoken + 1]


def _follows(text: str, end: int, figure: Figure, secret: float) -> bool:
    """`my cost is 12`: nothing parts the words from the figure."""
    between = text[end : figure.start]
    return len(between) <= _AFTER and not _PARTING.search(between) and _is_close(figure, secret)


def _precedes(text: str, start: int, figure: Figure, secret: float) -> bool:
    """`14.00 is my floor`: nothing but such words stand between."""
    between = text[figure.end : start]
    return len(between) <= _BEFORE and bool(_BEING.fullmatch(between)) and _is_close(figure, secret)


def _is_close(figure: Figure, secret: float) -> bool:
    return any(abs(value - secret) <= CLOSE * abs(secret) for value in figure.values)
