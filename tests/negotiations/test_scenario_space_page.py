"""A scenario's own page: its outcome space, the points of it, and what leads on (P-01, P-05)."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from negotiations.engine.analysing import analyse_document
from negotiations.models import Job, Scenario, ScenarioAnalysis, Status
from tests.factory import ScenarioFactory
from tests.negotiations.scenario_rows import generated


def page(client: Client, scenario: Scenario, query: str = "") -> str:
    answer = client.get(f"/scenarios/{scenario.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_it_draws_the_space_and_tells_every_point(as_owner: Client, owner: User, parties: int) -> None:
    scenario = generated(owner, parties=parties, issues=3, opposition=0.6, reserved=(0.05, 0.1))
    text = page(as_owner, scenario)
    analysis = scenario.analysis
    assert analysis
    for words in ("Nash", "Kalai", "Kalai-Smorodinsky", "Maximum welfare", "Relative welfare", "exact"):
        assert words in text
    assert f"{analysis.opposition:.2f}" in text
    for utility in analysis.points["nash"]["utilities"]:
        assert f"{utility:.2f}" in text
    assert " · ".join(map(str, analysis.points["nash"]["outcome"])) in text
    assert "Utility to Party 1" in text and "Utility to Party 2" in text
    assert 'class="rv pa"' in text and 'class="rv pb"' in text


def test_any_two_parties_can_be_seen_and_nonsense_shows_the_first_two(as_owner: Client, owner: User) -> None:
    scenario = generated(owner, parties=9, issues=3, opposition=0.6)
    text = page(as_owner, scenario, "?x=9&y=4")
    assert "by its utility to Party 9 and Party 4" in text
    for query in ("?x=1&y=1", "?x=10&y=1", "?x=-1&y=2", "?x=a&y=", "?x=99999999999999&y=1", "?x=²&y=1"):
        assert "by its utility to Party 1 and Party 2" in page(as_owner, scenario, query)


def test_many_outcomes_are_drawn_short(as_owner: Client, owner: User) -> None:
    text = page(as_owner, generated(owner, issues=6, values=(9, 9)))
    assert "out-cells" in text
    assert len(text) < 200_000


def test_a_frontier_of_a_sample_is_said_to_be_one(as_owner: Client, owner: User) -> None:
    scenario = generated(owner)
    assert "found by sampling" not in page(as_owner, scenario)
    scenario.analyses.update(method="sampled", n_sampled=200_000, n_frontier=5_000)
    text = page(as_owner, scenario)
    assert "5,000 outcomes found by sampling" in text and "sampled 200,000" in text
    assert "too long a frontier, to be exact" in text and "All outcomes were looked at" not in text


def test_the_picture_says_whether_it_shows_every_outcome(as_owner: Client, owner: User) -> None:
    """X-09"""
    scenario = generated(owner)
    assert '<title id="space-title">Every outcome by its utility to Party 1' in page(as_owner, scenario)
    scenario.analyses.update(method="frontier exact", n_sampled=200_000)
    text = page(as_owner, scenario)
    assert "200,000 outcomes, drawn by chance, each by its utility to Party 1" in text
    assert "the picture and the share of rational outcomes come from a sample" in text


def test_where_nothing_suits_all_it_says_so(as_owner: Client, owner: User) -> None:
    scenario = generated(owner)
    scenario.analyses.update(points={}, opposition=None)
    assert "nothing to agree on" in page(as_owner, scenario)


def test_what_is_not_analysed_yet_says_so(as_owner: Client, owner: User) -> None:
    assert "Being analysed" in page(as_owner, generated(owner, analysed=False))


def test_the_space_arrives_by_itself_when_it_is_analysed(
    as_owner: Client, as_stranger: Client, client: Client, owner: User
) -> None:
    scenario = generated(owner, analysed=False)
    url = f"/scenarios/{scenario.pk}/live/"
    assert f'hx-get="{url}"' in page(as_owner, scenario)
    version = re.search(r'id="scenario-space" data-version="([^"]+)"', page(as_owner, scenario))
    assert version
    waiting = as_owner.get(url, {"v-scenario-space": version[1]})
    assert "scenario-space" not in waiting.content.decode()
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    arrived = as_owner.get(url, {"v-scenario-space": version[1]}).content.decode()
    assert 'id="scenario-space"' in arrived and "hx-swap-oob" in arrived and "Nash" in arrived
    assert f'hx-get="{url}"' not in page(as_owner, scenario)
    assert (as_stranger.get(url).status_code, client.get(url).status_code) == (404, 401)


def test_an_analysis_that_failed_says_why_and_leads_to_its_job(as_owner: Client, owner: User) -> None:
    scenario = generated(owner, analysed=False)
    job = scenario.analyses.get().job
    assert job
    Job.objects.filter(pk=job.pk).update(status=Status.FAILED, error="It took too long.")
    text = page(as_owner, scenario)
    assert "Not analysed" in text and "It took too long." in text and f"/jobs/{job.pk}/" in text
    assert "Not analysed yet" in page(as_owner, generated(seed=9, analysed=False))


def test_it_leads_to_a_session_the_files_and_the_editor(as_owner: Client, owner: User) -> None:
    scenario = generated(owner)
    text = page(as_owner, scenario)
    for url in (
        f"/sessions/new/?scenario={scenario.pk}",
        f"/scenarios/{scenario.pk}/export/genius/",
        f"/scenarios/{scenario.pk}/export/yaml/",
        f"/scenarios/new/?from={scenario.pk}",
    ):
        assert url in text


def test_what_genius_cannot_carry_and_no_form_can_hold_is_said(as_owner: Client) -> None:
    preferences: list[dict[str, object]] = [
        {"name": "a", "kind": "hyper-rectangles", "reserved_value": None, "weights": {}, "values": {}}
    ] * 2
    text = page(as_owner, ScenarioFactory(preferences=preferences))
    assert "NegMAS YAML carries it whole" in text and "/export/genius/" not in text
    assert "cannot be edited here" in text and "/scenarios/new/?from=" not in text
