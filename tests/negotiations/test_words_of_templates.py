"""What the template tags say of parties, statuses, utilities, outcomes and time."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from negotiations.models import Status
from negotiations.models.sessions import WORDS
from negotiations.templatetags.parley import (
    HUES,
    SHAPES,
    STATUS_ICONS,
    duration,
    hue,
    outcome,
    power,
    utility,
)


def rendered(source: str, **context: object) -> str:
    return Template("{% load parley %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.625, "0.62"),
        (1, "1.00"),
        (0.0, "0.00"),
        (-0.5, "−0.50"),
        (-0.0, "0.00"),
        (-3e-17, "0.00"),
        (None, "–"),
    ],
)
def test_a_utility_has_two_decimals_and_signs_typed_right(value: float | None, text: str) -> None:
    assert utility(value) == text


def test_an_outcome_is_its_values_in_order() -> None:
    assert outcome(["low", 3, 0.123456]) == "low · 3 · 0.1235"
    assert outcome(None) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_a_duration_reads_as_people_say_it(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_parties_are_told_apart_by_hue_and_shape() -> None:
    """P-09: never by colour alone."""
    marks = [rendered("{% mark index %}", index=index) for index in range(12)]
    assert len(set(marks)) == 12
    assert len(set(SHAPES)) == len(HUES) == 6
    assert all("aria-hidden" in mark for mark in marks)
    assert "mk-hollow" not in marks[5]
    assert "mk-hollow" in marks[6]
    assert hue(0) == hue(6) == "a"


@pytest.mark.parametrize("word", [*Status.values, *WORDS.values(), "paused"])
def test_each_status_has_a_shape_and_its_exact_word(word: str) -> None:
    """N-08, J-02."""
    pill = rendered("{% status word %}", word=word)
    assert f"st-{word}" in pill
    assert "<svg" in pill
    assert f">{word.capitalize()}</span>" in pill
    assert word in STATUS_ICONS


def test_a_name_of_a_party_is_escaped() -> None:
    assert "<b>" not in rendered("{% party 0 name %}", name="<b>x</b>")


def test_a_bar_stays_in_its_box() -> None:
    assert 'width="75.0"' in rendered("{% bar 0.75 0 %}")
    assert 'width="100.0"' in rendered("{% bar 7 0 %}")
    assert 'width="0.0"' in rendered("{% bar share 0 %}", share=-1.0)


def test_a_huge_number_has_its_exponent_raised() -> None:
    assert power("10^10") == "10<sup>10</sup>"
    assert power("3,024") == "3,024"


def test_a_changed_query_keeps_the_rest_of_it() -> None:
    request = RequestFactory().get("/", {"q": "a&b", "page": "3"})
    assert rendered("{% query page=4 %}", request=request) == "?q=a%26b&amp;page=4"
    assert rendered("{% query page=None %}", request=request) == "?q=a%26b"


def test_an_icon_is_drawn_once_and_kept() -> None:
    assert rendered('{% icon "play" %}') == rendered('{% icon "play" %}')
    assert 'class="i i-s"' in rendered('{% icon "play" "i i-s" %}')
