"""What a negotiator can stand, found out by letting it play: sizes, parties, seeds; each in a child with limits."""

from __future__ import annotations

import functools
import importlib
import json
import resource
import signal
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from negotiations.engine import scenarios
from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.sessions import play
from negotiations.engine.specs import (
    Action,
    EndReason,
    Limits,
    MechanismSpec,
    Outcome,
    PartySpec,
    Response,
    Result,
    SessionSpec,
)
from negotiations.engine.turns import Turn

__all__ = ["FACTS", "LADDER", "ROUND", "Trial", "measure", "preload", "tried"]

BUILTIN = Path(__file__).resolve().parents[1] / "scenarios"
LADDER = ("flea-market-lamp", "used-van", "job-offer", "coffee-year", "10^6", "10^10")
"""Two parties, 10 to 10^10 outcomes; the last two are made here, as additive functions over categorical issues."""
ROUND = {2: "used-van", 3: "film-shoot", 4: "research-consortium", 9: "9 parties"}
"""More and more parties, each with some thousands of outcomes."""
MADE = {"10^6": (2, 6, 10), "10^10": (2, 10, 10), "9 parties": (9, 4, 5)}
"""Parties, issues, values of each issue."""
STEPS = 20
SEEDS = (1, 2)
CPU_SECONDS = 3
"""What one trial may use. Processor time, since a busy machine would make any negotiator look slow."""
LIMITS = Limits(action_seconds=20.0, session_seconds=40.0, memory_bytes=2048 * 2**20)
OPPONENT = "negmas.sao.negotiators.randneg.RandomNegotiator"
REFUSING = {"p_acceptance": 0.0, "p_rejection": 1.0, "p_ending": 0.0}
"""It offers at random and accepts nothing, whatever the size, so that the other has to act until the end."""
BOULWARE = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"
NORMAL = frozenset([EndReason.AGREEMENT, EndReason.STEPS, EndReason.SECONDS, EndReason.ENDED])
FACTS = 1
"""Raised whenever the same negotiator would be measured in another way."""


@dataclass(frozen=True)
class Trial:
    """One session of a negotiator in the first seat; `how` it failed, empty where it did not."""

    how: str
    outcomes: int
    actions: tuple[tuple[str, Outcome | None], ...] = ()
    first: float = 0.0
    later: float | None = None


@dataclass
class Stopwatch:
    """Seconds from the begin of each action of the first seat to its end."""

    seconds: list[float] = field(default_factory=list)
    began: float = 0.0


class TimedTurn(Turn):
    """Notes how long the first seat's turns take, its callbacks before the first action included in the first."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = Stopwatch()
        self._acts = False

    def take(self, party: int) -> None:
        if party == 0:
            self.watch.began = time.perf_counter()
        self._acts = party == 0
        super().take(party)

    def leave(self) -> None:
        if self._acts:
            self.watch.seconds.append(time.perf_counter() - self.watch.began)
        super().leave()


def preload(kinds: Iterable[str]) -> None:
    """Import what will be tried, before any fork: the first import of an agent package takes seconds."""
    for name in (*LADDER, *ROUND.values()):
        scene(name)
    for module in {kind.rpartition(".")[0] for kind in kinds}:
        importlib.import_module(module)


def tried(party: PartySpec, where: str = "flat-share", limits: Limits = LIMITS, **rules: Any) -> Trial:
    """Play one session with this party in the first seat, in a child."""
    scenario, n_parties, outcomes = scene(where)
    others = [_opponent(index, rules.get("opponent", OPPONENT)) for index in range(1, n_parties)]
    mechanism = MechanismSpec(n_steps=STEPS, seconds=rules.get("seconds"))
    spec = SessionSpec(scenario, (party, *others), mechanism, rules.get("seed", SEEDS[0]))
    turn = TimedTurn()
    items: list[Any] = []
    try:
        items.extend(item for item in in_child(_timed(spec, turn), limits, turn) if item is not None)
    except ChildFailed as failure:
        return Trial(_told(failure.reason, failure.message), outcomes)
    return _trial(items, outcomes)


def measure(kind: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
    """All facts about one type, as JSON."""
    party = PartySpec("subject", kind, parameters or {})
    sizes = _climb(party, LADDER)
    parties = _climb(party, tuple(ROUND.values()))
    most = [n for n, name in ROUND.items() if name in parties and not parties[name].how]
    least_failed = [n for n, name in ROUND.items() if name in parties and parties[name].how]
    stood = [trial for trial in sizes.values() if not trial.how]
    most_stood = stood[-1].outcomes if stood else 0
    failed = next((each for each in sizes.values() if each.how and each.outcomes > most_stood), None)
    small = next((each for each in sizes.values() if each.how and each.outcomes < most_stood), None)
    middle = sizes.get("used-van")
    return {
        "facts": FACTS,
        "outcomes": most_stood,
        "outcomes_failed": failed.outcomes if failed else None,
        "parties": max(most, default=0),
        "parties_failed": min(least_failed, default=None),
        "microseconds": round(middle.later * 1e6) if middle and middle.later is not None else None,
        "first_seconds": round(stood[-1].first, 3) if stood else None,
        "deterministic": _is_deterministic(party) if stood else None,
        "needs_seconds": bool(not stood and not tried(party, LADDER[0], seconds=5.0).how),
        "fails": failed.how if failed else "",
        "small_failed": small.outcomes if small else None,
        "fails_small": small.how if small else "",
        "fails_with_parties": next((trial.how for trial in parties.values() if trial.how), ""),
        "cpu_seconds": CPU_SECONDS,
    }


def _climb(party: PartySpec, names: tuple[str, ...]) -> dict[str, Trial]:
    """One trial after the other, up to the first that fails; the first alone may fail because it is so small."""
    found: dict[str, Trial] = {}
    for name in names:
        found[name] = tried(party, name)
        if found[name].how and len(found) > 1:
            break
    return found


def _is_deterministic(party: PartySpec) -> bool | None:
    """Whether another seed leaves its actions as they are, against one that draws no random numbers."""
    trials = [tried(party, "used-van", opponent=BOULWARE, seed=seed) for seed in SEEDS]
    return None if any(trial.how for trial in trials) else trials[0].actions == trials[1].actions


def _timed(spec: SessionSpec, turn: TimedTurn) -> Iterator[Any]:
    """In the child: the session's items, then the seconds of the first seat's actions."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    yield from play(spec, turn)
    yield tuple(turn.watch.seconds)


def _trial(items: list[Any], outcomes: int) -> Trial:
    result = next((item for item in items if isinstance(item, Result)), None)
    if result is None or result.end_reason not in NORMAL:
        return Trial(_told(EndReason.ERROR, result.error if result else "no result"), outcomes)
    own = [item for item in items if isinstance(item, Action) and item.party == 0]
    if not own:
        return Trial("It never acted.", outcomes)
    if any(action.response == Response.NONE for action in own):
        return Trial("It gave no answer.", outcomes)
    seconds = next((item for item in items if type(item) is tuple), ())
    later = statistics.median(seconds[1:]) if len(seconds) > 2 else None
    actions = tuple((action.response, action.outcome) for action in own)
    return Trial("", outcomes, actions, seconds[0] if seconds else 0.0, later)


def _told(reason: str, message: str) -> str:
    """Why it failed, in one line for people."""
    if signal.SIGXCPU.name in message:
        return f"{STEPS} steps took more than {CPU_SECONDS} s of processor time."
    line = message.strip().splitlines()
    return (line[-1] if line else reason)[:200]


def _opponent(index: int, kind: str) -> PartySpec:
    return PartySpec(f"other {index}", kind, REFUSING if kind == OPPONENT else {})


@functools.cache
def scene(name: str) -> tuple[str, int, int]:
    """A scenario's document, its parties and its outcomes."""
    if name in MADE:
        parties, issues, values = MADE[name]
        return _document(parties, issues, values), parties, values**issues
    spec = scenarios.read_folder(BUILTIN / name)
    return spec.document, len(spec.preferences), spec.n_outcomes or 0


def _document(parties: int, issues: int, values: int) -> str:
    """An additive scenario: each party likes the values in another order."""
    names = [f"v{value}" for value in range(values)]
    space = ["type: negmas.outcomes.CartesianOutcomeSpace", "name: made", "issues:"]
    for issue in range(issues):
        listed = ", ".join(names)
        space.append(f"- {{type: negmas.outcomes.CategoricalIssue, name: i{issue}, values: [{listed}]}}")
    return "\n---\n".join(["\n".join(space), *(_ufun(party, issues, names) for party in range(parties))])


def _ufun(party: int, issues: int, names: list[str]) -> str:
    most = len(names) - 1
    lines = ["type: negmas.preferences.LinearAdditiveUtilityFunction", f"name: p{party}"]
    raw = [1 + (issue * (party + 2)) % 5 for issue in range(issues)]
    weights = ", ".join(f"{each / sum(raw):.12f}" for each in raw)
    lines += [f"weights: [{weights}]", "values:"]
    for issue in range(issues):
        ranks = [(rank * (1 if party % 2 else -1) + party * issue) % len(names) for rank in range(len(names))]
        table = ", ".join(f"{name}: {rank / most:.6f}" for name, rank in zip(names, ranks, strict=True))
        lines.append(f"- {{type: negmas.preferences.TableFun, mapping: {{{table}}}}}")
    return "\n".join([*lines, "reserved_value: 0.0"])


def with_parties(party: PartySpec) -> tuple[Trial, int]:
    """A short look before a negotiator is used: with two parties, and the most it stands of two and three."""
    first = tried(party)
    if first.how:
        return first, 0
    return first, 2 if tried(party, "weekend-trip").how else 3


def main() -> None:
    """Read type and parameters as JSON, try them, write the trial as JSON."""
    asked = json.load(sys.stdin)
    trial, parties = with_parties(PartySpec("subject", asked["type"], asked["parameters"]))
    sys.stdout.write(json.dumps({"how": trial.how, "parties": parties}) + "\n")


if __name__ == "__main__":
    main()
