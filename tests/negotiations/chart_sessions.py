"""Sessions of two, three and nine parties over an analysed scenario, as the tests of charts want them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from negotiations.engine.analysing import analyse_document
from negotiations.models import Offer, Scenario, Session
from negotiations.models.analyses import ScenarioAnalysis
from tests.factory import DOCUMENT, PREFERENCES, ScenarioFactory, SessionFactory
from tests.negotiations.session_rows import set_status

PARTIES = (2, 3, 9)
VALUES = ("low", "fair", "high", "steep", "dear")


def scenario_of(parties: int, analysed: bool = True) -> Scenario:
    """The bike again, with as many buyers as it takes after its seller."""
    head, *functions = DOCUMENT.split("---\n")
    more = [functions[index % 2].replace("name: ", f"name: p{index}") for index in range(2, parties)]
    scenario: Scenario = ScenarioFactory(
        document="---\n".join([head, *functions, *more]),
        n_parties=parties,
        preferences=[PREFERENCES[index % 2] for index in range(parties)],
    )
    if analysed:
        ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    return scenario


def chart_session(
    parties: int,
    owner: User,
    offers: int = 60,
    analysed: bool = True,
    status: str = "completed",
    **fields: Any,
) -> Session:
    """Offers of all parties in turn, and unless it runs an accept of the last one."""
    scenario = scenario_of(parties, analysed)
    session: Session = SessionFactory(
        scenario=scenario, job__owner=owner, n_steps=fields.pop("n_steps", 1000), **fields
    )
    more_offers(session, parties, offers)
    if status == "completed":
        last = session.offers.get(seq=offers)
        seat = offers % parties
        session.offers.create(
            seq=offers + 1, step=offers // parties, relative_time=0.9, party=seat, response="accept",
            outcome=last.outcome, utilities=last.utilities,
        )  # fmt: skip
        ended = {"agreement": last.outcome, "utilities": last.utilities, "steps": offers // parties + 1}
        Session.objects.filter(pk=session.pk).update(end_reason="agreement", **ended)
    set_status(session, {"completed": "completed", "running": "processing"}[status])  # type: ignore[arg-type]
    return Session.objects.get(pk=session.pk)


def more_offers(session: Session, parties: int, count: int) -> None:
    first = session.offers.count() + 1
    rows = (offer_of(session, seq, parties) for seq in range(first, first + count))
    Offer.objects.bulk_create(rows, batch_size=2000)


def offer_of(session: Session, seq: int, parties: int) -> Offer:
    """Each party concedes slowly; what it gives the others differs."""
    party, step = (seq - 1) % parties, (seq - 1) // parties
    own = round(1 - 0.6 * (step % 997) / 997, 4)
    utilities = [
        own if index == party else round((seq * 37 + index * 11) % 101 / 101, 4) for index in range(parties)
    ]
    outcome = [VALUES[seq % 5], ("yes", "no")[seq // 3 % 2]]
    return Offer(
        session=session, seq=seq, step=step, relative_time=0.1, party=party, response="offer",
        outcome=outcome, utilities=utilities,
    )  # fmt: skip
