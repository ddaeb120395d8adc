"""What crosses the engine's border for a tournament: matches to play, and how each ended. Free of NegMAS and of Django."""

from __future__ import annotations

from dataclasses import dataclass

from negotiations.engine import wire
from negotiations.engine.specs import Outcome, PartySpec, Utilities


@dataclass(frozen=True, slots=True)
class ScenarioMaterial:
    """A stored scenario; `analysis` are the stored bytes of its analysis, None where there are none yet."""

    document: str
    checksum: str
    analysis: bytes | None = None


@dataclass(frozen=True, slots=True)
class MatchRules:
    """What all matches of a tournament have in common. With `ignore_reserved` nobody has a reserved value of its own."""

    offering_is_accepting: bool = True
    one_offer_per_step: bool = False
    ignore_reserved: bool = False


@wire.carried
@dataclass(frozen=True, slots=True)
class MatchSpec:
    """One match. `parties` in the order of speaking: that at position p has utility function (p + rotation) % n.

    `scenario` is a key into the scenarios given. Without `seconds` equal specs give equal actions in any process.
    """

    index: int
    scenario: int
    rotation: int
    parties: tuple[PartySpec, ...]
    n_steps: int | None
    seconds: float | None
    seed: int


@wire.carried
@dataclass(frozen=True, slots=True)
class MatchBegun:
    """The next result will be that of this match, unless its process dies of it.

    `reserved` and `best` have a number a position: what each party gets without agreement, and at most.
    """

    index: int
    reserved: Utilities
    best: Utilities


@wire.carried
@dataclass(frozen=True, slots=True)
class MatchResult:
    """How a match ended. All tuples have an entry a position; without agreement `utilities` are the reserved values.

    `welfare`, the optimalities and `pareto_distance` are those of NegMAS's tournaments, None where they say NaN.
    `failed_party` is the position of who raised or answered nonsense. `transcript` holds every action (`transcripts`).
    """

    index: int
    end_reason: str
    steps: int = 0
    relative_time: float = 0.0
    agreement: Outcome | None = None
    utilities: Utilities = ()
    reserved: Utilities = ()
    best: Utilities = ()
    welfare: float | None = None
    nash_optimality: float | None = None
    kalai_optimality: float | None = None
    ks_optimality: float | None = None
    max_welfare_optimality: float | None = None
    pareto_optimality: float | None = None
    pareto_distance: float | None = None
    failed_party: int | None = None
    error: str = ""
    traceback: str = ""
    cpu_seconds: float = 0.0
    n_offers: int = 0
    transcript: str = ""

    @property
    def advantages(self) -> Utilities:
        """The share of what each party could gain over its reserved value; 0 where that is nothing, as in NegMAS."""
        return tuple(map(advantage, self.utilities, self.reserved, self.best))


def advantage(utility: float | None, reserved: float | None, best: float | None) -> float | None:
    if utility is None or reserved is None or best is None:
        return None
    return (utility - reserved) / (best - reserved) if best != reserved else 0.0


def died(
    spec: MatchSpec,
    begun: MatchBegun | None,
    reason: str,
    party: int | None,
    error: str = "",
    traceback: str = "",
) -> MatchResult:
    """The result of a match that took its process with it; its actions are lost. `begun` where it had come so far."""
    unknown = (None,) * len(spec.parties)
    reserved, best = (begun.reserved, begun.best) if begun else (unknown, unknown)
    return MatchResult(
        index=spec.index,
        end_reason=reason,
        utilities=reserved,
        reserved=reserved,
        best=best,
        failed_party=party,
        error=error,
        traceback=traceback,
    )
