"""Who gains what in a room, beside what competition would have given. All of it is for staff: it knows every figure.

For one need the market clears at any price between the lowest and the second-lowest least price of the sellers that can
serve it (Shapley and Shubik 1971). The *competitive price* is the upper end, what the best seller can ask before the next
one undercuts it: the second-price rule (Vickrey 1961). With one seller alone it is all that the buyer can pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from negotiations.engine.room_offers import ceiling, takeable_offers
from negotiations.engine.room_specs import RoomDecision, RoomSpec, Said, SellerSpec, Verdict


@dataclass(frozen=True, slots=True)
class Economy:
    """Sums of money are for the whole need; what does not exist is None.

    `buyer_surplus`: its highest price less the price. `seller_surplus`: the price less the seller's least price, `profit`
    less its cost. `buyer_share`: the buyer's part of both surpluses. `efficiency`: both over the most that any
    seller could have brought, 0 without a deal. `over_competitive`: what was paid above the competitive price.
    `buyer_regret`: what the buyer could have had more at best; `seller_regret` the same of the seller.
    """

    is_feasible: bool
    is_final: bool
    seller: int | None = None
    price: float | None = None
    competitive_price: float | None = None
    best_price: float | None = None
    most_surplus: float | None = None
    buyer_surplus: float | None = None
    seller_surplus: float | None = None
    profit: float | None = None
    buyer_share: float | None = None
    efficiency: float | None = None
    over_competitive: float | None = None
    buyer_regret: float | None = None
    seller_regret: float | None = None


def economy_of(spec: RoomSpec, transcript: Sequence[Said], decision: RoomDecision | None = None) -> Economy:
    """Of a decided room, or else as if the best offer on the table were taken now."""
    if decision is not None and decision.verdict == Verdict.DEAL:
        return _with_price(spec, decision.seller, decision.price, decision.quantity, is_final=True)
    best = next(iter(takeable_offers(spec, transcript)), None) if decision is None else None
    if best is not None:
        return _with_price(spec, best.seat, best.price, spec.buyer.quantity, is_final=False)
    return _with_price(spec, None, None, spec.buyer.quantity, is_final=decision is not None)


def servers(spec: RoomSpec) -> list[SellerSpec]:
    """The sellers with whom a deal is feasible, the one with the lowest least price first."""
    top, low = ceiling(spec.buyer), spec.buyer.low
    able = [
        each
        for each in spec.sellers
        if each.stock >= spec.buyer.quantity and max(each.least, low) <= min(top, each.selling)
    ]
    return sorted(able, key=lambda each: each.least)


def competitive_price(spec: RoomSpec) -> float | None:
    """None where no deal is feasible."""
    able = servers(spec)
    if not able:
        return None
    next_best = able[1].least if len(able) > 1 else ceiling(spec.buyer)
    return max(min(next_best, ceiling(spec.buyer)), spec.buyer.low)


def _with_price(
    spec: RoomSpec, seat: int | None, price: float | None, quantity: int | None, is_final: bool
) -> Economy:
    able, need = servers(spec), quantity or spec.buyer.quantity
    competitive = competitive_price(spec)
    best = max(able[0].least, spec.buyer.low) if able else None
    most = (spec.buyer.high - able[0].least) * need if able else None
    if seat is None or price is None:
        return Economy(
            is_feasible=bool(able),
            is_final=is_final,
            competitive_price=competitive,
            best_price=best,
            most_surplus=_money(most),
            efficiency=0.0 if most and is_final else None,
            buyer_regret=_money((spec.buyer.high - best) * need) if best is not None and is_final else None,
        )
    seller = spec.sellers[seat]
    buyers, sellers = (spec.buyer.high - price) * need, (price - seller.least) * need
    return Economy(
        is_feasible=bool(able),
        is_final=is_final,
        seller=seat,
        price=price,
        competitive_price=competitive,
        best_price=best,
        most_surplus=_money(most),
        buyer_surplus=_money(buyers),
        seller_surplus=_money(sellers),
        profit=_money((price - seller.cost) * need),
        buyer_share=_part(buyers, buyers + sellers),
        efficiency=_part(buyers + sellers, most),
        over_competitive=None if competitive is None else _money((price - competitive) * need),
        buyer_regret=None if best is None else _money((price - best) * need),
        seller_regret=_money(max(min(ceiling(spec.buyer), seller.selling) - price, 0.0) * need),
    )


def _money(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2) + 0.0


def _part(part: float, whole: float | None) -> float | None:
    """None where there is nothing to share."""
    return round(part / whole, 6) if whole is not None and whole > 0.005 else None
