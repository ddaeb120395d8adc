"""A turn of a lane at a worker: it claims matches, plays them, writes their results, and gives way in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, cast

from django.conf import settings
from django.utils import timezone

from benchmarks.models import Benchmark, Leaderboard, Match
from benchmarks.models.results import record
from benchmarks.playing import Players, Table, rules_of
from benchmarks.settling import settle, skip_rest
from benchmarks.standings import Standings
from negotiations.engine.match_specs import MatchResult
from negotiations.engine.specs import LogLine
from negotiations.engine.versions import versions
from negotiations.exceptions import CannotResume, Stopped
from negotiations.heart import LOOK_EVERY, Heart
from negotiations.models import Job, Queue, Worker
from negotiations.patience import patiently

TURN_IS_OVER = "Its turn is over. It goes on with the next."
LONGEST = 100.0
"""Seconds after which a lane goes to the end of the queue even where nobody waits: the queue holds a task that lasts for
`most_seconds` and two minutes to hang, and the match that is played then may take SESSION_SECONDS."""
FIRST_BATCH = 8
LEAST_SECONDS = 1.0
"""Of a batch, and of a turn: a new child costs some hundredths of a second."""
MOST_AT_ONCE = 500
"""Matches that one claim takes, and results in one transaction."""


class GivesWay(Exception):
    """Others wait, and this lane has had its turn."""


class LaneTurn:
    """What the first lane and all others do alike."""

    scores_after = 10.0
    """Seconds without new standings after which this lane makes them."""

    def __init__(self, job: Job, benchmark: Benchmark) -> None:
        self.job = job
        self.benchmark = benchmark
        self.heart = Heart(job)
        self.n_played = 0
        self._results: list[MatchResult] = []
        self._begun = time.monotonic()
        self._players = Players(benchmark)
        self._table = Table(self._players, rules_of(benchmark.mechanism, benchmark.ignore_reserved))
        self._pace = Pace(benchmark.n_lanes)
        self._scores = Scores(benchmark, self.scores_after)
        self._gives_way = False

    def prepare(self) -> None:
        """Hold what plays against what the first attempt played with. Raises CannotResume."""
        now, before = versions(), self.benchmark.versions
        if not before or not self.benchmark.matches.over().exists():
            Benchmark.objects.filter(pk=self.benchmark.pk).update(versions=now)
        elif changed := [name for name in now if before.get(name) != now[name]]:
            told = ", ".join(f"{name} {before.get(name, 'unknown')} is now {now[name]}" for name in changed)
            raise CannotResume(
                f"What the benchmark ran with has changed: {told}. Its matches are kept, and go with no others. "
                "Duplicate it to play all of them anew."
            )

    def play(self) -> None:
        """Play what no other lane holds. Raises Stopped, GivesWay and LostLease."""
        while matches := self._claimed():
            self._play(matches)
            self.flush()
            self.give_way_if_asked()

    def _claimed(self) -> list[Match]:
        """What this lane holds from now on. The claim is fenced like all that it writes."""
        most = self._pace.most(patiently(self._n_left))
        claimed: list[Match] = []

        def claim() -> None:
            claimed[:] = self.claim(most)

        self.flush(claim)
        return claimed

    def claim(self, most: int) -> list[Match]:
        """Where it may stop early, scenario by scenario: the rule looks at those that are over."""
        by_scenario = self.benchmark.early_stop
        if by_scenario:
            skip_rest(self.benchmark)
        return self.benchmark.matches.claim(cast("Any", self.job.token), most, by_scenario=by_scenario)

    def _n_left(self) -> int:
        columns = ("n_matches", "n_completed", "n_failed", "n_skipped")
        n, *over = Benchmark.objects.values_list(*columns).get(pk=self.benchmark.pk)
        return int(n - sum(over))

    def _play(self, matches: list[Match]) -> None:
        begun = time.monotonic()
        specs = patiently(lambda: self._players.specs(matches))
        with closing(cast("Any", self._table.played(specs))) as heard:
            for item in heard:
                if isinstance(item, MatchResult):
                    self._take(item)
                elif isinstance(item, LogLine):
                    self.heart.hear(item)
                if self.heart.is_due(bool(self._results)) or len(self._results) >= MOST_AT_ONCE:
                    self.flush()
                    if self._is_settled_now():
                        return
        self._pace.learn(len(matches), time.monotonic() - begun)

    def _is_settled_now(self) -> bool:
        """Then what this lane holds is free, and the next claim skips what is not needed of it."""
        if not self.benchmark.early_stop or self.benchmark.settled:
            return False
        patiently(lambda: self.benchmark.refresh_from_db(fields=["settled"]))
        if self.benchmark.settled:
            held = self.benchmark.matches.pending().filter(token=self.job.token)
            patiently(lambda: held.update(token=None))
        return bool(self.benchmark.settled)

    def _take(self, result: MatchResult) -> None:
        self._results.append(result)
        self.n_played += 1
        if self._gives_way:
            self.flush()
            raise GivesWay

    # --- Beats ----------------------------------------------------------------------------------------------------

    def flush(self, more: Callable[[], object] = lambda: None) -> None:
        """Beat with the results that wait, and make standings where they are due. Raises Stopped."""
        token, results = cast("Any", self.job.token), self._results
        board = patiently(self._scores.renewed_if_due)

        def write() -> None:
            if results:
                record(self.benchmark, results, token)
            if board:
                self._scores.keep(board)
            more()

        stop = self.heart.beat(write, **patiently(self.progress))
        self._results = []
        if stop:
            raise Stopped
        self._look_whether_others_wait()

    def progress(self) -> dict[str, Any]:
        step = self.job.current_step + len(self._results)
        told = {"current_step": step, "message": f"{step:,} matches played"}
        return told | (
            {"attempt": 1} if self._results else {}
        )  # a lost worker is counted anew after each step

    def _look_whether_others_wait(self) -> None:
        """A lane ends with the match that it plays if live work waits for a worker, and after its slice if batch work does."""
        seconds = time.monotonic() - self._begun
        if seconds > settings.BENCHMARK_SLICE_SECONDS and not self._gives_way:
            others = Job.objects.wait_beside(self.job)
            self._gives_way = seconds > LONGEST or patiently(others.exists)
        if seconds > LEAST_SECONDS and not self._gives_way:
            self._gives_way = patiently(self._live_work_waits)

    def _live_work_waits(self) -> bool:
        """For a worker like this one: those of a command, and of a batch cluster, have no use for it."""
        is_shared = Worker.objects.is_in(settings.CLUSTERS[Queue.LIVE], self.job.worker)
        return is_shared and Job.objects.call_late()

    def give_way_if_asked(self) -> None:
        """Between matches."""
        if self._gives_way:
            raise GivesWay

    def rest(self) -> None:
        """Wait until the next beat."""
        while not self.heart.is_due(waiting=False):
            time.sleep(LOOK_EVERY)
        self.flush()
        self.give_way_if_asked()


class Pace:
    """How many matches to claim: a slice's worth, and fewer near the end, so that all lanes end together."""

    def __init__(self, n_lanes: int) -> None:
        self._n_lanes = n_lanes
        self._seconds: float | None = None

    def most(self, n_left: int) -> int:
        share = n_left if self._n_lanes == 1 else -(-n_left // (2 * self._n_lanes))
        if self._seconds is None:
            return max(1, min(FIRST_BATCH, share))
        room, least = settings.BENCHMARK_SLICE_SECONDS / self._seconds, LEAST_SECONDS / self._seconds
        return max(1, min(int(room), max(share, int(least)), MOST_AT_ONCE))

    def learn(self, n: int, seconds: float) -> None:
        each = seconds / n
        self._seconds = max(1e-4, each if self._seconds is None else (self._seconds + each) / 2)


class Scores:
    """When standings are made, and by whom: every two seconds by the first lane, by another where that waits for a place."""

    EVERY = 2.0
    SHARE = 10
    """Between two of them at least so many times as long as one took."""

    def __init__(self, benchmark: Benchmark, after: float) -> None:
        self._benchmark = benchmark
        self._after = after
        self._standings: Standings | None = None
        self._due = time.monotonic() + self.EVERY

    def renewed_if_due(self) -> dict[str, Any] | None:
        if time.monotonic() < self._due:
            return None
        rows = Leaderboard.objects.filter(benchmark=self._benchmark)
        last = rows.values_list("computed_at", flat=True).first()
        self._due = time.monotonic() + self.EVERY
        is_due = last is None or (timezone.now() - last).total_seconds() >= self._after
        return self.renewed() if is_due else None

    def renewed(self) -> dict[str, Any] | None:
        """What to keep; None where no match is over."""
        begun = time.monotonic()
        if self._standings is None:
            self._standings = Standings(Benchmark.objects.get(pk=self._benchmark.pk))
        self._standings.read()
        if not self._standings.seq:
            return None
        data = self._standings.data(self._before())
        self._due = time.monotonic() + max(self.EVERY, self.SHARE * (time.monotonic() - begun))
        return data

    def keep(self, data: dict[str, Any]) -> None:
        standings = cast("Standings", self._standings)
        standings.keep(data)
        if self._benchmark.early_stop:
            settle(self._benchmark, standings.verdict())

    def _before(self) -> dict[str, Any]:
        rows = Leaderboard.objects.filter(benchmark=self._benchmark)
        return {"history": rows.values_list("data__history", flat=True).first() or []}
