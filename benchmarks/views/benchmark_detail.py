from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from benchmarks.forms.benchmark_filters import MatchFilterForm, order_in
from benchmarks.models import Benchmark
from benchmarks.views.benchmark_parts import BenchmarkPage
from benchmarks.views.benchmarks import person
from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.forms.jobs import LogForm
from negotiations.forms.queries import AfterForm
from negotiations.job_changes import why_not
from negotiations.models import Scenario
from negotiations.models.job_states import Verb
from negotiations.views.kept import kept
from negotiations.views.workers import WorkerList
from notifications.live import PROCESSING, QUIET, changed, fragment, live_response, live_view

PARTS = (
    "benchmark_title", "benchmark_figures", "benchmark_actions", "benchmark_progress", "benchmark_reason",
    "benchmark_leaderboard", "benchmark_grid", "benchmark_errors", "benchmark_history",
    "benchmark_events", "benchmark_playing", "benchmark_match_counts", "benchmark_match_pages", "benchmark_tests", "benchmark_wins", "benchmark_by_scenario",
    "benchmark_jobs",
)  # fmt: skip


@require_safe
@gzip_page
@login_required
def benchmark_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    try:
        page = _page(request, pk)
    except Http404:
        return _kept(request, pk)
    return render(request, "benchmarks/benchmark_detail.html", _context(page))


def _kept(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who sits at a table with one of its scenarios is told to wait; whoever else does not see it finds nothing."""
    benchmark = get_object_or_404(Benchmark.objects.known_to(request.user), pk=pk)
    scenarios = Scenario.objects.kept_from(request.user).for_list()
    scenario = scenarios.filter(pk__in=benchmark.scenarios.values("scenario")).first()
    if scenario is None:
        raise Http404
    return kept(request, scenario)


@require_safe
@gzip_page
@live_view
def benchmark_live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What changed, and the matches that ended since; the end ends the page's own polling."""
    form = AfterForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("`after` has to be a whole number, 0 or more.")
    page = _page(request, pk, form.cleaned_data["after"])
    sections = [*(partial(_part, page, name) for name in PARTS), partial(_rows, page), partial(_log, page)]
    if "v-worker-table" in request.GET:
        sections.append(partial(_workers, page))
    if page.job.is_active:
        return live_response(request, sections=sections, interval=PROCESSING, url=page.live_url)
    return live_response(request, sections=sections, interval=QUIET, url=reverse("notifications:live"))


@require_safe
@login_required
def benchmark_workers(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The inside of the panel, asked for as it is opened."""
    visible_benchmark(request, pk)
    shown = WorkerList(person(request))
    context = {"shown": shown, "version": shown.table_version}
    return render(request, "negotiations/_worker_table.html", context)


@require_POST
@login_required
def benchmark_change(request: HttpRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    """Pause, resume, cancel; where that cannot be, say why."""
    benchmark = visible_benchmark(request, pk)
    if not benchmark.may_be_changed_by(request.user):
        return not_yours(request, benchmark, verb)
    if not getattr(benchmark.job, verb)(by=person(request)):
        return refused(request, benchmark, why_not(benchmark.job, Verb(verb), benchmark.name), 409)
    return changed() if request.headers.get("HX-Request") else redirect(benchmark)


@require_POST
@login_required
def benchmark_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Run on: what is left, and what failed once more; all that is completed stays (P-14)."""
    benchmark = visible_benchmark(request, pk)
    if not benchmark.may_be_changed_by(request.user):
        return not_yours(request, benchmark, "run")
    try:
        benchmark.again(benchmark.job.owner)
    except TooMuch as limit:
        return refused(request, benchmark, str(limit), 429)
    except Unsuitable as misfit:
        return refused(request, benchmark, str(misfit), 409)
    messages.info(request, "It goes on with what is left. What is completed stays as it is.")
    return redirect(benchmark)


def visible_benchmark(request: HttpRequest, pk: uuid.UUID) -> Benchmark:
    found: Benchmark | None = Benchmark.objects.for_pages().one_visible_to(request.user, pk)
    if found is None:
        raise Http404
    return found


def refused(request: HttpRequest, benchmark: Benchmark, why: str, status: int) -> HttpResponse:
    context = {"benchmark": benchmark, "why": why}
    return render(request, "benchmarks/benchmark_refused.html", context, status=status)


def not_yours(request: HttpRequest, benchmark: Benchmark, verb: str) -> HttpResponse:
    why = f"{benchmark} belongs to {benchmark.job.owner}. Only its owner can {verb} it; nothing was changed."
    return refused(request, benchmark, why, 403)


def _page(request: HttpRequest, pk: uuid.UUID, after: int = 0) -> BenchmarkPage:
    chosen = MatchFilterForm(request.GET).chosen()
    place = LogForm(request.GET).place() if "log" in request.GET else None
    order = order_in(request.GET.get("order", ""))
    return BenchmarkPage(visible_benchmark(request, pk), request.user, chosen, after, order, place)


def _context(page: BenchmarkPage) -> dict[str, object]:
    return {"page": page, "benchmark": page.benchmark, "job": page.job}


def _part(page: BenchmarkPage, name: str, request: HttpRequest) -> str:
    id = name.replace("_", "-")
    if id in request.GET.get("closed", "").split("."):
        return ""  # a fold that is closed costs nothing; as it is opened the page asks for it
    return fragment(request, f"benchmarks/_{name}.html", _context(page), id, page.versions[name])


def _rows(page: BenchmarkPage, request: HttpRequest) -> str:
    """The newest of those that ended since, and the place up to which the page has looked."""
    if page.benchmark.last_seq <= page.after or not page.matches.is_live:
        return ""
    return render_to_string("benchmarks/_benchmark_match_rows.html", _context(page), request)


def _log(page: BenchmarkPage, request: HttpRequest) -> str:
    if not page.place or not page.job_page.lines:
        return ""
    context = {"page": page.job_page, "oob": True}
    return render_to_string("negotiations/_job_log_lines.html", context, request)


def _workers(page: BenchmarkPage, request: HttpRequest) -> str:
    shown = WorkerList(person(request))
    template = "negotiations/_worker_table.html"
    return fragment(request, template, {"shown": shown}, "worker-table", shown.table_version)
