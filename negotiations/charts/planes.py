"""The utility space of two parties: outcomes, frontier, solution points, and the offers of all parties in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from negotiations.charts.frames import PLANE, PLANE_OF_MANY, Frame, Place, Tick, path_of
from negotiations.charts.marks import by_age, shape
from negotiations.charts.spaces import Placed, Space, place_solutions
from negotiations.charts.timelines import LETTER, proposals
from negotiations.engine.specs import Action

TAIL = 7
OUTLINE = 3.6
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Trail:
    """The offers of one party: `ages` from the oldest to the newest, `tail` joins the last seven."""

    party: int
    name: str
    outline: str
    ages: tuple[tuple[float, str], ...]
    tail: str
    x: float | None
    y: float | None
    label: str = ""
    label_y: float = 0.0
    anchor: str = "middle"

    @property
    def now(self) -> str:
        return f"M0 0{shape(self.party, 7)}"

    @property
    def ring(self) -> str:
        return f"M0 0{shape(self.party, 11)}"

    @property
    def is_hollow(self) -> bool:
        return self.party >= 6  # the hues come again


@dataclass(frozen=True)
class Plane:
    """`pair` are the two parties of the axes; all parties' offers are drawn."""

    frame: Frame
    pair: tuple[int, int]
    trails: tuple[Trail, ...]
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    reserved: tuple[float | None, ...]
    agreement: Place | None
    agreed: str = ""
    space: Space = field(default_factory=Space)
    frontier: str = ""
    frontier_places: tuple[Place, ...] = ()
    solutions: tuple[Placed, ...] = ()

    @property
    def names(self) -> tuple[str, str]:
        one, other = self.pair
        return self.trails[one].name, self.trails[other].name


def planes_of(
    actions: Sequence[Action],
    names: Sequence[str],
    reserved: Sequence[float | None],
    agreement: Sequence[float | None] | None,
    pair: tuple[int, int],
    space: Space,
) -> dict[str, Plane]:
    """For a desk and for a phone."""
    return {size: plane(actions, names, reserved, agreement, size, pair, space) for size in PLANE}


def plane(
    actions: Sequence[Action],
    names: Sequence[str],
    reserved: Sequence[float | None],
    agreement: Sequence[float | None] | None,
    size: str,
    pair: tuple[int, int] = (0, 1),
    space: Space | None = None,
) -> Plane:
    """The offers of all parties by what they are worth to the two of `pair`."""
    frame, space = (PLANE if len(names) == 2 else PLANE_OF_MANY)[size], space or Space()
    one, other = pair
    worth = (agreement[one], agreement[other]) if agreement else (None, None)
    deal = None if worth[0] is None or worth[1] is None else frame.place(worth[0], worth[1])
    edge = tuple(frame.place(*place) for place in space.frontier)
    return Plane(
        frame=frame,
        pair=pair,
        trails=tuple(_trail(frame, actions, index, name, pair, deal) for index, name in enumerate(names)),
        xs=tuple(Tick(frame.x(share), f"{share:.1f}") for share in SHARES),
        ys=tuple(Tick(frame.y(share), f"{share:.1f}", "end") for share in SHARES[1:]),
        reserved=_reserved(frame, (reserved[one], reserved[other])),
        agreement=deal,
        agreed=" ".join(["Agreement", ", ".join(f"{value:z.2f}" for value in worth if value is not None)]),
        space=space,
        frontier=path_of(edge),
        frontier_places=edge,
        solutions=place_solutions(frame, space.solutions, deal),
    )


def _trail(
    frame: Frame,
    actions: Sequence[Action],
    party: int,
    name: str,
    pair: tuple[int, int],
    deal: Place | None,
) -> Trail:
    one, other = pair
    known = [action.utilities for action in proposals(actions, party)]
    worths = [(each[one], each[other]) for each in known]
    places = [frame.place(x, y) for x, y in worths if x is not None and y is not None]
    outline = shape(party, OUTLINE)
    x, y = places[-1] if places else (None, None)
    drawn = Trail(party, name, outline, by_age(places, outline), path_of(places[-TAIL:]), x, y)
    # Where the deal lies, the star has the word.
    if party not in pair or x is None or y is None or (x, y) == deal:
        return drawn
    value = known[-1][party]
    label = name if value is None else f"{name} {value:z.2f}"
    label_y, anchor = label_place(frame, x, y, party == one, label)
    return replace(drawn, label=label, label_y=label_y, anchor=anchor)


def label_place(frame: Frame, x: float, y: float, below: bool, label: str) -> tuple[float, str]:
    """Where the name stands beside its ring: the first party's below, the other's above, both inside the frame."""
    half = LETTER * len(label) / 2
    anchor = "start" if x - half < frame.x0 else "end" if x + half > frame.x1 else "middle"
    lower = (below and y + 30 < frame.y0) or y - 24 < frame.y1
    return (27.0 if lower else -18.0), anchor


def _reserved(frame: Frame, reserved: Sequence[float | None]) -> tuple[float | None, ...]:
    """Where the dotted lines run; a reserved value of 0 lies on the axis and has none."""
    one, other = reserved
    return frame.x(one) if one and one > 0 else None, frame.y(other) if other and other > 0 else None
