"""What the pages of benchmarks say with one word: scores, differences, probabilities, heat."""

from __future__ import annotations

import re

from django import template

register = template.Library()

# What every second negotiator of NegMAS is called in the end says nothing in a narrow column.
ENDINGS = re.compile(r"(?<=.)(TB)?Negotiator(?=$|[ (])")


@register.filter
def score(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace("-", "−")


@register.filter
def signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}".replace("-", "−")


@register.filter
def probability(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


@register.filter
def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


@register.filter
def heat(share: float | None) -> str:
    """The class of a share's colour; its number stands in the cell."""
    return "none" if share is None else f"q{min(9, max(0, int(share * 10)))}"


@register.filter
def short(name: str) -> str:
    """A competitor's name without the words that many have; the whole one stands in the title."""
    return ENDINGS.sub("", name)


@register.filter
def lower_first(text: str) -> str:
    """Within a sentence; names of people stay as they are."""
    return text if text.split(" ")[0] in ("Nash", "Kalai", "Kalai-Smorodinsky", "Pareto") else text.lower()


@register.filter
def add_px(value: float, more: float) -> float:
    return round(float(value) + float(more), 1)


@register.filter
def lower_word(value: bool | None) -> str:
    """`true`, `false` or `null`, as scripts read it."""
    return {True: "true", False: "false", None: "null"}[value]
