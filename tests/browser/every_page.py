"""Every page of Parley with something on it, by name: what makes its rows gives its address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from api.models import ApiToken, Scope
from benchmarks.models import Benchmark
from negotiations.engine.composition import COMPOSED
from negotiations.engine.specs import PERSON
from negotiations.models import (
    Component,
    ConfiguredNegotiator,
    Job,
    Negotiator,
    Party,
    Preset,
    RoomRun,
    Scenario,
    Session,
    Status,
)
from notifications.models import LiveMinute
from tests.benchmarks.benchmark_pages import ended as benchmark_ended
from tests.benchmarks.benchmark_pages import running as at_half_of
from tests.benchmarks.benchmark_pages import scored
from tests.factory import (
    ConfiguredFactory,
    NegotiatorFactory,
    NotificationFactory,
    OfferFactory,
    ScenarioImportFactory,
    finish_matches,
    make_benchmark,
    make_completed_session,
    make_result,
    make_seated_session,
    make_transcript,
)
from tests.negotiations.chart_sessions import chart_session
from tests.negotiations.job_rows import add_lines, make_job, make_worker
from tests.negotiations.market_rooms import STATES as ROOM_STATES
from tests.negotiations.market_rooms import await_person, room_in, started, talk
from tests.negotiations.scenario_rows import generated
from tests.negotiations.session_rows import STATES, make_session

Make = Callable[[User], str]

PARAMETERS = [
    {
        "name": "exponent",
        "kind": "float",
        "default": 4.0,
        "low": 0,
        "high": 9,
        "words": "How late it concedes.",
    },
    {"name": "weights", "kind": "numbers", "default": None},
    {"name": "eager", "kind": "bool", "default": False},
]
SLOTS = [
    {"name": "offering", "kind": "choice", "default": "Late", "choices": ["Late", "Never"], "optional": True},
    {"name": "acceptance", "kind": "choice", "default": "Next", "choices": ["Next"], "optional": True},
]


# --- Rows ---------------------------------------------------------------------------------------------------


def sessions_of_all_states(owner: User) -> list[Session]:
    made = [make_session(state, job__owner=owner) for state in STATES]
    return [*made, chart_session(3, owner), chart_session(9, owner, offers=45)]


def forkable(owner: User) -> Session:
    session = chart_session(2, owner)
    Party.objects.filter(session=session).update(negotiator=plain())
    return session


def plain() -> Negotiator:
    row: Negotiator = NegotiatorFactory(
        parameters=PARAMETERS, tags=["time-based", "bilateral"], description="Concedes late."
    )
    return row


def composed() -> Negotiator:
    until = {"name": "until", "kind": "float", "default": 0.2}
    Component.objects.get_or_create(slot="offering", name="Late", parameters=[until])
    row: Negotiator = NegotiatorFactory(
        source="parley", type=COMPOSED, short_name="Composed", parameters=SLOTS, family="composed"
    )
    return row


def configured(owner: User) -> ConfiguredNegotiator:
    row: ConfiguredNegotiator = ConfiguredFactory(
        owner=owner, group=owner.groups.first(), negotiator=plain(), parameters={"exponent": 6.0}
    )
    return row


def library(owner: User) -> Scenario:
    generated(name="Pier", analysed=False)
    generated(name="Harbour", parties=3, tags=["ports"])
    return generated(owner, name="Dock", warnings=["Discounting is left out."])


def import_of(owner: User) -> str:
    report = [
        {"path": "a/dock", "verdict": "accepted", "reason": "", "scenario": library(owner).pk},
        {"path": "a/pier", "verdict": "known", "reason": "", "scenario": None},
        {"path": "a/cape", "verdict": "refused", "reason": "It has no issues.", "scenario": None},
    ]
    upload = ScenarioImportFactory(
        job__owner=owner, job__status=Status.COMPLETED, job__finished_at=timezone.now(), report=report
    )
    return str(upload.get_absolute_url())


def told(owner: User) -> None:
    for kind in ("session_completed", "session_failed", "session_cancelled"):
        NotificationFactory(user=owner, kind=kind, context={"href": "/sessions/"})
    for _ in range(3):
        NotificationFactory(user=owner)


def jobs(owner: User) -> None:
    for word in ("queued", "processing", "paused", "completed", "failed", "cancelled"):
        make_job(word, job__owner=owner)


def workers(owner: User) -> None:
    make_worker("lab:1.1:1", make_job("queued", job__owner=owner))
    make_worker("lab:1.1:2")


def logged_job(owner: User, word: str = "failed") -> str:
    job = make_job(word, job__owner=owner)
    for level in ("info", "warning", "error"):
        add_lines(job, 2, level)
    return reverse("negotiations:job-detail", args=[job.pk])


def measured(owner: User) -> None:
    owner.is_staff = owner.is_superuser = True
    owner.save()
    minute = timezone.now().replace(second=0, microsecond=0)
    LiveMinute.objects.create(
        minute=minute, page="negotiations:session-live", process="a:1:1", polls=10, times={"3": 10}
    )


# --- Pages --------------------------------------------------------------------------------------------------


def at(name: str, make: Callable[[User], Any] | None = None, query: str = "") -> Make:
    """The page of that URL name, once `make` made its rows; of a thing where `make` gives one."""

    def address(owner: User) -> str:
        made = make(owner) if make else None
        pk = getattr(made, "pk", None)
        return reverse(name, args=[pk] if pk else []) + query

    return address


def session_page(state: str) -> Make:
    return at("negotiations:session-detail", lambda owner: make_session(state, job__owner=owner))


def compared(owner: User) -> str:
    ids = ",".join(str(session.pk) for session in (chart_session(2, owner), chart_session(2, owner)))
    return f"{reverse('negotiations:session-compare')}?ids={ids}"


def seated(owner: User) -> str:
    scenario, negotiator = library(owner), plain()
    seats = "&".join(f"party-{index}-negotiator={negotiator.pk}" for index in range(scenario.n_parties))
    return f"{reverse('negotiations:session-new')}?scenario={scenario.pk}&{seats}"


def edited(owner: User) -> str:
    return f"{reverse('negotiations:scenario-new')}?from={library(owner).pk}"


def configuring(owner: User) -> str:
    plain()
    return f"{reverse('negotiations:configured-new')}?negotiator={composed().pk}"


def at_table(owner: User) -> Session:
    """The owner's turn, with an offer, a text and a suggestion."""
    session = make_seated_session(owner, 1, job__owner=owner, turn_seconds=3600)
    theirs, own = (["low", "no"], [0.75, 0.25]), (["dear", "yes"], [0.25, 0.75])
    for seq, (outcome, worths) in enumerate((theirs, own, theirs), start=1):
        OfferFactory(
            session=session, seq=seq, party=(seq - 1) % 2, outcome=outcome, utilities=worths, text="Take it."
        )
    Session.objects.filter(pk=session.pk).update(awaits_party=1, awaits_seq=4, n_offers=3)
    Job.objects.filter(pk=session.pk).update(awaits_since=timezone.now(), started_at=timezone.now())
    return session


def left_table(owner: User) -> Session:
    session = make_completed_session(job__owner=owner)
    session.parties.filter(index=1).update(person=owner, type=PERSON, name=owner.username)
    return session


def presets(owner: User) -> None:
    Preset.objects.create(owner=owner, name="Usual", n_steps=50, scenario=library(owner))


def running(parties: int) -> Make:
    return at("negotiations:session-detail", lambda owner: chart_session(parties, owner, status="running"))


def ended(parties: int, query: str = "") -> Make:
    return at("negotiations:session-detail", lambda owner: chart_session(parties, owner, offers=90), query)


def played(owner: User) -> Benchmark:
    benchmark = make_benchmark(owner, competitors=("Boulware", "Conceder", "Linear"))
    finish_matches(
        benchmark,
        make_result(0, transcript=make_transcript()),
        *(make_result(index) for index in range(1, 5)),
    )
    return benchmark


def over(owner: User) -> Benchmark:
    benchmark = played(owner)
    benchmark_ended(benchmark)
    return benchmark


def both_played(owner: User) -> str:
    return f"{reverse('benchmarks:benchmark-compare')}?ids={played(owner).pk},{played(owner).pk}"


def match(part: str) -> Make:
    return lambda owner: reverse(f"benchmarks:match-{part}", args=[played(owner).pk, 0])


def markets(owner: User) -> None:
    for state in ROOM_STATES:
        room_in(state, owner)
    at_the_table(owner, 0)


def room_page(state: str, query: str = "") -> Make:
    return lambda owner: f"{room_in(state, owner).get_absolute_url()}{query}"


def market_page(state: str, part: str = "") -> Make:
    return lambda owner: f"{room_in(state, owner).market.get_absolute_url()}{part}"


def at_the_table(owner: User, seat: int) -> RoomRun:
    """Whose turn it is is the owner, who sits there."""
    return await_person(talk(started(owner, owner.groups.first(), {seat: owner}, turn_seconds=900), 2), seat)


def seat_of_person(seat: int) -> Make:
    word = "buyer" if seat < 0 else str(seat)
    return lambda owner: f"{at_the_table(owner, seat).room.get_absolute_url()}seat/{word}/"


PAGES: dict[str, Make] = {
    "overview": at("home", sessions_of_all_states),
    "overview, empty": at("home"),
    "password": at("password_change"),
    "password, changed": at("password_change_done"),
    "tokens": at("api:token-list", lambda owner: ApiToken.objects.make(owner, "notebook", Scope.READ)),
    "tokens, none": at("api:token-list"),
    "reference of the API": at("api:reference"),
    "activity": at("notifications:activity", told),
    "activity, empty": at("notifications:activity"),
    "live report": at("notifications:live-report", measured),
    "scenarios, cards": at("negotiations:scenario-list", lambda owner: [library(owner)]),
    "scenarios, list": at("negotiations:scenario-list", lambda owner: [library(owner)], "?view=list"),
    "scenarios, none": at("negotiations:scenario-list", None, "?q=nothing"),
    "scenarios, plot": at("negotiations:scenario-plot", lambda owner: [library(owner)]),
    "scenario": at("negotiations:scenario-detail", library),
    "scenario of three": at("negotiations:scenario-detail", lambda owner: generated(owner, parties=3)),
    "scenario, not analysed": at(
        "negotiations:scenario-detail", lambda owner: generated(owner, analysed=False)
    ),
    "upload": at("negotiations:scenario-upload", import_of),
    "import": import_of,
    "editor": edited,
    "editor, empty": at("negotiations:scenario-new"),
    "generator": at("negotiations:scenario-generate"),
    "negotiators": at("negotiations:negotiator-list", lambda owner: [configured(owner), composed()]),
    "negotiator": at("negotiations:negotiator-detail", lambda _: plain()),
    "negotiator, composed": at("negotiations:negotiator-detail", lambda _: composed()),
    "configured": at("negotiations:configured-detail", configured),
    "configured, form": at("negotiations:configured-edit", configured),
    "configured, new": configuring,
    "sessions": at("negotiations:session-list", lambda owner: [*sessions_of_all_states(owner)]),
    "sessions, filtered": at(
        "negotiations:session-list", lambda owner: [*sessions_of_all_states(owner)], "?result=failed&q=bike"
    ),
    "sessions, empty": at("negotiations:session-list"),
    "new session": seated,
    "new session, empty": at("negotiations:session-new"),
    **{f"session, {state}": session_page(state) for state in STATES},
    **{f"session of {parties}, running": running(parties) for parties in (2, 9)},
    **{f"session of {parties}": ended(parties) for parties in (2, 3, 9)},
    "replay": ended(2, "?step=12"),
    "offers": at("negotiations:session-offers", lambda owner: chart_session(2, owner)),
    "tables": at("negotiations:session-tables", lambda owner: chart_session(3, owner)),
    "fork": at("negotiations:session-fork", forkable, "?step=5"),
    "seat": at("negotiations:session-seat", at_table),
    "seat, over": at("negotiations:session-seat", left_table),
    "scenario of a seat": at("negotiations:scenario-detail", lambda owner: at_table(owner).scenario),
    "scenarios, with a seat": at("negotiations:scenario-list", lambda owner: [at_table(owner)]),
    "hidden from a seat": at("negotiations:scenario-export-yaml", lambda owner: at_table(owner).scenario),
    "sessions, with a seat": at("negotiations:session-list", lambda owner: [at_table(owner)]),
    "compare": compared,
    "delete": at("negotiations:session-delete", lambda owner: chart_session(2, owner)),
    "presets": at("negotiations:preset-list", presets),
    "benchmarks": at("benchmarks:benchmark-list", lambda owner: [played(owner)]),
    "benchmarks, none": at("benchmarks:benchmark-list"),
    "benchmark, new": at("benchmarks:benchmark-new", lambda owner: [library(owner), plain()]),
    "benchmark, planned": at("benchmarks:benchmark-detail", make_benchmark),
    "benchmark, played": at("benchmarks:benchmark-detail", played),
    "benchmark, scored": at("benchmarks:benchmark-detail", lambda owner: scored(played(owner))),
    "benchmark, running": at(
        "benchmarks:benchmark-detail", lambda owner: at_half_of(owner, done=5, n_scenarios=2)
    ),
    "benchmarks, compared": both_played,
    "benchmark, delete": at("benchmarks:benchmark-delete", over),
    "benchmark, import": at("benchmarks:results-import"),
    **{f"match, {part}": match(part) for part in ("detail", "offers", "tables")},
    "markets": at("negotiations:market-list", markets),
    "markets, none": at("negotiations:market-list"),
    "market, new": at("negotiations:market-new"),
    "market, like another": lambda owner: (
        f"{reverse('negotiations:market-new')}?like={room_in('pending', owner).market_id}"
    ),
    **{f"market, {state}": market_page(state) for state in ROOM_STATES},
    "market, receipt": market_page("completed", "receipt/"),
    "market, receipt of nothing": market_page("no_sellers_available", "receipt/"),
    "market, delete": market_page("pending", "delete/"),
    **{f"room, {state}": room_page(state) for state in ROOM_STATES},
    "room, as the buyer": room_page("active", "?as=buyer"),
    "room, as a seller": room_page("completed", "?as=1"),
    "room, decide": room_page("active", "decide/"),
    "room, waiting": lambda owner: at_the_table(owner, 1).room.get_absolute_url(),
    "seat of a seller": seat_of_person(1),
    "seat of the buyer": seat_of_person(-1),
    "jobs": at("negotiations:job-list", jobs),
    "jobs, empty": at("negotiations:job-list"),
    "job, failed": logged_job,
    "job, running": lambda owner: logged_job(owner, "processing"),
    "workers": at("negotiations:worker-list", workers),
    "not found": lambda _: "/nowhere/",
    "bad request": at("negotiations:session-compare"),
}
