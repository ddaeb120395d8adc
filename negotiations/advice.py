"""Advice for a person at the table, from their own preferences and the offers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from negotiations.engine.advice import Wishes, trade
from negotiations.engine.specs import Outcome, Response
from negotiations.engine.worths import worth_of
from negotiations.models import Offer, Party, Session
from negotiations.offer_rows import value_text

LOOKED_AT = 500
"""Newest offers of the others: who has changed their mind since is guessed by what they say now."""


@dataclass(frozen=True)
class Care:
    """One issue as another party seems to see it: how much it matters, out of 1, and which value is asked for most."""

    name: str
    weight: float
    value: str

    @property
    def percent(self) -> int:
        return round(100 * self.weight)


@dataclass(frozen=True)
class Guess:
    """What one of the others seems to want."""

    party: Party
    n_offers: int
    cares: tuple[Care, ...]


@dataclass(frozen=True)
class Suggestion:
    """An offer that costs nothing against the last one, and likely pleases the others more."""

    outcome: Outcome
    utility: float


@dataclass(frozen=True)
class Advice:
    """`best_offered` is the most that any of the others' offers was worth."""

    guesses: tuple[Guess, ...] = ()
    suggestion: Suggestion | None = None
    best_offered: float | None = None


def own_wishes(session: Session, index: int) -> Wishes | None:
    """What this party wants; None where its utility function is no sum over the issues."""
    return Wishes.told(session.scenario.issues, session.scenario.preferences[index])


def utility_of(session: Session, index: int, wishes: Wishes | None, outcome: Outcome) -> float | None:
    """What an outcome is worth to this party. Where that is no sum over the issues, the scenario's document says it."""
    return wishes.utility(outcome) if wishes else worth_of(session.scenario.document, index, outcome)


def advice_for(
    session: Session, parties: Sequence[Party], index: int, wishes: Wishes | None, last: Offer | None
) -> Advice:
    """`last` is the party's own newest offer: what it is worth is what the suggestion keeps."""
    if wishes is None:
        return Advice()
    heard = _heard(session, index)
    guessed = {seat: Wishes.guessed(wishes.values, offers) for seat, offers in heard.items()}
    guesses = tuple(
        Guess(parties[seat], len(heard[seat]), _cares(session, guess))
        for seat, guess in sorted(guessed.items())
        if guess
    )
    others = [guess for guess in guessed.values() if guess]
    base = tuple(last.outcome) if last and last.outcome else wishes.best
    better = trade(wishes, _together(others), base) if others else None
    offered = [wishes.utility(outcome) for offers in heard.values() for outcome in offers]
    suggestion = Suggestion(better, wishes.utility(better)) if better else None
    return Advice(guesses, suggestion, max(offered, default=None))


def _heard(session: Session, index: int) -> Mapping[int, list[Outcome]]:
    """What each of the others offered, in order."""
    made = session.offers.filter(response=Response.OFFER).exclude(party=index).order_by("-seq")
    heard: dict[int, list[Outcome]] = {}
    for seat, outcome in reversed(list(made.values_list("party", "outcome")[:LOOKED_AT])):
        heard.setdefault(seat, []).append(tuple(outcome))
    return heard


def _together(guesses: Sequence[Wishes]) -> Wishes:
    """Of several parties the sum of what they seem to want."""
    worths = tuple(
        tuple(sum(each) for each in zip(*rows, strict=True))
        for rows in zip(*(guess.worths for guess in guesses), strict=True)
    )
    return Wishes(guesses[0].values, worths)


def _cares(session: Session, guess: Wishes) -> tuple[Care, ...]:
    total = sum(max(worths) for worths in guess.worths) or 1.0
    rows = zip(session.scenario.issues, guess.worths, guess.best, strict=True)
    return tuple(Care(issue["name"], max(worths) / total, value_text(best)) for issue, worths, best in rows)
