from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from negotiations.forms.jobs import BulkForm, JobFilterForm
from negotiations.job_changes import change_all
from negotiations.models import Job
from negotiations.models.job_states import Verb
from negotiations.views.job_rows import JobList, list_url
from notifications.live import fragment, live_response, live_view


@require_safe
@login_required
def job_list(request: HttpRequest) -> HttpResponse:
    form = JobFilterForm(request.GET)
    assert request.user.is_authenticated  # as the decorator saw to
    shown = JobList(request.user, form.chosen(request.user))
    return render(request, "negotiations/job_list.html", {"list": shown, "form": form})


@require_safe
@live_view
def job_list_live(request: HttpRequest) -> HttpResponse:
    """The rows that changed, or the table where one came or went."""
    assert request.user.is_authenticated  # as the decorator saw to
    shown = JobList(request.user, JobFilterForm(request.GET).chosen(request.user))
    is_same = request.GET.get("v-job-summary") == shown.version
    sections = [] if is_same else [partial(section, shown) for section in (_summary, _segments, _table)]
    return live_response(request, sections=sections, interval=shown.interval, url=shown.live_url)


@require_POST
@login_required
def job_bulk(request: HttpRequest) -> HttpResponse:
    """Change what was ticked, and say of how many that was not possible, and why (J-24)."""
    back = redirect(list_url(JobFilterForm(request.GET).chosen(request.user)))
    form = BulkForm(request.POST)
    if not form.is_valid():
        for texts in form.errors.values():
            messages.error(request, " ".join(str(text) for text in texts))
        return back
    assert request.user.is_authenticated  # as the decorator saw to
    asked = Job.objects.visible_to(request.user).filter(pk__in=form.cleaned_data["ids"])
    verb, count = Verb(form.cleaned_data["change"]), len(form.cleaned_data["ids"])
    text, is_whole = change_all(asked, verb, request.user, count)
    (messages.info if is_whole else messages.warning)(request, text)
    return back


def _summary(shown: JobList, request: HttpRequest) -> str:
    return fragment(request, "negotiations/_job_summary.html", {"list": shown}, "job-summary", shown.version)


def _segments(shown: JobList, request: HttpRequest) -> str:
    template = "negotiations/_job_segments.html"
    return fragment(request, template, {"list": shown}, "job-segments", shown.head_version)


def _table(shown: JobList, request: HttpRequest) -> str:
    if request.GET.get("v-job-table") != shown.table_version:
        return fragment(
            request, "negotiations/_job_table.html", {"list": shown}, "job-table", shown.table_version
        )
    template, context = "negotiations/_job_row.html", {"list": shown}
    changed = shown.changed(request.GET.dict())
    return "".join(
        fragment(request, template, context | {"row": row}, row.id, row.version) for row in changed
    )
