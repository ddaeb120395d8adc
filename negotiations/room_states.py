"""A room as a seat knows it, in plain values (M-08, M-10). What a seat may know is asked of `engine.visibility`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from negotiations.engine.room_specs import BUYER
from negotiations.engine.visibility import may_await, may_count, may_know, seen_by
from negotiations.model_money import use_of

STEP = 4
"""Numbers of events that one message takes: its round, its words, its offer, its failure."""
OF_A_RUN = 1_000_000
"""More than the events of a run: the next one's have higher numbers, so that a cursor of the last one misses none."""


def state_of(room: Any, seat: int | None) -> dict[str, Any]:
    run, names = room.newest_run, names_of(room)
    messages = seen_by(seat, run.messages.order_by("seq")) if run else []
    awaited = [each for each in run.awaits if each in names and may_await(seat, each)] if run else []
    return {
        "room_id": str(room.pk),
        "item_name": room.item,
        "status": status_of(room, run),
        "run_id": str(run.pk) if run else None,
        "current_round": run.round if run else 0,
        "max_rounds": room.market.max_rounds,
        "conversation_history": history_of(messages, names, seat),
        "current_offers": offers_in(messages, names),
        "buyer_constraints": constraints_of(room, seat),
        "waiting_for": [names[each] for each in awaited],
        "decision": decision_of(run, seat) if run else None,
        "language_models": use_told([run] if run else [], seat),
    }


def use_told(runs: list[Any], seat: int | None) -> dict[str, Any] | None:
    """What language models took in runs (B-25), for whoever may learn that they were asked."""
    use = use_of(runs) if may_count(seat) else None
    return use.to_dict() if use else None


def status_of(room: Any, run: Any) -> str:
    """Of a room that may have been read before its run: between the two it may have started, or ended."""
    if run is None:
        return str(room.status)
    if not run.end_reason:
        return "active"
    return "completed" if run.is_decided else "aborted"


def names_of(room: Any) -> dict[int, str]:
    """Of all who sit there, by their seats."""
    places = room.places.filter(seat__isnull=False).select_related("seller")
    return {BUYER: room.market.buyer_name} | {place.seat: place.seller.name for place in places}


def history_of(messages: list[Any], names: dict[int, str], seat: int | None) -> list[dict[str, Any]]:
    """The messages that a seat may see, numbered as it sees them: a gap would tell of what is said to others."""
    return [told_of(message, names, seat, number) for number, message in enumerate(messages, start=1)]


def told_of(message: Any, names: dict[int, str], seat: int | None, number: int) -> dict[str, Any]:
    """A message as it is told to who may see it; what failed, and who wrote it, to staff alone."""
    told = {
        "seq": number,
        "round": message.round,
        "sender_type": "buyer" if message.seat == BUYER else "seller",
        "sender": names.get(message.seat, ""),
        "seat": message.seat,
        "message": message.text,
        "price": as_number(message.price),
        "quantity": message.quantity,
        "mentioned_sellers": [names[each] for each in message.to if each in names],
        "timestamp": message.at.isoformat(),
    }
    if seat is None:
        told |= {
            "by_person": message.by_id is not None,
            "is_fallback": message.is_fallback,
            "error": message.error,
            "tokens": message.tokens,
            "input_tokens": message.input_tokens,
            "seconds": message.seconds,
            "disclosed": message.disclosed,
        }
    return told


def offers_in(messages: list[Any], names: dict[int, str]) -> dict[str, dict[str, Any]]:
    """The newest of each seller among these."""
    offers = {}
    for message in messages:
        if message.seat != BUYER and message.price is not None:
            offer = {"price": as_number(message.price), "quantity": message.quantity, "round": message.round}
            offers[names[message.seat]] = offer
    return offers


def constraints_of(room: Any, seat: int | None) -> dict[str, Any]:
    """What is needed is known to all; what may be paid to the buyer alone."""
    told = {"quantity_needed": room.quantity}
    if not may_know(seat, BUYER):
        return told
    left = room.market.left
    return told | {
        "min_price": as_number(room.low),
        "max_price": as_number(room.high),
        "budget_left": as_number(left),
    }


def decision_of(run: Any, seat: int | None) -> dict[str, Any] | None:
    """That it is decided is known to all at the table; with whom and at what price to the buyer and to who sold."""
    decision = getattr(run, "decision", None)
    if decision is None:
        return None
    told = {"decision": decision.verdict, "round": decision.round, "timestamp": decision.at.isoformat()}
    sold_by = run.room.places.filter(seller=decision.seller_id).values_list("seat", flat=True).first()
    if not may_know(seat, BUYER) and (sold_by is None or sold_by != seat):
        return told
    deal = {"seller": decision.seller.name, "seat": sold_by} if decision.is_deal else {}
    return (
        told
        | deal
        | {
            "price": as_number(decision.price),
            "quantity": decision.quantity,
            "total": as_number(decision.total) if decision.is_deal else None,
            "reason": decision.reason,
        }
    )


def as_number(amount: Any) -> float | None:
    return None if amount is None else float(amount)


# --- Events -------------------------------------------------------------------------------------------------


def events_of(room: Any, seat: int | None, after: int) -> dict[str, Any]:
    """Of its newest run, in order. `after` is the number of the last event that is known; 0 begins anew."""
    run = room.newest_run
    events: list[dict[str, Any]] = (
        [] if after > 0 else [{"id": 0, "type": "connected", "room_id": str(room.pk)}]
    )
    if run is not None:
        events += (event for event in _events(run, seat, after) if event["id"] > after)
    if not events:
        events = [{"id": after, "type": "heartbeat"}]
    return {
        "run_id": str(run.pk) if run else None,
        "events": events,
        "cursor": max(after, events[-1]["id"]),
        "is_over": bool(run and run.end_reason),
    }


def _events(run: Any, seat: int | None, after: int) -> Iterator[dict[str, Any]]:
    names = names_of(run.room)
    base = run.number * OF_A_RUN
    known = max(0, (after - base) // STEP)
    n_seen, round, seen = _seen_after(run, seat, known)
    for place, message in enumerate(seen, start=n_seen + 1):
        number = base + place * STEP
        if message.round > round:
            round = message.round
            yield {
                "id": number,
                "type": "round_start",
                "round": round,
                "max_rounds": run.room.market.max_rounds,
            }
        yield from _events_of(told_of(message, names, seat, place), number, seat)
    if run.end_reason:
        last = base + (n_seen + len(seen) + 1) * STEP
        yield {"id": last, "type": "decision", **(decision_of(run, seat) or {})}
        yield {"id": last + 1, "type": "negotiation_complete", "status": status_of(run.room, run)}


def _seen_after(run: Any, seat: int | None, known: int) -> tuple[int, int, list[Any]]:
    """How many messages are known for good, the round of the last of them, and those that a seat sees beyond.

    A seller's are numbered as it sees them, so they are counted from the first; whoever sees all reads the new alone.
    """
    before, rows = min(max(0, known - 1), run.n_messages), run.messages.order_by("seq")
    if seat is None or seat == BUYER:
        round = rows.filter(seq__lte=before).values_list("round", flat=True).last() or 0
        return before, round, list(rows.after(before))
    seen = seen_by(seat, rows)
    return len(seen[:before]), max((each.round for each in seen[:before]), default=0), seen[before:]


def _events_of(told: dict[str, Any], number: int, seat: int | None) -> Iterator[dict[str, Any]]:
    kind = "buyer_message" if told["sender_type"] == "buyer" else "seller_response"
    yield {"id": number + 1, "type": kind, **told}
    if kind == "seller_response" and told["price"] is not None:
        offer = {name: told[name] for name in ("round", "seat", "sender", "price", "quantity")}
        yield {"id": number + 2, "type": "offer", **offer}
    if seat is None and told["error"]:
        yield {"id": number + 3, "type": "error", "sender": told["sender"], "message": told["error"]}
