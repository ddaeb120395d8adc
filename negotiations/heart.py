"""What holds a worker to its job while it works: the lease, the looks at what people want, and what is said."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction

from negotiations import drain
from negotiations.engine.specs import LogLine
from negotiations.engine.speech import MOST_LINES
from negotiations.models import Job, JobLog, Kind
from negotiations.models.job_states import STEPS
from negotiations.patience import patiently
from negotiations.processes import host

FLUSH_EVERY = 0.5
BEAT_EVERY = 1.0
"""Seconds between heartbeats while nothing is to be written; a cancel is to be seen within two."""
LOOK_EVERY = 0.1


class Heart:
    """Says when a job's worker is to look up from its work, and lets it stop.

    Between two beats only the memory that is shared with the cluster is looked at, which costs nothing.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._look_at = 0.0
        self._beat = time.monotonic()
        self._lines = [LogLine("info", f"Attempt {job.attempt} starts on {host()}, process {os.getpid()}.")]
        self._step = ""

    def hear(self, line: LogLine) -> None:
        """Keep what the child said until the next beat: one line more than a log takes, to know that it was more."""
        if len(self._lines) <= MOST_LINES + 1:
            self._lines.append(line)

    def say(self, text: str) -> None:
        self.hear(LogLine("info", text))

    def step(self, name: str) -> None:
        """Begin one of the named steps of this kind of work (J-13)."""
        names = STEPS[Kind(self.job.kind)]
        self.say(f"{name}: step {names.index(name) + 1} of {len(names)}.")
        self._step = name

    def is_due(self, waiting: bool) -> bool:
        """Whether to beat now; `waiting` where rows wait to be written with it. Always on shutdown."""
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_EVERY
        waits = waiting or self._lines
        return now - self._beat >= (FLUSH_EVERY if waits else BEAT_EVERY) or drain.asked()

    def beat(self, rows: Callable[[], None], **progress: Any) -> bool:
        """One transaction: the fence and the lease first, then the rows and the lines. True where the job is to stop.

        Raises LostLease, and DatabaseAway where that did not come back until this worker has to stop.
        """
        progress["step_name"] = self._step
        stop = patiently(lambda: self._write(rows, progress), was_done=self.job.stops_since_last_beat)
        self._lines.clear()
        self._beat = time.monotonic()
        return stop or drain.asked()

    def _write(self, rows: Callable[[], None], progress: dict[str, Any]) -> bool:
        with transaction.atomic():
            stop = self.job.beat(**progress)
            rows()
            JobLog.objects.append(self.job, self._lines)
        return stop
