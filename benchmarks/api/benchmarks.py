from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from api.bodies import Moment
from api.pages import NewestQuery, Page, found, page_of
from benchmarks.models import Benchmark
from benchmarks.models.benchmarks import BenchmarkQuerySet
from benchmarks.models.leaderboards import ranking
from negotiations.api.changes import add_changes

router = Router()


class Counts(Schema):
    total: int
    completed: int
    failed: int
    skipped: int
    agreed: int


class BenchmarkRow(Schema):
    id: uuid.UUID
    job: uuid.UUID = Field(description="The job that runs it now, or ran it last.")
    name: str
    status: str
    user: str
    created_at: Moment
    metric: str
    statistic: str
    matches: Counts


class BenchmarkPage(Page):
    items: list[BenchmarkRow]


class CompetitorOut(Schema):
    index: int
    name: str
    type: str
    parameters: dict[str, Any]
    is_opponent: bool


class Line(Schema):
    rank: int
    competitor: str
    score: float | None
    low: float | None
    high: float | None
    matches: int


class BenchmarkOut(BenchmarkRow):
    seed: int
    repetitions: int
    competitors: list[CompetitorOut]
    scenarios: list[str]
    leaderboard: list[Line] = Field(description="As it was last computed, best first.")
    plan_hash: str
    error: str


class BenchmarkQuery(NewestQuery):
    status: Literal["", "pending", "running", "paused", "completed", "failed", "cancelled"] = ""
    whose: Literal["", "mine", "shared"] = ""
    q: str = Field("", max_length=200, description="Words in its name, a competitor's or its owner's.")


@router.get(
    "/benchmarks",
    response=BenchmarkPage,
    operation_id="list_benchmarks",
    summary="Benchmarks, the newest first",
)
def benchmark_list(request: HttpRequest, query: Query[BenchmarkQuery]) -> dict[str, Any]:
    assert request.user.is_authenticated  # as the router saw to
    rows = _visible(request).narrowed(query.model_dump(), request.user).for_pages()
    return page_of(rows, query, row_dict, "job__created_at")


@router.get(
    "/benchmarks/{uuid:pk}", response=BenchmarkOut, operation_id="get_benchmark", summary="A benchmark"
)
def benchmark_detail(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return benchmark_dict(one(request, pk))


def row_dict(benchmark: Benchmark) -> dict[str, Any]:
    counted = {
        "total": "matches",
        "completed": "completed",
        "failed": "failed",
        "skipped": "skipped",
        "agreed": "agreed",
    }
    return {
        "id": str(benchmark.pk),
        "job": str(benchmark.job_id),
        "name": benchmark.name,
        "status": benchmark.status,
        "user": benchmark.job.owner.username,
        "created_at": benchmark.job.created_at.isoformat(),
        "metric": benchmark.metric,
        "statistic": benchmark.statistic,
        "matches": {name: getattr(benchmark, f"n_{column}") for name, column in counted.items()},
    }


def benchmark_dict(benchmark: Benchmark) -> dict[str, Any]:
    columns = ("index", "name", "type", "parameters", "is_opponent")
    return {
        **row_dict(benchmark),
        "seed": benchmark.seed,
        "repetitions": benchmark.repetitions,
        "competitors": list(benchmark.competitors.values(*columns)),
        "scenarios": list(benchmark.scenarios.values_list("name", flat=True)),
        "leaderboard": ranking(benchmark),
        "plan_hash": benchmark.plan_hash,
        "error": benchmark.job.error,
    }


def one(request: HttpRequest, pk: uuid.UUID) -> Benchmark:
    benchmark: Benchmark = found(
        _visible(request).select_related("job__owner"), "BENCHMARK_NOT_FOUND", "benchmark", pk=pk
    )
    return benchmark


def _visible(request: HttpRequest) -> BenchmarkQuerySet:
    return Benchmark.objects.visible_to(request.user)


add_changes(
    router,
    "benchmark",
    lambda request, pk: one(request, pk).job,
    pause="",
    resume="",
    cancel="The `id` of the answer is the job's.",
)
