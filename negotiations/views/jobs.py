from __future__ import annotations

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
from negotiations.views.live_lists import live_list
from notifications.live import live_view


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
    return live_list(request, shown)


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
