from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from negotiations.exceptions import TooMuch
from negotiations.forms.scenarios import ScenarioFilterForm, ScenarioUploadForm
from negotiations.models import Scenario, ScenarioImport, Session
from negotiations.preferences import issue_tables
from notifications.live import IDLE, PROCESSING, fragment, live_response, live_view, version_of

SCENARIOS_A_PAGE = 25
SESSIONS_SHOWN = 8
IMPORTS_SHOWN = 5


@require_safe
@login_required
def scenario_list(request: HttpRequest) -> HttpResponse:
    visible = Scenario.objects.visible_to(request.user)
    form = ScenarioFilterForm(request.GET)
    page = Paginator(form.narrow(visible).for_list(), SCENARIOS_A_PAGE).get_page(request.GET.get("page"))
    sources = visible.exclude(source="").order_by("source").values_list("source", flat=True)
    context = {"form": form, "page": page, "sources": sources.distinct()}
    return render(request, "negotiations/scenario_list.html", context)


@require_safe
@login_required
def scenario_detail(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user), pk=pk)
    sessions = Session.objects.visible_to(request.user).filter(scenario=scenario)
    context = {
        "scenario": scenario,
        "issues": issue_tables(scenario),
        "sessions": sessions.newest_first().with_parties()[:SESSIONS_SHOWN],
    }
    return render(request, "negotiations/scenario_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def scenario_upload(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # as the decorator saw to
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ScenarioUploadForm(*sent, user=request.user)
    status = 200
    if form.is_valid():
        try:
            return redirect(form.start(owner=request.user))
        except TooMuch as limit:
            form.add_error(None, str(limit))
            status = 429
    imports = ScenarioImport.objects.visible_to(request.user).newest_first()[:IMPORTS_SHOWN]
    context = {"form": form, "imports": imports, "upload_mb": settings.UPLOAD_MB}
    return render(request, "negotiations/scenario_upload.html", context, status=status)


@require_safe
@login_required
def scenario_import(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    upload = get_object_or_404(ScenarioImport.objects.visible_to(request.user), pk=pk)
    context = {"upload": upload, "version": report_version(upload), "interval": report_interval(upload)}
    return render(request, "negotiations/scenario_import.html", context)


@require_safe
@live_view
def scenario_import_report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    upload = get_object_or_404(ScenarioImport.objects.visible_to(request.user), pk=pk)

    def report(request: HttpRequest) -> str:
        template, version = "negotiations/_scenario_import_report.html", report_version(upload)
        return fragment(request, template, {"upload": upload}, "scenario-import-report", version)

    return live_response(request, sections=[report], interval=report_interval(upload))


def report_version(upload: ScenarioImport) -> str:
    return version_of(upload.job.status, upload.job.updated_at, len(upload.report))


def report_interval(upload: ScenarioImport) -> int:
    return PROCESSING if upload.job.is_active else IDLE
