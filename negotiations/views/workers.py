from __future__ import annotations

from collections import Counter
from functools import cached_property, partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from negotiations.models import Job, Worker
from negotiations.models.owned import Visitor
from notifications.live import QUIET, fragment, live_response, live_view, version_of

MOST_ROWS = 200


@require_safe
@login_required
def worker_list(request: HttpRequest) -> HttpResponse:
    return render(request, "negotiations/worker_list.html", {"shown": WorkerList(request.user)})


@require_safe
@live_view
def worker_list_live(request: HttpRequest) -> HttpResponse:
    shown = WorkerList(request.user)
    sections = [partial(_figures, shown), partial(_table, shown)]
    return live_response(request, sections=sections, interval=QUIET)


def _figures(shown: WorkerList, request: HttpRequest) -> str:
    template, version = "negotiations/_worker_figures.html", shown.figures_version
    return fragment(request, template, {"shown": shown}, "worker-figures", version)


def _table(shown: WorkerList, request: HttpRequest) -> str:
    template, version = "negotiations/_worker_table.html", shown.table_version
    return fragment(request, template, {"shown": shown}, "worker-table", version)


class WorkerList:
    """All workers, busy ones first: staff see which process on which host, others how many there are and their state."""

    def __init__(self, user: Visitor) -> None:
        self.is_staff = user.is_staff
        order = {"busy": 0, "idle": 1, "stale": 2}
        workers: list[Any] = list(Worker.objects.with_jobs(user if user.is_authenticated else None))
        self.workers = sorted(workers, key=lambda worker: (order[worker.state], str(worker)))
        self.rows, self.more = self.workers[:MOST_ROWS], max(0, len(self.workers) - MOST_ROWS)

    @cached_property
    def queues(self) -> dict[str, int]:
        return Job.objects.queue_lengths()

    @property
    def counts(self) -> list[tuple[str, int]]:
        states = Counter(worker.state for worker in self.workers)
        return [(word.capitalize(), states[word]) for word in ("busy", "idle", "stale")]

    @property
    def figures_version(self) -> str:
        return version_of(self.counts, self.queues)

    @property
    def table_version(self) -> str:
        """For staff the table also says when each was seen, so it changes with each answer in which one was."""
        seen = [(one.seen_at, one.memory_mb) for one in self.rows] if self.is_staff else []
        states = [(one.name, one.state, one.busy_with, one.job_id, one.job_message) for one in self.rows]
        return version_of(states, seen, len(self.workers))
