"""Every URL of Parley, asked by each kind of visitor. A pattern that nobody has classified here fails (J-11)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from api.models import ApiToken, Scope
from benchmarks.models import Benchmark
from negotiations.models import (
    ConfiguredNegotiator,
    Market,
    Negotiator,
    Offer,
    Preset,
    Room,
    Scenario,
    ScenarioImport,
    Session,
)
from notifications.models import Notification
from tests.conftest import client_of
from tests.factory import (
    ConfiguredFactory,
    NegotiatorFactory,
    NotificationFactory,
    OfferFactory,
    ScenarioFactory,
    ScenarioImportFactory,
    SessionFactory,
    make_benchmark,
    make_market,
)

pytestmark = pytest.mark.slow

VISITORS = ("owner", "colleague", "stranger", "superuser", "anonymous")


@dataclass(frozen=True)
class Access:
    """The status code for each visitor, in the order of VISITORS."""

    codes: tuple[int, int, int, int, int]
    method: str = "GET"


PAGE = Access((200, 200, 200, 200, 302))
FEED = Access((200, 200, 200, 200, 401))
THING = Access((200, 200, 404, 200, 302))
FEED_OF_A_THING = Access((200, 200, 404, 200, 401))
# Of what is pending: those it is shared with look on.
CHANGE = Access((302, 403, 404, 302, 302), "POST")
NOT_NOW = Access((409, 403, 404, 409, 302), "POST")
API_CHANGE = Access((200, 403, 404, 200, 401), "POST")
API_NOT_NOW = Access((409, 403, 404, 409, 401), "POST")

# Of a benchmark, with what stands behind its key in the path.
TWO_PARTS: dict[str, object] = {"match": 0, "export": "csv"}
NOBODY = Access((404, 404, 404, 404, 302))
# A room of a market, and a seat in it; its path begins with the market.
IN_MARKETS: dict[str, list[object]] = {"room": [], "seat": ["0"]}

# Name of the pattern: who gets what, and of which object the path speaks.
ACCESS: dict[str, tuple[Access, str]] = {
    "home": (PAGE, ""),
    "health": (Access((503, 503, 503, 503, 503)), ""),  # no worker is alive here
    "login": (Access((302, 302, 302, 302, 200)), ""),
    "logout": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "password_change": (PAGE, ""),
    "password_change_done": (PAGE, ""),
    "api:token-list": (PAGE, ""),
    # Nobody revokes another's on this page, superusers neither: they have the administration.
    "api:token-revoke": (Access((302, 404, 404, 404, 302), "POST"), "token"),
    "api:reference": (PAGE, ""),
    "notifications:live": (FEED, ""),
    "notifications:activity": (PAGE, ""),
    "notifications:activity-live": (FEED, ""),
    "notifications:activity-seen": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "notifications:activity-mute": (Access((302, 302, 302, 302, 302), "POST"), ""),
    # Nobody reads another's, superusers neither.
    "notifications:notification-seen": (Access((302, 404, 404, 404, 302), "POST"), "notification"),
    "notifications:notification-dismiss": (Access((302, 404, 404, 404, 302), "POST"), "notification"),
    "notifications:api-notifications": (FEED, ""),
    "notifications:live-report": (Access((404, 404, 404, 200, 302)), ""),
    "notifications:live-report-live": (Access((404, 404, 404, 200, 401)), ""),
    "negotiations:home-sessions": (FEED, ""),
    "negotiations:start-example": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "negotiations:scenario-list": (PAGE, ""),
    "negotiations:scenario-list-live": (FEED, ""),
    "negotiations:scenario-plot-live": (FEED, ""),
    "negotiations:scenario-upload": (PAGE, ""),
    "negotiations:scenario-detail": (THING, "scenario"),
    "negotiations:scenario-sessions": (THING, "scenario"),
    "negotiations:scenario-live": (FEED_OF_A_THING, "scenario"),
    "negotiations:scenario-plot": (PAGE, ""),
    "negotiations:scenario-new": (PAGE, ""),
    "negotiations:scenario-generate": (PAGE, ""),
    # Of what is not analysed there is none.
    "negotiations:scenario-picture": (Access((404, 404, 404, 404, 302)), "scenario"),
    "negotiations:scenario-stamp": (THING, "scenario"),
    "negotiations:scenario-export-genius": (THING, "scenario"),
    "negotiations:scenario-export-yaml": (THING, "scenario"),
    "negotiations:scenario-export-yaml1": (THING, "scenario"),
    "negotiations:scenario-import": (THING, "upload"),
    "negotiations:scenario-import-report": (FEED_OF_A_THING, "upload"),
    "negotiations:negotiator-list": (PAGE, ""),
    "negotiations:negotiator-detail": (PAGE, "negotiator"),
    "negotiations:configured-new": (PAGE, ""),
    "negotiations:configured-from-seat": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "negotiations:configured-detail": (THING, "configured"),
    "negotiations:configured-edit": (Access((200, 403, 404, 200, 302)), "configured"),
    "negotiations:configured-delete": (CHANGE, "configured"),
    "negotiations:session-list": (PAGE, ""),
    "negotiations:session-list-live": (FEED, ""),
    "negotiations:session-new": (PAGE, ""),
    "negotiations:session-new-parties": (PAGE, ""),
    "negotiations:session-new-check": (PAGE, ""),
    "negotiations:session-detail": (THING, "session"),
    "negotiations:session-live": (FEED_OF_A_THING, "session"),
    "negotiations:session-offers": (THING, "session"),
    "negotiations:session-tables": (THING, "session"),
    "negotiations:session-replay": (FEED_OF_A_THING, "session"),
    "negotiations:session-chart": (FEED_OF_A_THING, "session"),
    "negotiations:session-space": (FEED_OF_A_THING, "session"),
    "negotiations:session-cloud": (FEED_OF_A_THING, "session"),
    "negotiations:session-cancel": (CHANGE, "session"),
    "negotiations:session-pause": (CHANGE, "session"),
    "negotiations:session-resume": (NOT_NOW, "session"),
    # Nobody sits in it.
    "negotiations:session-seat": (Access((404, 404, 404, 404, 302)), "session"),
    "negotiations:session-seat-live": (Access((404, 404, 404, 404, 401)), "session"),
    "negotiations:session-seat-utility": (Access((404, 404, 404, 404, 302)), "session"),
    "negotiations:session-again": (Access((302, 302, 404, 302, 302), "POST"), "session"),
    "negotiations:session-fork": (THING, "session"),
    # Without ids there is nothing to compare.
    "negotiations:session-compare": (Access((400, 400, 400, 400, 302)), ""),
    "negotiations:session-compare-live": (Access((400, 400, 400, 400, 401)), ""),
    "negotiations:session-bulk": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "negotiations:sessions-every": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "negotiations:sessions-delete": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "negotiations:session-delete": (Access((200, 403, 404, 200, 302)), "session"),
    "negotiations:session-tags": (CHANGE, "session"),
    # Whoever may look at it may have one of their own like it.
    "negotiations:session-swap": (Access((302, 302, 404, 302, 302), "POST"), "session"),
    "negotiations:preset-of": (Access((302, 302, 404, 302, 302), "POST"), "session"),
    "negotiations:session-export-json": (THING, "session"),
    "negotiations:session-export-csv": (THING, "session"),
    "negotiations:preset-list": (PAGE, ""),
    "negotiations:preset-new": (Access((422, 422, 422, 422, 302), "POST"), ""),
    "negotiations:preset-change": (CHANGE, "preset"),
    "negotiations:preset-delete": (CHANGE, "preset"),
    "negotiations:api-negotiation": (FEED_OF_A_THING, "session"),
    "negotiations:market-list": (PAGE, ""),
    "negotiations:market-list-live": (FEED, ""),
    "negotiations:market-new": (PAGE, ""),
    "negotiations:market-new-check": (Access((200, 200, 200, 200, 302), "POST"), ""),
    "negotiations:market-detail": (THING, "market"),
    "negotiations:market-live": (FEED_OF_A_THING, "market"),
    "negotiations:market-start": (CHANGE, "market"),
    "negotiations:market-again": (Access((302, 302, 404, 302, 302), "POST"), "market"),
    "negotiations:market-delete": (Access((200, 403, 404, 200, 302)), "market"),
    "negotiations:market-receipt": (THING, "market"),
    "negotiations:market-export-json": (THING, "market"),
    "negotiations:market-export-csv": (THING, "market"),
    "negotiations:room-detail": (THING, "room"),
    "negotiations:room-live": (FEED_OF_A_THING, "room"),
    "negotiations:room-start": (CHANGE, "room"),
    "negotiations:room-stop": (NOT_NOW, "room"),
    # Without a text.
    "negotiations:room-message": (Access((400, 403, 404, 400, 302), "POST"), "room"),
    "negotiations:room-decide": (Access((409, 403, 404, 409, 302)), "room"),
    # It was not played yet.
    "negotiations:room-log": (NOBODY, "room"),
    # A seat is a person's: of this one a negotiator holds it, and not even an owner sits down there.
    "negotiations:room-seat": (NOBODY, "seat"),
    "negotiations:room-seat-live": (Access((404, 404, 404, 404, 401)), "seat"),
    "negotiations:room-answer": (Access((404, 404, 404, 404, 302), "POST"), "seat"),
    "negotiations:room-write": (Access((404, 404, 404, 404, 302), "POST"), "room"),
    "negotiations:room-buy": (Access((404, 404, 404, 404, 302), "POST"), "room"),
    "negotiations:job-list": (PAGE, ""),
    "negotiations:job-list-live": (FEED, ""),
    "negotiations:job-bulk": (Access((302, 302, 302, 302, 302), "POST"), ""),
    "negotiations:job-detail": (THING, "session"),
    "negotiations:job-live": (FEED_OF_A_THING, "session"),
    "negotiations:job-log": (Access((302, 302, 404, 302, 302)), "session"),
    "negotiations:job-log-text": (Access((200, 403, 404, 200, 302)), "session"),
    "negotiations:job-pause": (CHANGE, "session"),
    "negotiations:job-resume": (NOT_NOW, "session"),
    "negotiations:job-cancel": (CHANGE, "session"),
    "negotiations:job-retry": (NOT_NOW, "session"),
    "negotiations:worker-list": (PAGE, ""),
    "negotiations:worker-list-live": (FEED, ""),
    "negotiations:api-job": (FEED_OF_A_THING, "session"),
    "negotiations:api-job-result": (Access((409, 409, 404, 409, 401)), "session"),
    "negotiations:api-job-pause": (API_CHANGE, "session"),
    "negotiations:api-job-resume": (API_NOT_NOW, "session"),
    "negotiations:api-job-cancel": (API_CHANGE, "session"),
    "negotiations:api-job-retry": (API_NOT_NOW, "session"),
    "benchmarks:benchmark-list": (PAGE, ""),
    "benchmarks:benchmark-list-live": (FEED, ""),
    "benchmarks:benchmark-new": (PAGE, ""),
    "benchmarks:benchmark-new-check": (Access((200, 200, 200, 200, 302), "POST"), ""),
    "benchmarks:benchmark-detail": (THING, "benchmark"),
    "benchmarks:benchmark-live": (FEED_OF_A_THING, "benchmark"),
    "benchmarks:benchmark-workers": (THING, "benchmark"),
    "benchmarks:benchmark-delete": (Access((200, 403, 404, 200, 302)), "benchmark"),
    "benchmarks:benchmark-pause": (CHANGE, "benchmark"),
    "benchmarks:benchmark-resume": (NOT_NOW, "benchmark"),
    "benchmarks:benchmark-cancel": (CHANGE, "benchmark"),
    "benchmarks:benchmark-again": (NOT_NOW, "benchmark"),
    "benchmarks:results-import": (PAGE, ""),
    "benchmarks:benchmark-compare": (PAGE, ""),
    # Without ids there is nothing to compare.
    "benchmarks:benchmark-compare-csv": (Access((400, 400, 400, 400, 302)), ""),
    "benchmarks:benchmark-compare-json": (Access((400, 400, 400, 400, 302)), ""),
    "benchmarks:benchmark-export": (THING, "export"),
    "benchmarks:match-detail": (THING, "match"),
    "benchmarks:match-offers": (THING, "match"),
    "benchmarks:match-tables": (THING, "match"),
    "benchmarks:match-chart": (FEED_OF_A_THING, "match"),
    "benchmarks:match-space": (FEED_OF_A_THING, "match"),
    "benchmarks:match-cloud": (FEED_OF_A_THING, "match"),
    "benchmarks:match-replay": (FEED_OF_A_THING, "match"),
    "benchmarks:match-export-csv": (THING, "match"),
    "benchmarks:match-export-json": (THING, "match"),
}


def patterns(found: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, str]]:
    """Namespaced name and route of each pattern."""
    for each in found:
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from patterns(each.url_patterns, inner)
        else:
            yield f"{namespace}{each.name}", str(each.pattern)


NAMES = [name for name, _ in patterns(get_resolver().url_patterns)]


@dataclass
class Things:
    """One of each, the owner's, shared with the group."""

    scenario: Scenario
    upload: ScenarioImport
    session: Session
    negotiator: Negotiator
    configured: ConfiguredNegotiator
    offer: Offer
    notification: Notification
    preset: Preset
    benchmark: Benchmark
    market: Market
    token: ApiToken

    @property
    def room(self) -> Room:
        room: Room = self.market.rooms.get()
        return room

    def arguments(self, thing: str) -> list[object]:
        """What stands in the path of this thing."""
        if thing in TWO_PARTS:
            return [self.benchmark.pk, TWO_PARTS[thing]]
        if thing in IN_MARKETS:
            return [self.market.pk, self.room.pk, *IN_MARKETS[thing]]
        return [getattr(self, thing).pk] if thing else []


@pytest.fixture
def things(owner: User, group: Group) -> Things:
    scenario = ScenarioFactory(owner=owner, group=group)
    session = SessionFactory(job__owner=owner, job__group=group, scenario=scenario)
    return Things(
        scenario=scenario,
        upload=ScenarioImportFactory(job__owner=owner, job__group=group),
        session=session,
        negotiator=NegotiatorFactory(),
        configured=ConfiguredFactory(owner=owner, group=group),
        offer=OfferFactory(session=session),
        notification=NotificationFactory(user=owner),
        preset=Preset.objects.create(owner=owner, group=group, name="Usual", n_steps=50),
        benchmark=make_benchmark(owner, group=group),
        market=make_market(owner, n_items=1, n_sellers=1, group=group),
        token=ApiToken.objects.make(owner, "notebook", Scope.READ)[0],
    )


@pytest.fixture
def clients(owner: User, colleague: User, stranger: User, superuser: User) -> dict[str, Client]:
    people = {"owner": owner, "colleague": colleague, "stranger": stranger, "superuser": superuser}
    return {name: client_of(user) for name, user in people.items()} | {"anonymous": Client()}


def test_every_pattern_is_classified() -> None:
    """But the operations of `/api/v1`, which tests/api asks one by one."""
    assert {name for name in NAMES if not name.startswith(("admin:", "v1:"))} == set(ACCESS)


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("name", ACCESS)
def test_each_visitor_gets_what_is_theirs(
    clients: dict[str, Client], things: Things, name: str, visitor: str
) -> None:
    access, thing = ACCESS[name]
    url = reverse(name, args=things.arguments(thing))
    response = clients[visitor].generic(access.method, url)
    assert response.status_code == access.codes[VISITORS.index(visitor)]
    if visitor == "anonymous" and response.status_code == 302:
        assert response["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("name", [name for name, (_, thing) in ACCESS.items() if thing])
def test_what_does_not_exist_is_not_found_by_anybody(clients: dict[str, Client], name: str) -> None:
    """J-25."""
    access, thing = ACCESS[name]
    has_uuid = thing in ("session", "upload", "notification", "benchmark", "market", *TWO_PARTS, *IN_MARKETS)
    key: list[object] = [uuid.uuid4() if has_uuid else 999_999]
    more = [uuid.uuid4(), *IN_MARKETS[thing]] if thing in IN_MARKETS else []
    url = reverse(name, args=[*key, TWO_PARTS[thing]] if thing in TWO_PARTS else key + more)
    for visitor in ("owner", "stranger", "superuser"):
        assert clients[visitor].generic(access.method, url).status_code == 404


def admin_urls(things: Things, owner: User, group: Group) -> list[str]:
    """Every page of the admin, each with a real row; those of apps without rows here get a number."""
    rows = {
        "scenario": things.scenario.pk,
        "scenarioimport": things.upload.pk,
        "session": things.session.pk,
        "job": things.session.pk,
        "negotiator": things.negotiator.pk,
        "offer": things.offer.pk,
        "user": owner.pk,
        "group": group.pk,
    }
    urls = []
    for name, route in patterns(get_resolver().url_patterns):
        if name.startswith("admin:") and name not in ("admin:None", "admin:login", "admin:logout"):
            urls.append(reverse(name, args=admin_arguments(name, route, rows)))
    return urls


def admin_arguments(name: str, route: str, rows: dict[str, object]) -> list[object]:
    if "app_label" in route:
        return ["negotiations"]
    if "content_type_id" in route:
        return [1, 1]
    model = name.split("_")[1] if "_" in name else ""
    return [rows.get(model, 1)] if "<" in route else []


@pytest.mark.parametrize("visitor", ["owner", "colleague", "stranger", "anonymous"])
def test_the_admin_lets_in_staff_only(
    clients: dict[str, Client], things: Things, owner: User, group: Group, visitor: str
) -> None:
    urls = admin_urls(things, owner, group)
    assert len(urls) > 40
    for url in urls:
        response = clients[visitor].get(url)
        assert (response.status_code, url) == (302, url)
        assert response["Location"].startswith("/admin/login/")


def test_no_page_of_the_admin_breaks(
    clients: dict[str, Client], things: Things, owner: User, group: Group
) -> None:
    for url in admin_urls(things, owner, group):
        assert (clients["superuser"].get(url).status_code < 500, url) == (True, url)
