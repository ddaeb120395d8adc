"""What came of a market, in plain values (M-25). For those who see all of it, and for its buyer."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from negotiations.room_states import as_number


def summary_of(market: Any) -> dict[str, Any]:
    """Averages are of the purchases; None where there is none."""
    rooms = list(market.rooms.all())
    runs = _newest_runs(market)
    purchases = [_purchase(runs[room.pk]) for room in rooms if _is_deal(runs.get(room.pk))]
    failed = [
        {"item": room.item, "room_id": str(room.pk), "reason": _why(room, runs.get(room.pk))}
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
    }


def _newest_runs(market: Any) -> dict[Any, Any]:
    """By room, in one query."""
    runs = market.rooms.model._meta.get_field("runs").related_model.objects.filter(room__market=market)
    found = runs.select_related("job", "room", "decision__seller").order_by("number")
    return {run.room_id: run for run in found}


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
