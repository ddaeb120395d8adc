"""A benchmark that a program starts: the file of `run_benchmark` is the body, read by the same rules."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Status

from api.answers import Refusal
from api.bodies import invalid
from benchmarks.api.benchmark_spec import SPEC
from benchmarks.api.benchmarks import BenchmarkOut, benchmark_dict, router
from benchmarks.spec_files import SpecRefused, read_spec
from negotiations.exceptions import TooMuch, Unsuitable

__all__ = ["router"]


@router.post(
    "/benchmarks",
    response={201: BenchmarkOut},
    operation_id="create_benchmark",
    summary="Start a benchmark",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": SPEC}}}},
)
def benchmark_create(request: HttpRequest) -> Status[dict[str, Any]]:
    """Keys and values as in the file that `run_benchmark` reads: docs/benchmarks.md. Workers play it."""
    user: Any = request.user
    if not request.body.lstrip().startswith(b"{"):  # the file may be TOML, the body not
        raise invalid({"body": ["Send a JSON object with name, competitors and scenarios."]})
    try:
        started = read_spec(request.body, user).start(user)
    except SpecRefused as refused:
        raise invalid({key or "body": [text] for key, text in refused.wrong.items()}) from refused
    except Unsuitable as misfit:
        raise invalid({"body": [str(misfit)]}) from misfit
    except TooMuch as limit:
        raise Refusal(429, "TOO_MUCH", str(limit)) from limit
    return Status(201, benchmark_dict(started))
