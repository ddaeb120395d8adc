"""Who is addressed in a text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from negotiations.engine.mentions import MOST_MENTIONS, folded, mentioned

NAMES = ("Ana", "Ana Maria", "Bo-Co 3", "Müller & Söhne", "Straße")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("@ana hi", (0,)),
        ("@Ana Maria, hello", (1,)),
        ("@ANA-MARIA!", (1,)),
        ("@anamaria", (1,)),
        ("Dear @bo co 3 and @ana: go", (0, 2)),
        ("@boco3.", (2,)),
        ("@müller söhne ok", (3,)),
        (unicodedata.normalize("NFD", "@Müller & Söhne"), (3,)),
        ("@STRASSE", (4,)),
        ("nobody at all", ()),
        ("write to x@ana.com", ()),
        ("5 @ 12.50", ()),
        ("", ()),
        ("@", ()),
        ("12 for 5 @", ()),
    ],
)
def test_a_name_is_found_whatever_its_case_spaces_and_punctuation(text: str, places: tuple[int, ...]) -> None:
    assert mentioned(text, NAMES) == (places, ())


def test_what_is_no_name_is_told_and_a_longer_word_is_not_a_name_within_it() -> None:
    assert mentioned("@zed and @anabel and @ana and @zed", NAMES) == ((0,), ("zed", "anabel"))


@given(st.text(max_size=50), st.text(max_size=50))
def test_any_name_of_letters_is_found_behind_its_mark(name: str, other: str) -> None:
    assume(folded(name) and folded(other) != folded(name))
    assume("@" not in name and "\n" not in name)
    assert mentioned(f"Hello @{name}", (other, name))[0] == (1,)


@pytest.mark.parametrize(
    "text", ["@" * 10**6, "a@" * 500_000, "@" + "a" * 10**6, " @a" * 300_000, "\0@ana\0"]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    begun = time.process_time()
    places, unknown = mentioned(text, NAMES)
    assert time.process_time() - begun < 1
    assert len(places) + len(unknown) <= MOST_MENTIONS
