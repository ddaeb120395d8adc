"""The form of a new market: what is typed, what is wrong with it, and the draft that it comes to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cached_property

from django.contrib.auth.models import Group, User
from django.db.models import Q

from negotiations import market_rules
from negotiations.engine.room_specs import Priority, SeatKind, Style
from negotiations.forms.checks import Check
from negotiations.forms.market_rows import MarketRows, SellerRow
from negotiations.forms.scenario_drafts import Cell
from negotiations.market_rules import MarketDraft, NeedDraft, SellerDraft, StockDraft
from negotiations.model_money import most_answers, outlook
from negotiations.models import Market

MOST_PEOPLE = 500
MOST_MINUTES = 30 * 1440
NOT_A_NUMBER = "Write a number, such as 12.50."
NOT_WHOLE = "Write a whole number, such as 12."
TOO_FINE = "At most two digits after the point."
NOT_A_SEAT = "This is not one of the available choices. Choose another."
NOT_A_GROUP = "This group is not one of the available choices. Choose one of yours, or nobody."
CELLS = {
    "kind": "seat",
    "person": "seat",
    "buyer_kind": "buyer_seat",
    "buyer_person": "buyer_seat",
    "turn_seconds": "turn_minutes",
    "room_seconds": "room_minutes",
}
SKIP_WORDS = {
    "no_inventory": "nobody has it",
    "insufficient_quantity": "nobody has enough",
    "price_mismatch": "no price range meets the buyer's",
}
Choices = list[tuple[str, str]]


def named(values: type[Priority] | type[Style]) -> Choices:
    return [(each.value, each.value.capitalize()) for each in values]


class MarketForm:
    """Cells by name; `errors` are told beside them, those of empty ones once the form was sent."""

    def __init__(self, rows: MarketRows, *, user: User, is_sent: bool = False) -> None:
        self.rows, self.user, self.is_sent = rows, user, is_sent
        self.errors: dict[str, str] = {}
        self.texts = dict(rows.cells())
        self.draft = self._read()
        self.group = self._group()
        for problem in market_rules.problems(self.draft, user, self.group):
            self.errors.setdefault(_cell_of(problem.path), problem.message)

    # --- What there is to choose from ---------------------------------------------------------------------------

    priorities, styles = named(Priority), named(Style)

    @cached_property
    def groups(self) -> list[Group]:
        return list(self.user.groups.order_by("name"))

    @cached_property
    def people(self) -> dict[str, User]:
        """Whoever shares a group with this person, and they themselves, by what a seat says."""
        near = Q(groups__in=self.groups) | Q(pk=self.user.pk)
        found = User.objects.filter(near, is_active=True).distinct().order_by("username")[:MOST_PEOPLE]
        return {f"person-{person.pk}": person for person in found}

    @cached_property
    def kinds(self) -> Choices:
        """Seats that are no person's."""
        kinds = [("negotiator", "Negotiator")]
        return [*kinds, ("model", "Language model")] if market_rules.has_models() else kinds

    @property
    def persons(self) -> Choices:
        return [(key, person.username) for key, person in self.people.items()]

    @property
    def items(self) -> list[str]:
        """What is needed so far: stock is chosen from it, or typed."""
        return list(dict.fromkeys(need["item"].strip() for need in self.rows.needs if need["item"].strip()))

    # --- Cells --------------------------------------------------------------------------------------------------

    def cell(self, name: str) -> Cell:
        text = self.texts.get(name, "")
        return Cell(name, text, self.errors.get(name, "") if self.is_sent else "")

    @property
    def fields(self) -> dict[str, Cell]:
        return {name: self.cell(name) for name in self.rows.texts}

    @property
    def needs(self) -> list[dict[str, Cell]]:
        return [self._cells(f"needs-{n}", need) for n, need in enumerate(self.rows.needs)]

    @property
    def sellers(self) -> list[tuple[dict[str, Cell], list[dict[str, Cell]]]]:
        return [
            (
                self._cells(f"sellers-{s}", [*seller.texts, "stock"]),
                [self._cells(f"sellers-{s}-stock-{i}", stock) for i, stock in enumerate(seller.stock)],
            )
            for s, seller in enumerate(self.rows.sellers)
        ]

    def _cells(self, prefix: str, texts: Iterable[str]) -> dict[str, Cell]:
        return {name: self.cell(f"{prefix}-{name}") for name in texts}

    # --- What it says -------------------------------------------------------------------------------------------

    def _read(self) -> MarketDraft:
        kind, person = self._seat("buyer_seat")
        return MarketDraft(
            name=self._text("name"),
            buyer_name=self._text("buyer_name"),
            buyer_kind=kind,
            buyer_person=person,
            budget=self._money("budget"),
            needs=tuple(self._need(f"needs-{n}") for n in range(len(self.rows.needs))),
            sellers=tuple(self._seller(f"sellers-{s}", row) for s, row in enumerate(self.rows.sellers)),
            seed=self._whole("seed") or 0,
            max_rounds=self._given("max_rounds", 10),
            min_rounds=self._given("min_rounds", 2),
            turn_seconds=self._seconds("turn_minutes"),
            room_seconds=self._seconds("room_minutes") or 1800,
        )

    def _need(self, at: str) -> NeedDraft:
        return NeedDraft(
            item=self._text(f"{at}-item"),
            quantity=self._whole(f"{at}-quantity"),
            low=self._money(f"{at}-low"),
            high=self._money(f"{at}-high"),
        )

    def _seller(self, at: str, row: SellerRow) -> SellerDraft:
        kind, person = self._seat(f"{at}-seat")
        return SellerDraft(
            name=self._text(f"{at}-name"),
            stock=tuple(self._stock(f"{at}-stock-{i}") for i in range(len(row.stock))),
            priority=self._text(f"{at}-priority"),
            style=self._text(f"{at}-style"),
            kind=kind,
            person=person,
        )

    def _stock(self, at: str) -> StockDraft:
        cost, least, selling = (self._money(f"{at}-{name}") for name in ("cost", "least", "selling"))
        quantity = self._whole(f"{at}-quantity")
        return StockDraft(
            item=self._text(f"{at}-item"), cost=cost, least=least, selling=selling, quantity=quantity
        )

    def _text(self, name: str) -> str:
        return self.texts[name].strip()

    def _money(self, name: str) -> Decimal | None:
        text = self._text(name).replace("−", "-").replace(",", ".")
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or len(text) > 30:
            self.errors[name] = NOT_A_NUMBER
            return None
        if -int(number.as_tuple().exponent) > 2:
            self.errors[name] = TOO_FINE
            return None
        return number

    def _whole(self, name: str) -> int | None:
        text = self._text(name)
        if not text:
            return None
        sign, digits = ("-", text[1:]) if text[0] in "-−" else ("", text)
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            self.errors[name] = NOT_WHOLE
            return None
        return int(sign + digits)

    def _given(self, name: str, default: int) -> int:
        """A number that may not be left out: empty is not the default."""
        number = self._whole(name)
        if number is None:
            self.errors.setdefault(name, NOT_WHOLE)
        return default if number is None else number

    def _seconds(self, name: str) -> int | None:
        minutes = self._money(name)
        if minutes is not None and not 0 < minutes <= MOST_MINUTES:
            self.errors[name] = f"Give more than 0 minutes and at most {MOST_MINUTES:,}."
            return None
        if minutes is None and name == "room_minutes":
            self.errors.setdefault(name, "Give a number of minutes.")
        return None if minutes is None else max(1, round(minutes * 60))

    def _seat(self, name: str) -> tuple[str, User | None]:
        asked = self.texts[name]
        person = self.people.get(asked)
        if person is None and asked not in dict(self.kinds):
            self.errors[name] = NOT_A_SEAT
        return (SeatKind.PERSON.value, person) if person else (asked, None)

    def _group(self) -> Group | None:
        asked = self.texts["group"]
        found = next((group for group in self.groups if str(group.pk) == asked), None)
        if asked and found is None:
            self.errors["group"] = NOT_A_GROUP
        return found

    # --- Before it opens ----------------------------------------------------------------------------------------

    @property
    def is_valid(self) -> bool:
        return not self.errors

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Each field to correct, by its id, and why; what is still empty counts once the form was sent."""
        return [
            (name, why)
            for name, why in self.errors.items()
            if self.is_sent or self.texts.get(name, "filled").strip()
        ]

    @property
    def n_empty(self) -> int:
        """How many fields wait to be filled in; what has an error and a text is to be corrected instead."""
        return sum(1 for name in self.errors if not self.texts.get(name, "filled").strip())

    @property
    def checks(self) -> list[Check]:
        """What would become of it now."""
        if self.errors:
            empty = Check("note", f"{self.n_empty} field{'s' if self.n_empty > 1 else ''} still to fill in.")
            return [empty] if self.n_empty and not self.is_sent else []
        models = outlook(sum(_most_answers(need, self.draft) for need in self.draft.needs))
        tables = [_outlook(need, self.draft) for need in self.draft.needs]
        return [*tables, Check("note", f"Language models: {models}")] if models else tables

    def keep(self) -> Market:
        is_sample = bool(self.texts["sample"])
        opened: Market = Market.objects.open(self.draft, self.user, self.group, is_sample=is_sample)
        return opened


def _cell_of(path: market_rules.Path) -> str:
    """The cell that says what a problem is about; who sits somewhere is one choice, and times are in minutes."""
    *above, last = map(str, path)
    return "-".join([*above, CELLS.get(last, last)])


def _outlook(need: NeedDraft, draft: MarketDraft) -> Check:
    """Who would be at the table for an item, and why the others would not."""
    choices = market_rules.selected(need, draft.sellers)
    there = [draft.sellers[each.seller].name for each in choices if not each.skip_reason]
    if there:
        return Check("ok", f"{need.item}: {', '.join(there)}.")
    whys = dict.fromkeys(SKIP_WORDS.get(each.skip_reason, each.skip_reason) for each in choices)
    return Check("warn", f"{need.item} cannot be bought: {', '.join(whys)}.")


def _most_answers(need: NeedDraft, draft: MarketDraft) -> int:
    """That language models may give in the room of an item."""
    there = [
        draft.sellers[each.seller]
        for each in market_rules.selected(need, draft.sellers)
        if not each.skip_reason
    ]
    if not there:
        return 0
    n_sellers = sum(seller.kind == SeatKind.MODEL for seller in there)
    return most_answers(draft.max_rounds, n_sellers, buys=draft.buyer_kind == SeatKind.MODEL)


def like(market_key: str, user: User) -> MarketRows | None:
    """The rows of a market that this person may see, by what stands in an address."""
    try:
        found = Market.objects.visible_to(user).filter(pk=uuid.UUID(market_key)).first()
    except ValueError:
        return None
    return MarketRows.of(found) if found else None
