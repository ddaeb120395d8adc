"""The jobs of rooms on the pages of jobs: found, shown, paused and tried again as any other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from negotiations import room_tasks
from negotiations.engine.room_specs import BUYER
from negotiations.engine.rooms import play_round
from negotiations.models import Job, RoomRun, RoomStatus, Status
from negotiations.tasks import run_job
from tests.factory import make_market

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_tasks, "played", play_round)


def start(owner: User, **fields: Any) -> Any:
    return make_market(owner, n_items=1, n_sellers=2, **fields).rooms.get().start(owner)


def test_a_room_has_the_page_of_its_job(as_owner: Client, as_stranger: Client, owner: User) -> None:
    run = start(owner)
    run_job(str(run.pk))
    address = reverse("negotiations:job-detail", args=[run.pk])
    page = as_owner.get(address).content.decode()
    assert "Item 1 of New office, run 1" in page
    assert reverse("negotiations:room-detail", args=[run.room.market_id, run.room_id]) in page
    assert as_stranger.get(address).status_code == 404


def test_rooms_are_found_among_the_jobs(as_owner: Client, owner: User) -> None:
    run = start(owner)
    address = reverse("negotiations:job-list")
    for words in ("Item 1", "office"):
        assert str(run.pk) in as_owner.get(address, {"q": words}).content.decode()
    assert str(run.pk) not in as_owner.get(address, {"q": "something else"}).content.decode()
    assert str(run.pk) in as_owner.get(address, {"kind": "room run"}).content.decode()


def test_a_list_of_rooms_asks_no_query_a_row(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    market = make_market(owner, n_items=12, n_sellers=1)
    market.start(owner)
    address = reverse("negotiations:job-list")
    as_owner.get(address)
    with django_assert_max_num_queries(14):
        assert as_owner.get(address).content.decode().count("of New office, run 1</a>") == 12


def test_a_room_that_waits_for_a_person_is_paused_and_goes_on(
    owner: User, colleague: User, group: Group
) -> None:
    run = start(owner, group=group, buyer_kind="person", buyer_person=colleague)
    run_job(str(run.pk))
    job = Job.objects.get(pk=run.pk)
    assert job.pause(owner)
    run.room.write(colleague, "12 each?")
    job = Job.objects.get(pk=run.pk)
    assert (job.hold, job.awaits_since, job.status) == (True, None, Status.QUEUED)
    run_job(str(run.pk))
    assert RoomRun.objects.get().n_messages == 1

    assert job.resume(owner)
    run_job(str(run.pk))
    run = RoomRun.objects.get()
    assert (run.n_messages, run.awaits) == (3, [BUYER])


def test_a_paused_room_may_be_decided(owner: User) -> None:
    run = start(owner)
    run.job.pause(owner)
    run.room.decide(owner, "deal", 0, Decimal(12), 10)
    job = Job.objects.get(pk=run.pk)
    assert (job.status, job.hold, job.room_run.room.status) == (
        Status.COMPLETED,
        False,
        RoomStatus.COMPLETED,
    )


def test_a_person_with_two_seats_is_told_of_the_deal_that_is_theirs(
    owner: User, colleague: User, group: Group
) -> None:
    draft = make_market(owner).to_draft()
    sellers = tuple(
        type(seller)(**{**vars(seller), "kind": "person", "person": colleague})
        for seller in draft.sellers[:2]
    )
    market = type(make_market(owner)).objects.open(
        type(draft)(**{**vars(draft), "needs": draft.needs[:1], "sellers": sellers}), owner, group
    )
    room = market.rooms.get()
    room.start(owner)
    room.decide(owner, "deal", 1, Decimal(12), 10)
    told = colleague.notifications.get(kind="room_over")
    assert told.text.startswith("Deal with Seller 2")
    assert told.href.endswith("/seat/1/")
