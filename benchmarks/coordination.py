"""The first lane of a benchmark: it plans the matches, opens the other lanes, waits for them, and makes the last standings."""

from __future__ import annotations

from itertools import islice
from typing import Any

from benchmarks.lanes import LaneTurn
from benchmarks.models import Benchmark, Lane, Match
from negotiations.exceptions import CannotResume
from negotiations.models import Status
from negotiations.models.jobs import ACTIVE
from negotiations.patience import patiently

CHUNK = 1_000
"""Matches that are written in one transaction."""


class FirstLane(LaneTurn):
    scores_after = 0.0

    def run(self) -> dict[str, Any]:
        """All of it; the standings at the end. Raises Stopped, GivesWay, CannotResume and LostLease."""
        if self.benchmark.n_planned < self.benchmark.n_matches:
            self.heart.step("Planning")
        patiently(self.prepare)
        self._plan()
        self.heart.step("Playing")
        self.play()
        while patiently(self.benchmark.matches.pending().exists):  # others play them, or lost them just now
            self.rest()
            self.play()
        return self._score()

    def _plan(self) -> None:
        """Write the rows that are missing: after any kill, and after it gave way, it goes on with the next."""
        plan = patiently(self.benchmark.to_plan)
        if plan.digest != self.benchmark.plan_hash:
            raise CannotResume("What it was planned from has changed. Duplicate it to plan it anew.")
        written = patiently(self.benchmark.matches.count)
        coming = plan.matches(written)
        while rows := list(islice(coming, CHUNK)):
            self.give_way_if_asked()
            written += len(rows)
            self.flush(lambda: self._write(rows, written))  # noqa: B023 called at once

    def _write(self, rows: list[Any], written: int) -> None:
        Match.objects.plan(self.benchmark.pk, rows)
        Benchmark.objects.filter(pk=self.benchmark.pk).update(n_planned=written)

    def claim(self, most: int) -> list[Match]:
        claimed = super().claim(most)
        if len(claimed) == most:  # else there is nothing left for others
            self._open_lanes(self._n_left() - most)
        return claimed

    def _open_lanes(self, n_left: int) -> None:
        """Those that are missing: all at first, later what ended too early; not what failed, which would again."""
        lanes = Lane.objects.filter(job__parent=self.job, job__status__in=(*ACTIVE, Status.FAILED))
        there = set(lanes.values_list("number", flat=True))
        wanted = min(self.benchmark.n_lanes, n_left + 1)
        for number in range(2, wanted + 1):
            if number not in there:
                Lane.objects.open(self.benchmark, number)

    def progress(self) -> dict[str, Any]:
        counted = Benchmark.objects.values_list("n_matches", "n_completed", "n_failed", "n_skipped")
        n, *over = counted.get(pk=self.benchmark.pk)
        done = sum(over) + len(self._results)
        told = {"current_step": done, "total_steps": n, "message": f"{done:,} of {n:,} matches"}
        return told | ({"attempt": 1} if self._results else {})

    def _score(self) -> dict[str, Any]:
        self.heart.step("Scoring")
        data = patiently(self._scores.renewed) or {}
        self.flush((lambda: self._scores.keep(data)) if data else (lambda: None))
        return data

    def sentence(self, data: dict[str, Any]) -> str:
        """What came of it."""
        benchmark = Benchmark.objects.get(pk=self.benchmark.pk)
        told = [
            f"{benchmark.n_over:,} matches, {benchmark.n_agreed:,} agreements, {benchmark.n_failed:,} failed."
        ]
        if benchmark.n_skipped:
            told.append(f"{benchmark.n_skipped:,} were not needed.")
        if (lines := data.get("rows")) and lines[0]["score"] is not None:
            told.append(f"1st: {self._name(lines[0])}.")
        return " ".join(told)

    def _name(self, line: dict[str, Any]) -> str:
        name = self.benchmark.competitors.values_list("name", flat=True).get(index=line["competitor"])
        told = f"{name} {line['score']:.2f}"
        if line["low"] is None:
            return told
        return f"{told} ± {(line['high'] - line['low']) / 2:.2f}"
