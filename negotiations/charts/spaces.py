"""What is known of a scenario's outcome space, seen by two of its parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from negotiations.charts.frames import Frame, Place
from negotiations.charts.marks import hollow
from negotiations.charts.timelines import LABEL, LETTER

MOST_MARKS = 5_000
NAMES = {
    "nash": "Nash",
    "kalai": "Kalai",
    "ks": "KS",
    "welfare": "max welfare",
    "relative_welfare": "relative welfare",
}
# The room that the star of an agreement takes, in px.
STAR = 26.0
# Two solution points that lie closer than this are drawn as one.
SAME = 1e-6


class Analysis(Protocol):
    """What is stored of a scenario's outcome space."""

    @property
    def frontier_utilities(self) -> Sequence[Sequence[float]]: ...

    @property
    def points(self) -> Mapping[str, Mapping[str, Any]]: ...

    @property
    def words(self) -> str: ...

    @property
    def n_sampled(self) -> int: ...

    def cloud(self, i: int, j: int) -> Sequence[Sequence[float]]: ...

    def distances(self, utilities: Sequence[float]) -> Mapping[str, float | None]: ...

    def optimality(self, utilities: Sequence[float]) -> Mapping[str, float | None]: ...


@dataclass(frozen=True)
class Solution:
    """One or several solution points that coincide; the first gives the shape."""

    kind: str
    label: str
    x: float
    y: float
    utilities: tuple[float, ...] = ()


@dataclass(frozen=True)
class Space:
    """Outcomes as marks, or as an image (`is_image`) where there are too many; empty while nothing is known."""

    words: str = ""
    cloud: tuple[Place, ...] = ()
    is_image: bool = False
    frontier: tuple[Place, ...] = ()
    solutions: tuple[Solution, ...] = ()

    @property
    def dots(self) -> str:
        """Every outcome as a dot of one path, on a square of 1000."""
        return "".join(f"M{1000 * x:.0f} {1000 - 1000 * y:.0f}h0" for x, y in self.cloud)


@dataclass(frozen=True)
class Placed:
    """A solution point in px, with its label and the line that leads to it."""

    x: float
    y: float
    shape: str
    label: str
    label_x: float
    label_y: float
    anchor: str
    leader: str


def space_of(analysis: Analysis | None, n_outcomes: int | None, pair: tuple[int, int]) -> Space:
    """The outcome space as `pair` sees it."""
    if analysis is None:
        return Space()
    one, other = pair
    many = n_outcomes is None or n_outcomes > MOST_MARKS
    cloud = () if many else tuple((_cut(each[0]), _cut(each[1])) for each in analysis.cloud(one, other))
    edge = {(_cut(each[one]), _cut(each[other])) for each in analysis.frontier_utilities}
    return Space(
        words=_words(analysis),
        cloud=cloud,
        is_image=many,
        frontier=upper(edge) if len(analysis.frontier_utilities) else (),
        solutions=solutions_of(analysis.points, pair),
    )


def _words(analysis: Analysis) -> str:
    """How it was analysed, and what of it is drawn: a frontier may be exact where outcomes are a sample."""
    drawn = f"{analysis.n_sampled:,}"
    if not analysis.n_sampled or drawn in analysis.words:
        return analysis.words
    return f"{analysis.words}, {drawn} outcomes by chance"


def upper(places: set[Place]) -> tuple[Place, ...]:
    """Those that no other beats in both: of three and more parties' frontier, the edge that two of them see."""
    edge: list[Place] = []
    for x, y in sorted(places, reverse=True):
        if not edge or y > edge[-1][1]:
            edge.append((x, y))
    return tuple(reversed(edge))


def solutions_of(
    points: Mapping[str, Mapping[str, Any] | None], pair: tuple[int, int]
) -> tuple[Solution, ...]:
    """The points that are one place for all parties under one label, in the order of NAMES."""
    found: list[Solution] = []
    for kind, name in NAMES.items():
        point = points.get(kind)
        if not point:
            continue
        worth = tuple(float(value) for value in point["utilities"])
        same = next((index for index, each in enumerate(found) if _near(each.utilities, worth)), None)
        if same is None:
            found.append(Solution(kind, name, _cut(worth[pair[0]]), _cut(worth[pair[1]]), worth))
        elif kind != "relative_welfare":  # said only where it is a place of its own: the label is long enough
            each = found[same]
            found[same] = Solution(each.kind, f"{each.label}, {name}", each.x, each.y, each.utilities)
    return tuple(found)


def place_solutions(
    frame: Frame, solutions: Sequence[Solution], star: Place | None = None
) -> tuple[Placed, ...]:
    """Labels up and to the right of their points, where no outcome can lie; apart from each other and from the star."""
    placed: list[Placed] = []
    lowest = -LABEL
    for each in sorted(solutions, key=lambda each: -each.y):
        x, y = frame.place(each.x, each.y)
        fits = x + 22 + LETTER * len(each.label) < frame.width
        label_x = round(x + 22 if fits else frame.width - 2, 1)
        begins = label_x if fits else label_x - LETTER * len(each.label)
        label_y = max(y - 15, lowest + LABEL, frame.y1 + 4)
        if star and star[0] > begins - STAR and abs(star[1] - label_y) < STAR:
            label_y = max(y, star[1]) + STAR
        lowest = label_y = round(label_y, 1)
        leader = f"M{x + 5:g} {y + (5 if label_y > y else -5):g}L{x + 19:g} {label_y - (10 if label_y > y else 3):g}"
        anchor = "start" if fits else "end"
        placed.append(Placed(x, y, hollow(each.kind), each.label, label_x, label_y, anchor, leader))
    return tuple(placed)


def _near(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) < SAME for a, b in zip(one, other, strict=True))


def _cut(value: float) -> float:
    return round(float(value), 4)
