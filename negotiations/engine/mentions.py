"""Who is addressed in a text: `@name`, whatever its case, spaces and punctuation."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import islice, pairwise

MOST_MENTIONS = 50
LONGEST = 50
"""No name is longer; an unknown one is told up to this."""
_REACH = 4 * LONGEST
"""Characters after an @ that are looked at."""


def folded(name: str) -> str:
    """Letters and digits alone, in one case: what two names have in common that a reader takes for one."""
    plain = unicodedata.normalize("NFKC", name[:_REACH]).casefold()
    return "".join(each for each in plain if each.isalnum())


def mentioned(text: str, names: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The places in `names` of those who are mentioned, and what was mentioned and is no name.

    Where names begin alike the longest counts: @Ana Maria is Ana Maria, not Ana.
    """
    by_length = sorted(
        ((folded(name), place) for place, name in enumerate(names)), key=lambda each: -len(each[0])
    )
    places: set[int] = set()
    unknown: dict[str, None] = {}
    for after in islice(_after_marks(text), MOST_MENTIONS):
        place = _named(after, by_length)
        if place is not None:
            places.add(place)
        elif word := _first_word(after):
            unknown[word] = None
    return tuple(sorted(places)), tuple(unknown)


def _after_marks(text: str) -> list[str]:
    """What follows each @ that begins a word, so that an e-mail address mentions nobody."""
    found: list[str] = []
    at = text.find("@")
    while at >= 0 and len(found) < MOST_MENTIONS:
        if at == 0 or not text[at - 1].isalnum():
            found.append(unicodedata.normalize("NFKC", text[at + 1 : at + 1 + _REACH]))
        at = text.find("@", at + 1)
    return found


def _named(after: str, by_length: Sequence[tuple[str, int]]) -> int | None:
    """Whose name stands there as whole words."""
    ends = _word_ends(after)
    return next((place for name, place in by_length if name and name in ends), None)


def _word_ends(after: str) -> set[str]:
    """What is read up to the end of each word: for `Ana-Maria, do` it is ana, anamaria and anamariado."""
    ends: set[str] = set()
    read = ""
    for here, following in pairwise(f"{after} "):
        if here in "@\n":
            break
        read += folded(here)
        if here.isalnum() and not following.isalnum():
            ends.add(read)
    return ends


def _first_word(after: str) -> str:
    """Only a word that begins at once: `5 @ 12.50` mentions nobody."""
    if not after or not after[0].isalpha():
        return ""
    end = next((at for at, each in enumerate(after) if not each.isalnum() and each not in "-_'"), len(after))
    return after[:end][:LONGEST]
