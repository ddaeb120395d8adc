from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from negotiations.forms.jobs import LogForm
from negotiations.models import Job, JobLog
from negotiations.views.job_detail import refused, visible_job
from negotiations.views.job_parts import JobPage

LINES_A_READ = 500


@require_safe
@login_required
def job_log(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The panel's inside, asked for as it is opened; the page's own poll brings what is said afterwards."""
    job, level = visible_job(request.user, pk), LogForm(request.GET).place()[1]
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('negotiations:job-detail', args=[pk])}?log=0&level={level}#job-log")
    page = JobPage(job, request.user, (0, level))
    return render(request, "negotiations/_job_log_panel.html", {"page": page, "job": page.job})


@require_safe
@login_required
def job_log_text(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """All lines as a file, for the owner; tracebacks for staff."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    if not job.may_be_changed_by(request.user):
        why = f"This job belongs to {job.owner}. Only its owner can download the log; you can read it on the page."
        return refused(request, job, why, 403)
    lines = job.log.readable_by(request.user).order_by("seq").iterator(chunk_size=LINES_A_READ)
    response = FileResponse(_texts(lines, request.user.is_staff), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="job-{job.pk}.log.txt"'
    response["Cache-Control"] = "no-store"
    return response


def _texts(lines: Iterator[JobLog], with_details: bool) -> Iterator[str]:
    for line in lines:
        yield f"{line.created_at:%Y-%m-%d %H:%M:%S} {line.level:<7} attempt {line.attempt}: {line.text}\n"
        if with_details and line.detail:
            yield "".join(f"    {row}\n" for row in line.detail.splitlines())
