"""What people are told of markets: each in the transaction of what it tells of, after all other locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from negotiations.engine.room_specs import BUYER
from notifications.models import Notification


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


def tell_of_turn(run: Any, seats: Iterable[int]) -> None:
    """The people who sit there, of their turn: of a round once."""
    room = run.room
    people = [(seat, run.person_at(seat)) for seat in seats]
    # In one order of locks, whoever else tells them.
    for seat, person in sorted(people, key=lambda each: each[1].pk):
        word = "buyer" if seat == BUYER else str(seat)
        Notification.objects.add(
            person,
            "room_turn",
            words={
                "name": room.item,
                "told": f"Round {max(1, run.round)} of {room.market.max_rounds} waits for you.",
            },
            context={"href": reverse("negotiations:room-seat", args=[room.market_id, room.pk, word])},
            dedupe_key=f"room:{run.pk}:{run.round}:{seat}",
        )
