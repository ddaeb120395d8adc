"""Offers as SVG paths: fixed axes, utilities 0 to 1 and steps 0 to the last, so that nothing moves while it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from negotiations.engine.specs import Action, Response

# Rows a chart reads, whatever the length of the session: 400 points for each of two parties.
POINTS = 800
SPARK_POINTS = 120
TAIL = 7
# Two labels closer than this, in px, would lie on each other.
LABEL = 14.0
LETTER = 7.0
"""About the width of a letter of a label, in pixels."""


@dataclass(frozen=True)
class Frame:
    """The drawing's size and margins in px; the plot lies inside."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def x0(self) -> float:
        return self.left

    @property
    def x1(self) -> float:
        return self.width - self.right

    @property
    def y0(self) -> float:
        return self.height - self.bottom

    @property
    def y1(self) -> float:
        return self.top

    def x(self, share: float) -> float:
        return round(self.x0 + min(max(share, 0.0), 1.0) * (self.x1 - self.x0), 1)

    def y(self, share: float) -> float:
        return round(self.y0 - min(max(share, 0.0), 1.0) * (self.y0 - self.y1), 1)


TIMELINE = {"wide": Frame(880, 190, 44, 14, 10, 22), "phone": Frame(366, 170, 34, 10, 8, 20)}
# Where there is no plane above it.
TALL = {"wide": Frame(880, 540, 44, 14, 10, 22), "phone": Frame(366, 300, 34, 10, 8, 20)}
PLANE = {"wide": Frame(880, 400, 44, 14, 22, 40), "phone": Frame(366, 330, 34, 10, 22, 36)}
SPARK = Frame(300, 48, 0, 0, 3, 3)


@dataclass(frozen=True)
class Tick:
    at: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Line:
    """What one party asks (`asked`) and what the other offers it (`got`), and where it stands now."""

    party: int
    name: str
    asked: str
    got: str
    x: float | None
    y: float | None
    value: float | None
    label_x: float = 0.0
    label_y: float = 0.0
    anchor: str = "start"


@dataclass(frozen=True)
class Timeline:
    frame: Frame
    n_steps: int
    lines: tuple[Line, ...]
    steps: tuple[Tick, ...]
    utilities: tuple[Tick, ...]
    now: float

    @property
    def future(self) -> float:
        """Width of what is not yet played."""
        return round(self.frame.x1 - self.now, 1)

    @property
    def plot_height(self) -> float:
        return self.frame.y0 - self.frame.y1


@dataclass(frozen=True)
class Trail:
    """The offers of one party on the plane, each place once; `tail` joins the last few."""

    party: int
    name: str
    points: tuple[tuple[float, float], ...]
    tail: str
    x: float | None
    y: float | None


@dataclass(frozen=True)
class Plane:
    frame: Frame
    trails: tuple[Trail, ...]
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    reserved: tuple[float | None, ...]
    agreement: tuple[float, float] | None


@dataclass(frozen=True)
class Spark:
    frame: Frame
    lines: tuple[Line, ...]


def timeline(actions: Sequence[Action], names: Sequence[str], n_steps: int, size: str) -> Timeline:
    """Utility of every offer to its own party, and with two parties to the other one."""
    frame = (TIMELINE if len(names) == 2 else TALL)[size]
    lines = [_line(frame, actions, index, names, n_steps) for index in range(len(names))]
    played = max((action.step + 1 for action in actions), default=0)
    return Timeline(
        frame=frame,
        n_steps=n_steps,
        lines=_labelled(lines, frame),
        steps=_step_ticks(frame, n_steps, 8 if size == "wide" else 4),
        utilities=tuple(Tick(frame.y(value), f"{value:.1f}", "end") for value in (0.0, 0.5, 1.0)),
        now=frame.x(played / n_steps),
    )


def plane(
    actions: Sequence[Action],
    names: Sequence[str],
    reserved: Sequence[float | None],
    agreement: Sequence[float | None] | None,
    size: str,
) -> Plane:
    """The offers of two parties by what they are worth to each."""
    frame = PLANE[size]
    at = None
    if agreement and None not in agreement:
        at = frame.x(agreement[0] or 0.0), frame.y(agreement[1] or 0.0)
    shares = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    return Plane(
        frame=frame,
        trails=tuple(_trail(frame, actions, index, name) for index, name in enumerate(names[:2])),
        xs=tuple(Tick(frame.x(share), f"{share:.1f}") for share in shares),
        ys=tuple(Tick(frame.y(share), f"{share:.1f}", "end") for share in shares[1:]),
        reserved=_reserved(frame, reserved),
        agreement=at,
    )


def spark(actions: Sequence[Action], n_parties: int, n_steps: int) -> Spark:
    """The timeline, small and without words."""
    names = [""] * n_parties
    return Spark(SPARK, tuple(_line(SPARK, actions, index, names, n_steps) for index in range(n_parties)))


def _proposals(actions: Sequence[Action], party: int) -> list[Action]:
    return [
        action
        for action in actions
        if action.party == party and action.response == Response.OFFER and action.utilities
    ]


def _line(frame: Frame, actions: Sequence[Action], party: int, names: Sequence[str], n_steps: int) -> Line:
    asked = _points(frame, _proposals(actions, party), party, n_steps)
    got = _points(frame, _proposals(actions, 1 - party), party, n_steps) if len(names) == 2 else []
    last = next((action.utilities[party] for action in reversed(_proposals(actions, party))), None)
    x, y = asked[-1] if asked else (None, None)
    return Line(party, names[party], _path(asked), _path(got), x, y, last)


def _points(frame: Frame, proposals: Sequence[Action], whose: int, n_steps: int) -> list[tuple[float, float]]:
    places = []
    for action in proposals:
        utility = action.utilities[whose]
        if utility is not None:
            places.append((frame.x((action.step + 1) / n_steps), frame.y(utility)))
    return places


def _path(points: Sequence[tuple[float, float]]) -> str:
    """`M1 2L3 4`: the script that lets the line grow appends to it."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) if points else ""


def _labelled(lines: Sequence[Line], frame: Frame) -> tuple[Line, ...]:
    """Labels beside the lines' ends, moved apart where they would touch; to the left where there is no room."""
    placed: list[Line] = []
    lowest = -LABEL
    for line in sorted(lines, key=lambda line: line.y if line.y is not None else frame.y0):
        if line.x is None or line.y is None:
            placed.append(line)
            continue
        fits = line.x + 11 + LETTER * len(f"{line.name} 0.00") < frame.width
        lowest = max(line.y + (4 if fits else -10), lowest + LABEL)
        beside, anchor = (11, "start") if fits else (-11, "end")
        x, y = round(line.x + beside, 1), round(lowest, 1)
        placed.append(replace(line, label_x=x, label_y=y, anchor=anchor))
    return tuple(sorted(placed, key=lambda line: line.party))


def _step_ticks(frame: Frame, n_steps: int, most: int) -> tuple[Tick, ...]:
    """Round numbers of steps, at most about `most`, the first and the last always."""
    rough = max(1, n_steps // most)
    unit = 10 ** (len(str(rough)) - 1)
    apart = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    inner = [step for step in range(apart, n_steps, apart) if n_steps - step > apart * 0.6]
    ticks = [Tick(frame.x(step / n_steps), f"{step:,}") for step in inner]
    return Tick(frame.x0, "step 0", "start"), *ticks, Tick(frame.x1, f"{n_steps:,}", "end")


def _trail(frame: Frame, actions: Sequence[Action], party: int, name: str) -> Trail:
    places = [
        (frame.x(action.utilities[0]), frame.y(action.utilities[1]))
        for action in _proposals(actions, party)
        if action.utilities[0] is not None and action.utilities[1] is not None
    ]
    x, y = places[-1] if places else (None, None)
    return Trail(party, name, tuple(dict.fromkeys(places)), _path(places[-TAIL:]), x, y)


def _reserved(frame: Frame, reserved: Sequence[float | None]) -> tuple[float | None, ...]:
    """Where the dotted lines run; a reserved value of 0 lies on the axis and has none."""
    return tuple(
        (frame.x(value) if index == 0 else frame.y(value)) if value and value > 0 else None
        for index, value in enumerate(reserved[:2])
    )
