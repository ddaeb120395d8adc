"""Two benchmarks side by side: settings, ranks, tests, and every match that both have played."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.comparison import BenchmarkComparison
from benchmarks.models import Benchmark
from benchmarks.models.line_ups import Entrant
from benchmarks.standings import Standings
from negotiations.models import Negotiator, Scenario
from tests.benchmarks.benchmark_pages import ended
from tests.factory import ScenarioFactory, finish_matches, make_benchmark, make_result

pytestmark = pytest.mark.django_db

PAGE = "/benchmarks/compare/"


def scored(benchmark: Benchmark) -> Benchmark:
    standings = Standings(Benchmark.objects.get(pk=benchmark.pk))
    standings.read()
    standings.keep(standings.data({}))
    return Benchmark.objects.get(pk=benchmark.pk)


def again(base: Benchmark, names: Sequence[str], scenarios: Sequence[Scenario], **options: Any) -> Benchmark:
    """The same scenarios, with these competitors in this order."""
    entrants = [Entrant(Negotiator.objects.get(short_name=f"{name}TBNegotiator")) for name in names]
    options = {"seed": 7, "steps_low": 20, "steps_high": 20, **options}
    benchmark = Benchmark.objects.start(
        owner=base.job.owner,
        name="Winter cup",
        entrants=entrants,
        scenarios=list(scenarios),
        ring=False,
        **options,
    )
    benchmark.matches.plan(benchmark.pk, benchmark.to_plan().matches())
    return benchmark


@pytest.fixture
def both(owner: User) -> tuple[Benchmark, Benchmark]:
    """Twelve scenarios; in the second, Boulware got 0.1 more wherever it spoke first against Conceder."""
    first = make_benchmark(owner, n_scenarios=12)
    finish_matches(first)
    scenarios = [each.scenario for each in first.scenarios.all() if each.scenario]
    second = again(first, ["Conceder", "Boulware"], scenarios, rotate=True)
    numbers = {each.name: each.index for each in second.competitors.all()}
    better = f"{numbers['BoulwareTBNegotiator']},{numbers['ConcederTBNegotiator']}"
    finish_matches(
        second,
        *(
            make_result(each.index, utilities=(0.725, 0.375) if each.seats == better else (0.625, 0.375))
            for each in second.matches.all()
        ),
    )
    return scored(first), scored(second)


def url(*benchmarks: Benchmark) -> str:
    return f"{PAGE}?ids={','.join(str(each.pk) for each in benchmarks)}"


def test_matches_are_paired_by_who_plays_whatever_the_order_of_the_lists(
    both: tuple[Benchmark, Benchmark],
) -> None:
    shown = BenchmarkComparison(*both)
    assert len(shown.pairs) == shown.n_pairs == both[0].n_matches == 96
    assert shown.unpaired == (0, 0)
    changed = shown.pairs_at(shown.places(changed_only=True))
    assert len(changed) == shown.n_changed == 24
    for pair in changed:
        assert pair.names == ("BoulwareTBNegotiator", "ConcederTBNegotiator")
        assert list(pair.differences) == pytest.approx([0.1, 0.0])


def test_each_competitor_is_tested_against_itself_over_the_scenarios(
    both: tuple[Benchmark, Benchmark],
) -> None:
    moves = {move.name: move for move in BenchmarkComparison(*both).moves}
    boulware = moves["BoulwareTBNegotiator"].test
    assert boulware and boulware.difference and boulware.p_holm is not None
    assert boulware.scenarios == 12
    assert boulware.difference > 0 and boulware.p_holm < 0.01
    conceder = moves["ConcederTBNegotiator"].test
    assert conceder and conceder.difference == 0 and conceder.p_holm == 1.0


def test_settings_that_differ_are_listed_and_no_others(both: tuple[Benchmark, Benchmark]) -> None:
    Benchmark.objects.filter(pk=both[1].pk).update(seed=8, versions={"negmas": "0.15"})
    first, second = (Benchmark.objects.get(pk=each.pk) for each in both)
    told = {line.name: line.values for line in BenchmarkComparison(first, second).settings}
    assert told["seed"] == ("7", "8")
    assert told["version of negmas"] == ("–", "0.15")
    assert "statistic" not in told and "scenarios" not in told and "competitors in one only" not in told


def test_who_competes_and_is_an_opponent_too_is_compared_in_each_role(owner: User) -> None:
    """And two that are the same but for their names are one."""
    base = make_benchmark(owner, competitors=("Boulware", "Conceder"), n_scenarios=12)
    scenarios = [each.scenario for each in base.scenarios.all() if each.scenario]
    boulware, conceder = (each.negotiator for each in base.competitors.select_related("negotiator"))
    assert boulware and conceder
    entrants = [
        Entrant(boulware),
        Entrant(conceder),
        Entrant(boulware, name="Twin"),
        Entrant(boulware, is_opponent=True),
    ]
    made = []
    for worth in (0.5, 0.625):
        one = Benchmark.objects.start(
            owner=owner, name="Cup", entrants=entrants, scenarios=scenarios, ring=False, seed=7
        )
        one.matches.plan(one.pk, one.to_plan().matches())
        finish_matches(
            one, *(make_result(each.index, utilities=(worth, 0.375)) for each in one.matches.all())
        )
        made.append(scored(one))
    shown = BenchmarkComparison(made[0], made[1])
    tests = {move.name: move.test for move in shown.moves}
    assert set(tests) == {"BoulwareTBNegotiator", "ConcederTBNegotiator"}
    for test in tests.values():  # the opponent's 0.375 counts for nobody
        assert test and test.scenarios == 12 and test.difference == pytest.approx(0.125 / 0.9)


def test_rules_are_compared_as_they_hold_and_told_in_words(both: tuple[Benchmark, Benchmark]) -> None:
    """A page writes them out where a file leaves them as they are usually."""
    usual = {"offering_is_accepting": True, "one_offer_per_step": False}
    for rules, wanted in ((usual, None), ({"one_offer_per_step": True}, ("no", "yes"))):
        Benchmark.objects.filter(pk=both[1].pk).update(mechanism=rules)
        other = Benchmark.objects.get(pk=both[1].pk)
        told = {line.name: line.values for line in BenchmarkComparison(both[0], other).settings}
        assert told.get("one offer per step") == wanted
        assert "mechanism" not in told and "offering is accepting" not in told


def test_the_page_shows_all_of_it_and_the_pairs_by_the_page(
    as_owner: Client, both: tuple[Benchmark, Benchmark]
) -> None:
    page = as_owner.get(url(*both)).content.decode()
    assert "96 matches in pairs" in page and "Changed <small>24" in page
    assert both[1].matches.get(index=0).get_absolute_url() in page
    changed = as_owner.get(url(*both) + "&differs=1").content.decode()
    assert changed.count("0.100") == 24
    for wrong in ("x", "-1", "99999999999999999999"):
        assert as_owner.get(url(*both) + f"&page={wrong}").status_code == 200


def test_what_is_not_theirs_is_not_found(
    as_owner: Client, as_stranger: Client, client: Client, both: tuple[Benchmark, Benchmark], stranger: User
) -> None:
    hers = make_benchmark(stranger)
    assert as_stranger.get(url(*both)).status_code == 404
    assert as_owner.get(url(both[0], hers)).status_code == 404
    assert client.get(url(*both)).status_code == 302
    assert as_stranger.get(f"/benchmarks/compare/export.csv?ids={both[0].pk},{both[1].pk}").status_code == 404


@pytest.mark.parametrize("ids", ["x", "1", "\0", "0" * 2_000, ",".join([f"{n:032x}" for n in range(3)])])
def test_what_is_no_pair_of_ids_is_said(as_owner: Client, ids: str) -> None:
    response = as_owner.get(PAGE, {"ids": ids})
    assert response.status_code == 400
    assert "Choose two" in response.content.decode()
    assert as_owner.get("/benchmarks/compare/export.json", {"ids": ids}).status_code == 400


def test_with_one_the_other_is_chosen_from_what_may_be_seen(
    as_owner: Client, both: tuple[Benchmark, Benchmark], stranger: User
) -> None:
    make_benchmark(stranger, name="Secret cup")
    page = as_owner.get(url(both[0])).content.decode()
    assert "Winter cup" in page and "Secret cup" not in page
    assert as_owner.get(PAGE, {"ids": [str(both[0].pk), str(both[1].pk)]}).status_code == 200


def test_benchmarks_with_nothing_in_common_are_told_so(as_owner: Client, owner: User) -> None:
    first, second = make_benchmark(owner), make_benchmark(owner)
    ScenarioFactory()
    finish_matches(first)
    page = as_owner.get(url(first, second)).content.decode()
    assert "No match in common" in page and "Neither has scores yet" in page


def test_one_that_was_played_elsewhere_is_paired_by_name(both: tuple[Benchmark, Benchmark]) -> None:
    second = both[1]
    second.competitors.update(type="", parameters={})
    second.scenarios.update(scenario=None)
    Benchmark.objects.filter(pk=second.pk).update(is_imported=True)
    shown = BenchmarkComparison(both[0], Benchmark.objects.get(pk=second.pk))
    assert shown.by_name and len(shown.pairs) == 96
    assert [line.name for line in shown.settings] == []


def test_it_is_exported_as_csv_and_json(as_owner: Client, both: tuple[Benchmark, Benchmark]) -> None:
    both[0].competitors.filter(name="BoulwareTBNegotiator").update(name="=cmd")
    Benchmark.objects.filter(pk=both[1].pk).update(is_simulated=True)
    query = {"ids": f"{both[0].pk},{both[1].pk}"}
    response = as_owner.get("/benchmarks/compare/export.csv", query)
    assert "simulated" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert len(rows) == 96
    assert {row["simulated: Winter cup"] for row in rows} == {"simulated"}
    assert "'=cmd" in {row["competitor 1"] for row in rows}
    assert sum(row["differs"] == "True" for row in rows) == 24
    told = json.loads(b"".join(as_owner.get("/benchmarks/compare/export.json", query)))
    assert (told["paired"], told["unpaired"], len(told["matches"])) == (96, [0, 0], 96)
    assert told["competitors"][0]["test"]["scenarios"] == 12


def test_the_page_reads_matches_in_one_query_a_benchmark(
    as_owner: Client, both: tuple[Benchmark, Benchmark], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(28):
        as_owner.get(url(*both))


def test_to_turn_a_page_reads_the_matches_of_that_page_alone(
    as_owner: Client, both: tuple[Benchmark, Benchmark], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pairing 5,000 matches takes half a second."""
    monkeypatch.setattr("benchmarks.views.benchmark_compare.ROWS", 20)
    as_owner.get(url(*both))
    with CaptureQueriesContext(connection) as asked:
        page = as_owner.get(f"{url(*both)}&page=2").content.decode()
    assert page.count('title="Match ') == 2 * 20
    reads = [each["sql"] for each in asked if 'FROM "benchmarks_match"' in each["sql"]]
    assert len(reads) == 2
    assert all('"index" IN' in sql for sql in reads)


def test_what_is_kept_of_a_comparison_goes_with_the_next_match(both: tuple[Benchmark, Benchmark]) -> None:
    first, second = both
    assert BenchmarkComparison(first, second).n_changed == 24
    same = second.matches.filter(utilities=[0.625, 0.375])[0]
    second.matches.filter(pk=same.pk).update(status="failed", end_reason="error")
    Benchmark.objects.filter(pk=second.pk).update(n_failed=1, n_completed=95)
    assert BenchmarkComparison(first, Benchmark.objects.get(pk=second.pk)).n_changed == 25
    ended(second)
    Benchmark.objects.get(pk=second.pk).again(second.job.owner)
    assert BenchmarkComparison(first, Benchmark.objects.get(pk=second.pk)).n_pairs == 95
