"""M-09, X-08: who sits in a session that goes on sees it from their seat alone, wherever they ask; afterwards all of it.

Superusers and owners, too: a test walks whatever names a session, as each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from api.models import ApiToken, Scope
from negotiations.engine.specs import PERSON
from negotiations.models import Job, JobLog, Offer, Scenario, Session, Status
from negotiations.models.session_marks import marks_of
from negotiations.models.work import Work
from negotiations.tasks import run_job
from tests.conftest import client_of
from tests.factory import ScenarioFactory, make_seated_session

pytestmark = pytest.mark.django_db

# What the other party's offers are worth to it, as pages and as data say it, and what it prints.
SECRETS = ("0.7777", "0.78", "0.4646", "0.46", "my floor is a third")


def names(found: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for each in found:
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from names(each.url_patterns, inner)
        else:
            yield f"{namespace}{each.name}"


ABOUT_SESSIONS = sorted(
    name
    for name in set(names(get_resolver().url_patterns))
    if name.startswith(
        ("negotiations:session-", "negotiations:api-", "negotiations:job-", "negotiations:preset-of")
    )
)
WITHOUT_KEY = {
    "negotiations:session-list", "negotiations:session-list-live", "negotiations:session-new",
    "negotiations:session-new-parties", "negotiations:session-new-check", "negotiations:session-compare",
    "negotiations:session-compare-live", "negotiations:session-bulk", "negotiations:job-list",
    "negotiations:job-list-live", "negotiations:job-bulk",
}  # fmt: skip
OF_SEATS = {f"negotiations:session-seat{part}" for part in ("", "-live", "-utility")}
# They lead to the seat, or tell of the work alone; what they say is held against the secrets all the same.
OPEN = OF_SEATS | {"negotiations:session-detail"}


@pytest.fixture
def scenario(group: Group) -> Scenario:
    """Nobody's but its owner's: its page would say what every party wants."""
    secret: Scenario = ScenarioFactory(owner=User.objects.create(username="author"), group=None)
    return secret


@pytest.fixture(params=["owner", "superuser"])
def person(request: pytest.FixtureRequest) -> User:
    """Who sits in it; theirs it is, too."""
    found: User = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def session(person: User, group: Group, scenario: Scenario) -> Session:
    """At the turn of `person`, after an offer that is worth 0.7777 to the other party, which prints what it thinks."""
    session = make_seated_session(person, 1, job__owner=person, job__group=group, scenario=scenario)
    session.parties.filter(index=0).update(reserved_value=0.4646)
    run_job(str(session.pk))
    Offer.objects.filter(session=session).update(utilities=[0.7777, 0.2121])
    JobLog.objects.say(session.job, "my floor is a third")
    found: Session = Session.objects.get(pk=session.pk)
    return found


def told(client: Client, url: str, method: str = "GET") -> tuple[int, str]:
    response: Any = client.generic(method, url)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    # A time of the day may hold any digits.
    return response.status_code, re.sub(r"T\d\d:\d\d:\d\d\.\d+", "", body.decode(errors="replace"))


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("name", [name for name in ABOUT_SESSIONS if name not in WITHOUT_KEY])
def test_whatever_is_asked_of_it_tells_nothing_of_the_others(
    session: Session, person: User, name: str
) -> None:
    client = client_of(person)
    url = reverse(name, args=[session.pk])
    for query in ("", "?after=0", "?view=all&step=1", "?log=0", "?ids=1"):
        status, text = told(client, url + query)
        assert secrets_in(text) == []
        if name.startswith("negotiations:session-") and name not in OPEN:
            assert status in (404, 405)
    assert secrets_in(told(client, url, "POST")[1]) == []


def test_the_seat_itself_shows_the_offer_and_nothing_of_what_it_is_worth_to_others(
    session: Session, person: User
) -> None:
    status, page = told(client_of(person), session.seat_url())
    assert status == 200
    assert "0.21" in page
    assert secrets_in(page) == []


@pytest.mark.parametrize("name", sorted(WITHOUT_KEY - {"negotiations:session-bulk", "negotiations:job-bulk"}))
def test_no_list_tells_of_it(session: Session, person: User, name: str) -> None:
    pk = session.pk
    for query in ("", f"?ids={pk}&ids={pk}", f"?again={pk}", f"?v-session-{pk}=x&v-row-{pk}=x"):
        _, text = told(client_of(person), reverse(name) + query)
        assert secrets_in(text) == []
        assert f'"{session.get_absolute_url()}"' not in text or name.startswith("negotiations:job-")


@pytest.mark.parametrize("verb", ["cancel", "again", "tag", "delete", "compare", "export"])
def test_no_change_of_many_reaches_it(session: Session, person: User, verb: str) -> None:
    client = client_of(person)
    data = {"change": verb, "ids": str(session.pk), "tags": "x"}
    response = client.post(reverse("negotiations:session-bulk"), data, follow=True)
    assert secrets_in(response.content.decode()) == []
    assert Session.objects.get(pk=session.pk).job.is_active
    assert Session.objects.count() == 1


def test_programs_get_no_more_than_pages(session: Session, person: User) -> None:
    _, token = ApiToken.objects.make(person, "notebook", Scope.RUN)
    for path in ("", "/offers", "/result", "/export", "/log"):
        for kind in ("sessions", "jobs"):
            response = Client().get(
                f"/api/v1/{kind}/{session.pk}{path}", headers={"Authorization": f"Bearer {token}"}
            )
            assert secrets_in(response.content.decode()) == []
            if kind == "sessions":
                assert response.status_code == 404
    listed = Client().get("/api/v1/sessions", headers={"Authorization": f"Bearer {token}"}).content.decode()
    assert str(session.pk) not in listed


@pytest.mark.parametrize("url", ["/api/jobs/{}", "/api/v1/jobs/{}"])
def test_a_job_tells_how_the_others_negotiate_when_it_is_over(
    session: Session, person: User, colleague: User, url: str
) -> None:
    """With the type, the parameters and the seed of an opponent one could play it beforehand."""
    other, _ = session.parties.all()
    session.parties.filter(pk=other.pk).update(parameters={"exponent": 0.4321})

    def asked(user: User) -> dict[str, Any]:
        found: dict[str, Any] = client_of(user).get(url.format(session.pk)).json()["form_data"]
        return found

    mine = asked(person)
    assert [seat["name"] for seat in mine["parties"]] == [party.name for party in session.parties.all()]
    assert all(set(seat) == {"name"} for seat in mine["parties"])
    assert "seed" not in mine
    assert asked(colleague)["parties"][0]["parameters"] == {"exponent": 0.4321}
    Job.objects.get(pk=session.pk).cancel(person)
    assert asked(person)["parties"][0]["parameters"] == {"exponent": 0.4321}


def test_the_administration_keeps_it_too(session: Session, person: User) -> None:
    if not person.is_superuser:
        return
    client = client_of(person)
    for url in (
        reverse("admin:negotiations_session_changelist"),
        reverse("admin:negotiations_session_change", args=[session.pk]),
        reverse("admin:negotiations_job_change", args=[session.pk]),
        f"{reverse('admin:negotiations_offer_changelist')}?q={session.pk}",
    ):
        response = client.get(url, follow=True)
        text = response.content.decode()
        assert "0.7777" not in text
        assert "my floor" not in text


def test_others_of_the_group_look_on_as_ever(session: Session, colleague: User, stranger: User) -> None:
    assert "0.78" in told(client_of(colleague), reverse("negotiations:session-offers", args=[session.pk]))[1]
    assert told(client_of(stranger), session.get_absolute_url())[0] == 404


def test_nobody_copies_it_while_it_goes_on(session: Session, colleague: User) -> None:
    """A fork has its rows: who sits in the first would read them in the second."""
    url = reverse("negotiations:session-fork", args=[session.pk])
    assert "Fork it when it is over" in told(client_of(colleague), url)[1]
    client_of(colleague).post(url, {"seq": 1, "what": "steps", "n_steps": 30})
    assert not Session.objects.filter(forked_from=session).exists()


def test_when_it_is_over_they_see_all_of_it(session: Session, person: User) -> None:
    client = client_of(person)
    Job.objects.get(pk=session.pk).cancel(person)
    status, page = told(client, reverse("negotiations:session-offers", args=[session.pk]))
    assert (status, "0.78" in page) == (200, True)
    assert told(client, session.get_absolute_url())[0] == 200
    assert session.get_absolute_url() in told(client, session.seat_url())[1]
    assert "my floor" in told(client, reverse("negotiations:job-log-text", args=[session.pk]))[1]


def test_the_count_of_what_goes_on_leaves_ones_own_seats_out(
    session: Session, person: User, owner: User, superuser: User, colleague: User
) -> None:
    """The SQL of the polls says the same as `visible_to`."""
    for user in (owner, superuser, colleague):
        visible = Session.objects.visible_to(user).in_progress().count()
        assert sum(Work.of_sessions(user).words.values()) == visible
    assert Work.of_sessions(person).seats[:2] == (1, 1)
    assert tuple(Work.of_sessions(colleague).seats)[1] == 0


def test_the_marks_of_a_poll_leave_them_out_too(session: Session, person: User) -> None:
    everything = Session.objects.filter(pk=session.pk)
    assert marks_of(everything)
    assert not marks_of(everything.apart_from_seats_of(person))


def test_with_two_people_in_it_neither_sees_the_other(
    owner: User, colleague: User, group: Group, scenario: Scenario
) -> None:
    session = make_seated_session(owner, 0, job__owner=owner, job__group=group, scenario=scenario)
    session.parties.filter(index=1).update(type=PERSON, person=colleague, name="colleague")
    run_job(str(session.pk))
    Session.objects.get(pk=session.pk).answer(owner, 1, "offer", ("fair", "yes"))
    run_job(str(session.pk))
    Offer.objects.filter(session=session).update(utilities=[0.7777, 0.2121])
    assert secrets_in(told(client_of(colleague), session.seat_url())[1]) == []
    mine = told(client_of(owner), session.seat_url())[1]
    assert "0.78" in mine
    assert "0.21" not in mine
    assert Session.objects.get(pk=session.pk).job.status == Status.QUEUED
