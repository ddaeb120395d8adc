"""A market on its way through a form: every cell keeps what was typed; rows come and go, and none is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from negotiations.models import Market

MOST_NEEDS = 20
MOST_SELLERS = 10
MOST_STOCK = 20
MOST_CELLS = 900
"""Django reads 1,000 fields of a form; a larger market is written to the API."""

DEFAULTS = {
    "name": "",
    "buyer_name": "",
    "buyer_seat": "negotiator",
    "budget": "",
    "max_rounds": "10",
    "min_rounds": "2",
    "turn_minutes": "",
    "room_minutes": "30",
    "seed": "0",
    "group": "",
    "sample": "",
}
NEED = ("item", "quantity", "low", "high")
SELLER = {"name": "", "priority": "balance", "style": "plain", "seat": "negotiator"}
STOCK = ("item", "cost", "least", "selling", "quantity")

Texts = dict[str, str]


def _empty(names: tuple[str, ...]) -> Texts:
    return dict.fromkeys(names, "")


@dataclass
class SellerRow:
    texts: Texts
    stock: list[Texts] = field(default_factory=lambda: [_empty(STOCK)])


@dataclass
class MarketRows:
    """Texts only, by the names that problems of markets have in their paths: `sellers-0-stock-1-least`."""

    texts: Texts
    needs: list[Texts]
    sellers: list[SellerRow]
    focus: str = ""
    """The cell to go on in, after a change."""

    @classmethod
    def blank(cls) -> MarketRows:
        return cls({**DEFAULTS}, [_empty(NEED)], [SellerRow({**SELLER})])

    @classmethod
    def sent(cls, told: Mapping[str, str]) -> MarketRows:
        """Out of the fields of a form, as many of each as there are in a row."""
        rows = cls({name: told.get(name, text) for name, text in DEFAULTS.items()}, [], [])
        for n in range(_count(told, "needs-{}-item", MOST_NEEDS)):
            rows.needs.append({name: told.get(f"needs-{n}-{name}", "") for name in NEED})
        for s in range(_count(told, "sellers-{}-name", MOST_SELLERS)):
            texts = {name: told.get(f"sellers-{s}-{name}", text) for name, text in SELLER.items()}
            rows.sellers.append(SellerRow(texts, _stock_sent(told, s)))
        return rows

    @classmethod
    def of(cls, market: Market) -> MarketRows:
        """What a market was opened with: its stock as it was at first."""
        rows = cls({**DEFAULTS, **_told_of(market)}, [], [])
        for room in market.rooms.order_by("index"):
            rows.needs.append({name: shown(getattr(room, name)) for name in NEED})
        for seller in market.sellers.order_by("index").prefetch_related("stocks"):
            texts = {"name": seller.name, "priority": seller.priority, "style": seller.style}
            texts["seat"] = seat_text(seller.kind, seller.person_id)
            stock = [{name: shown(getattr(each, name)) for name in STOCK} for each in seller.stocks.all()]
            rows.sellers.append(SellerRow(texts, stock))
        return rows

    def cells(self) -> Iterator[tuple[str, str]]:
        """Each field's name and text."""
        yield from self.texts.items()
        for n, need in enumerate(self.needs):
            yield from ((f"needs-{n}-{name}", text) for name, text in need.items())
        for s, seller in enumerate(self.sellers):
            yield from ((f"sellers-{s}-{name}", text) for name, text in seller.texts.items())
            for i, stock in enumerate(seller.stock):
                yield from ((f"sellers-{s}-stock-{i}-{name}", text) for name, text in stock.items())

    # --- Rows more and less -------------------------------------------------------------------------------------

    def change(self, wanted: str) -> str:
        """Add or drop a need, a seller or one of its items (`drop-stock-2-0`); why not, where it cannot be."""
        verb, _, rest = wanted.partition("-")
        what, *places = rest.split("-")
        change, n_places = _CHANGES.get((verb, what), (None, 0))
        if change is None or len(places) != n_places or not all(map(_is_place, places)):
            return "There is no such change. Nothing was changed."
        if verb == "add" and len(dict(self.cells())) + len(STOCK) + len(SELLER) > MOST_CELLS:
            return (
                f"A form has no more than {MOST_CELLS} fields. A larger market can be opened by the JSON API."
            )
        return change(self, *map(int, places))

    def _add_need(self) -> str:
        if len(self.needs) >= MOST_NEEDS:
            return f"A market has no more than {MOST_NEEDS} items here."
        self.needs.append(_empty(NEED))
        self.focus = f"needs-{len(self.needs) - 1}-item"
        return ""

    def _add_seller(self) -> str:
        """With a line for each item that is needed: what it does not have is dropped sooner than typed."""
        if len(self.sellers) >= MOST_SELLERS:
            return f"A market has at most {MOST_SELLERS} sellers."
        items = [need["item"] for need in self.needs if need["item"].strip()] or [""]
        stock = [{**_empty(STOCK), "item": item} for item in items]
        self.sellers.append(SellerRow({**SELLER}, stock))
        self.focus = f"sellers-{len(self.sellers) - 1}-name"
        return ""

    def _add_stock(self, s: int) -> str:
        if not 0 <= s < len(self.sellers):
            return "There is no such seller. Nothing was changed."
        stock = self.sellers[s].stock
        if len(stock) >= MOST_STOCK:
            return f"A seller has no more than {MOST_STOCK} items here."
        stock.append(_empty(STOCK))
        self.focus = f"sellers-{s}-stock-{len(stock) - 1}-item"
        return ""

    def _drop_need(self, n: int) -> str:
        if len(self.needs) <= 1 or not 0 <= n < len(self.needs):
            return "A market has at least one item. Nothing was changed."
        del self.needs[n]
        return ""

    def _drop_seller(self, s: int) -> str:
        if len(self.sellers) <= 1 or not 0 <= s < len(self.sellers):
            return "A market has at least one seller. Nothing was changed."
        del self.sellers[s]
        return ""

    def _drop_stock(self, s: int, i: int) -> str:
        if not 0 <= s < len(self.sellers) or not 0 <= i < len(self.sellers[s].stock):
            return "There is no such item. Nothing was changed."
        del self.sellers[s].stock[i]
        return ""


# By verb and row: the change, and how many places it is told.
_CHANGES: dict[tuple[str, str], tuple[Callable[..., str], int]] = {
    ("add", "need"): (MarketRows._add_need, 0),
    ("add", "seller"): (MarketRows._add_seller, 0),
    ("add", "stock"): (MarketRows._add_stock, 1),
    ("drop", "need"): (MarketRows._drop_need, 1),
    ("drop", "seller"): (MarketRows._drop_seller, 1),
    ("drop", "stock"): (MarketRows._drop_stock, 2),
}


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4


def shown(value: object) -> str:
    """A number as people write it: no zeros after the point that say nothing."""
    text = "" if value is None else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def seat_text(kind: str, person: int | None) -> str:
    """What the choice of a seat says: a kind, or the person who takes it."""
    return f"person-{person}" if kind == "person" else kind


def _told_of(market: Market) -> Texts:
    return {
        "name": market.name,
        "buyer_name": market.buyer_name,
        "buyer_seat": seat_text(market.buyer_kind, market.buyer_person_id),
        "budget": shown(market.budget),
        "max_rounds": str(market.max_rounds),
        "min_rounds": str(market.min_rounds),
        "turn_minutes": _minutes(market.turn_seconds),
        "room_minutes": _minutes(market.room_seconds),
        "seed": str(market.seed),
        "group": str(market.group_id or ""),
        "sample": "1" if market.is_sample else "",
    }


def _minutes(seconds: int | None) -> str:
    return "" if seconds is None else shown(round(seconds / 60, 2))


def _stock_sent(told: Mapping[str, str], s: int) -> list[Texts]:
    found = range(_count(told, f"sellers-{s}-stock-{{}}-item", MOST_STOCK))
    return [{name: told.get(f"sellers-{s}-stock-{i}-{name}", "") for name in STOCK} for i in found]


def _count(told: Mapping[str, str], name: str, most: int) -> int:
    return next((index for index in range(most) if name.format(index) not in told), most)
