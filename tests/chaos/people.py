"""Those who start the sessions, and who cancel, pause and resume some of them through the web server."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.contrib.auth.models import User

from benchmarks.models import Benchmark
from benchmarks.models.line_ups import Entrant
from negotiations.engine.scenarios import read_folder
from negotiations.management.commands.load_builtin_scenarios import FOLDER
from negotiations.models import Job, Queue, Scenario, Seat, Session
from tests.chaos.dawdler import TYPE as DAWDLER
from tests.chaos.plan import Work
from tests.chaos.visitors import Visitor
from tests.factory import ScenarioFactory
from tests.workers.conftest import WANDERER, negotiator

PAUSED_FOR = 3.0
AT_ONCE = [f"negmas.gb.negotiators.timebased.{name}TBNegotiator" for name in ("Boulware", "Conceder")]


@dataclass
class Wish:
    """What somebody wants of a job, and when."""

    at: float
    verb: str
    job: Job


@dataclass
class People:
    """The owner of all the work."""

    owner: User
    visitor: Visitor
    done: Counter[str] = field(default_factory=Counter)
    _wishes: list[Wish] = field(default_factory=list)
    _scenarios: dict[int, Scenario] = field(default_factory=dict)
    _cup: list[Scenario] = field(default_factory=list)

    def furnish(self) -> None:
        """Put the two scenarios into the library: one for two parties, one for three."""
        three, _ = Scenario.objects.keep(
            read_folder(FOLDER / "weekend-trip"), owner=None, source="builtin", tags=[]
        )
        self._scenarios = {2: ScenarioFactory(), 3: three}
        self._cup = [self._scenarios[2], ScenarioFactory()]

    def begin(self, work: Work) -> None:
        job = self._begin_benchmark(work) if work.n_lanes else self._begin_session(work)
        if work.cancel_at is not None:
            self._wishes.append(Wish(work.cancel_at, "cancel", job))
        if work.pause_at is not None:
            self._wishes.append(Wish(work.pause_at, "pause", job))

    def _begin_benchmark(self, work: Work) -> Job:
        """36 matches in two scenarios, of which 20 take their time."""
        entrants = [Entrant(negotiator(name)) for name in (DAWDLER, *AT_ONCE)]
        benchmark = Benchmark.objects.start(
            owner=self.owner,
            name="Chaos cup",
            entrants=entrants,
            scenarios=self._cup,
            seed=work.seed,
            steps_low=work.n_steps,
            steps_high=work.n_steps,
            n_lanes=work.n_lanes,
        )
        return benchmark.job

    def _begin_session(self, work: Work) -> Job:
        seats = [Seat(negotiator(DAWDLER if work.is_slow else WANDERER)) for _ in range(work.n_parties)]
        session = Session.objects.start(
            owner=self.owner,
            scenario=self._scenarios[work.n_parties],
            seats=seats,
            seed=work.seed,
            n_steps=work.n_steps,
            pace_ms=work.pace_ms,
            queue=Queue.BATCH if work.is_batch else Queue.LIVE,
        )
        return session.job

    def act(self, now: float) -> None:
        """Click what is wanted by now; again a second later where nobody answered."""
        for wish in [wish for wish in self._wishes if wish.at <= now]:
            status = self.visitor.post(f"/jobs/{wish.job.pk}/{wish.verb}/").status
            if status == 0 or status >= 500:
                wish.at = now + 1
                continue
            self._wishes.remove(wish)
            if status < 400:
                self._was_done(wish, now)

    def _was_done(self, wish: Wish, now: float) -> None:
        self.done[wish.verb] += 1
        if wish.verb == "pause":
            self._wishes.append(Wish(now + PAUSED_FOR, "resume", wish.job))

    @property
    def have_wishes(self) -> bool:
        return bool(self._wishes)
