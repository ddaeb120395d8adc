"""What a job says while it works: rows with a cursor, as many as a reader can bear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

from django.apps import apps
from django.db import models
from django.db.models import Max, Q

from negotiations.engine.failures import clean
from negotiations.engine.specs import LogLine
from negotiations.engine.speech import MOST_CHARACTERS, MOST_DETAIL, MOST_LINES
from negotiations.models.jobs import Job
from negotiations.models.owned import Visitor

LEFT_OUT = LogLine("warning", f"More than {MOST_LINES:,} lines were said; the others are left out.")


class Level(models.TextChoices):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class JobLogQuerySet(models.QuerySet[Any]):
    def after(self, seq: int) -> Self:
        """What was said since, in order; the cursor is the `seq` of the last line that is known."""
        return self.filter(seq__gt=seq).order_by("seq")

    def readable_by(self, user: Visitor) -> Self:
        """All but of a session that goes on with this person in a seat, and of benchmarks that are kept from them meanwhile.

        What the others print is not theirs to read.
        """
        seats: Any = apps.get_model("negotiations", "Party").objects
        kept: Any = apps.get_model("benchmarks", "Benchmark").objects.kept_from(user)
        lanes: Any = apps.get_model("benchmarks", "Lane").objects.filter(benchmark__in=kept.values("pk"))
        seated = Q(job__in=seats.of(user).going_on().values("session"))
        return self.exclude(seated | Q(job__in=kept.values("job")) | Q(job__in=lanes.values("job")))

    def at_least(self, level: str) -> Self:
        """Those of this level and of the graver ones."""
        return self.filter(level__in=Level.values[Level.values.index(level) :])

    def tail(self, count: int) -> list[JobLog]:
        """The last lines, in order."""
        return list(self.order_by("-seq")[:count])[::-1]

    def append(self, job: Job, lines: Sequence[LogLine]) -> None:
        """Write what came out of the job's child: `MOST_LINES` a job, and what Parley says itself on top.

        Call it behind the fence, in the same transaction: the lock on the job's row is what makes the numbers right.
        """
        if not lines:
            return
        last = self._last_of(job)
        room = max(0, MOST_LINES - last)
        if len(lines) <= room:
            self._write(job, last, lines)
        elif not self.filter(job=job, text=LEFT_OUT.text).exists():
            self._write(job, last, [*lines[:room], LEFT_OUT])

    def say(self, job: Job, text: str, level: str = Level.INFO, detail: str = "") -> None:
        """Write one line of Parley's own, which no limit holds back. Behind the fence, as `append`."""
        self._write(job, self._last_of(job), [LogLine(level, text, detail)])

    def say_all(self, jobs: Sequence[Job], text: str) -> None:
        """The same line of many jobs whose rows are locked."""
        last = dict(self.filter(job__in=jobs).order_by().values_list("job").annotate(Max("seq")))
        line = [LogLine(Level.INFO, text)]
        self.bulk_create(row for job in jobs for row in self._rows(job, last.get(job.pk, 0), line))

    def _last_of(self, job: Job) -> int:
        return self.filter(job=job).aggregate(last=Max("seq"))["last"] or 0

    def _write(self, job: Job, last: int, lines: Sequence[LogLine]) -> None:
        self.bulk_create(self._rows(job, last, lines))

    def _rows(self, job: Job, last: int, lines: Sequence[LogLine]) -> Iterator[JobLog]:
        for seq, line in enumerate(lines, last + 1):
            yield self.model(
                job=job,
                seq=seq,
                attempt=job.attempt,
                level=line.level if line.level in Level.values else Level.INFO,
                text=clean(line.text[:MOST_CHARACTERS]),
                detail=clean(line.detail[:MOST_DETAIL]),
            )


class JobLog(models.Model):
    """A line of a job's log. `detail` is a traceback, for staff only."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="log", db_index=False)
    seq = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(default=0)
    level = models.CharField(max_length=10, choices=Level, default=Level.INFO)
    text = models.TextField()
    detail = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobLogQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["job", "seq"]
        verbose_name = "log line"
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "seq"], name="job_log_once")]

    def __str__(self) -> str:
        return f"{self.seq}: {self.text[:60]}"
