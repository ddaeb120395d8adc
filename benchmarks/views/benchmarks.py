from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchmarks.forms.benchmark_filters import BenchmarkFilterForm
from benchmarks.views.benchmark_rows import BenchmarkList
from negotiations.views.live_lists import live_list
from notifications.live import live_view


@require_safe
@login_required
def benchmark_list(request: HttpRequest) -> HttpResponse:
    return render(request, "benchmarks/benchmark_list.html", {"list": _list(request)})


@require_safe
@live_view
def benchmark_list_live(request: HttpRequest) -> HttpResponse:
    """The rows that changed, or the table where one came or went."""
    return live_list(request, _list(request))


def person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # as the decorator saw to
    return request.user


def _list(request: HttpRequest) -> BenchmarkList:
    return BenchmarkList(person(request), BenchmarkFilterForm(request.GET).chosen())
