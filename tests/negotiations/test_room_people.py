"""People in rooms: staff who write and decide, and persons who hold a seat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from negotiations import room_tasks
from negotiations.engine.room_specs import BUYER, RoomDecision, RoomSpec, Said, SeatsAwaited, Verdict
from negotiations.engine.rooms import play_round
from negotiations.exceptions import Refused
from negotiations.market_rules import NeedDraft
from negotiations.models import Job, Market, Room, RoomRun, RoomStatus, RunEnd, Status, Stock
from negotiations.models.room_moves import MOST_UNANSWERED
from negotiations.tasks import run_job
from notifications.models import Notification
from tests.factory import make_draft, make_market, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_tasks, "played", play_round)


def start(owner: User, **fields: Any) -> Any:
    market = make_market(owner, **{"n_items": 1, "n_sellers": 2, **fields})
    run = market.rooms.get().start(owner)
    return run


def with_person(owner: User, group: Group, person: User, **fields: Any) -> Any:
    """One room with two sellers; the person is the first."""
    draft = make_draft(n_items=1, n_sellers=2, **fields)
    seated = replace(draft.sellers[0], kind="person", person=person)
    return Market.objects.open(replace(draft, sellers=(seated, draft.sellers[1])), owner, group)


def play(run: RoomRun) -> Any:
    run_job(str(run.pk))
    return fresh(run)


def fresh(run: RoomRun) -> Any:
    found = RoomRun.objects.select_related("job", "room__market").get(pk=run.pk)
    return found


# --- Staff write as the buyer -------------------------------------------------------------------------------


def test_what_staff_write_opens_the_next_round_and_is_answered(owner: User) -> None:
    run = start(owner, min_rounds=10)
    message = run.room.write(owner, "Would you take 11.50 for 10 pieces, @seller-2?")
    assert (message.round, message.to, message.unknown) == (1, [1], ())
    assert (message.price, message.quantity, message.by) == (Decimal("11.50"), 10, owner)

    play(run)
    first = list(run.messages.filter(round=1).order_by("seq"))
    assert first[0] == message
    assert [each.seat for each in first] == [BUYER, 1]
    assert [each.by_id for each in first] == [owner.pk, None]
    assert run.messages.filter(round=2, seat=BUYER, by=None).exists()


def test_words_that_mention_nobody_who_sits_there_go_to_all_with_a_notice(owner: User) -> None:
    message = start(owner).room.write(owner, "Hello @nobody")
    assert (message.to, message.unknown) == ([], ("nobody",))


def test_words_that_come_while_the_buyer_opens_a_round_take_its_place(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker had its own words ready: a person was quicker, and the round is played with theirs."""

    def outrun(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        items = play_round(spec, transcript)
        first = next(items)
        if not transcript:
            RoomRun.objects.get().room.write(owner, "12 each, please.")
        yield first
        yield from items

    monkeypatch.setattr(room_tasks, "played", outrun)
    run = play(start(owner))
    first = run.messages.filter(round=1).order_by("seq")
    assert [message.seat for message in first] == [BUYER, 0, 1]
    assert first[0].text == "12 each, please."


def test_words_that_come_while_the_sellers_answer_are_for_the_round_after(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no deal is closed over them."""
    closed = []

    def played(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        if not transcript:
            yield Said(1, BUYER, "Who sells?")
            yield Said(1, 0, "I do.", 12.0, 10)
            RoomRun.objects.get().room.write(owner, "And you?")
            yield Said(1, 1, "I do, too.", 13.0, 10)
            yield RoomDecision(1, Verdict.DEAL, 0, 12.0, 10)
        else:
            closed.append([(said.round, said.seat) for said in transcript])
            yield Said(2, 0, "Less.", 11.0, 10)
            yield Said(2, 1, "Less.", 11.5, 10)
            yield RoomDecision(2, Verdict.DEAL, 0, 11.0, 10)

    monkeypatch.setattr(room_tasks, "played", played)
    run = play(start(owner))
    assert closed == [[(1, BUYER), (1, 0), (2, BUYER), (1, 1)]]
    assert (run.round, run.decision.price, run.n_messages) == (2, 11, 6)
    assert set(Stock.objects.values_list("remaining", flat=True)) == {5, 15}


def test_two_messages_before_the_round_begins_are_both_of_it(owner: User) -> None:
    run = start(owner)
    assert [run.room.write(owner, text).round for text in ("One.", "@Seller1 two.")] == [1, 1]
    make_message(run, 1, 0)
    assert run.room.write(owner, "Three.").round == 2


@pytest.mark.parametrize("text", ["", "  \n", "x" * 1001])
def test_a_message_has_words_and_not_too_many(owner: User, text: str) -> None:
    run = start(owner)
    with pytest.raises(Refused) as refusal:
        run.room.write(owner, text)
    assert (refusal.value.code, refusal.value.field) == ("VALIDATION_ERROR", "text")
    assert run.messages.count() == 0


def test_what_nobody_sees_is_left_out_of_a_message_and_of_its_offer(owner: User) -> None:
    message = start(owner).room.write(
        owner, "I offer \u202e1\u200b2\u202c each.\x00\r\nAgreed \U0001f44d\U0001f3fd?"
    )
    assert message.text == "I offer 12 each.\nAgreed \U0001f44d\U0001f3fd?"
    assert message.price == 12


def test_nobody_writes_after_the_last_round(owner: User) -> None:
    run = start(owner, max_rounds=2)
    make_message(run, 2, BUYER)
    with pytest.raises(Refused) as refusal:
        run.room.write(owner, "One more?")
    assert refusal.value.code == "NOT_YOUR_TURN"


def test_nobody_fills_a_round_with_words_that_wait(owner: User) -> None:
    run = start(owner)
    for number in range(MOST_UNANSWERED):
        run.room.write(owner, f"And {number}?")
    with pytest.raises(Refused) as refusal:
        run.room.write(owner, "And?")
    assert (refusal.value.code, refusal.value.field) == ("NOT_YOUR_TURN", "text")
    assert fresh(run).n_messages == MOST_UNANSWERED


def test_a_message_that_tells_the_ceiling_is_marked(owner: User) -> None:
    message = start(owner).room.write(owner, "My maximum is 20.00, honestly.")
    assert message.disclosed == ["high"]


def test_others_neither_write_nor_decide_nor_stop(
    owner: User, colleague: User, stranger: User, group: Group
) -> None:
    room = start(owner, group=group).room
    moves: list[Any] = [
        lambda user: room.write(user, "Hello"),
        lambda user: room.decide(user, "no_deal"),
        lambda user: room.stop(user),
        lambda user: room.start(user),
        lambda user: room.market.remove(user),
    ]
    for user in (colleague, stranger):
        for move in moves:
            with pytest.raises(Refused) as refusal:
                move(user)
            assert refusal.value.code == "NOT_ALLOWED"


def test_a_superuser_may_what_the_owner_may(owner: User, superuser: User) -> None:
    run = start(owner)
    assert run.room.write(superuser, "Hello").by == superuser
    assert run.room.decide(superuser, "no_deal").forced_by == superuser


def test_a_room_that_is_not_negotiated_hears_nobody(owner: User) -> None:
    room = make_market(owner, n_items=1).rooms.get()
    for move in (
        lambda: room.write(owner, "Hi"),
        lambda: room.decide(owner, "no_deal"),
        lambda: room.stop(owner),
    ):
        with pytest.raises(Refused) as refusal:
            move()
        assert refusal.value.code == "NEGOTIATION_NOT_ACTIVE"


# --- Staff decide -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_running", [False, True])
def test_a_forced_deal_ends_the_room_whoever_works_on_it(owner: User, is_running: bool) -> None:
    run = start(owner, budget=Decimal(1000))
    if is_running:
        assert Job.objects.claim(run.pk, "somebody") is not None
    decision = run.room.decide(owner, "deal", seller=1, price=Decimal("12.5"), quantity=10)

    run = fresh(run)
    assert (run.job.status, run.job.token, run.end_reason) == (Status.COMPLETED, None, RunEnd.DEAL)
    assert (run.room.status, run.room.market.spent) == (RoomStatus.COMPLETED, 125)
    assert (decision.forced_by, decision.seller.name, decision.total) == (owner, "Seller 2", 125)
    assert Stock.objects.get(seller=decision.seller).remaining == 5
    assert run.job.message == "Deal with Seller 2: 10 at 12.50, 125.00 in all. Decided by owner."


def test_the_worker_of_a_room_that_was_decided_writes_nothing_more(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decided(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        yield Said(1, BUYER, "Who sells?")
        RoomRun.objects.get().room.decide(owner, "deal", 0, Decimal(12), 10)
        yield Said(1, 0, "I do.", 12.0, 10)
        raise AssertionError("It went on.")

    monkeypatch.setattr(room_tasks, "played", decided)
    run = play(start(owner))
    assert (run.job.status, run.end_reason, run.n_messages) == (Status.COMPLETED, RunEnd.DEAL, 1)
    assert run.messages.count() == 1


def test_a_forced_no_deal_completes_the_room(owner: User) -> None:
    run = start(owner)
    run.room.decide(owner, "no_deal")
    run = fresh(run)
    assert (run.end_reason, run.room.status) == (RunEnd.NO_DEAL, RoomStatus.COMPLETED)
    assert run.decision.seller is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"verdict": "perhaps"}, "decision"),
        ({"seller": None}, "seller"),
        ({"seller": 2}, "seller"),
        ({"price": None}, "price"),
        ({"price": Decimal("7.99")}, "price"),
        ({"price": Decimal("20.01")}, "price"),
        ({"price": Decimal("12.001")}, "price"),
        ({"price": Decimal("NaN")}, "price"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 11}, "quantity"),
    ],
)
def test_a_decision_against_the_rules_changes_nothing(
    owner: User, fields: dict[str, Any], field: str
) -> None:
    run = start(owner)
    with pytest.raises(Refused) as refusal:
        run.room.decide(
            owner, **{"verdict": "deal", "seller": 0, "price": Decimal(12), "quantity": 10, **fields}
        )
    assert (refusal.value.code, refusal.value.field) == ("VALIDATION_ERROR", field)
    assert fresh(run).job.status == Status.QUEUED
    assert Market.objects.get().spent == 0


def test_a_forced_deal_holds_to_budget_and_stock(owner: User) -> None:
    run = start(owner, budget=Decimal(100))
    with pytest.raises(Refused, match=r"100\.00 of the budget are left"):
        run.room.decide(owner, "deal", 0, Decimal(12), 10)
    Stock.objects.update(remaining=4)
    with pytest.raises(Refused) as refusal:
        run.room.decide(owner, "deal", 0, Decimal(12), 5)
    assert refusal.value.code == "INSUFFICIENT_INVENTORY"
    assert Market.objects.get().spent == 0
    assert fresh(run).end_reason == ""


def test_a_second_decision_comes_too_late(owner: User) -> None:
    run = start(owner)
    run.room.decide(owner, "deal", 0, Decimal(12), 10)
    for verdict in ("deal", "no_deal"):
        with pytest.raises(Refused) as refusal:
            run.room.decide(owner, verdict, 1, Decimal(12), 10)
        assert refusal.value.code == "NEGOTIATION_ALREADY_DECIDED"
    assert Stock.objects.filter(remaining=15).count() == 1


# --- A person as a seller -----------------------------------------------------------------------------------


def test_a_room_waits_for_its_person_without_a_worker(owner: User, colleague: User, group: Group) -> None:
    run = play(with_person(owner, group, colleague).rooms.get().start(owner))

    assert (run.job.status, run.job.token, run.awaits) == (Status.QUEUED, None, [0])
    assert run.job.awaits_since is not None
    assert [message.seat for message in run.messages.all()][-1] == 1  # the others have answered
    assert run.job.message == "Round 1 waits for Seller 1."
    turn = Notification.objects.of(colleague).get()
    assert (turn.kind, turn.title) == ("room_turn", "Your turn: Item 1")


def test_the_room_goes_on_with_what_the_person_answers(owner: User, colleague: User, group: Group) -> None:
    run = play(with_person(owner, group, colleague).rooms.get().start(owner))
    answer = run.answer(colleague, 0, "For you:", Decimal("10.01"), 10, round=1)
    assert (answer.price, answer.quantity, answer.by) == (Decimal("10.01"), 10, colleague)
    assert fresh(run).job.awaits_since is None

    run = play(run)
    assert run.end_reason or run.round == 2


def test_a_person_plays_to_the_end_with_a_worker_for_each_turn(
    owner: User, colleague: User, group: Group
) -> None:
    run = play(with_person(owner, group, colleague, max_rounds=4).rooms.get().start(owner))
    while not run.end_reason:
        run.answer(colleague, 0, "", Decimal(25) - run.round, 10, round=run.round)
        run = play(run)
    assert run.n_messages == run.messages.count()
    assert run.messages.filter(seat=0).count() == run.round
    assert run.job.attempt == 1


def test_of_two_answers_one_counts(owner: User, colleague: User, group: Group) -> None:
    run = play(with_person(owner, group, colleague).rooms.get().start(owner))
    run.answer(colleague, 0, "Here.", Decimal(12), 10, round=1)
    with pytest.raises(Refused) as refusal:
        run.answer(colleague, 0, "Here.", Decimal(12), 10, round=1)
    assert refusal.value.code == "NOT_YOUR_TURN"
    assert run.messages.filter(seat=0).count() == 1


def test_an_answer_to_a_round_that_is_over_is_refused(owner: User, colleague: User, group: Group) -> None:
    run = play(with_person(owner, group, colleague, min_rounds=10).rooms.get().start(owner))
    run.room.write(owner, "Hurry up.")
    run = play(run)
    assert run.round == 2
    skipped = run.messages.get(round=1, seat=0)
    assert (skipped.is_fallback, skipped.price) == (True, None)
    with pytest.raises(Refused, match="round 2 is open"):
        run.answer(colleague, 0, "Here.", Decimal(12), 10, round=1)
    assert run.answer(colleague, 0, "Here.", Decimal(12), 10, round=2).round == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"price": Decimal("9.99")}, "price"),
        ({"price": Decimal("25.01")}, "price"),
        ({"price": Decimal("12.345")}, "price"),
        ({"price": None}, "price"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 16}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"text": "x" * 1001}, "text"),
        ({"price": None, "quantity": None, "text": ""}, "text"),
    ],
)
def test_a_persons_offer_is_checked_where_it_stands(
    owner: User, colleague: User, group: Group, fields: dict[str, Any], field: str
) -> None:
    run = play(with_person(owner, group, colleague).rooms.get().start(owner))
    with pytest.raises(Refused) as refusal:
        run.answer(colleague, 0, **{"text": "", "price": Decimal(12), "quantity": 10, "round": 1, **fields})
    assert (refusal.value.code, refusal.value.field) == ("VALIDATION_ERROR", field)
    assert fresh(run).awaits == [0]


def test_a_seat_is_its_persons_alone(owner: User, colleague: User, superuser: User, group: Group) -> None:
    run = play(with_person(owner, group, colleague).rooms.get().start(owner))
    for user, seat in ((owner, 0), (superuser, 0), (colleague, 1), (colleague, 7)):
        with pytest.raises(Refused) as refusal:
            run.answer(user, seat, "Mine.", Decimal(12), 10, round=1)
        assert refusal.value.code == "NOT_ALLOWED"


def test_who_does_not_answer_in_time_is_passed_over(owner: User, colleague: User, group: Group) -> None:
    run = play(with_person(owner, group, colleague, turn_seconds=60, min_rounds=10).rooms.get().start(owner))
    RoomRun.objects.look_at_clocks()
    assert fresh(run).awaits == [0]

    Job.objects.update(awaits_since=timezone.now() - timedelta(seconds=61))
    RoomRun.objects.look_at_clocks()
    assert fresh(run).awaits == []
    run = play(run)
    assert (run.round, run.awaits) == (2, [0])
    assert run.messages.get(round=1, seat=0).is_fallback


def test_a_room_that_waits_too_long_for_its_person_is_aborted(
    owner: User, colleague: User, group: Group
) -> None:
    run = play(with_person(owner, group, colleague).rooms.get().start(owner))
    RoomRun.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    RoomRun.objects.look_at_clocks()
    run = fresh(run)
    assert (run.end_reason, run.room.status, run.awaits) == (RunEnd.TIME, RoomStatus.ABORTED, [])
    with pytest.raises(Refused):
        run.answer(colleague, 0, "Too late?", Decimal(12), 10, round=1)


# --- A person as the buyer ----------------------------------------------------------------------------------


def test_a_person_buys_round_by_round(owner: User, colleague: User, group: Group) -> None:
    needs = (NeedDraft("Item 1", 10, Decimal(8), Decimal(30)),)
    run = play(start(owner, group=group, buyer_kind="person", buyer_person=colleague, needs=needs))
    assert (run.awaits, run.round, run.n_messages) == ([BUYER], 0, 0)

    run.room.write(colleague, "12 each for 10?")
    run = play(run)
    assert (run.awaits, run.round, run.n_messages) == ([BUYER], 1, 3)
    run.room.write(colleague, "And 11 each?")
    run = play(run)
    assert (run.awaits, run.round, run.n_messages) == ([BUYER], 2, 6)

    offer = run.messages.get(round=2, seat=1)
    decision = run.room.decide(colleague, "deal", 1, offer.price, 10)
    assert (decision.price, decision.forced_by) == (offer.price, colleague)
    assert fresh(run).room.status == RoomStatus.COMPLETED


def test_a_person_who_buys_takes_what_was_offered_and_no_less(
    owner: User, colleague: User, group: Group
) -> None:
    run = play(start(owner, group=group, buyer_kind="person", buyer_person=colleague))
    with pytest.raises(Refused, match="no offer yet"):
        run.room.decide(colleague, "deal", 1, Decimal(12), 10)
    run.room.write(colleague, "12 each for 10?")
    run = play(run)
    offer = run.messages.get(round=1, seat=1)
    with pytest.raises(Refused) as refusal:
        run.room.decide(colleague, "deal", 1, min(Decimal(20), offer.price) - 1, 10)
    assert refusal.value.field == "price"


def test_a_person_who_buys_takes_no_offer_before_the_rounds_that_the_market_asks_for(
    owner: User, colleague: User, group: Group
) -> None:
    """M-18: who looks on may decide, and the buyer may end it without a deal."""
    run = start(owner, group=group, buyer_kind="person", buyer_person=colleague, min_rounds=3)
    for round in (1, 2):
        make_message(run, round, BUYER, "Your price?")
        make_message(run, round, 1, "12.", price=12.0, quantity=10)
    with pytest.raises(Refused) as refusal:
        run.room.decide(colleague, "deal", 1, Decimal(12), 10)
    assert (refusal.value.code, refusal.value.field) == ("NOT_YOUR_TURN", "decision")
    assert "from round 3 on" in str(refusal.value)
    make_message(run, 3, BUYER, "And now?")
    assert run.room.decide(colleague, "deal", 1, Decimal(12), 10).is_deal


def test_what_told_of_a_turn_is_read_once_the_turn_is_over(
    owner: User, colleague: User, group: Group
) -> None:
    def unread() -> int:
        return Notification.objects.of(colleague).filter(kind="room_turn").unread().count()

    fields: dict[str, Any] = {"min_rounds": 10, "turn_seconds": 60}
    run = play(with_person(owner, group, colleague, **fields).rooms.get().start(owner))
    assert unread() == 1
    run.answer(colleague, 0, "Here.", Decimal(20), 10, round=1)
    assert unread() == 0

    run = play(run)
    Job.objects.update(awaits_since=timezone.now() - timedelta(seconds=61))
    RoomRun.objects.look_at_clocks()
    assert unread() == 0

    run = play(run)
    assert (run.round, unread()) == (3, 1)
    run.room.write(owner, "And in round 4?")
    assert unread() == 0


def test_a_buyer_who_does_not_answer_in_time_ends_the_room(
    owner: User, colleague: User, group: Group
) -> None:
    run = play(start(owner, group=group, buyer_kind="person", buyer_person=colleague, turn_seconds=60))
    Job.objects.update(awaits_since=timezone.now() - timedelta(seconds=61))
    RoomRun.objects.look_at_clocks()
    run = fresh(run)
    assert (run.end_reason, run.room.status) == (RunEnd.TIME, RoomStatus.ABORTED)
    assert run.decision.reason == "No deal: Office team did not answer in time."


def test_a_person_who_buys_may_not_stop_the_room(owner: User, colleague: User, group: Group) -> None:
    run = start(owner, group=group, buyer_kind="person", buyer_person=colleague)
    with pytest.raises(Refused):
        run.room.stop(colleague)
    assert Room.objects.get().status == RoomStatus.ACTIVE


def test_people_are_told_of_the_end_and_not_of_what_others_agreed(
    owner: User, colleague: User, group: Group
) -> None:
    sold = with_person(owner, group, colleague).rooms.get()
    sold.start(owner)
    sold.decide(owner, "deal", 0, Decimal(12), 10)
    lost = with_person(owner, group, colleague).rooms.get()
    lost.start(owner)
    lost.decide(owner, "deal", 1, Decimal("13.37"), 10)

    told = Notification.objects.of(colleague).filter(kind="room_over").order_by("seq")
    assert [each.text for each in told] == [
        "Deal with Seller 1: 10 at 12.00, 120.00 in all.",
        "The buyer has bought from another seller.",
    ]
    assert told[1].href.endswith("/seat/0/")
    assert not any("13.37" in each.text for each in Notification.objects.of(colleague))


def test_an_answer_that_comes_while_others_answer_is_not_waited_for(
    owner: User, colleague: User, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answering(spec: RoomSpec, transcript: list[Said]) -> Iterator[Any]:
        for item in play_round(spec, transcript):
            if isinstance(item, SeatsAwaited) and item.round == 1:
                RoomRun.objects.get().answer(colleague, 0, "Here.", Decimal(20), 10, round=1)
            yield item

    monkeypatch.setattr(room_tasks, "played", answering)
    run = play(with_person(owner, group, colleague, min_rounds=10).rooms.get().start(owner))
    assert (run.round, run.awaits) == (2, [0])
    assert run.messages.get(round=1, seat=0).text == "Here."
