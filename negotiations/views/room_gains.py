"""Who gains in a room, as its page draws it: the split of what there is to gain, and what happened (X-04, M-37)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from negotiations.engine.room_analysis import RoomAnalysis, SeatPath, TurningPoint
from negotiations.engine.room_economy import Economy

TACTICS = {
    "unmoved": "did not move",
    "early": "gave way early",
    "steady": "gave way steadily",
    "late": "gave way late",
}


@dataclass(frozen=True)
class Gains:
    """`names` and `looks` are by seat."""

    analysis: RoomAnalysis
    names: Mapping[int, str]
    looks: Mapping[int, int]

    @property
    def economy(self) -> Economy:
        return self.analysis.economy

    @property
    def seller(self) -> str:
        seat = self.economy.seller
        return "" if seat is None else self.names[seat]

    @property
    def look(self) -> int:
        seat = self.economy.seller
        return 0 if seat is None else self.looks[seat]

    @cached_property
    def shares(self) -> tuple[float, float]:
        """Of the buyer and of the seller, in percent of all that there was to gain; a loss takes no room."""
        one, most = self.economy, self.economy.most_surplus
        if not most or one.buyer_surplus is None or one.seller_surplus is None:
            return 0.0, 0.0
        ours, theirs = (max(part, 0.0) / most for part in (one.buyer_surplus, one.seller_surplus))
        scale = 100 / max(1.0, ours + theirs)
        return round(ours * scale, 1), round(theirs * scale, 1)

    @property
    def below_competitive(self) -> float | None:
        over = self.economy.over_competitive
        return None if over is None else -over

    @property
    def seats(self) -> list[tuple[SeatPath, int, str]]:
        """How each moved, with its look and, in words, when."""
        return [(path, self.looks[path.seat], TACTICS[path.tactic]) for path in self.analysis.seats]

    @property
    def turns(self) -> list[tuple[TurningPoint, int, str]]:
        points = self.analysis.turning_points
        return [(point, self.looks[point.seller], self.names[point.seller]) for point in points]
