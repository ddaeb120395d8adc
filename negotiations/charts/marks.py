"""The shapes of marks as paths that begin where the pen stands: one path draws a thousand of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from negotiations.charts.frames import Place

N_SHAPES = 6
AGES = (0.3, 0.45, 0.65, 0.9)
"""Opacity of marks from the oldest quarter to the newest."""


def shape(party: int, size: float) -> str:
    """The mark of a seat, as `{% mark %}` draws it; `size` is about its radius."""
    r, s, t, d, p = (round(size * factor, 1) for factor in (1.0, 0.92, 1.12, 1.22, 0.36))
    return (
        f"m-{r} 0a{r} {r} 0 1 0 {2 * r:g} 0a{r} {r} 0 1 0-{2 * r:g} 0z",
        f"m-{s}-{s}h{2 * s:g}v{2 * s:g}h-{2 * s:g}z",
        f"m0-{d}l{t} {t + r * 0.9:g}h-{2 * t:g}z",
        f"m0-{d}l{d} {d}-{d} {d}-{d}-{d}z",
        f"m0 {d}l{t}-{t + r * 0.9:g}h-{2 * t:g}z",
        f"m-{p}-{r}h{2 * p:g}v{r - p:g}h{r - p:g}v{2 * p:g}h-{r - p:g}v{r - p:g}h-{2 * p:g}v-{r - p:g}h-{r - p:g}v-{2 * p:g}h{r - p:g}z",
    )[party % N_SHAPES]


def hollow(kind: str) -> str:
    """The ink shape of a solution point."""
    return {
        "nash": "M0-7L7 0 0 7-7 0z",
        "kalai": "M0 7L6.5-5h-13z",
        "ks": "M0-7L6.5 5h-13z",
        "welfare": "M-5.5-5.5h11v11h-11z",
    }.get(kind, "M-6 0L-3-5.4H3L6 0 3 5.4H-3z")


def marks(places: Iterable[Place], outline: str) -> str:
    return "".join(f"M{x:g} {y:g}{outline}" for x, y in places)


def by_age(places: Sequence[Place], outline: str) -> tuple[tuple[float, str], ...]:
    """Each place once, where it was offered last; four paths from faint to full."""
    newest = list(dict.fromkeys(reversed(places)))[::-1]
    ends = [len(newest) * quarter // 4 for quarter in range(5)]
    parts = (newest[start:end] for start, end in zip(ends, ends[1:], strict=False))
    return tuple((age, marks(part, outline)) for age, part in zip(AGES, parts, strict=True))
