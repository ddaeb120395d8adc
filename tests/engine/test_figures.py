"""Figures in what people write, in digits and in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiations.engine.figures import figures_in


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("14", [(14.0,)]),
        ("€14.50", [(14.5,)]),
        ("14,5 EUR", [(14.5,)]),
        ("1,200", [(1200.0, 1.2)]),
        ("1.200", [(1200.0, 1.2)]),
        ("1,200.50", [(1200.5,)]),
        ("1.200,50", [(1200.5,)]),
        ("1'200", [(1200.0,)]),
        ("1 200", [(1200.0, 1.0)]),
        ("1.234.567,89", [(1234567.89,)]),
        ("1.2k", [(1200.0,)]),
        ("12 hundred", [(1200.0,)]),
        ("0,500", [(0.5,)]),
        ("12 euros and 50 cents", [(12.5,)]),
        ("from 12 to 14", [(12.0,), (14.0,)]),
        ("12-14", [(12.0,), (14.0,)]),
        ("twenty-five", [(25.0,)]),
        ("twelve fifty", [(12.5, 1250.0)]),
        ("fourteen point two five", [(14.25,)]),
        ("fourteen and a half", [(14.5,)]),
        ("two hundred and ten dollars", [(210.0,)]),
        ("a hundred and five", [(105.0,)]),
        ("twelve hundred", [(1200.0,)]),
        ("one thousand two hundred thirty four", [(1234.0,)]),
        ("between ten and twenty", [(10.0,), (20.0,)]),
        ("one hundred and two hundred", [(100.0, 200.0)]),
        # None of an amount.
        ("12kg, the 14th, 12.5.2026, B12", []),
        ("14 pieces in 3 days, round 12, 20 %, 12 percent", []),
        ("this one, a hundredth, tenfold", []),
    ],
)
def test_a_figure_has_the_values_that_it_may_mean(text: str, values: list[tuple[float, ...]]) -> None:
    assert [figure.values for figure in figures_in(text)] == values


@given(st.integers(1, 10**9), st.sampled_from([",", ".", "'", "\u202f"]))
def test_marks_of_thousands_are_read_whatever_they_are(number: int, mark: str) -> None:
    text = f"{number:,}".replace(",", mark)
    assert float(number) in figures_in(text)[0].values


@given(st.text(alphabet="0123456789., '€$kand-%", max_size=60) | st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for figure in figures_in(text):
        assert 0 <= figure.start < figure.end <= len(text)
        assert figure.values
