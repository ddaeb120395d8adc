"""A market written as JSON, the same for the command and for whoever makes such files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from negotiations.exceptions import Refused
from negotiations.market_rules import MarketDraft, NeedDraft, SellerDraft, StockDraft

MARKET = (
    "name",
    "buyer_name",
    "needs",
    "sellers",
    "budget",
    "seed",
    "max_rounds",
    "min_rounds",
    "room_seconds",
)
NUMBERS = ("seed", "max_rounds", "min_rounds", "room_seconds")
NEED = ("item", "quantity", "low", "high")
SELLER = ("name", "stock", "priority", "style", "kind")
STOCK = ("item", "cost", "least", "selling", "quantity")


def draft_of(text: str) -> MarketDraft:
    """The draft that a file describes. Raises Refused, with the path of what is no market; rules are for `problems`.

    No people: who sits where is chosen by those who are there.
    """
    try:
        told = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Refused("VALIDATION_ERROR", f"This is no JSON: {error}.") from error
    fields = _fields(told, MARKET, "")
    needs = [_fields(each, NEED, f"needs.{index}.") for index, each in _list(fields, "needs", "")]
    sellers = [_seller(each, f"sellers.{index}.") for index, each in _list(fields, "sellers", "")]
    numbers: dict[str, Any] = {name: _whole(fields, name, "") or 0 for name in NUMBERS if name in fields}
    return MarketDraft(
        name=_text(fields, "name", ""),
        buyer_name=_text(fields, "buyer_name", ""),
        needs=tuple(_need(each, f"needs.{index}.") for index, each in enumerate(needs)),
        sellers=tuple(sellers),
        budget=_money(fields, "budget", ""),
        **numbers,
    )


def _need(told: Mapping[str, Any], path: str) -> NeedDraft:
    item, quantity = _text(told, "item", path), _whole(told, "quantity", path)
    return NeedDraft(item, quantity, _money(told, "low", path), _money(told, "high", path))


def _seller(told: Any, path: str) -> SellerDraft:
    fields = _fields(told, SELLER, path)
    stocks = [_fields(each, STOCK, f"{path}stock.{index}.") for index, each in _list(fields, "stock", path)]
    chosen: dict[str, Any] = {
        name: _text(fields, name, path) for name in ("priority", "style", "kind") if name in fields
    }
    if chosen.get("kind") == "person":
        raise Refused(
            "VALIDATION_ERROR", "People choose their seats on the page of a new market.", f"{path}kind"
        )
    stock = tuple(_stock(each, f"{path}stock.{index}.") for index, each in enumerate(stocks))
    return SellerDraft(_text(fields, "name", path), stock, **chosen)


def _stock(told: Mapping[str, Any], path: str) -> StockDraft:
    cost, least, selling = (_money(told, name, path) for name in ("cost", "least", "selling"))
    return StockDraft(_text(told, "item", path), cost, least, selling, _whole(told, "quantity", path))


def _fields(told: Any, known: Sequence[str], path: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise Refused("VALIDATION_ERROR", "This is to be an object in braces.", path.rstrip("."))
    unknown = [name for name in told if name not in known]
    if unknown:
        text = f"{unknown[0]!r} is not known here. Known are: {', '.join(known)}."
        raise Refused("VALIDATION_ERROR", text, f"{path}{unknown[0]}")
    return told


def _list(told: Mapping[str, Any], name: str, path: str) -> list[tuple[int, Any]]:
    value = told.get(name, [])
    if not isinstance(value, list):
        raise Refused("VALIDATION_ERROR", "This is to be a list in brackets.", f"{path}{name}")
    return list(enumerate(value))


def _text(told: Mapping[str, Any], name: str, path: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise Refused("VALIDATION_ERROR", "This is to be a text.", f"{path}{name}")
    return value


def _whole(told: Mapping[str, Any], name: str, path: str) -> int | None:
    value = told.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise Refused("VALIDATION_ERROR", "This is to be a whole number.", f"{path}{name}")
    return value


def _money(told: Mapping[str, Any], name: str, path: str) -> Decimal | None:
    value = told.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise Refused("VALIDATION_ERROR", "This is to be a number.", f"{path}{name}") from error
