"""What a market has to be, in the words that people read (M-15), and who sits in which of its rooms (M-17).

Forms, the API and the command ask it the same; the database holds to it in the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from negotiations.engine.mentions import folded
from negotiations.engine.room_specs import MOST, MOST_SELLERS, Priority, SeatKind, Style
from negotiations.language_models import is_on

if TYPE_CHECKING:
    from django.contrib.auth.models import Group, User

MOST_ROUNDS = 50
MOST_ROOM_SECONDS = 30 * 86_400
MOST_STOCKS = 200
"""Items that one seller has."""
MOST_BUDGET = Decimal(MOST) * MOST
LEAST_SEED, MOST_SEED = 0, 2**31 - 1

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """`path` leads to the value, as in ("sellers", 0, "stock", 1, "least")."""

    path: Path
    message: str

    @property
    def field(self) -> str:
        """The path as one word: sellers.0.stock.1.least."""
        return ".".join(map(str, self.path))


@dataclass(frozen=True)
class NeedDraft:
    """None is what is missing or no number."""

    item: str
    quantity: int | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class StockDraft:
    item: str
    cost: Decimal | None
    least: Decimal | None
    selling: Decimal | None
    quantity: int | None


@dataclass(frozen=True)
class SellerDraft:
    name: str
    stock: tuple[StockDraft, ...]
    priority: str = Priority.BALANCE.value
    style: str = Style.PLAIN.value
    kind: str = SeatKind.NEGOTIATOR.value
    person: User | None = None


@dataclass(frozen=True)
class MarketDraft:
    name: str
    buyer_name: str
    needs: tuple[NeedDraft, ...]
    sellers: tuple[SellerDraft, ...]
    budget: Decimal | None = None
    buyer_kind: str = SeatKind.NEGOTIATOR.value
    buyer_person: User | None = None
    seed: int = 0
    max_rounds: int = 10
    min_rounds: int = 2
    turn_seconds: int | None = None
    room_seconds: int = 1800


def tidy(text: str) -> str:
    """One space between words, none around them."""
    return " ".join(text.split())


def item_key(item: str) -> str:
    """What two names of one item have in common."""
    return tidy(item).casefold()


def same_item(one: str, other: str) -> bool:
    return item_key(one) == item_key(other)


def has_models() -> bool:
    """Whether language models may sit in a market here."""
    return is_on()


# --- What is wrong with a draft ----------------------------------------------------------------------------


def problems(draft: MarketDraft, owner: User | None = None, group: Group | None = None) -> list[Problem]:
    """All that is wrong, in the order of the form; one at most for each value."""
    found: dict[Path, Problem] = {}
    for problem in _all_problems(draft, owner, group):
        found.setdefault(problem.path, problem)
    return list(found.values())


def _all_problems(draft: MarketDraft, owner: User | None, group: Group | None) -> Iterator[Problem]:
    yield from _text(("name",), draft.name, 100, "Name the market")
    yield from _text(("buyer_name",), draft.buyer_name, 50, "Name the buyer")
    yield from _seat(("buyer_kind",), ("buyer_person",), draft.buyer_kind, draft.buyer_person, owner, group)
    yield from _numbers(draft)
    if not draft.needs:
        yield Problem(("needs",), "The buyer needs at least one item.")
    if len(draft.needs) > settings.MARKET_ROOMS:
        yield Problem(("needs",), f"A market has at most {settings.MARKET_ROOMS:,} items (MARKET_ROOMS).")
    for index, need in enumerate(draft.needs):
        yield from _of_need(("needs", index), need)
    if not 1 <= len(draft.sellers) <= MOST_SELLERS:
        yield Problem(("sellers",), f"A market has 1 to {MOST_SELLERS} sellers.")
    handles: set[str] = set()
    for index, seller in enumerate(draft.sellers):
        yield from _of_seller(("sellers", index), seller, handles, owner, group)


def _numbers(draft: MarketDraft) -> Iterator[Problem]:
    if draft.budget is not None:
        yield from _of_budget(draft.budget)
    if not LEAST_SEED <= draft.seed <= MOST_SEED:
        yield Problem(("seed",), f"A seed is a whole number from {LEAST_SEED} to {MOST_SEED:,}.")
    if not 1 <= draft.max_rounds <= MOST_ROUNDS:
        yield Problem(("max_rounds",), f"A room has 1 to {MOST_ROUNDS} rounds.")
    if not 1 <= draft.min_rounds <= draft.max_rounds:
        yield Problem(("min_rounds",), "The first decision is after 1 round at least, and within the rounds.")
    if not 1 <= draft.room_seconds <= MOST_ROOM_SECONDS:
        yield Problem(("room_seconds",), "A room takes 1 second to 30 days.")
    if draft.turn_seconds is not None and not 1 <= draft.turn_seconds <= MOST_ROOM_SECONDS:
        yield Problem(("turn_seconds",), "A turn takes 1 second to 30 days. Leave it empty for no limit.")


def _of_budget(budget: Decimal) -> Iterator[Problem]:
    # In this order: what is no number cannot be compared, and what is too large cannot be rounded.
    if not budget.is_finite() or not 0 < budget <= MOST_BUDGET:
        yield Problem(("budget",), f"A budget is above 0 and up to {MOST_BUDGET:,}. Leave it empty for none.")
    elif _has_parts_of_cents(budget):
        yield Problem(("budget",), "Amounts have two decimals at most.")


def _of_need(path: Path, need: NeedDraft) -> Iterator[Problem]:
    yield from _text((*path, "item"), need.item, 100, "Name the item")
    yield from _quantity((*path, "quantity"), need.quantity)
    yield from _price((*path, "low"), need.low, "lowest price")
    yield from _price((*path, "high"), need.high, "highest price")
    if need.low is not None and need.high is not None and need.low >= need.high:
        yield Problem((*path, "high"), "The highest price is to be above the lowest.")


def _of_seller(
    path: Path, seller: SellerDraft, handles: set[str], owner: User | None, group: Group | None
) -> Iterator[Problem]:
    yield from _text((*path, "name"), seller.name, 50, "Name the seller")
    handle = folded(tidy(seller.name))
    if seller.name.strip() and not handle:
        yield Problem((*path, "name"), "A name has a letter or a digit, so that it can be mentioned.")
    if handle in handles:
        yield Problem((*path, "name"), "Another seller has this name; mentions could not tell them apart.")
    handles.add(handle)
    if seller.priority not in list(Priority):
        yield Problem((*path, "priority"), f"Choose one of {', '.join(Priority)}.")
    if seller.style not in list(Style):
        yield Problem((*path, "style"), f"Choose one of {', '.join(Style)}.")
    yield from _seat((*path, "kind"), (*path, "person"), seller.kind, seller.person, owner, group)
    if not 1 <= len(seller.stock) <= MOST_STOCKS:
        yield Problem((*path, "stock"), f"A seller has 1 to {MOST_STOCKS} items.")
    items: set[str] = set()
    for index, stock in enumerate(seller.stock):
        yield from _of_stock((*path, "stock", index), stock)
        item = item_key(stock.item)
        if item and item in items:
            yield Problem((*path, "stock", index, "item"), "This seller has this item already.")
        items.add(item)


def _of_stock(path: Path, stock: StockDraft) -> Iterator[Problem]:
    yield from _text((*path, "item"), stock.item, 100, "Name the item")
    yield from _price((*path, "cost"), stock.cost, "cost")
    yield from _price((*path, "least"), stock.least, "least price")
    yield from _price((*path, "selling"), stock.selling, "selling price")
    if stock.cost is not None and stock.least is not None and stock.cost >= stock.least:
        yield Problem((*path, "least"), "The least price is to be above the cost.")
    if stock.least is not None and stock.selling is not None and stock.least >= stock.selling:
        yield Problem((*path, "selling"), "The selling price is to be above the least price.")
    yield from _quantity((*path, "quantity"), stock.quantity)


def _text(path: Path, text: str, most: int, ask: str) -> Iterator[Problem]:
    if not tidy(text):
        yield Problem(path, f"{ask}.")
    elif len(tidy(text)) > most:
        yield Problem(path, f"At most {most} characters.")
    elif not tidy(text).isprintable():
        yield Problem(path, "There is a character in it that cannot be seen.")


def _price(path: Path, price: Decimal | None, name: str) -> Iterator[Problem]:
    if price is None:
        yield Problem(path, f"The {name} is missing.")
    elif not price.is_finite() or not 0 <= price <= MOST:
        yield Problem(path, f"A price is from 0 to {MOST:,}.")
    elif _has_parts_of_cents(price):
        yield Problem(path, "Prices have two decimals at most.")


def _has_parts_of_cents(amount: Decimal) -> bool:
    return amount.is_finite() and amount != round(amount, 2)


def _quantity(path: Path, quantity: int | None) -> Iterator[Problem]:
    if quantity is None:
        yield Problem(path, "The quantity is missing.")
    elif not 1 <= quantity <= MOST:
        yield Problem(path, f"A quantity is from 1 to {MOST:,}.")


def _seat(
    path: Path, of_person: Path, kind: str, person: Any, owner: User | None, group: Group | None
) -> Iterator[Problem]:
    if kind not in list(SeatKind):
        yield Problem(path, f"Choose one of {', '.join(SeatKind)}.")
    elif kind == SeatKind.MODEL and not has_models():
        yield Problem(path, "Language models are not switched on here. Choose a negotiator or a person.")
    elif (kind == SeatKind.PERSON) != (person is not None):
        yield Problem(of_person, "Choose who sits here." if person is None else "Nobody sits here.")
    elif person is not None and person != owner and not _is_in(person, group):
        yield Problem(
            of_person,
            f"{person} is not in the group that this market is shared with. Share it with a group of theirs.",
        )


def _is_in(person: User, group: Group | None) -> bool:
    return group is not None and person.is_active and person.groups.filter(pk=group.pk).exists()


# --- Who sits in which room --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A seller of the market and a need: the place of its stock, and why it is not let in, if it is not."""

    seller: int
    stock: int | None
    skip_reason: str = ""
    skip_detail: str = ""


def selected(need: NeedDraft, sellers: Sequence[SellerDraft]) -> list[Choice]:
    """Every seller in order, those let in and the others with the reason."""
    return [_choice(need, index, seller) for index, seller in enumerate(sellers)]


def _choice(need: NeedDraft, index: int, seller: SellerDraft) -> Choice:
    found = (place for place, stock in enumerate(seller.stock) if same_item(stock.item, need.item))
    place = next(found, None)
    if place is None:
        return Choice(index, None, "no_inventory", f"{tidy(seller.name)} has no {tidy(need.item)}.")
    stock = seller.stock[place]
    return Choice(index, place, *why_skipped(need, stock, stock.quantity or 0))


def why_skipped(need: Any, stock: Any, left: int) -> tuple[str, str]:
    """Of drafts and of rows alike. What is told is for those who see the whole market: it has figures of the seller."""
    if left <= 0:
        return "no_inventory", "Nothing is left in stock."
    if left < need.quantity:
        return "insufficient_quantity", f"{left:,} in stock, {need.quantity:,} needed."
    if stock.least > need.high:
        return "price_mismatch", f"Sells from {stock.least:.2f}; the buyer pays up to {need.high:.2f}."
    if stock.selling < need.low:
        return "price_mismatch", f"Sells up to {stock.selling:.2f}; the buyer pays from {need.low:.2f}."
    return "", ""
