"""Configuring a negotiator in a browser: its fields come with the choice, and a seat's go along and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.engine.composition import COMPOSED
from negotiations.forms import negotiators as negotiator_forms
from negotiations.models import Component, ConfiguredNegotiator
from negotiations.tryout import Tried
from tests.factory import NegotiatorFactory, ScenarioFactory

EXPONENT = {"name": "exponent", "kind": "float", "default": 4.0, "words": "How late it concedes."}


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(negotiator_forms, "try_out", lambda *_: Tried("", 3))


def test_components_bring_their_fields(page: Page, live_server: Any, signed_in: User) -> None:
    many = [f"Offering{number}" for number in range(20)]
    for name in many:
        entry = {"name": f"of_{name.lower()}", "kind": "float", "default": 0.2}
        Component.objects.create(slot="offering", name=name, parameters=[entry])
    slot = {
        "name": "offering",
        "kind": "choice",
        "default": "Offering0",
        "choices": many,
        "words": "What it offers.",
    }
    composed = NegotiatorFactory(source="parley", type=COMPOSED, short_name="Composed", parameters=[slot])
    plain = NegotiatorFactory(short_name="Boulware", parameters=[EXPONENT])
    page.goto(f"{live_server.url}/negotiators/own/new/")
    page.get_by_label("Negotiator", exact=True).select_option(str(plain.pk))
    expect(page.get_by_label("Exponent")).to_be_visible()
    expect(page.get_by_text("How late it concedes.")).to_be_visible()
    page.get_by_label("Negotiator", exact=True).select_option(str(composed.pk))
    expect(page.get_by_label("Offering", exact=True)).to_be_visible()
    page.wait_for_timeout(100)  # htmx listens to what it swapped in a moment later
    page.get_by_label("Offering", exact=True).select_option("Offering7")
    field = page.get_by_label("Offering: of offering7")
    expect(field).to_be_visible()
    field.fill("0.5")
    page.get_by_label("Name").fill("Mine")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()
    assert ConfiguredNegotiator.objects.get().parameters == {
        "offering": "Offering7", "offering.of_offering7": 0.5,
    }  # fmt: skip


def test_a_seat_is_saved_and_sits_again(page: Page, live_server: Any, signed_in: User) -> None:
    scenario = ScenarioFactory()
    negotiator = NegotiatorFactory(short_name="Boulware", parameters=[EXPONENT])
    page.goto(
        f"{live_server.url}/sessions/new/?scenario={scenario.pk}&party-0-negotiator={negotiator.pk}&n_steps=33"
    )
    seat = page.locator("#seat-0")
    seat.locator("summary").click()
    seat.get_by_label("Exponent").fill("6")
    seat.get_by_role("button", name="Save as a negotiator of your own").click()
    expect(page.get_by_label("Exponent")).to_have_value("6")
    page.get_by_label("Name").fill("Six")
    page.get_by_role("button", name="Save and go back").click()
    expect(page.locator("#seat-0 select").first).to_have_value(ConfiguredNegotiator.objects.get().key)
    expect(page.get_by_label("Steps", exact=True)).to_have_value("33")
    assert "csrfmiddlewaretoken" not in page.url
