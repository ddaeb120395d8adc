"""A match's page: the session viewer, fed from the transcript that the lane stored."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from benchmarks.models import Benchmark, Match, MatchTranscript
from negotiations.engine.analysing import analyse_document
from negotiations.models import Scenario, ScenarioAnalysis
from tests.factory import finish_matches, make_benchmark, make_result, make_transcript

pytestmark = pytest.mark.django_db

PARTS = ("detail", "offers", "tables", "chart", "space", "cloud", "replay", "export-csv", "export-json")


@pytest.fixture
def benchmark_(owner: User, group: Group) -> Benchmark:
    """Match 0 agreed, match 1 failed, match 2 took its process with it, the others wait."""
    found = make_benchmark(owner, group=group)
    failed = {"agreement": None, "utilities": (0.1, 0.2), "failed_party": 1}
    finish_matches(
        found,
        make_result(0, transcript=make_transcript()),
        make_result(1, end_reason="error", error="ValueError: no <b>", traceback="File secret.py", **failed),
        make_result(
            2, end_reason="exited", error="Conceder (seat 2) ended the process.", n_offers=0, **failed
        ),
    )
    return found


def url(benchmark: Benchmark, part: str = "detail", index: int = 0) -> str:
    return reverse(f"benchmarks:match-{part}", args=[benchmark.pk, index])


@pytest.mark.parametrize("part", PARTS)
def test_those_it_is_shared_with_see_it_and_nobody_else_does(
    as_owner: Client,
    as_colleague: Client,
    as_stranger: Client,
    client: Client,
    benchmark_: Benchmark,
    part: str,
) -> None:
    address = url(benchmark_, part)
    assert [each.get(address).status_code for each in (as_owner, as_colleague, as_stranger)] == [
        200,
        200,
        404,
    ]
    assert client.get(address).status_code in (302, 401)
    assert as_owner.get(url(benchmark_, part, 10**12)).status_code == 404


def test_it_says_how_it_ended_and_shows_every_offer(as_owner: Client, benchmark_: Benchmark) -> None:
    page = as_owner.get(url(benchmark_)).content.decode()
    assert "Agreement" in page and "in step 2" in page
    assert page.count('class="offer offer-2') == 3
    assert (
        "Accepted the offer of ConcederTBNegotiator" in page
        or "Accepted the offer of BoulwareTBNegotiator" in page
    )
    assert "Nash optimality" in page and "90 %" in page
    assert f'href="{url(benchmark_, index=1)}"' in page


def test_a_step_in_the_address_shows_the_offers_up_to_it(as_owner: Client, benchmark_: Benchmark) -> None:
    page = as_owner.get(url(benchmark_), {"step": 1}).content.decode()
    assert page.count('id="replay-') == 2
    around = as_owner.get(url(benchmark_, "replay"), {"step": 1}).content.decode()
    assert around.count('id="replay-') == 3
    for wrong in ("-1", "x", "9" * 30):
        assert as_owner.get(url(benchmark_), {"step": wrong, "x": wrong}).status_code == 200


def test_charts_are_told_its_offers(as_owner: Client, benchmark_: Benchmark) -> None:
    told = as_owner.get(url(benchmark_, "chart"), {"after": 1}).json()
    assert [row[0] for row in told["offers"]] == [2, 3]
    assert told["values"] == [["high"], ["yes"]]
    assert as_owner.get(url(benchmark_, "chart"), {"after": "x"}).status_code == 400


def test_a_failed_match_says_why_and_shows_its_traceback_to_staff_only(
    as_owner: Client, as_superuser: Client, benchmark_: Benchmark
) -> None:
    told = as_owner.get(url(benchmark_, index=1)).content.decode()
    assert "The match failed" in told and "stopped with an error: ValueError: no &lt;b&gt;." in told
    assert "secret.py" not in told
    assert "secret.py" in as_superuser.get(url(benchmark_, index=1)).content.decode()


def test_what_the_lane_said_of_a_dead_process_is_said_once(as_owner: Client, benchmark_: Benchmark) -> None:
    told = as_owner.get(url(benchmark_, index=2)).content.decode()
    assert told.count("ended the process") == 1
    assert "took its actions with it" in told


def test_a_match_that_waits_says_so(as_owner: Client, benchmark_: Benchmark) -> None:
    told = as_owner.get(url(benchmark_, index=3)).content.decode()
    assert "Not played yet" in told and "data-charts" not in told


def test_a_transcript_that_cannot_be_read_breaks_nothing(as_owner: Client, benchmark_: Benchmark) -> None:
    MatchTranscript.objects.update(actions=b"not zlib")
    for part in PARTS:
        assert as_owner.get(url(benchmark_, part)).status_code == 200


def test_turned_seats_are_told_their_own_utility_function(as_owner: Client, benchmark_: Benchmark) -> None:
    turned = Match.objects.filter(benchmark=benchmark_, rotation=1).order_by("index").first()
    assert turned
    finish_matches(benchmark_, make_result(turned.index, transcript=make_transcript()))
    page = as_owner.get(url(benchmark_, index=turned.index)).content.decode()
    assert "seats turned by 1" in page
    assert page.index('title="seller"') < page.index('title="buyer"')


def test_the_space_of_a_turned_match_is_turned_with_it(as_owner: Client, benchmark_: Benchmark) -> None:
    scenario = Scenario.objects.get()
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    straight, turned = (benchmark_.matches.filter(rotation=rotation).first() for rotation in (0, 1))
    assert straight and turned
    told = [as_owner.get(url(benchmark_, "space", each.index)).json() for each in (straight, turned)]
    assert sorted(told[0]["cloud"]) == sorted([y, x] for x, y in told[1]["cloud"])
    assert {(each["kind"], each["x"], each["y"]) for each in told[0]["points"]} == {
        (each["kind"], each["y"], each["x"]) for each in told[1]["points"]
    }
    page = as_owner.get(url(benchmark_, "tables", turned.index)).content.decode()
    assert "Nash" in page


def test_without_reserved_values_points_that_rest_on_them_are_left_out(
    as_owner: Client, benchmark_: Benchmark
) -> None:
    scenario = Scenario.objects.get()
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    Benchmark.objects.update(ignore_reserved=True)
    kinds = {each["kind"] for each in as_owner.get(url(benchmark_, "space")).json()["points"]}
    assert kinds <= {"welfare"}


def test_it_is_exported_as_csv_without_formulas_and_as_json(as_owner: Client, benchmark_: Benchmark) -> None:
    benchmark_.competitors.filter(index=0).update(name="=cmd|' /C calc'!A0")
    text = b"".join(as_owner.get(url(benchmark_, "export-csv"))).decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:6] == ["seq", "step", "relative_time", "party", "negotiator", "response"]
    assert rows[1][4].startswith("'=cmd")
    assert rows[3][5:8] == ["accept", "high", "yes"]
    told = json.loads(b"".join(as_owner.get(url(benchmark_, "export-json"))))
    assert (told["status"], told["utilities"], len(told["actions"])) == ("completed", [0.625, 0.375], 3)


def test_an_export_of_what_was_made_up_says_so(as_owner: Client, benchmark_: Benchmark) -> None:
    Benchmark.objects.update(is_simulated=True)
    response = as_owner.get(url(benchmark_, "export-csv"))
    assert "simulated" in response["Content-Disposition"]
    assert all(line.endswith("simulated") for line in b"".join(response).decode().splitlines())
    assert "simulated" in as_owner.get(url(benchmark_)).content.decode()


def test_a_page_costs_the_same_whatever_the_number_of_matches(
    as_owner: Client, benchmark_: Benchmark, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        as_owner.get(url(benchmark_))
