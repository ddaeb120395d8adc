from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchmarks.forms.benchmark_filters import BenchmarkFilterForm
from benchmarks.views.benchmark_rows import BenchmarkList
from notifications.live import fragment, live_response, live_view


@require_safe
@login_required
def benchmark_list(request: HttpRequest) -> HttpResponse:
    return render(request, "benchmarks/benchmark_list.html", {"list": _list(request)})


@require_safe
@live_view
def benchmark_list_live(request: HttpRequest) -> HttpResponse:
    """The rows that changed, or the table where one came or went."""
    shown = _list(request)
    is_same = request.GET.get("v-benchmark-summary") == shown.version
    sections = [] if is_same else [partial(section, shown) for section in (_summary, _segments, _table)]
    return live_response(request, sections=sections, interval=shown.interval, url=shown.live_url)


def person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # as the decorator saw to
    return request.user


def _list(request: HttpRequest) -> BenchmarkList:
    return BenchmarkList(person(request), BenchmarkFilterForm(request.GET).chosen())


def _summary(shown: BenchmarkList, request: HttpRequest) -> str:
    template = "benchmarks/_benchmark_summary.html"
    return fragment(request, template, {"list": shown}, "benchmark-summary", shown.version)


def _segments(shown: BenchmarkList, request: HttpRequest) -> str:
    template = "benchmarks/_benchmark_segments.html"
    return fragment(request, template, {"list": shown}, "benchmark-segments", shown.head_version)


def _table(shown: BenchmarkList, request: HttpRequest) -> str:
    template, version = "benchmarks/_benchmark_table.html", shown.table_version
    if request.GET.get("v-benchmark-table") != version:
        return fragment(request, template, {"list": shown}, "benchmark-table", version)
    template, context = "benchmarks/_benchmark_row.html", {"list": shown}
    changed = shown.changed(request.GET.dict())
    return "".join(
        fragment(request, template, context | {"row": row}, row.id, row.version) for row in changed
    )
