"""A class's own words, as plain text."""

from __future__ import annotations

from negotiations.engine.docstrings import bounds_in, text_of, words_of

SAID = """
Concedes over time,
as ``curve`` says. **Slowly.**

- first :class:`Thing`
  and more
- second *item*

Args:
    curve (str | float): How it concedes,
        between 0 and 1.
    **kwargs: Passed on.

Remarks:
    - kept

Examples:
    >>> run()
"""


class Base:
    """Of the base.

    Args:
        old: Said by the base.
        curve: Said by the base.
    """


class Conceder(Base):
    __doc__ = SAID


def test_text_has_a_line_for_each_paragraph_and_neither_markup_nor_code() -> None:
    assert text_of(SAID).splitlines() == [
        "Concedes over time, as curve says. Slowly.",
        "- first Thing and more",
        "- second item",
        "Remarks:",
        "- kept",
    ]


def test_the_nearest_class_has_the_word_on_a_parameter() -> None:
    words = words_of(Conceder)
    assert words["curve"] == "How it concedes, between 0 and 1."
    assert words["old"] == "Said by the base."


def test_bounds_are_read_where_the_words_name_them() -> None:
    assert bounds_in("a share in [0, 1] of it") == (0, 1)
    assert bounds_in("risk [0-1]") == (0, 1)
    assert bounds_in("between 2 and 5 rounds") == (2, 5)
    assert bounds_in("one of 3 (default 0.5)") is None
    assert bounds_in("[5, 2]") is None
