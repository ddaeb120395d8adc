"""The form of a new benchmark: what it counts before the start, what it refuses beside the field, what it begins with."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from benchmarks.forms.benchmark_checks import FEW_SCENARIOS, FIRST_LOOK
from benchmarks.models import Benchmark, Match
from benchmarks.scoring import StopRule, standings
from negotiations.models import ConfiguredNegotiator, Negotiator, Scenario
from tests.factory import (
    ConfiguredFactory,
    NegotiatorFactory,
    ScenarioFactory,
    finish_matches,
    make_benchmark,
)

pytestmark = pytest.mark.django_db
NEW, CHECK = "/benchmarks/new/", "/benchmarks/new/check/"
PARAMETERS = [{"name": "exponent", "kind": "float", "default": 4.0, "choices": [], "optional": True}]


@pytest.fixture
def boulware(db: None) -> Negotiator:
    return NegotiatorFactory(short_name="Boulware", parameters=PARAMETERS)


@pytest.fixture
def micro(db: None) -> Negotiator:
    return NegotiatorFactory(type="tests.MiCRO", short_name="MiCRO")


@pytest.fixture
def scenario(db: None) -> Scenario:
    return ScenarioFactory(name="Pier")


@pytest.fixture
def filled(boulware: Negotiator, micro: Negotiator, scenario: Scenario) -> dict[str, Any]:
    return {
        "name": "Cup", "competitors": [boulware.key, micro.key], "scenarios": [scenario.pk], "repetitions": 3,
        "steps_low": 20, "steps_high": 40, "rotate": "on", "self_play": "on", "offering_is_accepting": "on",
        "metric": "utility", "statistic": "mean", "n_lanes": 2, "seed": 7,
    }  # fmt: skip


def text(client: Client, data: dict[str, Any], url: str = NEW) -> str:
    return client.post(url, data).content.decode()


def chosen(html: str, name: str) -> list[str]:
    """The values that are selected in a list."""
    inside = re.search(rf'<select[^>]*name="{name}".*?</select>', html, re.S)
    assert inside
    return re.findall(r'<option value="([^"]*)"[^>]* selected', inside[0])


# --- The start ------------------------------------------------------------------------------------------------------


def test_what_is_filled_in_is_what_starts(
    as_owner: Client, filled: dict[str, Any], owner: User, group: Group, micro: Negotiator
) -> None:
    """P-12"""
    more = {"opponents": [micro.key], "ignore_reserved": "on", "one_offer_per_step": "on", "early_stop": "on"}
    response = as_owner.post(NEW, filled | more | {"seconds_high": "2.5", "group": group.pk})
    one = Benchmark.objects.get()
    assert response["Location"] == f"/benchmarks/{one.pk}/"
    assert (one.job.owner, one.job.group, one.job.queue, one.name, one.seed) == (
        owner,
        group,
        "batch",
        "Cup",
        7,
    )
    assert (one.repetitions, one.steps_low, one.steps_high, one.seconds_low, one.seconds_high) == (
        3,
        20,
        40,
        2.5,
        2.5,
    )
    assert (one.rotate, one.self_play, one.ignore_reserved, one.early_stop) == (True, True, True, True)
    assert one.mechanism == {"offering_is_accepting": True, "one_offer_per_step": True}
    assert (one.metric, one.statistic, one.n_lanes) == ("utility", "mean", 2)
    assert [(each.name, each.is_opponent) for each in one.competitors.all()] == [
        ("Boulware", False),
        ("MiCRO", False),
        ("MiCRO 2", True),
    ]
    assert one.n_matches == one.to_plan().count() == 2 * 1 * 2 * 3
    assert not Match.objects.exists()  # the worker's


def test_a_competitor_has_its_own_parameters_and_may_come_twice(
    as_owner: Client, filled: dict[str, Any], boulware: Negotiator
) -> None:
    key = boulware.key
    entered = {
        f"competitor-{key}-p-exponent": "2",
        f"competitor-{key}.2-p-exponent": "9",
        f"competitor-{key}.2-name": "Late",
    }
    as_owner.post(NEW, filled | {"competitors": [key, f"{key}.2"]} | entered)
    found = Benchmark.objects.get().competitors.values_list("name", "parameters")
    assert list(found) == [("Boulware", {"exponent": 2.0}), ("Late", {"exponent": 9.0})]


def test_what_was_configured_competes_under_its_name(
    as_owner: Client, as_stranger: Client, filled: dict[str, Any], owner: User, boulware: Negotiator
) -> None:
    own: ConfiguredNegotiator = ConfiguredFactory(
        owner=owner, name="My late one", negotiator=boulware, parameters={"exponent": 8.0}
    )
    data = filled | {"competitors": [own.key]}
    assert as_stranger.post(NEW, data).status_code == 200  # what one may not see is not there
    as_owner.post(NEW, data)
    found = Benchmark.objects.get().competitors.get()
    assert (found.name, found.parameters, found.negotiator) == ("My late one", {"exponent": 8.0}, boulware)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Give it a name to find it by."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"competitors": []}, "Choose at least one competitor."),
        ({"scenarios": []}, "Choose at least one scenario."),
        ({"repetitions": "9" * 30}, "Give a whole number from 1 to 10,000."),
        ({"steps_low": "90", "steps_high": "20"}, "This is less than 90"),
        ({"steps_low": "", "steps_high": ""}, "Give a number of steps, or of seconds"),
        ({"seconds_low": "nan"}, "Give a number of seconds above 0 and at most 86,400."),
        ({"metric": "fame"}, "Select a valid choice."),
        ({"seed": "-1"}, "Give a whole number from 0"),
        ({"n_lanes": "65"}, "Give a whole number from 1 to 64."),
        ({"scenarios": ["1", "999999999", "x", "9" * 40]}, "not available any more"),
        ({"competitors": ["own-1", "77777", "\0", "12.345"]}, "not available any more"),
        ({"competitors": ["own-1"], "group": "x"}, "This group is not one of the available choices."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_starts_nothing(
    as_owner: Client, filled: dict[str, Any], changes: dict[str, Any], said: str
) -> None:
    assert said in text(as_owner, filled | changes)
    assert not Benchmark.objects.exists()


def test_fields_to_correct_are_counted_whether_or_not_anything_was_chosen(
    as_owner: Client, filled: dict[str, Any]
) -> None:
    page = text(as_owner, filled | {"competitors": [], "name": "", "seed": "x"})
    assert "2 fields to correct:" in page
    assert '<a href="#id_seed">Seed</a>' in page


def test_who_does_not_fit_is_said_beside_the_scenarios(as_owner: Client, filled: dict[str, Any]) -> None:
    """P-08"""
    slow = NegotiatorFactory(type="tests.Slow", short_name="Slow", max_outcomes=5)
    ScenarioFactory(name="Quay")
    page = text(
        as_owner,
        filled
        | {"competitors": [slow.key], "scenarios": list(Scenario.objects.values_list("pk", flat=True))},
    )
    assert (
        "Slow goes through all outcomes; 10 are too many. The same in 1 more scenario. Leave out Slow" in page
    )
    assert not Benchmark.objects.exists()


@override_settings(BENCHMARK_MATCHES=10)
def test_too_many_matches_are_counted_and_refused(as_owner: Client, filled: dict[str, Any]) -> None:
    assert "24 matches are more than the 10 (BENCHMARK_MATCHES)" in text(as_owner, filled, CHECK)
    response = as_owner.post(NEW, filled)
    assert response.status_code == 429
    assert "Take fewer competitors, scenarios or repetitions." in response.content.decode()
    assert not Benchmark.objects.exists()


@override_settings(ACTIVE_JOBS=0)
def test_a_limit_of_the_owner_keeps_what_was_entered(as_owner: Client, filled: dict[str, Any]) -> None:
    """J-18"""
    response = as_owner.post(NEW, filled)
    assert response.status_code == 429
    assert 'value="Cup"' in response.content.decode()


# --- What it comes to -----------------------------------------------------------------------------------------------


def test_the_matches_are_counted_as_they_will_be_played(as_owner: Client, filled: dict[str, Any]) -> None:
    checked = text(as_owner, filled, CHECK)
    as_owner.post(NEW, filled)
    assert f"<dd>{Benchmark.objects.get().n_matches}</dd>" in checked
    assert "2 × 2 competitors, 1 scenarios, 3 × each." in checked


def test_many_parties_without_self_play_are_counted_in_no_time(
    as_owner: Client, filled: dict[str, Any]
) -> None:
    crowd = ScenarioFactory(n_parties=12)
    data = filled | {
        "scenarios": [crowd.pk],
        "self_play": "",
        "competitors": [NegotiatorFactory(type=f"t.{n}").key for n in range(9)],
    }
    assert f"{3 * 12 * (9**12 - 9):,} matches are more than" in text(as_owner, data, CHECK)


def test_the_time_is_a_guess_until_these_negotiators_have_played(
    as_owner: Client, as_stranger: Client, filled: dict[str, Any], owner: User
) -> None:
    """B-25"""
    assert "a guess: 0.1 s of processor a match" in text(as_owner, filled, CHECK)
    earlier = make_benchmark(owner)
    finish_matches(earlier)
    Benchmark.objects.filter(pk=earlier.pk).update(cpu_seconds=8 * 0.5)
    known = filled | {"competitors": list(earlier.competitors.values_list("negotiator", flat=True))[:1]}
    assert "0.5 s of processor a match, as in 8 earlier ones" in text(as_owner, known, CHECK)
    assert "a guess" in text(as_stranger, known, CHECK)  # others' work is not theirs to see


def test_the_time_is_that_of_the_benchmark_with_most_of_these_scenarios(
    as_owner: Client, filled: dict[str, Any], owner: User
) -> None:
    """One scenario may take a hundred times as long as another."""
    alike = make_benchmark(owner, n_scenarios=4)
    other = make_benchmark(owner)
    for benchmark, seconds in ((alike, 4.0), (other, 0.5)):
        finish_matches(benchmark)
        Benchmark.objects.filter(pk=benchmark.pk).update(cpu_seconds=benchmark.n_matches * seconds)
    chosen = list(alike.scenarios.values_list("scenario", flat=True))
    negotiator = [other.competitors.values_list("negotiator", flat=True)[0]]
    known = filled | {"competitors": negotiator, "scenarios": chosen[:2]}
    assert "4 s of processor a match, as in 32 earlier ones of these negotiators and scenarios." in text(
        as_owner, known, CHECK
    )
    elsewhere = known | {"scenarios": [chosen[0], *(ScenarioFactory().pk for _ in range(2))]}
    assert "as in 40 earlier ones of these negotiators." in text(as_owner, elsewhere, CHECK)


def test_parameters_come_only_where_others_compete_now(
    as_owner: Client, filled: dict[str, Any], boulware: Negotiator
) -> None:
    first = text(as_owner, filled, CHECK)
    assert f'id="competitor-{boulware.key}"' in first
    shown = re.search(r'name="entrants" value="(\w+)"', first)
    assert shown
    assert "benchmark-new-entrants" not in text(as_owner, filled | {"entrants": shown[1]}, CHECK)


def test_below_ten_scenarios_it_warns_as_the_scores_do(as_owner: Client, filled: dict[str, Any]) -> None:
    assert FEW_SCENARIOS == standings.FEW_SCENARIOS
    assert "Below 10 scenarios" in text(as_owner, filled, CHECK)


def test_an_early_stop_that_never_looks_is_told_before_the_start(
    as_owner: Client, filled: dict[str, Any]
) -> None:
    """X-05"""
    assert not StopRule().when(FIRST_LOOK - 1)
    assert StopRule().when(FIRST_LOOK)
    told = "It will not stop early: the ranking is looked at from 31 scenarios on, and these are {}."
    assert told.format(1) in text(as_owner, filled | {"early_stop": "on"}, CHECK)
    assert "will not stop early" not in text(as_owner, filled, CHECK)
    many = [ScenarioFactory().pk for _ in range(FIRST_LOOK)]
    assert "will not stop early" not in text(
        as_owner, filled | {"early_stop": "on", "scenarios": many}, CHECK
    )


@override_settings(SESSION_SECONDS=60)
def test_a_limit_beyond_what_a_match_may_take_is_told_before_the_start(
    as_owner: Client, filled: dict[str, Any]
) -> None:
    told = "A match that takes more than 60 s (SESSION_SECONDS) is ended, and counts as failed."
    assert told in text(as_owner, filled | {"seconds_high": "90"}, CHECK)
    assert told not in text(as_owner, filled | {"seconds_high": "60"}, CHECK)


def test_the_form_takes_the_limits_that_a_file_takes(as_owner: Client, filled: dict[str, Any]) -> None:
    most = {"steps_low": "", "steps_high": "1000000", "seconds_high": "86400"}
    as_owner.post(NEW, filled | most)
    assert Benchmark.objects.get().steps_high == 1_000_000
    assert "at most 86,400." in text(as_owner, filled | {"seconds_high": "86401"})


def test_without_a_script_buttons_count_and_add_one_more(
    as_owner: Client, filled: dict[str, Any], boulware: Negotiator
) -> None:
    """B-19"""
    assert "<dd>24</dd>" in text(as_owner, filled | {"show": "1"})
    page = text(as_owner, filled | {"more": f"competitor:{boulware.key}"})
    assert f"{boulware.key}.2" in chosen(page, "competitors")
    assert not Benchmark.objects.exists()
    assert text(as_owner, filled | {"more": "x:\0"})


# --- What it begins with --------------------------------------------------------------------------------------------


def test_an_address_may_name_a_scenario_and_a_negotiator(
    as_owner: Client, scenario: Scenario, boulware: Negotiator
) -> None:
    page = as_owner.get(NEW, {"scenario": str(scenario.pk), "negotiator": boulware.key}).content.decode()
    assert chosen(page, "scenarios") == [str(scenario.pk)]
    assert chosen(page, "competitors") == [boulware.key]


@pytest.mark.parametrize("query", ["scenario=x", "negotiator=%00", "like=1", "scenario=" + "9" * 60])
def test_an_address_that_names_nothing_still_shows_the_form(as_owner: Client, query: str) -> None:
    assert as_owner.get(f"{NEW}?{query}").status_code == 200


def test_a_duplicate_has_everything_of_the_first(
    as_owner: Client, as_stranger: Client, filled: dict[str, Any], boulware: Negotiator
) -> None:
    """P-14"""
    key = boulware.key
    more = {
        "competitors": [key, f"{key}.2"],
        f"competitor-{key}.2-p-exponent": "9",
        "opponents": [key],
        "self_play": "",
    }
    as_owner.post(NEW, filled | more)
    first = Benchmark.objects.get()
    page = as_owner.get(NEW, {"like": str(first.pk)}).content.decode()
    assert chosen(page, "competitors") == [key, f"{key}.2"]
    assert 'value="Cup again"' in page
    assert "Cup" not in as_stranger.get(NEW, {"like": str(first.pk)}).content.decode()
    sent = dict(re.findall(r'name="([\w.-]+)" value="([^"]*)"', page)) | {
        name: chosen(page, name) for name in ("competitors", "opponents", "scenarios")
    }
    boxes = re.findall(r'type="checkbox" name="(\w+)"[^>]* checked', page)
    sent |= dict.fromkeys(boxes, "on") | {"metric": "utility", "statistic": "mean", "group": ""}
    for extra in ("show", "read", "more"):
        sent.pop(extra, None)
    as_owner.post(NEW, sent)
    second = Benchmark.objects.get(based_on=first)
    assert second.plan_hash == first.plan_hash


def test_a_file_fills_in_the_form_and_starts_nothing(
    as_owner: Client, boulware: Negotiator, scenario: Scenario
) -> None:
    spec = 'name = "From a file"\ncompetitors = ["Boulware", {type = "Boulware", params = {exponent = 2.0}, name = "Early"}]\nscenarios = ["Pier"]\nsteps = [10, 20]\nself_play = false\n'
    for given in ({"text": spec}, {"file": SimpleUploadedFile("cup.toml", spec.encode())}):
        page = text(as_owner, {"read": "1", **given})
        assert "The form is filled in from your file." in page
        assert chosen(page, "competitors") == [boulware.key, f"{boulware.key}.2"]
        assert chosen(page, "scenarios") == [str(scenario.pk)]
        assert 'value="Early"' in page
        assert re.search(r'name="steps_high" value="20"', page)
        assert not re.search(r'name="self_play"[^>]* checked', page)
    assert not Benchmark.objects.exists()


def test_what_is_wrong_with_a_file_is_said_and_its_text_kept(as_owner: Client) -> None:
    response = as_owner.post(NEW, {"read": "1", "text": 'nme = "<b>"'})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Did you mean name?" in page
    assert "nme = &quot;&lt;b&gt;&quot;" in page
    assert re.search(r'name="steps_high" value="100"', page)  # the form below is a fresh one
    assert re.search(r'name="rotate"[^>]* checked', page)


def test_pages_of_scenarios_and_negotiators_lead_here(
    as_owner: Client, scenario: Scenario, boulware: Negotiator
) -> None:
    assert f"{NEW}?scenario={scenario.pk}" in as_owner.get(scenario.get_absolute_url()).content.decode()
    assert f"{NEW}?negotiator={boulware.pk}" in as_owner.get(boulware.get_absolute_url()).content.decode()


def test_who_is_signed_out_signs_in_first() -> None:
    assert Client().get(NEW)["Location"].startswith("/sign-in/")
    assert Client().post(CHECK)["Location"].startswith("/sign-in/")
