"""Several sessions in one drawing: a party's offers over the steps, and the ways of all on the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from negotiations.charts import Frame, Tick
from negotiations.engine.specs import Action, Response

# One size each: two stand beside one another on a desk, and one fills a phone.
TIMELINE = Frame(560, 200, 34, 30, 12, 24)
PLANE = Frame(560, 472, 40, 22, 20, 40)
LETTERS = "ABCDEF"
# Two letters nearer than this, in px, would lie on each other.
NEAR_X, NEAR_Y = 16.0, 13.0
LETTER_ASIDE = 11.0
RULE_UP = 18.0


@dataclass(frozen=True)
class Track:
    """A session as the drawings need it; `style` is its place among them, which chooses dashes and letter."""

    style: int
    actions: Sequence[Action]
    steps: int | None
    agreement: Sequence[float | None] | None

    @property
    def letter(self) -> str:
        return LETTERS[self.style]


@dataclass(frozen=True)
class Curve:
    """One session's line, its letter at the end, and a star where it found an agreement."""

    style: int
    letter: str
    party: int
    path: str
    x: float | None = None
    y: float | None = None
    star: tuple[float, float] | None = None


@dataclass(frozen=True)
class Rule:
    """Where forks begin in one step; the words of neighbours stand above one another."""

    x: float
    y: float
    letters: str
    anchor: str


@dataclass(frozen=True)
class Timelines:
    """What one party asks for itself in each session."""

    frame: Frame
    party: int
    name: str
    curves: tuple[Curve, ...]
    rules: tuple[Rule, ...]
    steps: tuple[Tick, ...]
    utilities: tuple[Tick, ...]


@dataclass(frozen=True)
class Planes:
    """The offers of two parties, joined in order, in each session."""

    frame: Frame
    names: tuple[str, ...]
    curves: tuple[Curve, ...]
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]


def timelines(
    tracks: Sequence[Track], party: int, name: str, n_steps: int, forks: Sequence[tuple[str, int]]
) -> Timelines:
    """`forks` are the letters of forks and the steps that they begin in, counted from 0."""
    frame = TIMELINE
    curves = [_curve(frame, track, party, n_steps) for track in tracks]
    return Timelines(
        frame=frame,
        party=party,
        name=name,
        curves=_apart(curves),
        rules=_rules(frame, forks, n_steps),
        steps=_step_ticks(frame, n_steps),
        utilities=tuple(Tick(frame.y(value), f"{value:.1f}", "end") for value in (0.0, 0.5, 1.0)),
    )


def planes(tracks: Sequence[Track], names: Sequence[str]) -> Planes:
    frame = PLANE
    shares = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    curves = [_way(frame, track, party) for track in tracks for party in (0, 1)]
    return Planes(
        frame=frame,
        names=tuple(names[:2]),
        curves=_apart(curves),
        xs=tuple(Tick(frame.x(share), f"{share:.1f}") for share in shares),
        ys=tuple(Tick(frame.y(share), f"{share:.1f}", "end") for share in shares[1:]),
    )


def _curve(frame: Frame, track: Track, party: int, n_steps: int) -> Curve:
    points = [
        (frame.x((action.step + 1) / n_steps), frame.y(worth))
        for action in _proposals(track.actions, party)
        if (worth := action.utilities[party]) is not None
    ]
    star = None
    worths = track.agreement
    if worths and track.steps and (worth := worths[party]) is not None:
        star = frame.x(track.steps / n_steps), frame.y(worth)
    return _with_end(Curve(track.style, track.letter, party, _path(points), star=star), points)


def _way(frame: Frame, track: Track, party: int) -> Curve:
    points = [
        (frame.x(one), frame.y(two))
        for action in _proposals(track.actions, party)
        if (one := action.utilities[0]) is not None and (two := action.utilities[1]) is not None
    ]
    star = None
    if track.agreement and None not in track.agreement:
        one, two = (worth or 0.0 for worth in track.agreement)
        star = frame.x(one), frame.y(two)
    return _with_end(Curve(track.style, track.letter, party, _path(points), star=star), points)


def _with_end(curve: Curve, points: Sequence[tuple[float, float]]) -> Curve:
    end = curve.star or (points[-1] if points else None)
    return replace(curve, x=end[0], y=end[1]) if end else curve


def _proposals(actions: Sequence[Action], party: int) -> list[Action]:
    return [
        action
        for action in actions
        if action.party == party and action.response == Response.OFFER and len(action.utilities) > party
    ]


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Offers at the same place once: a party that insists adds nothing."""
    kept = [point for place, point in enumerate(points) if not place or point != points[place - 1]]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) if kept else ""


def _apart(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Letters beside the lines' ends, moved down where they would touch; one for each session at one place."""
    placed: list[Curve] = []
    for curve in curves:
        if curve.x is None or curve.y is None:
            placed.append(curve)
            continue
        if any(other.letter == curve.letter and other.star == curve.star for other in placed if curve.star):
            placed.append(replace(curve, x=None, y=None, star=None))  # the agreement of both is one place
            continue
        x, y = curve.x + LETTER_ASIDE, curve.y + 4
        while any(_touch(x, y, other) for other in placed):
            y += NEAR_Y
        placed.append(replace(curve, x=round(x, 1), y=round(y, 1)))
    return tuple(placed)


def _touch(x: float, y: float, other: Curve) -> bool:
    if other.x is None or other.y is None:
        return False
    return abs(x - other.x) < NEAR_X and abs(y - other.y) < NEAR_Y


def _rules(frame: Frame, forks: Sequence[tuple[str, int]], n_steps: int) -> tuple[Rule, ...]:
    by_step: dict[int, list[str]] = {}
    for letter, step in forks:
        by_step.setdefault(step, []).append(letter)
    rules = []
    for place, (step, letters) in enumerate(sorted(by_step.items())):
        x, y = frame.x((step + 0.5) / n_steps), frame.y0 - 6 - place * RULE_UP
        rules.append(Rule(x, y, ", ".join(letters), "end" if x > frame.x1 - 70 else "start"))
    return tuple(rules)


def _step_ticks(frame: Frame, n_steps: int) -> tuple[Tick, ...]:
    halves = [n_steps // 2] if n_steps >= 4 else []
    inner = [Tick(frame.x(step / n_steps), f"{step:,}") for step in halves]
    return Tick(frame.x0, "step 0", "start"), *inner, Tick(frame.x1, f"{n_steps:,}", "end")
