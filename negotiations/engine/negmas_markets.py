"""Our rooms beside NegMAS's stock controllers: the same markets, sellers, utilities and rounds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from negmas import Mechanism
from negmas.outcomes import make_issue, make_os
from negmas.preferences import UtilityFunction
from negmas.sao import SAOMechanism
from negmas.sao.controllers import (
    SAORandomSyncController,
    SAOSingleAgreementAspirationController,
    SAOSingleAgreementRandomController,
)

from negotiations.engine.room_offers import Fit, ceiling, fit_of
from negotiations.engine.room_sellers import MarginUFun, negotiator_of
from negotiations.engine.room_specs import (
    BuyerSpec,
    Priority,
    RoomDecision,
    RoomSpec,
    Said,
    SellerSpec,
    Style,
)
from negotiations.engine.rooms import play_round
from negotiations.engine.table import seed_everything, seed_of

N_PRICES = 201
"""Of the one outcome space that all tables of a stock controller share."""


def room_of(seed: int) -> RoomSpec:
    """A made-up room: 1-6 sellers of any persona that could serve it by their prices; some have too little stock."""
    chance = random.Random(seed)
    middle = chance.uniform(5, 500)
    need = chance.choice([1, 2, 5, 10, 50, 400])
    low = round(middle * chance.uniform(0.5, 0.8), 2)
    high = round(middle * chance.uniform(1.0, 1.3), 2)
    budget = round(high * need * chance.uniform(0.8, 1.5), 2) if chance.random() < 0.5 else None
    wanted = chance.randint(1, 6)
    sellers: list[SellerSpec] = []
    while len(sellers) < wanted:
        seller = _seller(chance, len(sellers), middle, need)
        if seller.least <= high and seller.selling >= low:
            sellers.append(seller)
    return RoomSpec("goods", BuyerSpec("Buyer", need, low, high, budget), tuple(sellers), seed)


def _seller(chance: random.Random, at: int, middle: float, need: int) -> SellerSpec:
    cost = round(middle * chance.uniform(0.4, 0.9), 2)
    least = round(cost * chance.uniform(1.05, 1.3) + 0.01, 2)
    selling = round(least * chance.uniform(1.1, 1.8) + 0.01, 2)
    stock = need + chance.randint(0, 2 * need) if chance.random() < 0.9 else max(1, need // 2)
    priority, style = chance.choice(list(Priority)), chance.choice(list(Style))
    return SellerSpec(f"Seller {at + 1}", cost, least, selling, stock, priority, style)


def is_feasible(spec: RoomSpec) -> bool:
    """Whether a seller has enough, and a price that both may take."""
    top = ceiling(spec.buyer)
    return any(
        seller.stock >= spec.buyer.quantity and max(seller.least, spec.buyer.low) <= min(top, seller.selling)
        for seller in spec.sellers
    )


def buyer_utility(spec: RoomSpec, price: float | None) -> float:
    """1 at the lowest price, 0 at the highest that the buyer can pay and without a deal."""
    low, top = spec.buyer.low, ceiling(spec.buyer)
    return 0.0 if price is None or top <= low else (top - price) / (top - low)


class NeedUFun(UtilityFunction):
    """The buyer's utility for NegMAS's controllers: what it may not take is worse than nothing."""

    def __init__(self, spec: RoomSpec, **given: Any) -> None:
        super().__init__(reserved_value=0.0, **given)
        self._spec = spec

    def eval(self, offer: Any) -> float:
        if offer is None:
            return 0.0
        fits = fit_of(self._spec.buyer, *offer) == Fit.WITHIN
        return buyer_utility(self._spec, offer[0]) if fits else -1.0


@dataclass(frozen=True, slots=True)
class Played:
    """What one way of buying made of one room. `utility` is of the best deal where there are several."""

    utility: float
    n_deals: int
    n_rounds: int
    error: str = ""


Way = Callable[[RoomSpec], Played]


def ours(spec: RoomSpec) -> Played:
    """Our buyer, round by round."""
    said: list[Said] = []
    ends: list[RoomDecision] = []
    while not ends:
        for item in play_round(spec, said):
            if isinstance(item, Said):
                said.append(item)
            elif isinstance(item, RoomDecision):
                ends.append(item)
    deals = [each for each in ends if each.price is not None]
    utility = max((buyer_utility(spec, each.price) for each in deals), default=0.0)
    return Played(utility, len(deals), ends[0].round)


def stock_ways() -> dict[str, Way]:
    """NegMAS's controllers by name, each with tables that break off without a response, and with those that do not."""
    found: dict[str, Way] = {}
    for name, make in _CONTROLLERS.items():
        for ends in (True, False):
            words = "ends on no response" if ends else "goes on"
            found[f"{name}, {words}"] = _way(make, ends)
    return found


_CONTROLLERS: dict[str, Callable[[Any], Any]] = {
    "aspiration": lambda ufun: SAOSingleAgreementAspirationController(ufun=ufun, strict=False),
    "aspiration, strict": lambda ufun: SAOSingleAgreementAspirationController(ufun=ufun, strict=True),
    "random single": lambda ufun: SAOSingleAgreementRandomController(ufun=ufun),
    "random sync": lambda ufun: SAORandomSyncController(ufun=ufun),
}


def _way(make: Callable[[Any], Any], ends: bool) -> Way:
    def play(spec: RoomSpec) -> Played:
        seed_everything(seed_of(spec.seed, 0))
        try:
            tables, ufun = _tables(spec, make, ends)
            Mechanism.runall(tables, method="ordered")
        except Exception as error:  # noqa: BLE001 a stock controller that fails has made no deal
            return Played(0.0, 0, 0, f"{type(error).__name__}: {error}")
        utilities = [float(ufun(table.agreement)) for table in tables if table.agreement is not None]
        return Played(
            max(utilities, default=0.0),
            len(utilities),
            max((table.state.step for table in tables), default=0),
        )

    return play


def _tables(spec: RoomSpec, make: Callable[[Any], Any], ends: bool) -> tuple[list[Any], Any]:
    """One table a seller that has enough; all share an outcome space, as the controllers ask."""
    need = spec.buyer.quantity
    low = min(spec.buyer.low, *(seller.least for seller in spec.sellers))
    top = max(spec.buyer.high, *(seller.selling for seller in spec.sellers))
    steps = [low + (top - low) * at / (N_PRICES - 1) for at in range(N_PRICES)]
    prices = sorted({round(step, 2) for step in steps} | {ceiling(spec.buyer), spec.buyer.low})
    space = make_os([make_issue(prices, "price"), make_issue([need], "quantity")])
    ufun = NeedUFun(spec, outcome_space=space)
    controller = make(ufun)
    tables = []
    for seat, seller in enumerate(spec.sellers):
        if seller.stock < need:
            continue
        table = SAOMechanism(
            outcome_space=space, n_steps=spec.max_rounds, end_on_no_response=ends, name=f"table {seat}"
        )
        table.add(controller.create_negotiator(name=f"buyer {seat}"), ufun=ufun)
        negotiator = negotiator_of(seller, spec.max_rounds, seed_of(spec.seed, seat), closes=True)
        table.add(negotiator, ufun=MarginUFun(seller, need, outcome_space=space))
        tables.append(table)
    return tables, ufun


@dataclass(frozen=True, slots=True)
class Score:
    """One way of buying over many rooms. `wrong` are rooms that have another number of deals than they should."""

    name: str
    utility: float
    none: int
    one: int
    more: int
    wrong: int
    rounds: float
    errors: int
    seconds: float


def compare(seeds: Sequence[int]) -> Iterator[Score]:
    """Ours first, then each stock controller, over the rooms of these seeds."""
    specs = [room_of(seed) for seed in seeds]
    for name, way in {"ours": ours, **stock_ways()}.items():
        begun = time.process_time()
        played = [way(spec) for spec in specs]
        yield _score(name, specs, played, time.process_time() - begun)


def _score(name: str, specs: Sequence[RoomSpec], played: Sequence[Played], seconds: float) -> Score:
    n = len(specs)
    deals = [each.n_deals for each in played]
    wanted = [int(is_feasible(spec)) for spec in specs]
    return Score(
        name=name,
        utility=sum(each.utility for each in played) / n,
        none=deals.count(0),
        one=deals.count(1),
        more=n - deals.count(0) - deals.count(1),
        wrong=sum(there != should for there, should in zip(deals, wanted, strict=True)),
        rounds=sum(each.n_rounds for each in played) / n,
        errors=sum(bool(each.error) for each in played),
        seconds=seconds,
    )
