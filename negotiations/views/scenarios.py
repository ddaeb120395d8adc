from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from negotiations import space_charts
from negotiations.engine.scenario_exports import why_not_genius
from negotiations.exceptions import TooMuch
from negotiations.forms.scenario_drafts import why_not
from negotiations.forms.scenario_filters import ScenarioFilterForm
from negotiations.forms.scenarios import ScenarioUploadForm
from negotiations.models import Scenario, ScenarioImport, Session
from negotiations.models.sessions import SessionQuerySet
from negotiations.preferences import figures_of, issue_tables, pair_of, share_of
from negotiations.views.kept import seat_at
from negotiations.views.scenario_cards import filters_of
from notifications.live import PROCESSING, QUIET, fragment, live_response, live_view, version_of

SCENARIOS_A_PAGE = 25
PLOTTED = 2_000
SESSIONS_SHOWN = 8
IMPORTS_SHOWN = 5
VERSIONS_SHOWN = 5


@require_safe
@login_required
def scenario_list(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # as the decorator saw to
    known = Scenario.objects.known_to(request.user)
    form = ScenarioFilterForm(request.GET)
    found = form.narrow(known, request.user).for_list().with_analyses()
    page = Paginator(found, SCENARIOS_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "sources": known.all_sources(), "tags": known.all_tags()}
    context["is_waiting"] = any(scenario.analysis_standing == "waiting" for scenario in page)
    return render(request, "negotiations/scenario_list.html", context)


@require_safe
@login_required
def scenario_plot(request: HttpRequest) -> HttpResponse:
    """Opposition against the number of outcomes, of those that the filters leave (P-05)."""
    assert request.user.is_authenticated  # as the decorator saw to
    visible = Scenario.objects.visible_to(request.user)
    form = ScenarioFilterForm(request.GET)
    found = form.narrow(visible, request.user).for_list()
    known = list(found.exclude(opposition=None)[:PLOTTED])
    n_waiting = found.awaiting_analysis().count()
    context = {
        "form": form,
        "chart": space_charts.scatter(known),
        "scenarios": known,
        "n_without": found.filter(opposition=None).count() - n_waiting,
        "n_waiting": n_waiting,
        "live_query": filters_of(form, waiting=n_waiting),
        "sources": visible.all_sources(),
        "tags": visible.all_tags(),
    }
    return render(request, "negotiations/scenario_plot.html", context)


@require_safe
@login_required
def scenario_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Of one that is kept from the reader the issues, and what their own party wants."""
    visible = Scenario.objects.visible_to(request.user)
    scenario = get_object_or_404(Scenario.objects.known_to(request.user).select_related("group"), pk=pk)
    scenario.veil(request.user)
    context: dict[str, Any] = {"issues": issue_tables(scenario), "sessions": _sessions(request, scenario)}
    if scenario.is_kept:
        context |= {"scenario": scenario, "seat": seat_at(request.user, scenario)}
        return render(request, "negotiations/scenario_kept.html", context)
    context |= _statistics(request, scenario) | {
        "not_genius": why_not_genius(scenario.issues, scenario.preferences),
        "not_editable": why_not(scenario),
        "older": visible.filter(pk=scenario.version_of_id).for_list().first(),
        "newer": visible.filter(version_of=scenario).for_list().order_by("-pk")[:VERSIONS_SHOWN],
    }
    return render(request, "negotiations/scenario_detail.html", context)


def _statistics(request: HttpRequest, scenario: Scenario) -> dict[str, Any]:
    """What is known of its outcome space, and how two of its parties see it."""
    analysis = scenario.analysis
    pair = pair_of(request.GET.get("x"), request.GET.get("y"), scenario.n_parties)
    return {
        "scenario": scenario,
        "analysis": analysis,
        "figures": figures_of(analysis) if analysis else [],
        "rational": share_of(analysis),
        "plane": space_charts.plane(analysis, pair, scenario.preferences) if analysis else None,
        "ticks": [
            (share, space_charts.across(share), space_charts.up(share)) for share in space_charts.TICKS
        ],
        "pairs": list(zip("xy", pair, strict=True)),
        "attempt": None if analysis else scenario.analyses.select_related("job").defer("arrays").first(),
        "version": version_of(bool(analysis)),
        "interval": QUIET if analysis else PROCESSING,
    }


@require_safe
@live_view
def scenario_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The outcome space, as soon as a worker has been through it."""
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user).for_list(), pk=pk)
    is_known = scenario.analyses.completed().exists()

    def space(request: HttpRequest) -> str:
        if not is_known:
            return ""
        context = _statistics(request, scenario)
        template, version = "negotiations/_scenario_statistics.html", context["version"]
        return fragment(request, template, context, "scenario-space", version)

    return live_response(request, sections=[space], interval=QUIET if is_known else PROCESSING)


@require_safe
@login_required
def scenario_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """The last sessions, asked for anew when one of the reader's has ended (F-10)."""
    scenario = get_object_or_404(Scenario.objects.known_to(request.user), pk=pk)
    context = {"scenario": scenario, "sessions": _sessions(request, scenario)}
    return render(request, "negotiations/_scenario_sessions.html", context)


def _sessions(request: HttpRequest, scenario: Scenario) -> SessionQuerySet:
    found = Session.objects.visible_to(request.user).filter(scenario=scenario)
    return found.newest_first().with_parties()[:SESSIONS_SHOWN]


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
    return PROCESSING if upload.job.is_active else QUIET
