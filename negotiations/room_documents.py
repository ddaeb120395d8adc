"""The log of a run as one document (M-11): downloads have it, and what is kept of a deleted market."""

from __future__ import annotations

from typing import Any

from negotiations.engine.room_specs import BUYER
from negotiations.engine.visibility import may_know, seen_by
from negotiations.room_states import (
    as_number,
    constraints_of,
    decision_of,
    history_of,
    names_of,
    status_of,
    use_told,
)


def log_of(run: Any, seat: int | None) -> dict[str, Any]:
    """All that a seat may know of a run; None sees all of it."""
    room, job = run.room, run.job
    names = names_of(room)
    history = history_of(seen_by(seat, run.messages.order_by("seq")), names, seat)
    return {
        "metadata": {
            "session_id": str(room.market_id),
            "session_name": room.market.name,
            "room_id": str(room.pk),
            "run_id": str(run.pk),
            "run": run.number,
            "item": room.item,
            "status": status_of(room, run),
            "end_reason": run.end_reason,
            "seed": room.market.seed if seat is None else None,
            "started_at": job.started_at.isoformat() if job.started_at else None,
            "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        },
        "buyer": {"name": room.market.buyer_name, **constraints_of(room, seat)},
        "sellers": [_seller(place, seat) for place in room.seats()],
        "conversation_history": history,
        "offers_over_time": [
            {name: told[name] for name in ("round", "sender", "price", "quantity", "timestamp")}
            for told in history
            if told["seat"] != BUYER and told["price"] is not None
        ],
        "decision": decision_of(run, seat),
        "duration": job.seconds,
        "rounds": run.round,
        "language_models": use_told([run], seat),
    }


def _seller(place: Any, seat: int | None) -> dict[str, Any]:
    told = {"name": place.seller.name, "seat": place.seat}
    if not may_know(seat, place.seat):
        return told
    return told | {
        "priority": place.seller.priority,
        "style": place.seller.style,
        "kind": place.seller.kind,
        "cost": as_number(place.stock.cost),
        "least": as_number(place.stock.least),
        "selling": as_number(place.stock.selling),
        "stock": place.stock.quantity,
        "remaining": place.stock.remaining,
    }
