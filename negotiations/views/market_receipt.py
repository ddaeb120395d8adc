"""The receipt of a market on a page, and as files."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from negotiations.exports import csv_line, strict
from negotiations.forms.rooms import LookForm
from negotiations.models import RoomRun
from negotiations.views.room_access import run_of, seen_market, seen_room

COLUMNS = (
    "item",
    "outcome",
    "seller",
    "price",
    "quantity",
    "total",
    "savings",
    "rounds",
    "messages",
    "duration",
    "reason",
    "tokens",
    "model_seconds",
    "model_money",
)


@require_safe
@login_required
def market_receipt(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What was bought, for how much, and what was not (M-25, M-33)."""
    market = seen_market(request.user, pk)
    use = RoomRun.objects.filter(room__market=market).model_use()
    context = {"market": market, "summary": market.summary(), "use": use}
    return render(request, "negotiations/market_receipt.html", context)


@require_safe
@login_required
def market_export(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    market = seen_market(request.user, pk)
    summary = market.summary()
    name = f"{slugify(market.name)[:60] or 'market'}-{market.pk}.{kind}"
    if kind == "csv":
        return _file("".join(csv_line(line) for line in _lines(summary)), "text/csv", name)
    return _file(
        strict({"market": market.name, "is_sample": market.is_sample, **summary}, indent=1) + "\n",
        "application/json",
        name,
    )


@require_safe
@login_required
def room_log(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """All that was said and offered in a try of a room (M-11)."""
    room = seen_room(request.user, market_pk, pk)
    run = run_of(room, LookForm(request.GET).chosen()["run"])
    if run is None:
        raise Http404
    text = json.dumps(room.log(None, run), ensure_ascii=False, indent=1, allow_nan=False)
    return _file(text, "application/json", f"{slugify(room.item)[:60] or 'room'}-{room.pk}-{run.number}.json")


def _lines(summary: dict[str, Any]) -> list[list[Any]]:
    """A header, then a row an item: those that were bought, then those that were not."""
    bought = [{**purchase, "outcome": "bought"} for purchase in summary["purchases"]]
    failed = [{**each, "outcome": "not bought"} for each in summary["failed_items"]]
    rows = [[(each | _used(each)).get(name) for name in COLUMNS] for each in [*bought, *failed]]
    return [list(COLUMNS), *rows]


def _used(item: dict[str, Any]) -> dict[str, Any]:
    """What language models took for it, in columns."""
    use = item["language_models"]
    if use is None:
        return {}
    money = "; ".join(f"{each['amount']:f} {each['currency']}" for each in use["money"])
    return {"tokens": use["tokens"], "model_seconds": use["seconds"], "model_money": money}


def _file(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
