"""What crosses the engine's border for a room: one item, one buyer, some sellers. Free of NegMAS and of Django."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from negotiations.engine import wire

BUYER = -1
"""The buyer's seat; sellers count from 0."""
MOST = 1_000_000
"""No price and no quantity is above it."""
MOST_SELLERS = 10


class SeatKind(StrEnum):
    """Who speaks for a seat."""

    NEGOTIATOR = "negotiator"
    PERSON = "person"
    MODEL = "model"


class Priority(StrEnum):
    """What a seller cares for most."""

    PROFIT = "profit"
    BALANCE = "balance"
    CUSTOMER = "customer"


class Style(StrEnum):
    """How a seller talks."""

    WARM = "warm"
    PLAIN = "plain"
    BLUNT = "blunt"


class Verdict(StrEnum):
    """How a room ends."""

    DEAL = "deal"
    NO_DEAL = "no_deal"


@wire.carried
@dataclass(frozen=True, slots=True)
class BuyerSpec:
    """`low` and `high` are for one; `budget` is what is left of the market's for this room, None where there is none."""

    name: str
    quantity: int
    low: float
    high: float
    budget: float | None = None
    kind: str = SeatKind.NEGOTIATOR


@wire.carried
@dataclass(frozen=True, slots=True)
class SellerSpec:
    """0 <= cost < least < selling, each for one; `stock` is what is left as the round opens."""

    name: str
    cost: float
    least: float
    selling: float
    stock: int
    priority: str = Priority.BALANCE
    style: str = Style.PLAIN
    kind: str = SeatKind.NEGOTIATOR


@wire.carried
@dataclass(frozen=True, slots=True)
class RoomSpec:
    """A room as it is when a round opens. Equal specs and transcripts give an equal round in any process."""

    item: str
    buyer: BuyerSpec
    sellers: tuple[SellerSpec, ...]
    seed: int
    max_rounds: int = 10
    min_rounds: int = 2


@wire.carried
@dataclass(frozen=True, slots=True)
class Said:
    """One message of a room's transcript. A seller's price binds it, the buyer's does not.

    `to` are the sellers addressed, all where it is empty; `error` is for staff, as are the `tokens` that a language model
    read or wrote for it (`input_tokens` of them read) and its seconds.
    """

    round: int
    seat: int
    text: str
    price: float | None = None
    quantity: int | None = None
    to: tuple[int, ...] = ()
    by_person: bool = False
    is_fallback: bool = False
    error: str = ""
    tokens: int = 0
    input_tokens: int = 0
    seconds: float = 0.0


@wire.carried
@dataclass(frozen=True, slots=True)
class RoomDecision:
    """The end of a room: with a deal its seller, price for one and quantity."""

    round: int
    verdict: str
    seller: int | None = None
    price: float | None = None
    quantity: int | None = None
    reason: str = ""


@wire.carried
@dataclass(frozen=True, slots=True)
class SeatsAwaited:
    """The persons whose turn it is: what their words are for is round `round`. The last item of a round."""

    round: int
    seats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeatView:
    """All that a seat knows: what is public, figures of its own, and the messages it may see.

    What is not its own is None. `can_accept`: the buyer may accept an offer now, or go on.
    """

    seat: int
    item: str
    quantity: int
    buyer: str
    sellers: tuple[str, ...]
    round: int
    max_rounds: int
    min_rounds: int
    messages: tuple[Said, ...]
    can_accept: bool = False
    low: float | None = None
    high: float | None = None
    budget: float | None = None
    cost: float | None = None
    least: float | None = None
    selling: float | None = None
    stock: int | None = None
    priority: str | None = None
    style: str | None = None


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a language model said; a price or quantity that is None is looked for in its text."""

    text: str
    price: float | None = None
    quantity: int | None = None
    tokens: int = 0
    input_tokens: int = 0
    seconds: float = 0.0


class ModelSpeaker(Protocol):
    """Speaks for the seats that a language model holds. Raises ModelFailed."""

    def __call__(self, view: SeatView) -> ModelAnswer: ...


class ModelFailed(Exception):
    """A language model gave no answer; `code` is one of the API's.

    `message` stands beside the seat's words, for those who see all of a room. `detail` is for who runs Parley and is
    kept nowhere: where the server is, and what it says of itself.
    """

    def __init__(
        self,
        code: str,
        message: str,
        detail: str = "",
        tokens: int = 0,
        input_tokens: int = 0,
        seconds: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        self.tokens = tokens
        self.input_tokens = input_tokens
        self.seconds = seconds

    @property
    def whole(self) -> str:
        """For who runs Parley."""
        return f"{self.message} {self.detail}".strip()
