from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from benchmarks.models import Benchmark


@require_safe
@login_required
def benchmark_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    benchmark = get_object_or_404(Benchmark.objects.visible_to(request.user).select_related("job"), pk=pk)
    return render(request, "benchmarks/benchmark_detail.html", {"benchmark": benchmark})
