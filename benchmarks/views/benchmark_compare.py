from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
)
from django.shortcuts import render
from django.views.decorators.http import require_safe

from benchmarks.comparison import BenchmarkComparison
from benchmarks.comparison_files import csv_lines, json_texts
from benchmarks.models import Benchmark
from negotiations.models.owned import Visitor

ROWS = 100
OFFERED = 100
"""Benchmarks to choose from, the newest."""
LONGEST = 1_000
WRONG = "The address names something that is no benchmark, or more than two. Choose two below."


@require_safe
@login_required
def benchmark_compare(request: HttpRequest) -> HttpResponse:
    """Two benchmarks side by side; where fewer are named, a form to choose them (B-28)."""
    ids = _named(request)
    found = [] if ids is None else _visible(request.user, ids)
    if len(found) < 2:
        context: dict[str, Any] = {
            "chosen": found,
            "choices": _choices(request.user),
            "why": WRONG if ids is None else "",
        }
        return render(
            request, "benchmarks/benchmark_compare.html", context, status=400 if ids is None else 200
        )
    shown = BenchmarkComparison(*found)
    changed_only = request.GET.get("differs") == "1"
    page = Paginator(shown.places(changed_only=changed_only), ROWS).get_page(request.GET.get("page"))
    context = {
        "shown": shown,
        "page": page,
        "pairs": shown.pairs_at(list(page)),
        "changed_only": changed_only,
        "ids": ",".join(map(str, ids or ())),
    }
    return render(request, "benchmarks/benchmark_compare.html", context)


@require_safe
@login_required
def benchmark_compare_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    ids = _named(request)
    found = [] if ids is None else _visible(request.user, ids)
    if len(found) < 2:
        return HttpResponseBadRequest("Name two benchmarks: ?ids=ONE,OTHER.")
    shown = BenchmarkComparison(*found)
    texts, what = (csv_lines(shown), "text/csv") if kind == "csv" else (json_texts(shown), "application/json")
    response = FileResponse(texts, content_type=f"{what}; charset=utf-8")
    mark = "simulated-" if any(each.is_simulated for each in found) else ""
    name = f"{mark}compared-{'-'.join(str(each.pk)[:8] for each in found)}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _named(request: HttpRequest) -> list[uuid.UUID] | None:
    """Up to two ids of the address, each once; None where it names something else."""
    given = ",".join(request.GET.getlist("ids"))
    try:
        ids = list(
            dict.fromkeys(uuid.UUID(word.strip()) for word in given[:LONGEST].split(",") if word.strip())
        )
    except ValueError:
        return None
    return ids if len(ids) <= 2 and len(given) <= LONGEST else None


def _visible(user: Visitor, ids: Sequence[uuid.UUID]) -> list[Benchmark]:
    rows = Benchmark.objects.visible_to(user).select_related("job__owner").filter(pk__in=ids)
    found = {each.pk: each for each in rows}
    if len(found) < len(ids):
        raise Http404
    return [found[pk] for pk in ids]


def _choices(user: Visitor) -> list[Benchmark]:
    return list(Benchmark.objects.visible_to(user).select_related("job").newest_first()[:OFFERED])
