"""Rooms as their workers play them: every message is a row before the next is made, and one end counts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from negotiations import room_tasks
from negotiations.engine.child import ChildFailed
from negotiations.engine.room_specs import BUYER, RoomDecision, RoomSpec, Said, Verdict
from negotiations.engine.rooms import play_round
from negotiations.exceptions import Refused
from negotiations.models import (
    Job,
    Market,
    MarketStatus,
    Room,
    RoomRun,
    RoomStatus,
    RunEnd,
    Status,
    Stock,
)
from negotiations.tasks import run_job
from notifications.models import Notification
from tests.factory import make_market

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child for each round costs more than the round; one test has them."""
    monkeypatch.setattr(room_tasks, "played", play_round)


def start(owner: User, **fields: Any) -> Any:
    market = make_market(owner, **{"n_items": 1, "n_sellers": 2, **fields})
    run = market.rooms.get().start(owner)
    return run


def fresh(run: RoomRun) -> Any:
    found = RoomRun.objects.select_related("job", "room__market").get(pk=run.pk)
    return found


def play(run: RoomRun) -> Any:
    run_job(str(run.pk))
    return fresh(run)


def told(run: RoomRun) -> list[tuple[Any, ...]]:
    columns = ("seq", "round", "seat", "text", "price", "quantity", "to")
    return list(run.messages.order_by("seq").values_list(*columns))


def no_deal_ever(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
    round = max((said.round for said in transcript), default=0) + 1
    yield Said(round, BUYER, f"Round {round}?")
    for seat in range(len(spec.sellers)):
        yield Said(round, seat, "No.", 24.0, 10)
    if round == spec.max_rounds:
        yield RoomDecision(round, Verdict.NO_DEAL, reason="All rounds are used.")


def deal_at(price: float, quantity: int = 10) -> Any:
    """One round, and a deal with the first seller whatever the stock is; then none."""

    def played(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        round = max((said.round for said in transcript), default=0)
        if not round:
            round = 1
            yield Said(1, BUYER, "Who sells?")
            yield Said(1, 0, "I do.", price, quantity)
        if spec.sellers[0].stock >= quantity and (spec.buyer.budget or 1e9) >= price * quantity:
            yield RoomDecision(round, Verdict.DEAL, 0, price, quantity, "It is cheap.")
        else:
            yield RoomDecision(round, Verdict.NO_DEAL, reason="Nothing is left.")

    return played


# --- Ends ---------------------------------------------------------------------------------------------------


def test_a_room_is_played_to_its_deal_in_children_of_its_worker(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    run = play(start(owner, budget=Decimal(1000)))

    assert (run.job.status, run.end_reason) == (Status.COMPLETED, RunEnd.DEAL)
    assert run.room.status == RoomStatus.COMPLETED
    decision = run.decision
    assert (decision.verdict, decision.quantity) == (Verdict.DEAL, 10)
    assert 8 <= decision.price <= 20
    assert run.n_messages == run.messages.count() > 0
    assert [message.seq for message in run.messages.all()] == list(range(1, run.n_messages + 1))
    assert run.room.market.spent == decision.total
    sold = Stock.objects.get(seller=decision.seller)
    assert sold.remaining == sold.quantity - decision.quantity
    assert (run.job.percentage, run.deadline) == (100, None)


def test_the_same_seed_gives_the_same_transcript(owner: User) -> None:
    first, second = play(start(owner, seed=3)), play(start(owner, seed=3))
    assert told(first) == told(second) != []
    assert told(play(start(owner, seed=4))) != told(first)


def test_the_market_is_completed_with_its_last_room(owner: User) -> None:
    market = make_market(owner, n_items=2)
    runs = market.start(owner)
    assert Market.objects.get().status == MarketStatus.ACTIVE
    play(runs[0])
    assert Market.objects.get().status == MarketStatus.ACTIVE
    play(runs[1])
    assert Market.objects.get().status == MarketStatus.COMPLETED
    assert Market.objects.get().finished_at is not None
    kinds = list(Notification.objects.of(owner).order_by("seq").values_list("kind", flat=True))
    assert kinds == ["room_run_completed", "market_completed", "room_run_completed"]


def test_a_room_without_a_deal_in_its_rounds_is_aborted(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_tasks, "played", no_deal_ever)
    run = play(start(owner, max_rounds=3))

    assert (run.end_reason, run.room.status, run.round) == (RunEnd.ROUNDS, RoomStatus.ABORTED, 3)
    assert (run.decision.verdict, run.decision.reason) == (Verdict.NO_DEAL, "All rounds are used.")
    assert run.job.status == Status.COMPLETED
    assert run.n_messages == run.messages.count() == 9
    assert Stock.objects.filter(remaining=15).count() == 2


def test_a_room_is_aborted_when_its_time_is_over(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        yield from no_deal_ever(spec, transcript)
        time.sleep(0.2)

    monkeypatch.setattr(room_tasks, "played", slow)
    run = start(owner, room_seconds=1800)
    RoomRun.objects.update(seconds_left=0.1)
    run = play(run)
    assert (run.end_reason, run.room.status, run.round) == (RunEnd.TIME, RoomStatus.ABORTED, 1)
    assert run.decision.verdict == Verdict.NO_DEAL
    assert run.decision.reason == "No deal: the 30 minutes of a room are over."


def test_a_room_that_waits_in_the_queue_past_its_time_is_aborted_too(owner: User) -> None:
    run = start(owner)
    RoomRun.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    RoomRun.objects.look_at_clocks()
    run = fresh(run)
    assert (run.end_reason, run.room.status, run.job.status) == (
        RunEnd.TIME,
        RoomStatus.ABORTED,
        Status.COMPLETED,
    )
    RoomRun.objects.look_at_clocks()


def test_a_paused_room_has_all_the_time_in_the_world(owner: User) -> None:
    run = start(owner)
    RoomRun.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert run.job.pause(owner)
    RoomRun.objects.look_at_clocks()
    assert fresh(run).end_reason == ""


def test_a_failure_closes_the_room_and_says_whose_it_was(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        yield Said(1, BUYER, "Who sells?")
        raise ChildFailed("action_limit", 1, "too long")

    monkeypatch.setattr(room_tasks, "played", failing)
    run = play(start(owner))
    assert (run.job.status, run.end_reason, run.room.status) == (
        Status.FAILED,
        RunEnd.FAILED,
        RoomStatus.ABORTED,
    )
    assert run.job.error.startswith("Seller 2 took too long to answer.")
    assert run.n_messages == run.messages.count() == 1
    assert Market.objects.get().status == MarketStatus.COMPLETED


def test_an_engine_that_says_nothing_is_no_endless_loop(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_tasks, "played", lambda spec, transcript: iter(()))
    assert play(start(owner)).job.status == Status.FAILED


# --- One deal -----------------------------------------------------------------------------------------------


def test_a_deal_that_the_stock_does_not_hold_is_none(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another room bought while this one negotiated: the round goes on with what is left."""
    decides = deal_at(12.0)

    def played(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        for item in decides(spec, transcript):
            if isinstance(item, RoomDecision):
                Stock.objects.update(remaining=9)
            yield item

    monkeypatch.setattr(room_tasks, "played", played)
    run = play(start(owner))
    assert run.decision.verdict == Verdict.NO_DEAL
    assert (run.end_reason, run.decision.reason) == (RunEnd.NO_OFFER, "Nothing is left.")
    assert Market.objects.get().spent == 0
    assert set(Stock.objects.values_list("remaining", flat=True)) == {9}


def test_a_deal_that_the_budget_does_not_hold_is_none(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    decides = deal_at(12.0)

    def played(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        for item in decides(spec, transcript):
            if isinstance(item, RoomDecision):
                Market.objects.update(spent=81)
            yield item

    monkeypatch.setattr(room_tasks, "played", played)
    run = play(start(owner, budget=Decimal(200)))
    assert run.decision.verdict == Verdict.NO_DEAL
    assert Market.objects.get().spent == 81
    assert set(Stock.objects.values_list("remaining", flat=True)) == {15}


def test_a_room_tries_one_seller_after_the_other_while_others_buy(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each decision loses its race, and each time there is less: that is no engine that turns in circles."""

    def outrun(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        if not transcript:
            yield Said(1, BUYER, "Who sells?")
            yield from (Said(1, seat, "I do.", 12.0, 10) for seat in range(len(spec.sellers)))
        able = [seat for seat, seller in enumerate(spec.sellers) if seller.stock >= 10]
        if able[1:]:
            place: Any = Room.objects.get().places.get(seat=able[0])
            Stock.objects.filter(pk=place.stock_id).update(remaining=3)
        yield RoomDecision(1, Verdict.DEAL, able[0], 12.0, 10)

    monkeypatch.setattr(room_tasks, "played", outrun)
    run = play(start(owner, n_sellers=10))
    assert (run.end_reason, run.decision.seller.name) == (RunEnd.DEAL, "Seller 10")


def test_a_budget_is_spent_to_the_last_cent(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """0.1 + 0.2 is 0.3 here, whatever adds them."""
    monkeypatch.setattr(room_tasks, "played", deal_at(8.1, 1))
    market = make_market(owner, n_items=3, n_sellers=1, budget=Decimal("24.30"))
    for run in market.start(owner):
        assert play(run).end_reason == RunEnd.DEAL
    assert Market.objects.get().spent == Decimal("24.30")


def test_two_clicks_start_one_run(owner: User) -> None:
    room = make_market(owner, n_items=1).rooms.get()
    twin = Room.objects.get(pk=room.pk)
    room.start(owner)
    with pytest.raises(Refused) as refusal:
        twin.start(owner)
    assert refusal.value.code == "NEGOTIATION_ALREADY_ACTIVE"
    assert (RoomRun.objects.count(), Job.objects.count()) == (1, 1)


def test_a_room_with_a_deal_is_not_started_again(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_tasks, "played", deal_at(12.0))
    run = play(start(owner))
    with pytest.raises(Refused) as refusal:
        run.room.start(owner)
    assert refusal.value.code == "NEGOTIATION_ALREADY_DECIDED"


def test_a_room_without_a_deal_runs_again_and_keeps_its_first_run(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_tasks, "played", no_deal_ever)
    first = play(start(owner, max_rounds=2))
    monkeypatch.setattr(room_tasks, "played", deal_at(12.0))
    second = play(first.room.start(owner))

    assert (second.number, second.end_reason) == (2, RunEnd.DEAL)
    assert second.messages.count() == 2
    assert first.messages.count() == 6
    assert second.room.newest_run == second
    assert Market.objects.get().status == MarketStatus.COMPLETED


def test_a_seller_whose_stock_is_gone_is_not_let_into_the_next_room(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_tasks, "played", deal_at(12.0))
    market = make_market(owner, n_items=1, n_sellers=2)
    need = market.to_draft().needs[0]
    twice = Market.objects.open(make_twice(market, need), owner)
    first, second = twice.rooms.all()
    play(first.start(owner))

    second.start(owner)
    places = second.places.order_by("seller__index")
    assert [(place.seat, place.skip_reason) for place in places] == [(None, "insufficient_quantity"), (0, "")]


def make_twice(market: Market, need: Any) -> Any:
    draft = market.to_draft()
    return type(draft)(**{**vars(draft), "needs": (need, need)})


def test_a_room_that_nobody_can_serve_any_more_is_over_when_it_is_to_start(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_tasks, "played", deal_at(12.0))
    market = make_market(owner, n_items=1, n_sellers=1)
    twice = Market.objects.open(make_twice(market, market.to_draft().needs[0]), owner)
    first, second = twice.rooms.all()
    play(first.start(owner))
    with pytest.raises(Refused) as refusal:
        second.start(owner)
    assert refusal.value.code == "INSUFFICIENT_INVENTORY"
    assert Room.objects.get(pk=second.pk).status == RoomStatus.NO_SELLERS
    assert Market.objects.get(pk=twice.pk).status == MarketStatus.COMPLETED


# --- Workers come and go ------------------------------------------------------------------------------------


class Killed(BaseException):
    """As a kill: nothing that could be written is written."""


@pytest.mark.parametrize("after", (1, 2, 4, 7))
def test_a_room_whose_worker_is_killed_goes_on_as_if_it_had_not_been(
    owner: User, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    undisturbed = told(play(start(owner, seed=5, n_sellers=3)))
    run = start(owner, seed=5, n_sellers=3)
    n_items = 0

    def mortal(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        nonlocal n_items
        for item in play_round(spec, transcript):
            n_items += 1
            if n_items == after:
                raise Killed
            yield item

    monkeypatch.setattr(room_tasks, "played", mortal)
    with pytest.raises(Killed):
        run_job(str(run.pk))
    run.job.refresh_from_db()
    run.job.lose(Job.objects.all())
    again = play(run)

    assert told(again) == undisturbed
    assert (again.job.attempt, again.n_messages) == (2, len(undisturbed))


def test_a_round_that_was_cut_off_goes_on_under_the_conditions_in_which_it_was_opened(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two messages of the buyer another room buys; what it bids to the others is what it bid to the first."""

    def bids(run: RoomRun) -> list[Any]:
        return [(said[4], said[6]) for said in told(run) if (said[1], said[2]) == (2, BUYER)]

    def mortal(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        for item in play_round(spec, transcript):
            yield item
            if isinstance(item, Said) and (item.round, item.seat) == (2, BUYER):
                raise Killed

    undisturbed = play(start(owner, seed=5, n_sellers=3, budget=Decimal(500)))
    assert len(bids(undisturbed)) == 2
    run = start(owner, seed=5, n_sellers=3, budget=Decimal(500))
    monkeypatch.setattr(room_tasks, "played", mortal)
    with pytest.raises(Killed):
        run_job(str(run.pk))
    assert len(bids(run)) == 1
    Market.objects.filter(pk=run.room.market_id).update(spent=Decimal(390))
    run.job.refresh_from_db()
    run.job.lose(Job.objects.all())
    monkeypatch.setattr(room_tasks, "played", play_round)
    assert bids(play(run)) == bids(undisturbed)


@pytest.mark.parametrize("n_said", [1, 2, 3])
def test_a_round_goes_on_under_the_conditions_that_it_began_with(
    owner: User, monkeypatch: pytest.MonkeyPatch, n_said: int
) -> None:
    """Another room buys while nobody works on this one; the next round knows, this one does not."""
    seen = []

    def mortal(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        seen.append([seller.stock for seller in spec.sellers])
        round = 2 if len(transcript) == 4 else 1
        said = [Said(round, BUYER, "One.", to=(0,)), Said(round, BUYER, "Two.", to=(1,))]
        said += [Said(round, seat, "No.", 24.0, 10) for seat in (0, 1)]
        for number, each in enumerate(said):
            if round == 2:
                yield RoomDecision(1, Verdict.NO_DEAL)
            if len(seen) == 1 and number == n_said:
                raise Killed
            if round == 2 or number >= len(transcript):
                yield each

    monkeypatch.setattr(room_tasks, "played", mortal)
    run = start(owner)
    with pytest.raises(Killed):
        run_job(str(run.pk))
    Stock.objects.update(remaining=4)
    run.job.refresh_from_db()
    run.job.lose(Job.objects.all())
    play(run)
    assert seen == [[15, 15], [15, 15], [4, 4]]


def test_a_cancelled_room_is_aborted_at_once(owner: User) -> None:
    run = start(owner)
    assert run.room.stop(owner)
    run = fresh(run)
    assert (run.job.status, run.end_reason, run.room.status) == (
        Status.CANCELLED,
        RunEnd.STOPPED,
        RoomStatus.ABORTED,
    )
    assert run.decision.verdict == Verdict.NO_DEAL
    assert Market.objects.get().status == MarketStatus.COMPLETED


def test_a_room_that_runs_is_stopped_at_its_next_beat(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        yield Said(1, BUYER, "Who sells?")
        RoomRun.objects.get().room.stop(owner)
        yield Said(1, 0, "I do.", 12.0, 10)
        raise AssertionError("It went on.")

    monkeypatch.setattr(room_tasks, "played", stopped)
    run = play(start(owner))
    assert (run.job.status, run.end_reason, run.room.status) == (
        Status.CANCELLED,
        RunEnd.STOPPED,
        RoomStatus.ABORTED,
    )
    assert run.job.message == "Stopped by owner in round 1. What was said is kept."
    assert run.n_messages == run.messages.count() == 2


def test_a_stopped_room_can_be_retried(owner: User) -> None:
    run = start(owner)
    run.room.stop(owner)
    again = Job.objects.get(pk=run.pk).retry(owner)
    assert again is not None
    assert again.retry_of_id == run.pk
    assert (again.room_run.number, again.room_run.room.status) == (2, RoomStatus.ACTIVE)


def test_a_paused_room_gives_its_worker_back_and_its_clock_stands(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paused(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        yield Said(1, BUYER, "Who sells?")
        Job.objects.get().pause(owner)
        yield Said(1, 0, "I do.", 12.0, 10)
        raise AssertionError("It went on.")

    monkeypatch.setattr(room_tasks, "played", paused)
    run = play(start(owner, n_sellers=1))
    assert (run.job.status, run.job.hold, run.job.attempt) == (Status.QUEUED, True, 0)
    assert run.deadline is None
    assert 1790 < run.seconds_left <= 1800

    monkeypatch.setattr(room_tasks, "played", deal_at(12.0))
    assert run.job.resume(owner)
    run = play(run)
    assert (run.end_reason, run.n_messages) == (RunEnd.DEAL, 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("We had a budget of 1,000.", ["budget"]),
        ("I have 180 left to spend.", ["budget"]),
        ("I can pay at most eighteen.", ["high"]),
        ("I can pay at most 20.", ["high"]),
        ("I can pay at most 19.", []),
    ],
)
def test_what_is_left_of_a_budget_is_as_secret_as_the_whole(owner: User, text: str, told: list[str]) -> None:
    """X-02: ten are needed, at 20 at most."""
    run = start(owner, budget=Decimal(1000))
    Market.objects.update(spent=Decimal(820))
    assert fresh(run).room.write(owner, text).disclosed == told


def test_what_a_room_tells_belongs_to_its_owner_where_people_of_the_group_sit(
    owner: User, colleague: User, group: Any
) -> None:
    alone: Any = make_market(owner, group=group)
    assert alone.rooms.first().start(owner).job.group == group
    seated: Any = make_market(owner, group=group, buyer_kind="person", buyer_person=colleague)
    run = seated.rooms.first().start(owner)
    assert run.job.group is None
    assert not Job.objects.visible_to(colleague).filter(pk=run.pk).exists()
