"""Analyses of scenarios become rows: by a worker for somebody's, by a command for the library's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

from django.conf import settings

from negotiations.engine.analysing import Stored, analyse_document
from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.specs import EndReason, Limits, LogLine
from negotiations.exceptions import Stopped
from negotiations.heart import Heart
from negotiations.models import Job, Scenario, ScenarioAnalysis

logger = logging.getLogger(__name__)

NICE = 10
"""Nobody waits for it."""
HERE_SECONDS = 60.0
"""What a command spends on one scenario; `prepare` has a server waiting behind it."""


def computed(document: str, seconds: float) -> Iterator[Stored | LogLine | None]:
    """In a child: a stranger's functions may be of any size. Raises ChildFailed."""
    limits = Limits(seconds, seconds, settings.CHILD_MEMORY_MB * 2**20, NICE)
    return in_child(analyse_document(document), limits)


def analyse_here(scenario: Scenario) -> ScenarioAnalysis:
    """Without a job, for a scenario that is nobody's. Raises ChildFailed where it can not, and is not to be tried again."""
    try:
        stored = [item for item in computed(scenario.document, HERE_SECONDS) if isinstance(item, Stored)]
    except ChildFailed:
        ScenarioAnalysis.objects.give_up(scenario)
        raise
    return ScenarioAnalysis.objects.keep(scenario, stored[0])


class AnalysisRecorder:
    """Beats while a child computes, and keeps what it found: done again, it is the same."""

    def __init__(self, job: Job, analysis: ScenarioAnalysis) -> None:
        self.job, self.analysis = job, analysis
        self._heart = Heart(job)
        self._heart.step("Computing")

    def record(self, items: Iterator[Stored | LogLine | None]) -> Stored:
        """Until the child is done. Raises Stopped, LostLease and the child's ChildFailed."""
        found: list[Stored] = []
        with closing(cast("Any", items)):
            for item in items:
                if isinstance(item, Stored):
                    found.append(item)
                elif isinstance(item, LogLine):
                    self._heart.hear(item)
                if self._heart.is_due(waiting=False):
                    self._beat()
        self._heart.step("Keeping")
        self._beat()
        return found[0]

    def _beat(self) -> None:
        if self._heart.beat(lambda: None, message=f"{self.analysis.scenario.size} outcomes"):
            raise Stopped

    def complete(self, stored: Stored) -> None:
        kept = ScenarioAnalysis.objects.keep(self.analysis.scenario, stored)
        self.job.complete(f"{kept.words.capitalize()}: frontier of {kept.frontier_words}.")

    def fail(self, failure: ChildFailed) -> None:
        """Its owner did not ask for it and can do nothing: the log says so, and the job's page."""
        told = {
            EndReason.SESSION_LIMIT: f"It took longer than {settings.IMPORT_SECONDS:g} s.",
            EndReason.MEMORY_LIMIT: f"It used more than {settings.CHILD_MEMORY_MB:,} MB of memory.",
            EndReason.EXITED: "It ended its process.",
        }.get(EndReason(failure.reason), f"It stopped with an error: {failure.message}")
        logger.warning("%s failed: %s", self.analysis, told)
        self.job.fail(f"The scenario cannot be analysed. {told}", failure.traceback)

    def stop(self) -> None:
        """Cancelled, paused, or the worker shuts down."""
        if self.job.cancel_requested_at:
            self.job.stop_cancelled()
        elif self.job.hold:
            self.job.hand_back("Paused.")
        else:
            self.job.hand_back("The worker shuts down. The analysis starts again.")
