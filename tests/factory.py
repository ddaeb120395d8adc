"""Rows for tests, each as small as it can be and as real as it has to be."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.models import Group, User
from django.db import transaction
from factory.django import DjangoModelFactory

from benchmarks.models import Benchmark, Match
from benchmarks.models.line_ups import Entrant
from benchmarks.models.results import record
from negotiations.engine.match_specs import MatchResult
from negotiations.engine.room_specs import Priority, Said
from negotiations.engine.specs import PERSON, Action
from negotiations.engine.transcripts import time_of, written
from negotiations.market_rules import MarketDraft, NeedDraft, SellerDraft, StockDraft
from negotiations.models import (
    ConfiguredNegotiator,
    Job,
    Kind,
    Market,
    Negotiator,
    Offer,
    Party,
    RoomMessage,
    RoomRun,
    Scenario,
    ScenarioImport,
    Session,
    Status,
)
from notifications.models import Notification

# Ten outcomes, two parties that want opposite things: the smallest scenario worth negotiating.
DOCUMENT = """\
type: negmas.outcomes.CartesianOutcomeSpace
name: Used bike
issues:
- {type: negmas.outcomes.CategoricalIssue, name: price, values: [low, fair, high, steep, dear]}
- {type: negmas.outcomes.CategoricalIssue, name: lock, values: ['yes', 'no']}
---
type: negmas.preferences.LinearAdditiveUtilityFunction
name: buyer
weights: [0.75, 0.25]
values:
- {type: negmas.preferences.TableFun, mapping: {low: 1.0, fair: 0.75, high: 0.5, steep: 0.25, dear: 0.0}}
- {type: negmas.preferences.TableFun, mapping: {'yes': 1.0, 'no': 0.0}}
reserved_value: 0.1
---
type: negmas.preferences.LinearAdditiveUtilityFunction
name: seller
weights: [0.75, 0.25]
values:
- {type: negmas.preferences.TableFun, mapping: {low: 0.0, fair: 0.25, high: 0.5, steep: 0.75, dear: 1.0}}
- {type: negmas.preferences.TableFun, mapping: {'yes': 0.0, 'no': 1.0}}
reserved_value: 0.2
"""

PRICES = ["low", "fair", "high", "steep", "dear"]
ISSUES = [
    {"name": "price", "kind": "categorical", "values": PRICES, "n_values": 5, "low": None, "high": None},
    {
        "name": "lock",
        "kind": "categorical",
        "values": ["yes", "no"],
        "n_values": 2,
        "low": None,
        "high": None,
    },
]


def _preference(name: str, reserved: float, prices: list[float], yes: float) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "additive",
        "reserved_value": reserved,
        "weights": {"price": 0.75, "lock": 0.25},
        "values": {"price": dict(zip(PRICES, prices, strict=True)), "lock": {"yes": yes, "no": 1 - yes}},
    }


PREFERENCES = [
    _preference("buyer", 0.1, [1.0, 0.75, 0.5, 0.25, 0.0], 1.0),
    _preference("seller", 0.2, [0.0, 0.25, 0.5, 0.75, 1.0], 0.0),
]


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")
    password = factory.django.Password("secret-enough")


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = Group

    name = factory.Sequence(lambda n: f"group{n}")


class JobFactory(DjangoModelFactory):
    class Meta:
        model = Job

    owner = factory.SubFactory(UserFactory)
    kind = Kind.SESSION


class ScenarioFactory(DjangoModelFactory):
    """A scenario of the library: ten outcomes, two parties."""

    class Meta:
        model = Scenario

    name = factory.Sequence(lambda n: f"Used bike {n}")
    source = "tests"
    document = DOCUMENT
    checksum = factory.Sequence(lambda n: f"{n:064x}")
    n_parties = 2
    n_issues = 2
    n_outcomes = "10"
    log10_outcomes = 1.0
    issues = factory.LazyFunction(lambda: ISSUES)
    preferences = factory.LazyFunction(lambda: PREFERENCES)


class NegotiatorFactory(DjangoModelFactory):
    class Meta:
        model = Negotiator
        django_get_or_create = ("source", "type")

    source = "negmas"
    type = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"
    short_name = "BoulwareTBNegotiator"
    family = "time-based"
    max_outcomes = 1_000_000


class ConfiguredFactory(DjangoModelFactory):
    class Meta:
        model = ConfiguredNegotiator

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Own {n}")
    negotiator = factory.SubFactory(NegotiatorFactory)


class SessionFactory(DjangoModelFactory):
    """A pending session of two Boulware negotiators, 20 steps."""

    class Meta:
        model = Session
        skip_postgeneration_save = True

    job = factory.SubFactory(JobFactory)
    scenario = factory.SubFactory(ScenarioFactory)
    seed = 7
    n_steps = 20

    @factory.post_generation
    def types(self, create: bool, types: list[str] | None, **kwargs: Any) -> None:
        """Seat these types of negotiators, two Boulware ones by default."""
        boulware = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"
        for index, type_name in enumerate(types or [boulware] * self.scenario.n_parties):
            PartyFactory(session=self, index=index, type=type_name, name=type_name.rsplit(".", 1)[-1])


class PartyFactory(DjangoModelFactory):
    class Meta:
        model = Party

    session = factory.SubFactory(SessionFactory)
    index = 0
    name = "BoulwareTBNegotiator"
    type = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"


class OfferFactory(DjangoModelFactory):
    class Meta:
        model = Offer

    session = factory.SubFactory(SessionFactory)
    seq = factory.Sequence(lambda n: n + 1)
    step = factory.LazyAttribute(lambda row: (row.seq - 1) // 2)
    relative_time = factory.LazyAttribute(lambda row: row.step / 20)
    party = factory.LazyAttribute(lambda row: (row.seq - 1) % 2)
    response = "offer"
    outcome = ["low", "yes"]
    utilities = [1.0, 0.0]


class ScenarioImportFactory(DjangoModelFactory):
    class Meta:
        model = ScenarioImport

    job = factory.SubFactory(JobFactory, kind=Kind.SCENARIO_IMPORT)
    filename = "scenarios.zip"


class NotificationFactory(DjangoModelFactory):
    """One that was told, by way of `add`: the number comes from the inbox."""

    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    kind = "session_completed"
    words = factory.LazyFunction(lambda: {"name": "Used bike", "told": "Agreement at 0.63 and 0.38."})

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Notification | None:
        return Notification.objects.add(kwargs.pop("user"), kwargs.pop("kind"), **kwargs)


def make_seated_session(person: User, index: int = 0, others: str = "", **fields: Any) -> Session:
    """A pending session with this person in one of its two seats; in the other sits a Boulware negotiator, or `others`."""
    session: Session = SessionFactory(types=[others] * 2 if others else None, **fields)
    session.parties.update(negotiator=None if others else NegotiatorFactory())
    seat = {"type": PERSON, "person": person, "name": person.username, "negotiator": None}
    session.parties.filter(index=index).update(**seat)
    for party, preference in zip(session.parties.all(), session.scenario.preferences, strict=True):
        session.parties.filter(pk=party.pk).update(reserved_value=preference["reserved_value"])
    return Session.objects.get(pk=session.pk)


def make_completed_session(**fields: Any) -> Session:
    """A session that ended in an agreement after two offers and an accept."""
    session: Session = SessionFactory(**fields)
    for seq, response in enumerate(["offer", "offer", "accept"], start=1):
        OfferFactory(
            session=session, seq=seq, response=response, outcome=["high", "yes"], utilities=[0.625, 0.375]
        )
    Session.objects.filter(pk=session.pk).update(
        end_reason="agreement", steps=2, n_offers=3, agreement=["high", "yes"], utilities=[0.625, 0.375]
    )
    Job.objects.filter(pk=session.pk).update(
        status=Status.COMPLETED, percentage=100, current_step=2, total_steps=20
    )
    return Session.objects.get(pk=session.pk)


def make_benchmark(
    owner: User, competitors: Sequence[str] = ("Boulware", "Conceder"), n_scenarios: int = 1, **options: Any
) -> Benchmark:
    """A planned benchmark whose matches wait; `competitors` are names of NegMAS's time-based negotiators."""
    entrants = [
        Entrant(
            NegotiatorFactory(
                type=f"negmas.gb.negotiators.timebased.{name}TBNegotiator", short_name=f"{name}TBNegotiator"
            )
        )
        for name in competitors
    ]
    scenarios = [ScenarioFactory() for _ in range(n_scenarios)]
    options = {"name": "Autumn cup", "seed": 7, "steps_low": 20, "steps_high": 20, **options}
    benchmark = Benchmark.objects.start(owner=owner, entrants=entrants, scenarios=scenarios, **options)
    n_planned = Match.objects.plan(benchmark.pk, benchmark.to_plan().matches())
    Benchmark.objects.filter(pk=benchmark.pk).update(n_planned=n_planned)
    return Benchmark.objects.get(pk=benchmark.pk)


def make_result(index: int, **fields: Any) -> MatchResult:
    """An agreement at 0.625 and 0.375 after two offers and an accept."""
    told: dict[str, Any] = {
        "end_reason": "agreement", "steps": 2, "relative_time": 0.1, "agreement": ("high", "yes"), "n_offers": 3,
        "utilities": (0.625, 0.375), "reserved": (0.1, 0.2), "best": (1.0, 1.0), "welfare": 1.0, "cpu_seconds": 0.01,
        "nash_optimality": 0.9, "kalai_optimality": 0.9, "ks_optimality": 0.9, "max_welfare_optimality": 1.0,
        "pareto_optimality": 1.0, "pareto_distance": 0.0,
    }  # fmt: skip
    return MatchResult(index, **(told | fields))


def make_transcript(n_steps: int = 20) -> str:
    """What the engine says of the match of `make_result`: two offers and an accept."""
    worths = (0.625, 0.375)
    actions = [
        Action(1, 0, time_of(0, n_steps), 0, "offer", ("low", "yes"), (1.0, 0.0)),
        Action(2, 0, time_of(0, n_steps), 1, "offer", ("high", "yes"), worths),
        Action(3, 1, time_of(1, n_steps), 0, "accept", ("high", "yes"), worths),
    ]
    return written(actions, n_steps)


def finish_matches(benchmark: Benchmark, *results: MatchResult) -> None:
    """Write results as a lane does; all that wait end in the same agreement where none is given."""
    token = uuid.uuid4()
    results = results or tuple(make_result(match.index) for match in benchmark.matches.pending())
    benchmark.matches.filter(index__in=[result.index for result in results]).update(token=token)
    record(benchmark, results, token)
    benchmark.refresh_from_db()


# --- Markets ------------------------------------------------------------------------------------------------


def make_draft(n_items: int = 3, n_sellers: int = 5, **fields: Any) -> MarketDraft:
    """Items of which every seller has enough for one room, at prices that meet."""
    items = [f"Item {number}" for number in range(1, n_items + 1)]
    needs = tuple(NeedDraft(item, 10, Decimal(8), Decimal(20)) for item in items)
    sellers = tuple(
        SellerDraft(
            f"Seller {number}",
            tuple(StockDraft(item, Decimal(5), Decimal(9 + number), Decimal(25), 15) for item in items),
            priority=list(Priority)[number % 3].value,
        )
        for number in range(1, n_sellers + 1)
    )
    return MarketDraft(
        **({"name": "New office", "buyer_name": "Office team", "needs": needs, "sellers": sellers} | fields)
    )


def make_market(
    owner: User, n_items: int = 3, n_sellers: int = 5, group: Group | None = None, **fields: Any
) -> Market:
    """An open market, nothing of it started. `fields` are those of a `MarketDraft`."""
    return Market.objects.open(make_draft(n_items, n_sellers, **fields), owner, group)


def make_message(run: RoomRun, round: int, seat: int, text: str = "Well.", **fields: Any) -> RoomMessage:
    """The next one of a run, as its worker would write it; the buyer's opens its round."""
    with transaction.atomic():
        run = RoomRun.objects.locked(run.pk)
        if round > run.round:
            run.set(round=round, conditions=run.room.conditions())
        return run.say(Said(round, seat, text, **fields))
