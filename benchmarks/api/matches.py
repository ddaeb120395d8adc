from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from api.bodies import Moment
from api.pages import Page, PageQuery, page_of
from benchmarks.api.benchmarks import one
from benchmarks.models import Benchmark, Match

router = Router()
PLAIN = (
    "index", "repetition", "seed", "status", "end_reason", "error", "steps", "n_offers", "agreement", "utilities",
    "welfare", "nash_optimality", "kalai_optimality", "ks_optimality", "max_welfare_optimality",
    "pareto_optimality",
)  # fmt: skip


class MatchRow(Schema):
    index: int
    scenario: str
    competitors: list[str] = Field(description="In the order of speaking.")
    rotation: int
    repetition: int
    seed: int
    status: Literal["pending", "completed", "failed", "skipped"]
    finished_at: Moment | None
    end_reason: str
    error: str
    steps: int
    n_offers: int
    agreement: list[Any] | None
    utilities: list[float | None] = Field(description="By seat.")
    welfare: float | None
    nash_optimality: float | None
    kalai_optimality: float | None
    ks_optimality: float | None
    max_welfare_optimality: float | None
    pareto_optimality: float | None


class MatchPage(Page):
    items: list[MatchRow]


class MatchQuery(PageQuery):
    status: Literal["", "pending", "completed", "failed", "skipped"] = ""


@router.get(
    "/benchmarks/{uuid:pk}/matches",
    response=MatchPage,
    operation_id="list_matches",
    summary="Its matches, in the order of its plan",
)
def match_list(request: HttpRequest, pk: uuid.UUID, query: Query[MatchQuery]) -> dict[str, Any]:
    benchmark = one(request, pk)
    rows = benchmark.matches.filter(status=query.status) if query.status else benchmark.matches.all()
    names = _Names(benchmark)
    return page_of(rows.defer("traceback"), query, names.row_dict)


class _Names:
    """Of what the numbers in matches mean: two queries, however many matches there are."""

    def __init__(self, benchmark: Benchmark) -> None:
        self.scenarios = dict(benchmark.scenarios.values_list("index", "name"))
        self.competitors = dict(benchmark.competitors.values_list("index", "name"))

    def row_dict(self, match: Match) -> dict[str, Any]:
        return {
            "scenario": self.scenarios[match.scenario],
            "competitors": [self.competitors[int(number)] for number in match.seats.split(",")],
            "rotation": match.rotation,
            "finished_at": match.finished_at.isoformat() if match.finished_at else None,
            **{name: getattr(match, name) for name in PLAIN},
        }
