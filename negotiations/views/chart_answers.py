"""What charts of offers are told, whatever the offers come from: sessions, or matches of benchmarks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_cache_control

from negotiations.chart_queries import ViewForm
from negotiations.charts.counts import Made, count_pairs, count_values
from negotiations.charts.pictures import png_of
from negotiations.charts.spaces import Space
from negotiations.offer_rows import value_text

PAIRS = 200
Row = tuple[int, int, int, str, Sequence[float | None], Sequence[Any] | None]
"""seq, step, party, response, utilities, outcome."""


def coded(rows: Iterable[Row], n_issues: int) -> dict[str, Any]:
    """Offers, small: values stand once, offers name them by number."""
    numbers: list[dict[str, int]] = [{} for _ in range(n_issues)]
    offers = [
        [seq, step + 1, party, response, [_short(worth) for worth in worths], _coded(outcome, numbers)]
        for seq, step, party, response, worths, outcome in rows
    ]
    return {"offers": offers, "values": [list(each) for each in numbers]}


def _coded(outcome: Sequence[Any] | None, numbers: list[dict[str, int]]) -> list[int] | None:
    if outcome is None:
        return None
    pairs = zip(outcome, numbers, strict=False)
    return [known.setdefault(value_text(value), len(known)) for value, known in pairs]


def _short(worth: float | None) -> float | None:
    return None if worth is None else round(worth, 4)


def told_space(space: Space, pair: tuple[int, int], cloud: str) -> dict[str, Any]:
    """The outcome space as two parties see it; `cloud` is the address of its picture."""
    picture = f"{cloud}?x={pair[0]}&y={pair[1]}"
    points = [{"kind": each.kind, "label": each.label, "x": each.x, "y": each.y} for each in space.solutions]
    return {
        "pair": pair,
        "words": space.words,
        "cloud": space.cloud,
        "picture": picture if space.is_image else None,
        "frontier": space.frontier,
        "points": points,
    }


def cloud_picture(analysis: Any, pair: tuple[int, int]) -> HttpResponse:
    """The outcomes as one picture. A scenario never changes, but its analysis may come later: kept for an hour."""
    grid = analysis.grid(*pair) if analysis else [[0]]
    response = HttpResponse(png_of(grid), content_type="image/png")
    patch_cache_control(response, private=True, max_age=3600 if analysis else 0)
    return response


def counted(
    made: Sequence[Made], issues: Sequence[Mapping[str, Any]], parties: int, view: ViewForm
) -> dict[str, Any]:
    """How often which values were offered, as the page of tables shows it."""
    named = [(issue["name"], [value_text(value) for value in issue["values"] or []]) for issue in issues]
    one, other = view.pair(len(named), ("one", "other"))
    pairs = count_pairs(list(made), one, other, parties)
    return {
        "issues": count_values(list(made), named, parties),
        "names": [name for name, _ in named],
        "pairs": pairs[:PAIRS],
        "pairs_left_out": max(0, len(pairs) - PAIRS),
        "one": one,
        "other": other,
    }
