"""X-08 as a person lives it: two devices, a server that restarts on the way, and an agreement that replays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from negotiations.engine import scenarios
from negotiations.engine.sessions import play
from negotiations.engine.specs import Action, Result
from negotiations.models import Scenario, Seat, Session
from tests.browser.conftest import FLAGS, chromium
from tests.engine.scenes import BOULWARE, DATA
from tests.factory import UserFactory
from tests.workers.conftest import Running, Starts, Storage, ended, negotiator
from tests.workers.test_serve import first_line, free_port

pytestmark = [pytest.mark.workers, pytest.mark.browser]

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SOON = 15_000


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": chromium(), "args": FLAGS}


@pytest.fixture
def person(database: Storage) -> User:
    user: User = UserFactory(username="noor")
    user.groups.add(Group.objects.create(name="lab"))
    return user


@pytest.fixture
def session(database: Storage, person: User) -> Session:
    """Noor against a Boulware negotiator, over a laptop."""
    spec = scenarios.read_folder(DATA / "laptop_xml")
    scenario, _ = Scenario.objects.keep(spec, owner=None)
    seats = [Seat(person=person), Seat(negotiator(BOULWARE))]
    return Session.objects.start(owner=person, scenario=scenario, seats=seats, seed=5, n_steps=8)


class House:
    """A server at one address, which can go down and come again."""

    def __init__(self, start: Starts) -> None:
        self._start, self._port = start, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.serve = self._begun()

    def _begun(self) -> Running:
        serve = self._start("serve", PORT=str(self._port))
        first_line(serve)
        return serve

    def restart(self) -> None:
        self.serve.stop()
        self.serve = self._begun()


@pytest.fixture
def house(start: Starts) -> House:
    return House(start)


@pytest.fixture
def devices(browser: Browser, house: House, person: User) -> Iterator[tuple[Page, Page]]:
    """A desk and a phone, where the same person is signed in."""
    client = Client()
    client.force_login(person)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": house.url}
    contexts: list[BrowserContext] = []
    for viewport in (WIDE, PHONE):
        context = browser.new_context(base_url=house.url, viewport=viewport)  # type: ignore[arg-type]
        context.add_cookies([cookie])  # type: ignore[list-item]
        contexts.append(context)
    yield contexts[0].new_page(), contexts[1].new_page()
    for context in contexts:
        context.close()


def on_turn(page: Page, seq: int) -> None:
    """Until the page says that it is the reader's turn, at this action."""
    expect(page.locator("#session-seat-send input[name=seq]")).to_have_value(str(seq), timeout=SOON)


def worth(page: Page, selector: str) -> float:
    found = re.search(r"\d\.\d\d", page.locator(selector).first.inner_text())
    assert found
    return float(found[0])


def choose_less(page: Page) -> float:
    """Give way on the first issue that costs something; what the page says it is worth then."""
    before = worth(page, "#session-seat-utility")
    selects = page.locator("#session-seat-form select")
    for index in range(selects.count()):
        for place in range(selects.nth(index).locator("option").count()):
            kept = selects.nth(index).input_value()
            with page.expect_response("**/seat/utility/**"):
                selects.nth(index).select_option(index=place)
                selects.nth(index).dispatch_event("change")
            page.wait_for_timeout(50)
            if worth(page, "#session-seat-utility") < before:
                return worth(page, "#session-seat-utility")
            selects.nth(index).select_option(kept)
    raise AssertionError("no value is worth less")


def replayed(session: Session) -> tuple[list[Action], Any]:
    """What the stored seed and moves give, played once more."""
    *actions, result = play(Session.objects.get(pk=session.pk).to_spec())
    assert isinstance(result, Result)
    return [action for action in actions if isinstance(action, Action)], list(result.agreement or ())


@pytest.mark.timeout(300)
def test_a_person_plays_on_two_devices_while_the_server_restarts_twice(
    house: House, devices: tuple[Page, Page], session: Session
) -> None:
    desk, phone = devices
    desk.goto(session.get_absolute_url())
    expect(desk).to_have_url(re.compile("/seat/$"))
    on_turn(desk, 1)
    assert worth(desk, "#session-seat-utility") == 1.0
    desk.get_by_label("Message, if you like").fill("What I want most.")
    desk.get_by_role("button", name="Offer this").click()
    on_turn(desk, 3)
    expect(desk.locator("#session-seat-offers li")).to_have_count(2)
    expect(desk.get_by_label("Message, if you like")).to_have_value("")

    desk.goto("about:blank")
    house.restart()
    phone.goto(session.seat_url())
    on_turn(phone, 3)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    asked = choose_less(phone)
    phone.get_by_role("button", name="Offer this").click()
    on_turn(phone, 5)
    assert worth(phone, "#session-seat-offers li.own .u") == asked

    phone.goto("about:blank")
    house.restart()
    desk.goto(session.seat_url())
    on_turn(desk, 5)
    expect(desk.locator("#session-seat-offers li")).to_have_count(4)
    assert session.moves.count() == 2
    table = worth(desk, "#session-seat-turn .seat-worth b")
    desk.locator("#session-seat-accept").click()
    expect(desk.get_by_role("link", name="See the whole session")).to_be_visible(timeout=SOON)
    expect(desk.get_by_role("button", name="Offer this")).to_be_hidden()

    over = ended(session)
    assert (over.end_reason, over.job.attempt) == ("agreement", 1)
    assert (over.utilities or [None])[0] == pytest.approx(table, abs=0.005)
    assert replayed(session) == ([offer.to_action() for offer in over.offers.order_by("seq")], over.agreement)
