"""A job as its row and its page say it, and the list of them for one person and one choice of filters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from negotiations.forms.jobs import JobFilterForm
from negotiations.models import Job, Status
from negotiations.models.jobs import ACTIVE
from negotiations.models.work import Work
from negotiations.views.filtered import address
from negotiations.views.live_lists import LiveList
from notifications.live import PROCESSING, QUIET, version_of

ROWS_A_PAGE = 25
STUCK_AFTER = timedelta(minutes=30)
MARKS = (
    "status", "hold", "cancel_requested_at", "attempt", "retry_of_id", "current_step", "total_steps", "step_name",
    "percentage", "message", "error", "queue", "owner_id", "started_at", "updated_at",
    "awaits_since",
)  # fmt: skip
"""What a row shows of its job and may change. What jobs run keeps its name."""


@dataclass(frozen=True)
class JobRow:
    """A job of `for_pages()`, and whether this reader may change it."""

    job: Job
    may_change: bool

    @property
    def id(self) -> str:
        return f"job-{self.job.pk}"

    @property
    def url(self) -> str:
        return reverse("negotiations:job-detail", args=[self.job.pk])

    @property
    def short_id(self) -> str:
        return str(self.job.pk)[:4]

    @property
    def name(self) -> str:
        """What it runs, by the name that its own page has."""
        if self.job.kind == "session" and self.job.run:
            return self.job.session.scenario.name
        return str(self.job.run or self.job.kind.capitalize())

    @property
    def thing_url(self) -> str:
        run: Any = self.job.run
        return run.get_absolute_url() if run and hasattr(run, "get_absolute_url") else ""

    @property
    def word(self) -> str:
        """The exact status, "paused" where it is on hold, "processing" where it waits for a person."""
        return self.job.word

    @property
    def ahead(self) -> int:
        """How many jobs a worker takes before this one; 0 where it does not wait."""
        return getattr(self.job, "n_ahead", None) or 0

    @property
    def is_stuck(self) -> bool:
        """Neither paused nor over, it waits for nobody, and nothing was heard of it for half an hour (B-22)."""
        heard = getattr(self.job, "progressed_at", None) or self.job.updated_at
        return self.word in ACTIVE and not self.job.awaits_since and heard < timezone.now() - STUCK_AFTER

    @property
    def seconds_left(self) -> float | None:
        """As long as the steps that are left take, if they go on as those before them did."""
        job = self.job
        if job.status != Status.PROCESSING or not (job.current_step and job.total_steps and job.seconds):
            return None
        return max(0.0, (job.total_steps - job.current_step) * job.seconds / job.current_step)

    @property
    def minutes(self) -> int | None:
        """Of its time so far: what is paused says nothing, and its time goes on."""
        seconds = self.job.seconds if self.job.is_active else None
        return None if seconds is None else int(seconds // 60)

    @property
    def state(self) -> tuple[Any, ...]:
        """What changes seldom: the moves that people and workers make."""
        job = self.job
        return self.word, job.cancel_requested_at, job.attempt, job.error, self.may_change

    @property
    def version(self) -> str:
        """Of all that the row shows, but for its age: pages count that on themselves."""
        shown = [getattr(self.job, name) for name in MARKS]
        return version_of(*self.state, *shown, self.ahead, self.is_stuck, self.minutes)


class JobList(LiveList):
    """The list for one person and one choice of filters: two queries tell whether it changed, a third makes its rows.

    However long the history is.
    """

    pattern = "negotiations:job-list"
    noun, templates = "job", "negotiations/_job"
    in_progress, statuses = ("processing", "paused", "queued"), JobFilterForm.STATUSES

    def __init__(self, user: User, chosen: dict[str, Any]) -> None:
        self.user, self.chosen = user, chosen
        self.work = Work.of_jobs(user)
        first = (chosen["page"] - 1) * ROWS_A_PAGE
        # One more than is shown tells whether there is another page; a count would read the whole history.
        last = first + ROWS_A_PAGE + 1
        newest = Job.objects.narrowed(chosen).newest(user, self.work.groups, last)
        found = list(newest.values_list("pk", *MARKS)[first:last])
        self.marks, self.has_older = found[:ROWS_A_PAGE], len(found) > ROWS_A_PAGE

    @cached_property
    def rows(self) -> list[JobRow]:
        """Made where something is to be shown: what a row says costs joins and subqueries."""
        found = Job.objects.filter(pk__in=self.keys).for_pages().order_by("-created_at", "pk")
        return [JobRow(job, job.may_be_changed_by(self.user)) for job in found]

    # --- What is active, of all that may be seen --------------------------------------------------------------

    @cached_property
    def words(self) -> Counter[str]:
        return self.work.words

    @property
    def interval(self) -> int:
        return PROCESSING if self.words[Status.PROCESSING] else QUIET

    # --- Versions ---------------------------------------------------------------------------------------------

    @cached_property
    def version(self) -> str:
        """Of all that can be seen without making a row; while anything is active, of the minute, too: it may be stuck."""
        minute = timezone.now().strftime("%H:%M") if self.words else ""
        return version_of(self.marks, self.work.words, self.work.queues, self.has_older, self.chosen, minute)

    # --- Addresses --------------------------------------------------------------------------------------------

    @property
    def bulk_url(self) -> str:
        return address("negotiations:job-bulk", self.chosen)


def list_url(chosen: dict[str, Any]) -> str:
    """The list's address with this choice of filters."""
    return address(JobList.pattern, chosen)
