"""A fork in a browser: from the session's page to the pair, which grows while it runs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.engine.versions import versions
from negotiations.models import Job, Negotiator, Party, Session, Status
from tests.factory import ConfiguredFactory, NegotiatorFactory
from tests.negotiations.session_rows import add_accept, add_offers, make_session, set_status

PARAMETERS = [{"name": "exponent", "kind": "float", "default": 4.0, "choices": [], "optional": True}]


@pytest.fixture
def boulware(signed_in: User) -> Negotiator:
    return NegotiatorFactory(parameters=PARAMETERS)


@pytest.fixture
def first(signed_in: User, boulware: Negotiator) -> Session:
    session = make_session("completed", 8, job__owner=signed_in, n_steps=40, versions=versions())
    Party.objects.update(negotiator=boulware)
    return session


def test_the_key_f_and_a_click_lead_to_the_pair(page: Page, first: Session, live_server: Any) -> None:
    """X-03: choose an offer, change it, and both open side by side."""
    page.goto(f"{live_server.url}/sessions/{first.pk}/")
    page.locator("h1").click()
    page.keyboard.press("f")
    page.get_by_role("link", name="Fork at offer 6").click()
    expect(page.locator(".fork-rows tr[aria-current]")).to_contain_text("from here")
    page.get_by_label("price").select_option("high")
    page.locator("aside").get_by_role("button", name="Start fork").click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    fork = Session.objects.exclude(pk=first.pk).get()
    expect(page.locator("#compare-heads")).to_contain_text(
        "Fork of A at offer 6: BoulwareTBNegotiator offers high"
    )
    expect(page.locator("#compare-heads")).to_contain_text("Pending")
    assert fork.offers.count() == 5


def test_the_pair_grows_and_comes_to_rest(page: Page, first: Session, live_server: Any) -> None:
    fork = make_session("running", 4, job__owner=first.job.owner, scenario=first.scenario, n_steps=40)
    page.goto(f"{live_server.url}/sessions/compare/?ids={first.pk},{fork.pk}")
    line = page.locator("#compare-charts path.cmp-s1").nth(2)
    before = line.get_attribute("d") or ""
    add_offers(fork, 6)
    expect(line).not_to_have_attribute("d", before)
    add_accept(fork)
    set_status(fork, Status.COMPLETED)
    expect(page.locator("#compare-heads")).not_to_contain_text("Running")
    expect(page.locator("#compare-results")).to_contain_text("Agreement")
    expect(page.locator("#live")).to_have_attribute("hx-get", "/live/")
    expect(page.locator("#compare-charts .star")).to_have_count(6)


def test_only_what_belongs_to_the_change_is_shown(page: Page, first: Session, live_server: Any) -> None:
    page.goto(f"{live_server.url}/sessions/{first.pk}/fork/?seq=6")
    expect(page.get_by_label("price")).to_be_visible()
    page.get_by_label("Instead it does this").select_option("accept")
    expect(page.get_by_label("price")).to_be_hidden()
    page.get_by_role("radio", name="The number of steps").check()
    expect(page.get_by_label("Instead it does this")).to_be_hidden()
    expect(page.get_by_label("Steps", exact=True)).to_be_visible()


def test_a_negotiator_brings_its_fields(
    page: Page, first: Session, boulware: Negotiator, live_server: Any
) -> None:
    NegotiatorFactory(type="tests.Other", short_name="Other", parameters=[PARAMETERS[0] | {"name": "greed"}])
    page.goto(f"{live_server.url}/sessions/{first.pk}/fork/?seq=6")
    page.get_by_role("radio", name="One negotiator").check()
    page.get_by_label("Whose seat").select_option("Party 1: BoulwareTBNegotiator")
    expect(page.locator("#seat-0")).to_be_visible()
    page.locator('select[name="party-0-negotiator"]').select_option("Other")
    expect(page.locator('input[name="party-0-p-greed"]')).to_be_attached()
    page.locator("#seat-0 summary").click()
    page.locator('input[name="party-0-p-greed"]').fill("2")
    page.locator("aside").get_by_role("button", name="Start fork").click()
    expect(page.locator("#compare-heads")).to_contain_text("Other takes the seat of party 1")
    fork = Session.objects.exclude(pk=first.pk).get()
    assert fork.parties.get(index=0).parameters == {"greed": 2.0}
    assert Job.objects.get(pk=fork.pk).status == Status.QUEUED


def test_a_configured_negotiator_brings_its_own_parameters(
    page: Page, first: Session, boulware: Negotiator, live_server: Any
) -> None:
    """What stood in the fields of who sat there before is not taken along."""
    Party.objects.update(parameters={"exponent": 2.0})
    ConfiguredFactory(
        owner=first.job.owner, name="Patient", negotiator=boulware, parameters={"exponent": 7.25}
    )
    page.goto(f"{live_server.url}/sessions/{first.pk}/fork/?seq=6&what=negotiator&party=0")
    exponent = page.locator('input[name="party-0-p-exponent"]')
    expect(exponent).to_have_value("2.0")
    page.locator('select[name="party-0-negotiator"]').select_option("Patient")
    expect(exponent).to_have_attribute("placeholder", "7.25")
    expect(exponent).to_have_value("")
    page.locator('select[name="party-0-negotiator"]').select_option("BoulwareTBNegotiator")
    expect(exponent).to_have_value("2.0")
    page.locator('select[name="party-0-negotiator"]').select_option("Patient")
    expect(exponent).to_have_value("")
    page.locator("aside").get_by_role("button", name="Start fork").click()
    expect(page.locator("#compare-heads")).to_contain_text("Patient takes the seat of party 1")
    fork = Session.objects.exclude(pk=first.pk).get()
    assert fork.parties.get(index=0).parameters == {"exponent": 7.25}
