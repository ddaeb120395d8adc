"""Benchmarks through the API: started from the file of `run_benchmark`, followed, read match by match."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from benchmarks.models import Benchmark, Leaderboard
from tests.api.programs import change, program_of
from tests.factory import NegotiatorFactory, ScenarioFactory, finish_matches, make_benchmark

URL = "/api/v1/benchmarks"


@pytest.fixture
def program(owner: User) -> Client:
    return program_of(owner)


@pytest.fixture
def spec(db: None) -> dict[str, Any]:
    NegotiatorFactory()
    ScenarioFactory(name="Bike")
    return {
        "name": "Cup",
        "competitors": ["BoulwareTBNegotiator"],
        "scenarios": ["Bike"],
        "steps": 20,
        "seed": 3,
    }


def send(client: Client, body: Any) -> Any:
    return client.post(URL, json.dumps(body), content_type="application/json")


def test_the_file_of_the_command_is_the_body(
    program: Client, owner: User, spec: dict[str, Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as bells:
        response = send(program, spec)
    assert response.status_code == 201, response.json()
    benchmark = Benchmark.objects.get(pk=response.json()["id"])
    assert (benchmark.name, benchmark.seed, benchmark.steps_high, benchmark.job.owner) == (
        "Cup",
        3,
        20,
        owner,
    )
    assert response.json()["matches"]["total"] == benchmark.n_matches == 2
    assert bells


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"name": ""}, "name", "has to be a text"),
        ({"repetitions": 0}, "repetitions", "from 1 to"),
        ({"repetition": 2}, "repetition", "Did you mean repetitions?"),
        ({"scenarios": ["Boat"]}, "scenarios", "There is no scenario called 'Boat'"),
        ({"competitors": ["Nobody"]}, "competitors", "Nobody"),
        ({"competitors": [{"type": "BoulwareTBNegotiator", "params": {"speed": 1}}]}, "competitors", "speed"),
        ({"self_play": False}, "body", "Nobody would meet anybody"),
    ],
)
def test_what_is_wrong_is_told_as_by_the_command_with_its_field(
    program: Client, spec: dict[str, Any], change: dict[str, Any], field: str, told: str
) -> None:
    """M-14."""
    response = send(program, spec | change)
    assert (response.status_code, response.json()["error"]) == (400, "VALIDATION_ERROR")
    assert told in " ".join(response.json()["details"][field])
    assert not Benchmark.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "name = 'Cup'", '{"name": NaN}', "\xff", "[" * 9999])
def test_the_body_is_json_only(program: Client, spec: dict[str, Any], body: str) -> None:
    response = program.post(URL, body.encode("latin-1"), content_type="application/json")
    assert (response.status_code, list(response.json()["details"])[:1]) == (
        400,
        ["name" if "NaN" in body else "body"],
    )


def test_a_limit_is_told(program: Client, spec: dict[str, Any], settings: Any) -> None:
    settings.BENCHMARK_MATCHES = 1
    response = send(program, spec | {"repetitions": 2})
    assert (response.status_code, response.json()["error"]) == (429, "TOO_MUCH")


def test_it_has_competitors_scenarios_and_its_leaderboard(program: Client, owner: User) -> None:
    benchmark = make_benchmark(owner)
    lines = [{"rank": 1, "competitor": 1, "score": 0.5, "low": 0.4, "high": None, "matches": 4}]
    Leaderboard.objects.create(benchmark=benchmark, data={"rows": lines})
    told = program.get(f"{URL}/{benchmark.pk}").json()
    assert [each["name"] for each in told["competitors"]] == ["BoulwareTBNegotiator", "ConcederTBNegotiator"]
    assert told["leaderboard"] == [{**lines[0], "competitor": "ConcederTBNegotiator"}]
    assert (told["name"], told["status"], told["job"]) == ("Autumn cup", "pending", str(benchmark.job_id))


def test_matches_come_in_the_order_of_the_plan(program: Client, owner: User) -> None:
    benchmark = make_benchmark(owner, n_scenarios=2)
    finish_matches(benchmark)
    url = f"{URL}/{benchmark.pk}/matches"
    first = program.get(url, {"limit": 5}).json()
    rest = program.get(url, {"cursor": first["next"]}).json()
    assert [row["index"] for row in first["items"] + rest["items"]] == list(range(benchmark.n_matches))
    match = first["items"][0]
    assert (match["status"], match["utilities"], match["agreement"]) == (
        "completed",
        [0.625, 0.375],
        ["high", "yes"],
    )
    assert set(match["competitors"]) <= {"BoulwareTBNegotiator", "ConcederTBNegotiator"}
    assert program.get(url, {"status": "pending"}).json()["items"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        ({"status": "pending"}, 1),
        ({"status": "running"}, 0),
        ({"whose": "shared"}, 0),
        ({"q": "autumn"}, 1),
    ],
)
def test_lists_are_narrowed(program: Client, owner: User, query: dict[str, str], count: int) -> None:
    make_benchmark(owner)
    assert len(program.get(URL, query).json()["items"]) == count


@pytest.mark.parametrize("is_list", [True, False])
def test_lists_cost_the_same_however_long_they_are(
    program: Client, owner: User, is_list: bool, django_assert_max_num_queries: Any
) -> None:
    program.get("/api/v1/me")
    made = [make_benchmark(owner, n_scenarios=3) for _ in range(3)]
    with django_assert_max_num_queries(5):
        told = program.get(URL if is_list else f"{URL}/{made[0].pk}/matches").json()
    assert len(told["items"]) >= 3


def test_it_is_paused_resumed_and_cancelled(program: Client, owner: User) -> None:
    benchmark = make_benchmark(owner)
    for verb, status in (("pause", "paused"), ("resume", "pending"), ("cancel", "cancelled")):
        assert change(program, f"{URL}/{benchmark.pk}/{verb}").status_code == 200
        assert program.get(f"{URL}/{benchmark.pk}").json()["status"] == status
    response = change(program, f"{URL}/{benchmark.pk}/pause")
    assert (response.status_code, response.json()["error"]) == (409, "NOT_NOW")
