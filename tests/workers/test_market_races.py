"""People and workers at the rooms of one market at the same moment: never two deals, never more than there is (M-22)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from negotiations import room_tasks
from negotiations.engine.room_specs import BUYER, RoomDecision, RoomSpec, Said, Verdict
from negotiations.exceptions import Refused, TooMuch
from negotiations.market_rules import MarketDraft, NeedDraft, SellerDraft, StockDraft
from negotiations.models import Job, Market, Room, RoomRun, Stock
from negotiations.tasks import run_job
from tests.factory import UserFactory
from tests.workers.conftest import Storage

pytestmark = [pytest.mark.workers]

THREADS = 4
MOVES = ("start", "play", "deal", "no deal", "write", "stop")


def quick_play(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
    """A round, and a deal with whoever has enough."""
    round = max((said.round for said in transcript), default=0) + 1
    yield Said(round, BUYER, "Who sells?")
    for seat in range(len(spec.sellers)):
        yield Said(round, seat, "I do.", 12.0, spec.buyer.quantity)
    able = [seat for seat, seller in enumerate(spec.sellers) if seller.stock >= spec.buyer.quantity]
    budget = spec.buyer.budget
    if able and (budget is None or budget >= 12.0 * spec.buyer.quantity):
        yield RoomDecision(round, Verdict.DEAL, able[0], 12.0, spec.buyer.quantity)
    elif round >= spec.max_rounds:
        yield RoomDecision(round, Verdict.NO_DEAL)


def make(n_rooms: int, n_sellers: int, stock: int, budget: int | None) -> Market:
    """Rooms that all want the same, of which there is not enough."""
    owner = User.objects.filter(username="runner").first() or UserFactory(username="runner")
    lamp = StockDraft("Lamp", Decimal(5), Decimal(9), Decimal(25), stock)
    draft = MarketDraft(
        name="Scarce",
        buyer_name="Office",
        needs=(NeedDraft("Lamp", 10, Decimal(8), Decimal(20)),) * n_rooms,
        sellers=tuple(SellerDraft(f"Seller {number}", (lamp,)) for number in range(n_sellers)),
        budget=None if budget is None else Decimal(budget),
        max_rounds=3,
    )
    return Market.objects.open(draft, owner)


def move(room: Room, what: str, seat: int) -> None:
    owner = room.market.owner
    run = room.newest_run
    match what:
        case "start":
            room.start(owner)
        case "play" if run:
            run_job(str(run.pk))
        case "deal":
            room.decide(owner, "deal", seat, Decimal("12.35"), 10)
        case "no deal":
            room.decide(owner, "no_deal")
        case "write":
            room.write(owner, "12 each?")
        case "stop":
            room.stop(owner)


def at_once(database: Storage, works: list[Callable[[], None]]) -> list[Exception]:
    """Each in a thread of its own; what was raised, but for refusals, which are answers."""
    together, raised = threading.Barrier(len(works)), []

    def work(each: Callable[[], None]) -> None:
        with database.opened():
            together.wait(20)
            try:
                each()
            except Exception as error:  # noqa: BLE001 whatever it is, it fails the test
                raised.append(error)
        connections.close_all()

    threads = [threading.Thread(target=work, args=(each,)) for each in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def holds(market: Market) -> bool:
    """What no order of events may break."""
    market = Market.objects.get(pk=market.pk)
    deals = [each for room in market.rooms.all() for each in room.decisions.all() if each.is_deal]
    assert len({deal.room_id for deal in deals}) == len(deals)
    assert market.spent == sum((deal.total for deal in deals), Decimal())
    assert market.budget is None or market.spent <= market.budget
    for stock in Stock.objects.filter(seller__market=market):
        sold = sum(deal.quantity for deal in deals if deal.seller_id == stock.seller_id)
        assert stock.remaining == stock.quantity - sold >= 0
    for run in RoomRun.objects.filter(room__market=market).select_related("job"):
        assert run.n_messages == run.messages.count()
        assert list(run.messages.values_list("seq", flat=True)) == list(range(1, run.n_messages + 1))
        assert run.job.is_over == bool(run.end_reason) == hasattr(run, "decision")
    for room in market.rooms.all():
        n_open = room.runs.filter(end_reason="").count()
        assert n_open == (room.status == "active")
        assert room.decisions.filter(verdict="deal").exists() <= (room.status == "completed")
    assert (market.status == "completed") <= (not market.rooms.unfinished().exists())
    return True


PLANS = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(MOVES), st.integers(0, 1)), min_size=2, max_size=6),
    min_size=2,
    max_size=THREADS,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plans=PLANS, stock=st.integers(10, 25), budget=st.none() | st.integers(150, 400))
def test_stock_is_never_negative_the_budget_holds_and_a_room_has_one_deal(
    database: Storage, plans: list[list[tuple[int, str, int]]], stock: int, budget: int | None
) -> None:
    market = make(4, 2, stock, budget)
    for room in market.rooms.all()[:2]:
        room.start(market.owner)
    rooms = list(market.rooms.values_list("pk", flat=True))

    def person(plan: list[tuple[int, str, int]]) -> Callable[[], None]:
        def work() -> None:
            for index, what, seat in plan:
                room = Room.objects.select_related("market__owner").get(pk=rooms[index])
                try:
                    move(room, what, seat)
                except (Refused, TooMuch):
                    continue

        return work

    with patch.object(room_tasks, "played", quick_play):
        assert at_once(database, [person(plan) for plan in plans]) == []
    assert holds(market)
    Job.objects.active().filter(room_run__room__market=market).cancel_all(None)
    assert holds(market)


@pytest.mark.parametrize("what", ["start", "deal", "no deal", "stop"])
def test_of_many_clicks_at_once_one_counts(database: Storage, what: str) -> None:
    market = make(1, 2, 100, None)
    room = market.rooms.get()
    if what != "start":
        room.start(market.owner)
    counted = []

    def click() -> None:
        mine = Room.objects.select_related("market__owner").get(pk=room.pk)
        try:
            move(mine, what, random.Random(threading.get_ident()).randrange(2))
            counted.append(what)
        except Refused as refusal:
            assert refusal.code.startswith("NEGOTIATION_")

    assert at_once(database, [click] * 6) == []
    assert holds(market)
    assert RoomRun.objects.filter(room=room).count() == 1
    if what != "stop":  # to ask twice for that is no refusal
        assert len(counted) == 1


def test_fifty_rooms_want_what_is_enough_for_twenty(database: Storage) -> None:
    market = make(50, 4, 55, 2000)
    runs = [room.start(market.owner, ring=False) for room in market.rooms.all()]
    batches = [runs[number::6] for number in range(6)]

    def worker(batch: list[RoomRun]) -> Callable[[], None]:
        def work() -> None:
            for run in batch:
                run_job(str(run.pk))

        return work

    with patch.object(room_tasks, "played", quick_play):
        assert at_once(database, [worker(batch) for batch in batches]) == []
    assert holds(market)
    found = Market.objects.get(pk=market.pk)
    assert found.status == "completed"
    assert found.spent == 16 * 120  # a deal is 120 of 2,000
    assert (
        Stock.objects.filter(seller__market=market).aggregate(n=Sum(F("quantity") - F("remaining")))["n"]
        == 160
    )
    assert not Job.objects.filter(room_run__room__market=market).exclude(status="completed").exists()
