"""What people are told of markets: each in the transaction of what it tells of, after all other locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from negotiations.engine.room_specs import BUYER
from notifications.models import Inbox, Notification


def tell_of_market(market: Any, told: Sequence[str]) -> None:
    """Its owner, of its end. Once for each time that it comes to one."""
    n_runs = sum(room.runs.count() for room in market.rooms.all())
    Notification.objects.add(
        market.owner,
        "market_completed",
        words={"name": market.name, "told": " ".join(told)},
        context={"market_id": str(market.pk), "href": market.get_absolute_url()},
        dedupe_key=f"market:{market.pk}:{n_runs}",
    )


def lock_inboxes(run: Any) -> None:
    """Of all who are told of its end, in one order, whoever else tells them."""
    for user in sorted({run.room.market.owner, *run.people()}, key=lambda user: user.pk):
        Inbox.objects.locked(user)


def tell_of_end(run: Any) -> None:
    """The people who sit there, of what concerns them: with whom it was closed is between the two."""
    places = run.room.places.filter(seller=run.decision.seller_id, seat__isnull=False)
    concerned = {BUYER, *places.values_list("seat", flat=True)}
    for person in sorted(run.people() - {run.room.market.owner}, key=lambda person: person.pk):
        seats = [seat for seat, sitting in run.people_by_seat() if sitting == person]
        seat = next((seat for seat in seats if seat in concerned), seats[0])
        Notification.objects.add(
            person,
            "room_over",
            words={"name": run.room.item, "told": _end_for(run.decision, seat in concerned)},
            context={"href": _seat_page(run.room, seat)},
            dedupe_key=f"room:{run.pk}:over",
        )


def _end_for(decision: Any, is_theirs: bool) -> str:
    if decision.is_deal and not is_theirs:
        return "The buyer has bought from another seller."
    return str(decision.told)


def _seat_page(room: Any, seat: int) -> str:
    word = "buyer" if seat == BUYER else str(seat)
    return reverse("negotiations:room-seat", args=[room.market_id, room.pk, word])


def tell_of_turn(run: Any, seats: Iterable[int]) -> None:
    """The people who sit there, of their turn: of a round once."""
    room = run.room
    people = [(seat, run.person_at(seat)) for seat in seats]
    # In one order of locks, whoever else tells them.
    for seat, person in sorted(people, key=lambda each: each[1].pk):
        Notification.objects.add(
            person,
            "room_turn",
            words={
                "name": room.item,
                "told": f"Round {max(1, run.round)} of {room.market.max_rounds} waits for you.",
            },
            context={"href": _seat_page(room, seat)},
            dedupe_key=_turn(run, seat),
        )


def turn_is_over(run: Any, seats: Iterable[int]) -> None:
    """What told these people of their turn is read. The last locks that are taken, as wherever somebody is told."""
    people = [(seat, run.person_at(seat)) for seat in seats]
    for seat, person in sorted(people, key=lambda each: each[1].pk):
        Notification.objects.filter(user=person, dedupe_key=_turn(run, seat)).see(person)


def _turn(run: Any, seat: int) -> str:
    return f"room:{run.pk}:{run.round}:{seat}"
