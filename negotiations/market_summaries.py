"""What came of a market, in plain values (M-25). For those who see all of it, and for its buyer."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from negotiations.room_states import as_number, use_told


def summary_of(market: Any, seat: int | None) -> dict[str, Any]:
    """Averages are of the purchases, of newest runs; None where there is none. What language models took is of all runs."""
    rooms = list(market.rooms.all())
    tries = _runs_by_room(market)
    runs = {pk: of_room[-1] for pk, of_room in tries.items()}
    took = {room.pk: {"language_models": use_told(tries.get(room.pk, []), seat)} for room in rooms}
    purchases = [_purchase(runs[room.pk]) | took[room.pk] for room in rooms if _is_deal(runs.get(room.pk))]
    failed = [
        {"item": room.item, "room_id": str(room.pk), "reason": _why(room, runs.get(room.pk))} | took[room.pk]
        for room in rooms
        if room.status not in ("pending", "active") and not _is_deal(runs.get(room.pk))
    ]
    return {
        "session_id": str(market.pk),
        "buyer_name": market.buyer_name,
        "status": market.status,
        "total_items_requested": len(rooms),
        "completed_purchases": len(purchases),
        "failed_purchases": len(failed),
        "purchases": purchases,
        "failed_items": failed,
        "total_spent": as_number(market.spent),
        "items_purchased": sum(purchase["quantity"] for purchase in purchases),
        "average_savings": _mean([purchase["savings"] for purchase in purchases]),
        "average_rounds": _mean([purchase["rounds"] for purchase in purchases]),
        "average_duration": _mean([purchase["duration"] for purchase in purchases]),
        "total_messages": sum(run.n_messages for run in runs.values()),
        "language_models": use_told([run for of_room in tries.values() for run in of_room], seat),
    }


def _runs_by_room(market: Any) -> dict[Any, list[Any]]:
    """In order, in one query."""
    runs = market.rooms.model._meta.get_field("runs").related_model.objects.filter(room__market=market)
    found: dict[Any, list[Any]] = {}
    for run in runs.select_related("job", "room", "decision__seller").order_by("number"):
        found.setdefault(run.room_id, []).append(run)
    return found


def _is_deal(run: Any) -> bool:
    decision = getattr(run, "decision", None)
    return bool(decision and decision.is_deal)


def _purchase(run: Any) -> dict[str, Any]:
    decision, room = run.decision, run.room
    return {
        "item": room.item,
        "room_id": str(room.pk),
        "seller": decision.seller.name,
        "price": as_number(decision.price),
        "quantity": decision.quantity,
        "total": as_number(decision.total),
        "savings": as_number(room.high - decision.price),
        "rounds": run.round,
        "duration": run.job.seconds or 0.0,
        "messages": run.n_messages,
    }


def _why(room: Any, run: Any) -> str:
    decision = getattr(run, "decision", None)
    if decision is not None:
        return str(decision.reason)
    skips = [place.get_skip_reason_display() for place in room.places.exclude(skip_reason="")]
    return f"No seller can serve it: {', '.join(sorted(set(skips)))}."


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), 2) if values else None
