from __future__ import annotations

import uuid
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.forms.jobs import LogForm
from negotiations.job_changes import why_not
from negotiations.models import Job
from negotiations.models.job_states import Verb
from negotiations.models.owned import Visitor
from negotiations.views.job_parts import JobPage
from negotiations.views.job_rows import JobRow
from notifications.live import PROCESSING, QUIET, changed, fragment, live_response, live_view

PARTS = (
    "job_title", "job_figures", "job_actions", "job_progress", "job_reason", "job_moves", "job_attempts",
    "job_history", "job_facts",
)  # fmt: skip


@require_safe
@login_required
def job_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """With `?log=` the panel of the log is open: so it is read without a script, too."""
    place = LogForm(request.GET).place() if "log" in request.GET else None
    page = JobPage(visible_job(request.user, pk), request.user, place)
    return render(request, "negotiations/job_detail.html", {"page": page, "job": page.job, "row": page.row})


@require_safe
@live_view
def job_live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What changed, and the log's new lines while its panel is open; the end ends the page's own polling (J-05)."""
    place = LogForm(request.GET).place() if "log" in request.GET else None
    job = get_object_or_404(Job.objects.visible_to(request.user).for_polls(), pk=pk)
    page = JobPage(job, request.user, place)
    sections = [*(partial(_part, page, name) for name in PARTS), partial(_lines, page)]
    if page.job.is_active:
        return live_response(request, sections=sections, interval=PROCESSING)
    return live_response(request, sections=sections, interval=QUIET, url=reverse("notifications:live"))


def _part(page: JobPage, name: str, request: HttpRequest) -> str:
    context = {"page": page, "job": page.job, "row": page.row}
    id = name.replace("_", "-")
    return fragment(request, f"negotiations/_{name}.html", context, id, page.versions[name])


def _lines(page: JobPage, request: HttpRequest) -> str:
    if not page.lines:
        return ""
    return render_to_string("negotiations/_job_log_lines.html", {"page": page, "oob": True}, request)


@require_POST
@login_required
def job_change(request: HttpRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    """Pause, resume, cancel or retry; where that cannot be, say why (J-12)."""
    job = visible_job(request.user, pk)
    if not job.may_be_changed_by(request.user):
        why = f"This job belongs to {job.owner}. Only its owner can {verb} it; nothing was changed."
        return refused(request, job, why, 403)
    assert request.user.is_authenticated  # as the decorator saw to
    try:
        done = getattr(job, Verb(verb))(request.user)
    except TooMuch as limit:
        return refused(request, job, str(limit), 429)
    except Unsuitable as misfit:
        return refused(request, job, str(misfit), 409)
    if not done:
        return refused(request, job, why_not(job, Verb(verb)), 409)
    if request.headers.get("HX-Request"):
        return changed()
    return redirect("negotiations:job-detail", pk=done.pk if isinstance(done, Job) else job.pk)


def visible_job(user: Visitor, pk: uuid.UUID) -> Job:
    found: Job = get_object_or_404(Job.objects.visible_to(user).for_pages(), pk=pk)
    return found


def refused(request: HttpRequest, job: Job, why: str, status: int) -> HttpResponse:
    context = {"row": JobRow(job, may_change=False), "why": why}
    return render(request, "negotiations/job_refused.html", context, status=status)
