"""A session as long as any over a space as large as the largest that is analysed whole: 8 issues of 5 values, 390,625 outcomes."""

from __future__ import annotations

import random
from functools import cache

from django.contrib.auth.models import User

from negotiations.engine.analysing import analyse_document
from negotiations.engine.scenario_tables import IssueTable, PartyTable, spec_of
from negotiations.engine.specs import ScenarioSpec
from negotiations.models import Offer, Scenario, ScenarioAnalysis, Session
from tests.factory import SessionFactory
from tests.negotiations.session_rows import set_status

HOURS = tuple(f"{start:02}00-{start + 3:02}00" for start in range(0, 24, 3))
LOADS = ("0 kW", "25 kW", "50 kW", "75 kW", "100 kW")
KNOWN = 20_000
"""Outcomes that offers are chosen from."""


@cache
def power_spec() -> ScenarioSpec:
    """Two parties that want the opposite of each other, each most of it at other hours."""
    chance = random.Random(4)
    issues = tuple(IssueTable(hours, LOADS) for hours in HOURS)
    parties = tuple(
        PartyTable(
            name,
            tuple(1 + chance.random() * 4 for _ in HOURS),
            tuple(tuple(sorted((chance.random() for _ in LOADS), reverse=downwards)) for _ in HOURS),
            reserved=0.1,
        )
        for name, downwards in (("consumer", False), ("distributor", True))
    )
    return spec_of("Power", issues, parties)


@cache
def outcomes_by_utility() -> list[list[tuple[float, list[str], list[float]]]]:
    """For each party some outcomes, its best first: what it is worth to it, the outcome, the utilities of both."""
    chance = random.Random(5)
    known = [[chance.choice(LOADS) for _ in HOURS] for _ in range(KNOWN)]
    priced = [(outcome, [_worth(index, outcome) for index in range(2)]) for outcome in known]
    return [
        sorted(((utilities[index], outcome, utilities) for outcome, utilities in priced), reverse=True)
        for index in range(2)
    ]


def _worth(party: int, outcome: list[str]) -> float:
    preference = power_spec().preferences[party]
    return sum(
        preference.weights[hours] * preference.values[hours][load]
        for hours, load in zip(HOURS, outcome, strict=True)
    )


def power_session(owner: User, n_steps: int = 10_000) -> Session:
    """It runs; its scenario is analysed. Give it offers by `more_power_offers`."""
    spec = power_spec()
    scenario, _ = Scenario.objects.keep(spec, owner=None, source="tests")
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(spec.document))))
    session: Session = SessionFactory(scenario=scenario, job__owner=owner, n_steps=n_steps)
    set_status(session, "processing")  # type: ignore[arg-type]
    return Session.objects.get(pk=session.pk)


def more_power_offers(session: Session, count: int) -> None:
    """Both by turns; each goes down its outcomes, a little to and fro."""
    first = session.offers.count() + 1
    rows = (_offer(session, seq) for seq in range(first, first + count))
    Offer.objects.bulk_create(rows, batch_size=2000)


def _offer(session: Session, seq: int) -> Offer:
    party, step = (seq - 1) % 2, (seq - 1) // 2
    own = outcomes_by_utility()[party]
    place = (step * KNOWN // 14_000 + seq * 7919 % 300) % KNOWN
    _, outcome, utilities = own[place]
    return Offer(
        session=session, seq=seq, step=step, relative_time=step / session.n_steps, party=party, response="offer",
        outcome=outcome, utilities=utilities,
    )  # fmt: skip
