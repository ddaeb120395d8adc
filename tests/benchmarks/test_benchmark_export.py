"""A benchmark as files: whose they are, what is in them, and what a spreadsheet would do with them."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from benchmarks.exports import TYPES
from benchmarks.models import Benchmark, Leaderboard
from tests.factory import finish_matches, make_benchmark, make_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(owner: User, group: Group) -> Benchmark:
    """Seven matches agreed, the last failed."""
    benchmark = make_benchmark(owner, group=group, name='=HYPERLINK("x")')
    results = [make_result(index) for index in range(7)]
    failed = make_result(
        7, end_reason="error", agreement=None, utilities=(0.1, None), failed_party=1, error="=1+1"
    )
    finish_matches(benchmark, *results, failed)
    Leaderboard.objects.create(
        benchmark=benchmark, seq=8, data={"rows": [{"competitor": 1, "score": 0.5, "rank": 1}]}
    )
    return benchmark


def exported(client: Client, benchmark: Benchmark, kind: str) -> bytes:
    response = client.get(reverse("benchmarks:benchmark-export", args=[benchmark.pk, kind]))
    assert response.status_code == 200
    return b"".join(response)


def rows(client: Client, benchmark: Benchmark, kind: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(client, benchmark, kind).decode())))


@pytest.mark.parametrize("kind", TYPES)
def test_those_it_is_shared_with_have_it_and_nobody_else_does(
    as_owner: Client, as_colleague: Client, as_stranger: Client, client: Client, played: Benchmark, kind: str
) -> None:
    url = reverse("benchmarks:benchmark-export", args=[played.pk, kind])
    visitors = (as_owner, as_colleague, as_stranger, client)
    assert [each.get(url).status_code for each in visitors] == [200, 200, 404, 302]


def test_what_no_kind_is_called_is_not_found(as_owner: Client, played: Benchmark) -> None:
    url = reverse("benchmarks:benchmark-export", args=[played.pk, "pickle"])
    assert as_owner.get(url).status_code == 404


def test_csv_has_a_row_a_match_with_who_met_and_how_it_ended(as_owner: Client, played: Benchmark) -> None:
    found = rows(as_owner, played, "csv")
    assert len(found) == played.n_matches
    assert (found[0]["competitor 1"], found[0]["utility 1"], found[0]["agreement"]) == (
        "BoulwareTBNegotiator", "0.625", '["high", "yes"]',
    )  # fmt: skip
    assert float(found[0]["advantage 1"]) == pytest.approx((0.625 - 0.1) / 0.9)
    assert (found[7]["status"], found[7]["utility 2"], found[7]["error"]) == ("failed", "", "'=1+1")


def test_scores_have_a_row_a_match_and_seat(as_owner: Client, played: Benchmark) -> None:
    found = rows(as_owner, played, "scores")
    assert len(found) == 16
    assert [found[1][name] for name in ("index", "seat", "utility", "partner_welfare")] == [
        "0",
        "1",
        "0.375",
        "0.625",
    ]
    assert [row["failed_here"] for row in found[14:]] == ["False", "True"]


def test_json_has_plan_versions_leaderboard_and_matches(as_owner: Client, played: Benchmark) -> None:
    told = json.loads(exported(as_owner, played, "json"))
    assert told["plan_hash"] == played.plan_hash
    assert told["plan"]["seed"] == 7
    assert told["leaderboard"]["rows"][0]["score"] == 0.5
    assert [match["utilities"] for match in told["matches"]][-2:] == [[0.625, 0.375], [0.1, None]]


def test_the_zip_for_negmas_has_the_files_of_its_tournaments(as_owner: Client, played: Benchmark) -> None:
    archive = zipfile.ZipFile(io.BytesIO(exported(as_owner, played, "negmas")))
    names = ["details.csv", "all_scores.csv", "type_scores.csv", "scores.csv", "config.yaml"]
    assert archive.namelist() == names
    assert archive.read("scores.csv").decode().splitlines()[1] == "0,ConcederTBNegotiator,0.5"


def test_what_was_made_up_is_marked_in_each_row_and_in_the_name(as_owner: Client, played: Benchmark) -> None:
    Benchmark.objects.update(is_simulated=True)
    for kind in ("csv", "scores"):
        lines = exported(as_owner, played, kind).decode().splitlines()
        assert all(line.endswith(",simulated") for line in lines)
    assert json.loads(exported(as_owner, played, "json"))["simulated"] is True
    response = as_owner.get(reverse("benchmarks:benchmark-export", args=[played.pk, "negmas"]))
    assert "simulated" in response["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response)))
    for name in ("details.csv", "all_scores.csv", "scores.csv"):
        assert all(line.endswith(",simulated") for line in archive.read(name).decode().splitlines())


def test_matches_are_read_by_the_page(
    as_owner: Client, owner: User, django_assert_max_num_queries: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark = make_benchmark(owner, n_scenarios=3)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert len(rows(as_owner, benchmark, "csv")) == benchmark.n_matches
