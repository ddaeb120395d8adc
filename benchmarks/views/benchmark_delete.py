"""The deletion of a benchmark: what will go is shown before it goes."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from benchmarks.models import Benchmark, BenchmarkDeletion
from benchmarks.views.benchmark_detail import not_yours, refused, visible_benchmark
from benchmarks.views.benchmarks import person
from negotiations.exceptions import Unsuitable


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def benchmark_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    benchmark = visible_benchmark(request, pk)
    if not benchmark.may_be_changed_by(request.user):
        return not_yours(request, benchmark, "delete")
    if request.method == "POST":
        return _started(request, benchmark)
    context = {"benchmark": benchmark, "job": benchmark.job}
    return render(request, "benchmarks/benchmark_delete.html", context)


def _started(request: HttpRequest, benchmark: Benchmark) -> HttpResponse:
    try:
        BenchmarkDeletion.objects.start(owner=person(request), benchmark=benchmark)
    except Unsuitable as misfit:
        return refused(request, benchmark, str(misfit), 409)
    messages.info(request, f"{benchmark} is being deleted by a worker. You are told when it is done.")
    return redirect("benchmarks:benchmark-list")
