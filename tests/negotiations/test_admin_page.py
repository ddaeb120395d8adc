"""The admin inspects; what it does is cancel, pause, resume and retry (J-24)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from negotiations.models import (
    Job,
    JobLog,
    Market,
    Negotiator,
    Party,
    RoomLog,
    Scenario,
    ScenarioImport,
    Session,
    Status,
    Stock,
    Worker,
)
from tests.conftest import client_of
from tests.factory import (
    JobFactory,
    NegotiatorFactory,
    OfferFactory,
    ScenarioFactory,
    ScenarioImportFactory,
    SessionFactory,
    UserFactory,
    make_completed_session,
    make_market,
    make_message,
)
from tests.negotiations.market_rooms import started

LISTS = [
    "job", "session", "offer", "scenario", "scenarioimport", "negotiator", "worker", "auditentry",
    "market", "stock", "room", "roomrun", "roommessage", "roomdecision", "roomlog",
]  # fmt: skip


def fill(times: int) -> None:
    for _ in range(times):
        make_completed_session(scenario=ScenarioFactory(owner=UserFactory()))
        ScenarioImportFactory(archive=b"x" * 100)
        NegotiatorFactory(type=f"negmas.{uuid.uuid4()}")
        make_market(UserFactory(), n_items=1, n_sellers=1).rooms.get().start(UserFactory(is_superuser=True))
    RoomLog.objects.keep(Market.objects.first())


@pytest.mark.parametrize("name", LISTS)
def test_each_list_asks_no_query_a_row(
    as_superuser: Client, name: str, django_assert_max_num_queries: Any
) -> None:
    fill(12)
    with django_assert_max_num_queries(12):
        assert as_superuser.get(f"/admin/negotiations/{name}/").status_code == 200


def test_a_job_shows_what_one_wants_to_know_of_it(as_superuser: Client) -> None:
    session = SessionFactory()
    Job.objects.filter(pk=session.pk).update(
        status=Status.FAILED,
        error="CAB took longer than 2 s.",
        attempt=2,
        current_step=3,
        total_steps=20,
        percentage=15,
    )
    page = as_superuser.get("/admin/negotiations/job/").content.decode()
    for text in (
        "failed",
        "CAB took longer than 2 s.",
        "15 % (3/20)",
        f"/sessions/{session.pk}/",
        session.job.owner.username,
    ):
        assert text in page


def test_the_page_of_a_job_has_its_history_and_no_field_to_write(as_superuser: Client) -> None:
    job = JobFactory()
    job.note("Queued by hand")
    page = as_superuser.get(f"/admin/negotiations/job/{job.pk}/change/").content.decode()
    assert "Queued by hand" in page
    assert 'name="status"' not in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_added_by_hand(as_superuser: Client, name: str) -> None:
    assert as_superuser.get(f"/admin/negotiations/{name}/add/").status_code == 403


def test_each_thing_has_a_page(as_superuser: Client) -> None:
    fill(1)
    for model in (Job, Session, Scenario, ScenarioImport, Negotiator):
        url = f"/admin/negotiations/{model._meta.model_name}/{model.objects.values_list('pk', flat=True)[0]}/change/"
        assert as_superuser.get(url).status_code == 200
    party = Party.objects.all()[0]
    assert (
        party.name
        in as_superuser.get(f"/admin/negotiations/session/{party.session_id}/change/").content.decode()
    )


def test_an_archive_is_never_shown(as_superuser: Client) -> None:
    upload = ScenarioImportFactory(archive=b"PK-secret-bytes")
    page = as_superuser.get(f"/admin/negotiations/scenarioimport/{upload.pk}/change/").content.decode()
    assert "secret-bytes" not in page
    assert "rchive" not in page


def test_offers_are_listed_for_one_session_at_a_time_and_never_counted_whole(as_superuser: Client) -> None:
    mine, other = OfferFactory(text="mine"), OfferFactory()
    whole = as_superuser.get("/admin/negotiations/offer/")
    assert whole.context["cl"].result_count == 0
    found = as_superuser.get("/admin/negotiations/offer/", {"q": str(mine.session_id)})
    assert [offer.pk for offer in found.context["cl"].result_list] == [mine.pk]
    assert other.pk != mine.pk


def test_cancelling_cancels_what_waits_and_counts_what_was_over(as_superuser: Client, superuser: Any) -> None:
    """J-12."""
    waiting, over = JobFactory(), JobFactory(status=Status.COMPLETED)
    data = {"action": "cancel", "_selected_action": [waiting.pk, over.pk]}
    page = as_superuser.post("/admin/negotiations/job/", data, follow=True).content.decode()
    waiting.refresh_from_db()
    over.refresh_from_db()
    assert (waiting.status, waiting.cancelled_by, over.status) == (
        Status.CANCELLED,
        superuser,
        Status.COMPLETED,
    )
    assert "1 job cancelled." in page
    assert "1 job left as it was: over, or being cancelled already." in page


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("pause", {"hold": False}, {"hold": True}),
        ("resume", {"hold": True}, {"hold": False}),
    ],
)
def test_what_is_queued_is_paused_and_resumed(
    as_superuser: Client, action: str, before: dict[str, bool], after: dict[str, bool]
) -> None:
    """J-24"""
    job = JobFactory(**before)
    page = as_superuser.post(
        "/admin/negotiations/job/", {"action": action, "_selected_action": [job.pk]}, follow=True
    )
    assert f"1 job {action}d." in page.content.decode()
    assert Job.objects.filter(pk=job.pk, **after).exists()


def test_what_failed_is_retried(as_superuser: Client) -> None:
    session = SessionFactory(types=["negmas.sao.AspirationNegotiator"] * 2)
    session.parties.update(negotiator=NegotiatorFactory())
    Job.objects.filter(pk=session.pk).update(status=Status.FAILED)
    data = {"action": "retry", "_selected_action": [session.pk]}
    page = as_superuser.post("/admin/negotiations/job/", data, follow=True).content.decode()
    assert "1 job retried." in page
    assert Job.objects.get(retry_of=session.pk).owner == session.job.owner


def test_a_job_shows_the_end_of_its_log_and_not_more(as_superuser: Client) -> None:
    job = JobFactory()
    JobLog.objects.bulk_create(JobLog(job=job, seq=seq, text=f"line {seq}.") for seq in range(1, 131))
    page = as_superuser.get(f"/admin/negotiations/job/{job.pk}/change/").content.decode()
    assert "line 130." in page
    assert "line 31." in page
    assert "line 30." not in page


def test_workers_and_deeds_are_listed(as_superuser: Client, superuser: Any) -> None:
    now = timezone.now()
    Worker.objects.create(name="h:1.2:3", host="h", cluster="parley", pid=3, started_at=now, seen_at=now)
    job = JobFactory()
    job.cancel(superuser)
    assert "h:1.2:3" in as_superuser.get("/admin/negotiations/worker/").content.decode()
    assert str(job.pk) in as_superuser.get("/admin/negotiations/auditentry/").content.decode()


def test_a_staff_user_who_may_only_look_cannot_cancel(db: None) -> None:
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_job"))
    client, job = Client(), JobFactory()
    client.force_login(staff)
    client.post("/admin/negotiations/job/", {"action": "cancel", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.status == Status.QUEUED


@pytest.mark.parametrize("name", LISTS)
def test_a_year_that_is_none_is_left_out_of_what_is_asked(as_superuser: Client, name: str) -> None:
    """Also where only the database finds out; the list says so."""
    fill(1)
    dates = {
        "session": "job__created_at",
        "scenarioimport": "job__created_at",
        "worker": "seen_at",
        "roomrun": "job__created_at",
    }
    response = as_superuser.get(f"/admin/negotiations/{name}/?{dates.get(name, 'created_at')}__year=0")
    assert response.status_code in (302, 400)
    if response.status_code == 302:
        assert as_superuser.get(response["Location"]).status_code == 200


def test_from_a_row_to_its_page_and_from_a_key_that_is_none_to_no_page(
    as_superuser: Client, as_owner: Client
) -> None:
    session, kind = SessionFactory(), ContentType.objects.get_for_model(Session).pk
    assert as_superuser.get(f"/admin/r/{kind}/{session.pk}/")["Location"].endswith(f"/sessions/{session.pk}/")
    for key in (f"{kind}/nothing", f"{kind}/{uuid.uuid4()}", "none/1", "0/1"):
        assert as_superuser.get(f"/admin/r/{key}/").status_code == 404
    assert as_owner.get(f"/admin/r/{kind}/{session.pk}/")["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("name", ["schedule", "success", "failure", "ormq"])
def test_the_pages_of_the_queue_are_gone(as_superuser: Client, name: str) -> None:
    """An editable Schedule.func is code execution for any staff user (design §10)."""
    assert as_superuser.get(f"/admin/django_q/{name}/").status_code == 404


def test_who_is_not_staff_does_not_come_in(as_owner: Client, client: Client, db: None) -> None:
    assert as_owner.get("/admin/negotiations/job/").status_code == 302
    assert client.get("/admin/negotiations/job/").status_code == 302


def test_rooms_are_stopped_from_their_list(as_superuser: Client) -> None:
    room = make_market(UserFactory(), n_items=1).rooms.get()
    run = room.start(room.market.owner)
    page = as_superuser.post(
        "/admin/negotiations/room/", {"action": "stop", "_selected_action": [str(room.pk)]}, follow=True
    )
    assert "within two seconds" in page.content.decode()
    assert Job.objects.get(pk=run.pk).status == Status.CANCELLED


def test_a_market_shows_its_sellers_and_rooms(as_superuser: Client) -> None:
    market = make_market(UserFactory(), n_items=1, n_sellers=2)
    page = as_superuser.get(f"/admin/negotiations/market/{market.pk}/change/").content.decode()
    assert "Seller 2" in page
    assert "Item 1" in page


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("market", "market"),
        ("room", "room"),
        ("roomrun", "run"),
        ("job", "run"),
        ("stock", "stock"),
        ("roommessage", ""),
    ],
)
def test_a_staff_user_in_a_seat_finds_nothing_of_that_market_here(db: None, model: str, key: str) -> None:
    """Where others who may look do; superusers see all of a market, as everywhere."""
    run = started(UserFactory(), people := Group.objects.create(name="people"), {1: _looker(people)})
    make_message(run, 1, 0, "Between the two of us.")
    seated, other = User.objects.get(username="seated"), _looker(people, "other")
    stock = Stock.objects.exclude(seller__person=seated).first()
    assert stock is not None
    keys = {"market": run.room.market_id, "room": run.room_id, "run": run.pk, "stock": stock.pk}
    url = f"/admin/negotiations/{model}/" + (f"{keys[key]}/change/" if key else f"?q={run.pk}")
    told = {user: client_of(user).get(url) for user in (seated, other)}
    assert told[other].status_code == 200
    assert ("Between the two" in told[other].content.decode()) == (model == "roommessage")
    assert (told[seated].status_code, told[seated].get("Location")) in ((200, None), (302, "/admin/"))
    assert (told[seated].status_code == 200) == (model == "roommessage")
    assert "Between the two" not in told[seated].content.decode()


def test_logs_of_deleted_markets_are_for_those_who_saw_the_market(as_superuser: Client) -> None:
    """Who sat in it is not known any more."""
    people = Group.objects.create(name="people")
    staff, owner = _looker(people), UserFactory()
    played = started(owner, people, {1: staff})
    make_message(played, 1, 0, "Between the two of us.")
    make_market(owner, n_items=1, group=people).rooms.get().start(owner)
    for market in Market.objects.all():
        market.remove(owner)
    kept = RoomLog.objects.get(market_id=played.room.market_id)
    shared = RoomLog.objects.exclude(pk=kept.pk).get()
    for client, seen in ((client_of(staff), {shared.pk}), (as_superuser, {kept.pk, shared.pk})):
        pages = [client.get(f"/admin/negotiations/roomlog/{log.pk}/change/") for log in (kept, shared)]
        found = {log.pk for log, page in zip((kept, shared), pages, strict=True) if page.status_code == 200}
        assert found == seen
        assert ("Between the two" in pages[0].content.decode()) == (kept.pk in seen)


def _looker(group: Group, name: str = "seated") -> User:
    """Staff who may look at all that the administration has of markets."""
    staff: User = UserFactory(username=name, is_staff=True)
    staff.groups.add(group)
    names = ("market", "room", "roomrun", "roomlog", "job", "stock", "roommessage")
    staff.user_permissions.add(*Permission.objects.filter(codename__in=[f"view_{each}" for each in names]))
    return staff
