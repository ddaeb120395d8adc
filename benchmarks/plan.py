"""Every match of a benchmark, decided before the first is played: pure, so that the same plan is made anywhere (X-07)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import blake2b, sha256
from itertools import product

from negotiations.engine.specs import ParameterValue

Range = tuple[int, int]
Seats = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlannedCompetitor:
    """A negotiator with parameters under a name that is its own in the benchmark."""

    name: str
    type: str
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    is_opponent: bool = False

    @property
    def identity(self) -> str:
        """What it is, whatever it is called and wherever it stands in the list."""
        return json.dumps([self.type, dict(self.parameters)], sort_keys=True, default=list)


@dataclass(frozen=True, slots=True)
class PlannedScenario:
    name: str
    checksum: str
    n_parties: int = 2


@dataclass(frozen=True, slots=True)
class PlannedMatch:
    """One negotiation. `scenario` and `seats` are places in the plan's lists; the party that speaks as number `p` is
    `seats[p]`, with the utility function `(p + rotation) % n_parties` of the scenario."""

    index: int
    scenario: int
    rotation: int
    seats: Seats
    repetition: int
    seed: int
    n_steps: int | None
    seconds: float | None = None


@dataclass(frozen=True)
class Plan:
    """Competitors x scenarios x rotations x repetitions, as `negmas.tournaments.neg.cartesian_tournament` pairs them.

    With opponents a competitor speaks first and opponents have the other seats. `steps` and `seconds` are the least
    and the most; each repetition of a scenario draws its own, the same for all who meet there.
    """

    competitors: tuple[PlannedCompetitor, ...]
    scenarios: tuple[PlannedScenario, ...]
    repetitions: int = 1
    steps: Range | None = (100, 100)
    seconds: tuple[float, float] | None = None
    rotate: bool = True
    self_play: bool = True
    ignore_reserved: bool = False
    offering_is_accepting: bool = True
    one_offer_per_step: bool = False
    seed: int = 0

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the matches depend on but the versions."""
        canonical = json.dumps(asdict(self), sort_keys=True, default=list, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()

    def count(self) -> int:
        """How many matches there are, without making them."""
        meetings: dict[int, int] = {}
        for scenario in self.scenarios:
            n = scenario.n_parties
            if n not in meetings:
                meetings[n] = self._number_of_meetings(n) * (n if self.rotate else 1)
        return self.repetitions * sum(meetings[scenario.n_parties] for scenario in self.scenarios)

    def matches(self, start: int = 0) -> Iterator[PlannedMatch]:
        """All from the `start`-th on: repetition by repetition, so that a first picture of everything comes early."""
        index = 0
        for repetition in range(self.repetitions):
            for number, scenario in enumerate(self.scenarios):
                meetings = self._meetings(scenario.n_parties)
                turns = [(turn, seats) for turn in self._rotations(scenario) for seats in meetings]
                limits = self._limits(scenario, repetition) if index + len(turns) > start else (None, None)
                for rotation, seats in turns:
                    if index >= start:
                        seed = self._seed(scenario, rotation, seats, repetition)
                        yield PlannedMatch(index, number, rotation, seats, repetition, seed, *limits)
                    index += 1

    def _rotations(self, scenario: PlannedScenario) -> range:
        return range(scenario.n_parties if self.rotate else 1)

    def _places(self) -> tuple[list[int], list[int]]:
        """Who speaks first, and who has the other seats."""
        opponents = [number for number, one in enumerate(self.competitors) if one.is_opponent]
        own = [number for number, one in enumerate(self.competitors) if not one.is_opponent]
        return own, opponents or own

    def _meetings(self, n_parties: int) -> list[Seats]:
        first, others = self._places()
        met = product(first, *[others] * (n_parties - 1))
        return [seats for seats in met if self.self_play or not self._is_self_play(seats)]

    def _number_of_meetings(self, n_parties: int) -> int:
        """Never one by one: of ten parties there are more than anybody can list."""
        first, others = self._places()
        number: int = len(first) * len(others) ** (n_parties - 1)
        if self.self_play:
            return number
        alike = Counter(self.competitors[place].identity for place in others)
        itself: int = sum(alike[self.competitors[place].identity] ** (n_parties - 1) for place in first)
        return number - itself

    def _is_self_play(self, seats: Seats) -> bool:
        return len({self.competitors[number].identity for number in seats}) == 1

    # --- What is drawn: each number from all that it is for, so that it stays when others come and go ----------------

    def _seed(self, scenario: PlannedScenario, rotation: int, seats: Seats, repetition: int) -> int:
        identities = [self.competitors[number].identity for number in seats]
        return _drawn(self.seed, scenario.checksum, rotation, identities, repetition)

    def _limits(self, scenario: PlannedScenario, repetition: int) -> tuple[int | None, float | None]:
        share: float = _drawn(self.seed, scenario.checksum, "limits", repetition) / 2**31
        steps = self.steps and self.steps[0] + int(share * (self.steps[1] - self.steps[0] + 1))
        seconds = self.seconds and round(self.seconds[0] + share * (self.seconds[1] - self.seconds[0]), 3)
        return steps, seconds


def _drawn(*of: object) -> int:
    """A number below 2**31."""
    digest = blake2b(json.dumps(of).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 33
