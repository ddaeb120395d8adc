"""A session's page as a whole: it fits the screen, its legends switch, its result waits for the last step."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.models import Session
from negotiations.views import session_charts
from tests.browser.chart_pages import touch, traces
from tests.browser.every_page import match
from tests.negotiations.chart_sessions import chart_session, more_offers

RESULT, STANDING = "#session-result", "#session-standing"


@pytest.fixture
def ended(signed_in: User) -> Session:
    return chart_session(2, signed_in)


@pytest.fixture
def address(ended: Session, live_server: Any) -> str:
    return f"{live_server.url}{ended.get_absolute_url()}"


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("status", ["running", "completed"])
def test_a_session_fits_one_screen(
    parties: int, status: str, page: Page, signed_in: User, live_server: Any
) -> None:
    session = chart_session(parties, signed_in, offers=90, status=status)
    page.set_viewport_size({"width": 1440, "height": 900})
    for query in ("", "?step=5"):
        page.goto(f"{live_server.url}{session.get_absolute_url()}{query}")
        assert page.evaluate("document.documentElement.scrollHeight") <= 900
        for card in ("#session-head", "[data-card=space]", "[data-card=time]", ".offers-card"):
            expect(page.locator(card)).to_be_in_viewport(ratio=1)
        expect(page.locator(".offers-card .offer:visible").last).to_be_in_viewport(ratio=0.9)


@pytest.mark.parametrize("parties", [3, 6, 9, 10])
def test_long_names_of_many_parties_fit_it_too(
    parties: int, page: Page, signed_in: User, live_server: Any
) -> None:
    session = chart_session(parties, signed_in, offers=90)
    name = "A negotiator with the longest name that one may give it"
    for party in session.parties.all():
        session.parties.filter(pk=party.pk).update(name=f"{name} {party.index}")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server.url}{session.get_absolute_url()}")
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    assert page.locator(".sess-parties b").last.get_attribute("title") == f"{name} {parties - 1}"
    expect(page.locator(".offers-card .offer:visible").last).to_be_in_viewport(ratio=0.9)


def test_an_agreement_at_the_edge_is_told_within_the_frame(
    page: Page, signed_in: User, live_server: Any
) -> None:
    session = chart_session(2, signed_in, offers=60, status="running")
    page.goto(f"{live_server.url}{session.get_absolute_url()}")
    more_offers(session, 2, 20)
    expect(page.locator("#offer-80")).to_be_attached()
    session.offers.create(
        seq=81,
        step=40,
        relative_time=0.5,
        party=0,
        response="accept",
        outcome=["low", "yes"],
        utilities=[1.0, 0.4],
    )
    label = page.locator("[data-agreement] text:visible").first
    expect(label).to_have_text("Agreement 1.00, 0.40")
    inside = """label => { const text = label.getBoundingClientRect(), svg = label.closest("svg").getBoundingClientRect();
        return text.left >= svg.left && text.right <= svg.right; }"""
    assert label.evaluate(inside)


def test_what_else_can_be_done_opens_and_is_not_cut_off(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("More to do with this session").click()
    for name in ("Swap seats", "Save as preset"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    for name in ("Export as JSON", "Export as CSV", "Job and log", "Delete…"):
        expect(page.get_by_role("link", name=name)).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Delete")


# --- The legends --------------------------------------------------------------------------------------------


def shown(page: Page, chart: str = "space") -> set[str]:
    """What of the explored chart is drawn, by the entries of its legend."""
    script = """name => { const { data, layout } = document.querySelector(`[data-plot="${name}"] .plot-live`);
        return [...data.filter(each => each.visible), ...layout.images ?? []].flatMap(each => (each.meta ?? "").split(" ")); }"""
    return set(page.evaluate(script, chart)) - {""}


def test_an_entry_of_the_legend_switches_what_it_names(page: Page, address: str) -> None:
    page.goto(address)
    touch(page)
    whole = {"outcomes", "frontier", "points", "party-0", "party-1"}
    assert shown(page) == whole
    for key, name in (
        ("outcomes", "Outcome"),
        ("frontier", "Pareto frontier"),
        ("party-1", "BoulwareTBNegotiator"),
    ):
        button = page.locator(f'[data-legend="space"][data-key="{key}"]')
        expect(button).to_have_text(name)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
    page.wait_for_timeout(300)
    assert shown(page) == {"points", "party-0"}
    labels = page.evaluate(
        "document.querySelector('[data-plot=space] .plot-live').layout.annotations.map(each => each.meta)"
    )
    assert "party-1" not in labels
    page.locator('[data-legend="space"][data-key="party-1"]').click()
    page.wait_for_timeout(300)
    assert shown(page) == {"points", "party-0", "party-1"}


def test_a_switch_opens_the_chart_and_is_kept_by_the_next_poll(
    page: Page, signed_in: User, live_server: Any
) -> None:
    running = chart_session(2, signed_in, status="running")
    page.goto(f"{live_server.url}{running.get_absolute_url()}")
    page.get_by_role("button", name="offered by the other").press("Enter")
    expect(page.locator('[data-plot="time"].is-live')).to_be_attached(timeout=20_000)
    more_offers(running, 2, 20)
    expect(page.locator("#offer-80")).to_be_attached()
    page.wait_for_timeout(300)
    assert "asked" in shown(page, "time")
    assert "offered" not in shown(page, "time")


def test_of_nine_parties_each_has_its_mark_in_the_legend(
    page: Page, signed_in: User, live_server: Any
) -> None:
    page.goto(f"{live_server.url}{chart_session(9, signed_in, offers=90).get_absolute_url()}")
    touch(page, "time")
    page.locator('[data-legend="time"][data-key="party-8"]').click()
    page.wait_for_timeout(300)
    assert {f"party-{index}" for index in range(8)} == shown(page, "time") - {"asked", "offered"}


# --- The result at a step -----------------------------------------------------------------------------------


def test_the_result_waits_for_the_last_step(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(RESULT)).to_be_visible()
    page.keyboard.press("Home")
    expect(page.locator(RESULT)).to_be_hidden()
    expect(page.locator(STANDING)).to_contain_text("has not asked yet")
    page.locator("[data-scrubber] input").fill("12")
    expect(page.locator(f"{STANDING} h2")).to_have_text("At step 12")
    figures = page.locator(f"{STANDING} [data-seat] dd").all_inner_texts()
    page.keyboard.press("End")
    expect(page.locator(RESULT)).to_be_visible()
    expect(page.locator(STANDING)).to_be_hidden()
    page.goto(f"{address}?step=12")  # the server says the same
    expect(page.locator(RESULT)).to_be_hidden()
    expect(page.locator(f"{STANDING} h2")).to_have_text("At step 12")
    assert page.locator(f"{STANDING} [data-seat] dd").all_inner_texts() == figures


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_how_it_stood_is_the_same_with_and_without_script(
    parties: int, page: Page, signed_in: User, live_server: Any
) -> None:
    address = f"{live_server.url}{chart_session(parties, signed_in, offers=90).get_absolute_url()}"
    for step in (1, 3, 5):
        page.goto(f"{address}?step={step}")
        said = page.locator(STANDING).inner_text()
        page.goto(address)
        page.locator("[data-scrubber] input").fill(str(step))
        expect(page.locator(f"{STANDING} h2")).to_have_text(f"At step {step}")
        assert page.locator(STANDING).inner_text() == said


def test_so_does_that_of_a_match(page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}{match('detail')(signed_in)}?step=1")
    expect(page.locator(f"{STANDING} h2")).to_have_text("At step 1")
    expect(page.locator(f"{STANDING} [data-seat]").first).to_contain_text("asks this, is offered")
    page.keyboard.press("End")
    expect(page.locator(STANDING)).to_be_hidden()


# --- All panels at once -------------------------------------------------------------------------------------


def test_an_offer_that_is_clicked_is_lit_in_every_panel(page: Page, address: str) -> None:
    page.goto(address)
    for chart in ("space", "time"):
        touch(page, chart)
    page.locator("#offer-57").click()
    lit = "name => document.querySelector(`[data-plot='${name}'] .plot-live`).data.some(each => each.marker?.symbol === 'circle-open')"
    page.wait_for_function(lit, arg="space")
    page.wait_for_function(
        "() => document.querySelector('[data-plot=time] .plot-live').layout.shapes.length === 3"
    )
    page.get_by_role("link", name="Two issues").click()
    expect(page.locator('[data-plot="pairs"].is-live')).to_be_visible()
    page.wait_for_function(lit, arg="pairs")
    page.get_by_role("link", name="By issue").click()
    expect(page.locator('[data-plot="values"].is-live')).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('[data-plot=values] .plot-live').data.some(each => (each.marker?.line?.width ?? []).includes?.(2.5))"
    )


def test_charts_that_draw_a_sample_say_so(page: Page, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_charts, "MOST", 20)
    page.goto(address)
    expect(page.get_by_text("sample of")).to_have_count(0)
    touch(page)
    mark = page.locator('[data-card="space"] .chart-tools .tag')
    expect(mark).to_have_text(re.compile(r"^sample of \d+ offers$"))
    expect(mark).to_have_attribute("title", re.compile(r"^Of 61 offers those of every n-th step are drawn\."))
    assert len(traces(page)) > 5


def test_charts_of_all_offers_say_nothing(page: Page, address: str) -> None:
    page.goto(address)
    touch(page)
    expect(page.get_by_text("sample of")).to_have_count(0)
