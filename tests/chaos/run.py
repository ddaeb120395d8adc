"""One run on one back end, from an empty database to the verdict."""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.db import OperationalError, connection

from negotiations.models import Job
from tests.chaos import witness
from tests.chaos.breaker import Breaker
from tests.chaos.dawdler import PAUSE
from tests.chaos.judge import Verdict, clock, judge
from tests.chaos.people import People
from tests.chaos.plan import Backend, Breakage, Plan, Work
from tests.chaos.trees import Tree
from tests.chaos.visitors import Answer, Visitor, Watcher
from tests.factory import UserFactory

TICK = 0.05
PAGES = ["/sign-in/", "/sessions/", "/health"]
FORGIVEN = 3.0
"""Seconds after a cut of all database connections in which a page may fail that was just reading."""
LONGEST_STOP = 10.0
"""Seconds that `serve` promises, whatever else the machine has to do."""
FENCED = re.compile(r"was taken over")


@dataclass(frozen=True)
class Terms:
    """What a run goes by."""

    lease: float
    freeze: float
    """Seconds of a SIGSTOP. With SQLite the process may hold the write lock, for which all others wait 20 s at most."""
    workers: int
    dawdle: float
    patience: float
    """Seconds that the last jobs may take once nothing is broken any more."""

    def environment(self) -> dict[str, str]:
        numbers = {"LEASE_SECONDS": self.lease, "WORKERS": self.workers, PAUSE: self.dawdle}
        fixed = {"LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "tests.settings"}
        fixed |= {"PACED_SESSIONS": "4", "BATCH_SLOTS": "4", "BENCHMARK_SLICE_SECONDS": "3"}
        return fixed | {name: f"{number:g}" for name, number in numbers.items()}


@dataclass
class Report:
    """What a run came to; plain data, so that it can be kept and put into a table."""

    backend: str
    seed: int
    seconds: float
    sessions: int
    batch_jobs: int
    breakages: dict[str, int]
    missed: dict[str, int]
    clicks: dict[str, int]
    figures: dict[str, int]
    waited: float
    stops: list[float]
    answers: int
    unanswered: int
    degraded: int
    findings: list[str] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)

    @property
    def availability(self) -> float:
        return 1 - self.unanswered / max(1, self.answers)

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


class Run:
    """The clusters, the breaker and the people, in one loop."""

    def __init__(self, plan: Plan, terms: Terms, url: str, folder: Path) -> None:
        witness.swear_in()
        self.plan = plan
        self.terms = terms
        port = free_port()
        environment = terms.environment() | {"DATABASE_URL": url}
        owner = UserFactory(username="runner")
        self.people = People(owner, Visitor.signed_in(port, owner))
        self.people.furnish()
        self.trees = (
            Tree("first", ["serve", "--port", str(port)], environment, folder, terms.freeze),
            Tree("second", ["qworkers"], environment, folder, terms.freeze),
        )
        self.breaker = Breaker(*self.trees, plan.seed, terms.freeze)
        self.watcher = Watcher(Visitor(port, self.people.visitor.cookie), PAGES)
        self.refusals: list[str] = []
        self._dues, self._works = list(plan.dues), list(plan.works)

    # --- The loop -----------------------------------------------------------------------------------------

    def play(self) -> float:
        """All of the plan, then until every job is over; how many seconds the last ones took."""
        self._until_there()
        self.watcher.start()
        self._begun = time.monotonic()
        while self._dues or self._works or self._now < self.plan.seconds:
            self._tick()
        self.breaker.finish()
        calm = self._now
        while self._unfinished() and self._now < calm + self.terms.patience:
            self._tick()
        self.watcher.leave()
        return self._now - calm

    @property
    def _now(self) -> float:
        return time.monotonic() - self._begun

    def _until_there(self) -> None:
        until = time.monotonic() + 60
        while not all(tree.clusters() for tree in self.trees) or not self._answers():
            assert time.monotonic() < until, "the clusters did not start"
            for tree in self.trees:
                tree.keep_up()
            time.sleep(0.2)

    def _answers(self) -> bool:
        return self.people.visitor.get("/sign-in/").status != 0

    def _tick(self) -> None:
        for tree in self.trees:
            tree.keep_up()
        if self._works and self._works[0].at <= self._now:
            self._begin(self._works[0])
        if (
            self._dues
            and (late := self._now - self._dues[0].at) >= 0
            and self.breaker.do(self._dues[0], late)
        ):
            self._dues.pop(0)
        self.people.act(self._now)
        time.sleep(TICK)

    def _begin(self, work: Work) -> None:
        try:
            self.people.begin(work)
        except OperationalError as error:
            self.refusals.append(f"nobody could begin a session: {error}")
        else:
            self._works.pop(0)

    def _unfinished(self) -> bool:
        return self.people.have_wishes or Job.objects.active().exists()

    # --- The end ------------------------------------------------------------------------------------------

    def close(self) -> list[str]:
        """Stop both clusters; what did not stop as it has to."""
        findings = []
        for tree in self.trees:
            tree.keep_up()
            if tree.process.poll() is None and (took := tree.stop()) > LONGEST_STOP:
                findings.append(f"{tree.name} took {took:.1f} s to stop")
        time.sleep(0.5)
        for tree in self.trees:
            findings += [f"{tree.name} left {process.pid} running" for process in tree.marked()]
            findings += [f"left behind by {line}" for line in tree.left_behind]
        return findings

    def end(self) -> None:
        for tree in self.trees:
            tree.end()

    def answers(self) -> list[Answer]:
        return [*self.watcher.visitor.answers, *self.people.visitor.answers]

    def bad_answers(self) -> list[str]:
        """Errors that somebody was shown, but for those of a database that was cut off just then."""
        cuts = [hit.at for hit in self.breaker.hits if hit.breakage == Breakage.CUT]
        bad = [answer for answer in self.answers() if answer.text and not answer.is_honest]
        return [
            f"{answer.path} answered {answer.status}: {answer.text[:200]}"
            for answer in bad
            if not any(cut - 1 <= answer.at <= cut + FORGIVEN for cut in cuts)
        ]

    def report(self, backend: Backend, verdict: Verdict, waited: float) -> Report:
        logs = "".join(tree.log.read_text(errors="replace") for tree in self.trees)
        verdict.figures["fenced"] = len(FENCED.findall(logs))
        verdict.figures["told locked in a log"] = logs.count("database is locked")
        verdict.figures["starts of a cluster's tree"] = sum(tree.incarnation for tree in self.trees)
        watched = self.watcher.visitor.answers
        is_batch = Counter(work.is_batch for work in self.plan.works)
        return Report(
            backend=backend.value,
            seed=self.plan.seed,
            seconds=self.plan.seconds,
            sessions=is_batch[False],
            batch_jobs=is_batch[True],
            breakages={kind.value: n for kind, n in self.breaker.counts().items()},
            missed={kind.value: n for kind, n in self.breaker.missed.items()},
            clicks=dict(self.people.done),
            figures=dict(verdict.figures),
            waited=round(waited, 1),
            stops=[round(took, 1) for took in self.breaker.stops],
            answers=len(watched),
            unanswered=sum(not (answer.is_good or answer.is_honest) for answer in watched),
            degraded=sum(answer.is_honest for answer in watched),
            findings=verdict.findings,
            hits=[f"{clock(hit.at)} {hit.breakage} {sorted(hit.pids)}" for hit in self.breaker.hits],
        )


def run(plan: Plan, terms: Terms, backend: Backend, url: str, folder: Path) -> Report:
    """Play the plan on the database that Django's default connection leads to, then judge."""
    playing = Run(plan, terms, url, folder)
    try:
        waited = playing.play()
        findings = playing.close()
    finally:
        playing.breaker.finish()
        playing.end()
    connection.close()
    verdict = judge(playing.breaker.hits, terms.lease)
    verdict.find([*findings, *playing.refusals, *playing.bad_answers()])
    return playing.report(backend, verdict, waited)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
