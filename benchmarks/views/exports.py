from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from benchmarks.exports import TYPES, name_of, parts
from benchmarks.models import Benchmark


@require_safe
@login_required
def benchmark_export(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponseBase:
    """All of it by now, as it comes, whatever its length (P-03)."""
    visible = Benchmark.objects.visible_to(request.user).select_related("job__owner")
    benchmark: Benchmark = get_object_or_404(visible, pk=pk)
    if kind not in TYPES:
        raise Http404
    response = FileResponse(parts(benchmark, kind), content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name_of(benchmark, kind)}"'
    response["Cache-Control"] = "no-store"
    return response
