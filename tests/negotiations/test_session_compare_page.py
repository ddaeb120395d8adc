"""Sessions side by side: whom, what differs, their charts, live and after, and for whom (P-11)."""

from __future__ import annotations

import html
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from negotiations.models import Fork, Job, Offer, Party, Scenario, Session
from tests.factory import PREFERENCES, ScenarioFactory
from tests.negotiations.session_rows import add_offers, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(owner: User, group: Group) -> list[Session]:
    """Two of one scenario: an agreement, and another seed that failed."""
    one = make_session("completed", job__owner=owner, job__group=group)
    two = make_session("failed", job__owner=owner, job__group=group, scenario=one.scenario, seed=8)
    Job.objects.update(finished_at=timezone.now())
    return [one, two]


def url(sessions: list[Any], live: bool = False) -> str:
    ids = ",".join(str(getattr(each, "pk", each)) for each in sessions)
    return f"/sessions/compare/{'live/' if live else ''}?ids={ids}"


def read(client: Client, sessions: list[Any], status: int = 200) -> str:
    response = client.get(url(sessions))
    assert response.status_code == status
    return html.unescape(response.content.decode())


def section(page: str, id: str) -> str:
    return page.split(f'id="{id}"')[1].split("</section>")[0]


# --- What it shows --------------------------------------------------------------------------------------------


def test_settings_are_only_those_that_differ(as_owner: Client, pair: list[Session]) -> None:
    Party.objects.filter(session=pair[1], index=1).update(
        name="Tough", parameters={"offering_curve": "linear"}, n_steps=9
    )
    settings = section(read(as_owner, pair), "compare-settings")
    for told in ("Seed", ">7<", ">8<", "Tough", "offering curve linear", "defaults", "Own step limit"):
        assert told in settings
    for same in ("Scenario", "Pace", "Ran with", "Rules"):
        assert same not in settings
    assert settings.count("<tr>") == 5  # the head, the seed, three of the second seat


def test_nothing_that_differs_is_said(as_owner: Client, pair: list[Session]) -> None:
    Session.objects.update(seed=7)
    assert "None: scenario, negotiators" in section(read(as_owner, pair), "compare-settings")


def test_results_stand_side_by_side(as_owner: Client, pair: list[Session]) -> None:
    results = section(read(as_owner, pair), "compare-results")
    for told in ("Agreement", "Failed", "price", ">high<", "lock", ">yes<", ">0.62<", ">0.38<", ">1.00<"):
        assert told in results
    assert "took longer than 2 s to answer" in results
    assert results.count("Utility to BoulwareTBNegotiator") == 2


class Known:
    """An analysis, as far as results need it."""

    def distances(self, utilities: list[float]) -> dict[str, float | None]:
        return {"nash": round(sum(utilities) / 4, 2), "pareto": None}


def test_distances_stand_where_the_scenario_is_analysed(
    as_owner: Client, pair: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Distance" not in read(as_owner, pair)
    monkeypatch.setattr(Scenario, "analysis", Known())
    results = section(read(as_owner, pair), "compare-results")
    assert "Distance: Nash point" in results
    assert ">0.25<" in results
    assert "Pareto" not in results


def test_seats_of_other_negotiators_are_called_by_their_number(as_owner: Client, pair: list[Session]) -> None:
    Party.objects.filter(session=pair[1], index=1).update(name="Tough")
    page = read(as_owner, pair)
    assert "Utility to Party 2" in page
    assert "BoulwareTBNegotiator, Tough" in page


def test_charts_lie_over_one_another(as_owner: Client, pair: list[Session]) -> None:
    """P-09: a session is told apart by dashes and letter, a party by colour and its own chart."""
    page = read(as_owner, pair)
    assert page.count('class="chart cmp-chart"') == 3
    plane, first, second = (part.split("</svg>")[0] for part in page.split('class="chart cmp-chart"')[1:])
    assert plane.count('class="line pa cmp-s') == plane.count('class="line pb cmp-s') == 2
    assert 'class="line pa cmp-s0" d="M' in first
    assert 'class="line pb cmp-s1" d="M' in second
    assert first.count('class="star"') == 1  # one of them agreed
    assert ">A</text>" in first
    assert ">B</text>" in first


@pytest.mark.parametrize("parties", [3, 9])
def test_more_parties_have_a_chart_each_and_no_plane(as_owner: Client, owner: User, parties: int) -> None:
    scenario = ScenarioFactory(
        n_parties=parties, preferences=[PREFERENCES[index % 2] for index in range(parties)]
    )
    sessions = [make_session("failed", 0, job__owner=owner, scenario=scenario) for _ in range(2)]
    for session in sessions:
        add_offers(session, 40, parties)
    page = read(as_owner, sessions)
    assert page.count('class="chart cmp-chart"') == parties
    assert page.count("Utility to") >= parties


def test_sessions_of_different_scenarios_have_no_common_charts(as_owner: Client, pair: list[Session]) -> None:
    other = make_session("completed", job__owner=pair[0].job.owner)
    page = read(as_owner, [pair[0], other])
    assert "there are no common charts" in page
    assert 'class="chart cmp-chart"' not in page
    assert "high · yes" in section(page, "compare-results")


def test_a_fork_is_named_and_ruled(as_owner: Client, pair: list[Session]) -> None:
    one, two = pair
    Session.objects.filter(pk=two.pk).update(forked_from=one, forked_seq=4)
    action = {"seq": 4, "party": 1, "response": "offer", "outcome": ["low", "no"]}
    Fork.objects.create(session=two, what="action", party=1, step=1, actions=[action])
    page = read(as_owner, pair)
    assert "Fork of A at offer 4: BoulwareTBNegotiator offers low · no" in page
    assert page.count('class="cmp-rule"') == 2
    assert page.count(">fork B<") == 2
    one.job.delete()
    other = make_session("completed", job__owner=two.job.owner, scenario=two.scenario)
    assert "Fork at offer 4: " in read(as_owner, [other, two])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"what": "steps"}, "at offer 4: 1,000 steps"),
        ({"what": "negotiator", "party": 1}, "at offer 4: BoulwareTBNegotiator takes the seat of party 2"),
        (
            {"what": "action", "actions": [{"seq": 4, "party": 1, "response": "accept", "outcome": None}]},
            "at offer 4: BoulwareTBNegotiator accepts",
        ),
    ],
)
def test_what_was_changed_is_said(
    as_owner: Client, pair: list[Session], fields: dict[str, Any], told: str
) -> None:
    Session.objects.filter(pk=pair[1].pk).update(forked_from=pair[0], forked_seq=4)
    Fork.objects.create(session=pair[1], step=1, **fields)
    assert told in read(as_owner, pair)


def test_long_sessions_are_drawn_from_a_sample(as_owner: Client, pair: list[Session]) -> None:
    """And the same rows of each, so that what is the same lies on the same line."""
    for session in pair:
        Offer.objects.filter(session=session).delete()
        add_offers(session, 3000)
    page = read(as_owner, pair)
    assert len(page) < 120_000
    first = page.split('class="chart cmp-chart"')[2]
    paths = [part.split('"')[0] for part in first.split(' d="M')[3:5]]
    assert paths[0] == paths[1]


def test_pages_of_six_ask_the_database_little(
    as_owner: Client, owner: User, pair: list[Session], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    more = [make_session("completed", job__owner=owner, scenario=pair[0].scenario) for _ in range(4)]
    with django_assert_max_num_queries(18):
        page = read(as_owner, [*pair, *more])
    assert page.count('class="card cmp-head"') == 6
    assert "cmp-s5" in page


# --- Whom -----------------------------------------------------------------------------------------------------


def test_one_named_twice_is_shown_once(as_owner: Client, pair: list[Session]) -> None:
    page = read(as_owner, [*pair, pair[0]])
    assert page.count('class="card cmp-head"') == 2


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        ("", "No sessions are chosen."),
        (",,", "No sessions are chosen."),
        ("nonsense,also", "The address names something that is no session."),
        ("'; drop table,1", "The address names something that is no session."),
        (str(uuid.UUID(int=1)), "One session is chosen."),
        (",".join(str(uuid.UUID(int=n)) for n in range(7)), "More than six sessions are chosen."),
        ("\0", "The address names something that is no session."),
    ],
)
def test_addresses_that_make_no_sense_say_so(as_owner: Client, ids: str, told: str) -> None:
    for where in ("", "live/"):
        response = as_owner.get(f"/sessions/compare/{where}", {"ids": ids})
        assert response.status_code == 400
        assert told in html.unescape(response.content.decode())


def test_an_endless_address_is_answered_at_once(as_owner: Client) -> None:
    ids = ",".join([str(uuid.uuid4())] * 2 + ["x" * 2000])
    assert as_owner.get("/sessions/compare/", {"ids": ids}).status_code == 400


def test_unknown_ones_are_not_found(as_owner: Client, pair: list[Session]) -> None:
    read(as_owner, [pair[0], uuid.uuid4()], 404)


def test_who_may(
    as_colleague: Client, as_stranger: Client, as_superuser: Client, pair: list[Session]
) -> None:
    read(as_colleague, pair)
    read(as_superuser, pair)
    for live in (False, True):
        assert as_stranger.get(url(pair, live)).status_code == 404
    assert Client().get(url(pair)).headers["Location"].startswith("/sign-in/")
    assert Client().get(url(pair, live=True)).status_code == 401


def test_one_of_them_that_is_not_theirs_hides_all(
    as_colleague: Client, pair: list[Session], owner: User
) -> None:
    secret = make_session("completed", job__owner=owner, scenario=pair[0].scenario)
    read(as_colleague, [pair[0], secret], 404)


# --- Live -----------------------------------------------------------------------------------------------------


@pytest.fixture
def running(owner: User, pair: list[Session]) -> list[Session]:
    """The second one still runs, and takes no time, so that nothing changes by itself."""
    two = make_session("running", job__owner=owner, scenario=pair[0].scenario)
    Job.objects.filter(pk=two.pk).update(started_at=None)
    return [pair[0], two]


def poll(client: Client, sessions: list[Session], **versions: str) -> Any:
    query = "".join(f"&v-{name}={version}" for name, version in versions.items())
    return client.get(f"{url(sessions, live=True)}{query}&every=1")


def shown_versions(page: str) -> dict[str, str]:
    ids = ("compare-heads", "compare-settings", "compare-results", "compare-charts")
    return {id: page.split(f'id="{id}"')[1].split('data-version="')[1].split('"')[0] for id in ids}


def test_it_polls_every_second_while_one_runs(as_owner: Client, running: list[Session]) -> None:
    page = read(as_owner, running)
    assert f'hx-get="{url(running, live=True)}"' in page
    assert "every 1s" in page


def test_nothing_new_is_a_204(as_owner: Client, running: list[Session]) -> None:
    versions = shown_versions(read(as_owner, running))
    assert poll(as_owner, running, **versions).status_code == 204


def test_new_offers_bring_results_and_charts_alone(as_owner: Client, running: list[Session]) -> None:
    versions = shown_versions(read(as_owner, running))
    add_offers(running[1], 4)
    part = poll(as_owner, running, **versions).content.decode()
    assert 'id="compare-charts"' in part
    assert 'id="compare-results"' in part
    assert 'id="compare-heads"' not in part
    assert 'id="compare-settings"' not in part
    assert len(part.encode()) < 30_000


def test_an_answer_about_six_long_ones_is_small(
    as_owner: Client, owner: User, running: list[Session]
) -> None:
    more = [make_session("running", 600, job__owner=owner, scenario=running[0].scenario) for _ in range(5)]
    part = poll(as_owner, [running[0], *more]).content
    assert len(part) < 45_000


def test_at_the_end_the_feed_of_all_pages_takes_over(as_owner: Client, pair: list[Session]) -> None:
    versions = shown_versions(read(as_owner, pair))
    part = poll(as_owner, pair, **versions).content.decode()
    assert 'hx-get="/live/"' in part or "notifications" in part
    assert f'hx-get="{url(pair, live=True)}"' not in read(as_owner, pair)
