"""What becomes of a market: its summary, another one like it, its deletion and the logs that stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.utils import timezone

from negotiations.engine.room_specs import BUYER
from negotiations.exceptions import Refused, TooMuch
from negotiations.models import (
    AuditEntry,
    Job,
    Market,
    Room,
    RoomLog,
    RoomMessage,
    RoomRun,
    RoomStatus,
    Stock,
)
from negotiations.tasks import run_job
from tests.factory import make_draft, make_market, make_message

pytestmark = pytest.mark.django_db


def made(owner: User, **fields: Any) -> Any:
    """Three rooms and one that nobody can serve: a deal, none, and one that waits."""
    draft = make_draft(n_items=4, n_sellers=2, **fields)
    needs = (*draft.needs[:3], replace(draft.needs[3], quantity=16))
    market = Market.objects.open(replace(draft, needs=needs), owner, fields.get("group"))
    first, second, *_ = market.rooms.all()
    run = first.start(owner)
    make_message(run, 1, BUYER)
    make_message(run, 1, 0, price=12.5, quantity=10)
    first.decide(owner, "deal", 0, Decimal("12.50"), 10)
    second.start(owner)
    second.decide(owner, "no_deal")
    return Market.objects.get(pk=market.pk)


def test_the_summary_tells_what_was_bought_and_what_was_not(owner: User) -> None:
    market = made(owner)
    summary = market.summary()
    assert summary["buyer_name"] == "Office team"
    assert (
        summary["total_items_requested"],
        summary["completed_purchases"],
        summary["failed_purchases"],
    ) == (4, 1, 2)
    assert [failed["item"] for failed in summary["failed_items"]] == ["Item 2", "Item 4"]
    assert summary["failed_items"][1]["reason"] == "No seller can serve it: Insufficient Quantity."
    assert (summary["total_spent"], summary["items_purchased"], summary["total_messages"]) == (125.0, 10, 2)
    assert (summary["average_savings"], summary["average_rounds"]) == (7.5, 1)
    assert summary["purchases"][0]["seller"] == "Seller 1"


def test_a_summary_without_a_purchase_has_no_averages(owner: User) -> None:
    summary = make_market(owner).summary()
    assert (summary["purchases"], summary["average_savings"], summary["total_spent"]) == ([], None, 0.0)


def test_the_summary_costs_a_few_queries_whatever_the_rooms(
    owner: User, django_assert_max_num_queries: Any
) -> None:
    market = make_market(owner, n_items=12, n_sellers=2)
    for room in market.rooms.all():
        room.start(owner)
        room.decide(owner, "deal", 0, Decimal(12), 10)
    with django_assert_max_num_queries(4):
        market.summary()


def test_a_market_is_opened_again_as_it_was(owner: User) -> None:
    market = made(owner, budget=Decimal(500), seed=7)
    again = market.again(owner)
    assert (again.based_on, again.status, again.spent, again.seed) == (market, "draft", 0, 7)
    assert again.to_draft() == market.to_draft()
    assert set(Stock.objects.filter(seller__market=again).values_list("remaining", flat=True)) == {15}
    assert [room.status for room in again.rooms.all()] == ["pending"] * 3 + ["no_sellers_available"]


def test_who_looks_on_may_open_one_like_it_for_themselves(owner: User, colleague: User, group: Group) -> None:
    again = make_market(owner, group=group).again(colleague)
    assert (again.owner, again.group) == (colleague, group)


def test_a_market_goes_with_all_that_was_said_and_its_logs_stay(owner: User) -> None:
    market = made(owner)
    first = market.rooms.first()
    market.rooms.get(index=2).start(owner)

    assert market.remove(owner) == 3
    for model in (Market, Room, RoomRun, RoomMessage, Stock, Job):
        assert not model.objects.exists()
    log = RoomLog.objects.visible_to(owner).of_room(market.pk, first.pk)
    assert log is not None
    assert log.document["decision"]["price"] == 12.5
    assert AuditEntry.objects.filter(deed="deleted", thing_id=str(market.pk)).exists()


def test_a_worker_whose_market_is_deleted_leaves_it(owner: User) -> None:
    market = make_market(owner, n_items=1)
    run = market.rooms.get().start(owner)
    job = Job.objects.claim(run.pk, "somebody")
    market.remove(owner)
    assert job is not None
    run_job(str(job.pk))
    assert not Job.objects.exists()


def test_logs_are_seen_by_those_who_saw_the_market(
    owner: User, colleague: User, stranger: User, group: Group
) -> None:
    market: Any = make_market(owner, group=group)
    room = market.rooms.first()
    room.start(owner)
    market.remove(owner)
    seers = [user for user in (owner, colleague, stranger) if RoomLog.objects.visible_to(user).exists()]
    assert seers == [owner, colleague]


def test_logs_of_a_market_with_people_are_its_owners_alone(
    owner: User, colleague: User, group: Group
) -> None:
    market: Any = make_market(owner, group=group, buyer_kind="person", buyer_person=colleague)
    market.rooms.first().start(owner)
    market.remove(owner)
    assert not RoomLog.objects.visible_to(colleague).exists()


def test_logs_go_after_a_week(owner: User) -> None:
    market: Any = make_market(owner)
    market.rooms.first().start(owner)
    market.remove(owner)
    call_command("prune", verbosity=0)
    assert RoomLog.objects.count() == 1
    RoomLog.objects.update(deleted_at=timezone.now() - timedelta(days=7, seconds=1))
    call_command("prune", verbosity=0)
    assert not RoomLog.objects.exists()


def test_as_many_rooms_start_as_a_person_may_have(owner: User, settings: Any) -> None:
    settings.ACTIVE_JOBS = 2
    market = make_market(owner)
    assert len(market.start(owner)) == 2
    assert market.rooms.filter(status=RoomStatus.PENDING).count() == 1
    with pytest.raises(TooMuch):
        market.start(owner)


def test_a_market_without_a_room_that_waits_cannot_be_started(owner: User) -> None:
    market = make_market(owner)
    market.start(owner)
    with pytest.raises(Refused) as refusal:
        market.start(owner)
    assert refusal.value.code == "NEGOTIATION_ALREADY_ACTIVE"


def test_lists_are_narrowed_by_words_and_status(owner: User) -> None:
    lamps = make_market(owner, name="Lamps")
    chairs = make_market(owner, name="Chairs")
    chairs.start(owner)
    found = Market.objects.visible_to(owner)
    assert list(found.narrowed({"q": "lam", "status": ""})) == [lamps]
    assert list(found.narrowed({"q": "", "status": "active"})) == [chairs]
    assert set(found.narrowed({"q": "Item seller", "status": ""})) == {lamps, chairs}
    assert list(found.newest_first()) == [chairs, lamps]
