"""What each party asked for and what it was offered, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from negotiations.charts.frames import SPARK, TIMELINE, Frame, Place, Tick, path_of, step_ticks
from negotiations.charts.marks import shape
from negotiations.engine.specs import Action, Response

# Two labels closer than this, in px, would lie on each other.
LABEL = 14.0
LETTER = 7.0
"""About the width of a letter of a label, in pixels."""
# More names than this at the lines' ends would cover the lines.
NAMED = 4


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

    @property
    def mark(self) -> str:
        return f"M0 0{shape(self.party, 4.6)}"


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
    def names_lines(self) -> bool:
        return len(self.lines) <= NAMED


@dataclass(frozen=True)
class Spark:
    frame: Frame
    lines: tuple[Line, ...]


def timelines_of(actions: Sequence[Action], names: Sequence[str], n_steps: int) -> dict[str, Timeline]:
    """For a desk and for a phone."""
    return {size: timeline(actions, names, n_steps, size) for size in TIMELINE}


def timeline(actions: Sequence[Action], names: Sequence[str], n_steps: int, size: str) -> Timeline:
    """Utility of every offer to its own party, and with two parties to the other one."""
    frame = TIMELINE[size]
    lines = [_line(frame, actions, index, names, n_steps) for index in range(len(names))]
    played = max((action.step + 1 for action in actions), default=0)
    return Timeline(
        frame=frame,
        n_steps=n_steps,
        lines=_labelled(lines, frame),
        steps=step_ticks(frame, n_steps, 8 if size == "wide" else 4),
        utilities=tuple(Tick(frame.y(value), f"{value:.1f}", "end") for value in (0.0, 0.5, 1.0)),
        now=frame.x(played / n_steps),
    )


def spark(actions: Sequence[Action], n_parties: int, n_steps: int) -> Spark:
    """The timeline, small and without words."""
    names = [""] * n_parties
    return Spark(SPARK, tuple(_line(SPARK, actions, index, names, n_steps) for index in range(n_parties)))


def proposals(actions: Sequence[Action], party: int) -> list[Action]:
    """The offers of one party whose worth is known."""
    return [
        action
        for action in actions
        if action.party == party and action.response == Response.OFFER and action.utilities
    ]


def _line(frame: Frame, actions: Sequence[Action], party: int, names: Sequence[str], n_steps: int) -> Line:
    own = proposals(actions, party)
    asked = _points(frame, own, party, n_steps)
    got = _points(frame, proposals(actions, 1 - party), party, n_steps) if len(names) == 2 else []
    last = own[-1].utilities[party] if own else None
    x, y = asked[-1] if asked else (None, None)
    return Line(party, names[party], path_of(asked), path_of(got), x, y, last)


def _points(frame: Frame, made: Sequence[Action], whose: int, n_steps: int) -> list[Place]:
    known = [(action.step + 1, action.utilities[whose]) for action in made]
    return [frame.place(step / n_steps, worth) for step, worth in known if worth is not None]


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
