"""The charts of a session in a browser: explored on touch, live from the one poll, replayed at any step."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.models import Session
from tests.browser.chart_pages import touch, traces
from tests.negotiations.chart_sessions import PARTIES, chart_session, more_offers
from tests.negotiations.session_rows import make_session

WIDE = "svg.only-wide"
OUTPUT = "#session-step"


@pytest.fixture
def running(signed_in: User) -> Session:
    return chart_session(2, signed_in, status="running")


@pytest.fixture
def address(running: Session, live_server: Any) -> str:
    return f"{live_server.url}{running.get_absolute_url()}"


@pytest.fixture
def ended(signed_in: User, live_server: Any) -> str:
    return f"{live_server.url}{chart_session(2, signed_in).get_absolute_url()}"


def say(page: Page, chart: str = "space") -> str:
    return page.locator(f'[data-say="{chart}"]').inner_text()


def test_plotly_is_fetched_on_touch_and_once(page: Page, ended: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "plotly" in request.url else None)
    page.goto(ended)
    page.wait_for_load_state("networkidle")
    assert asked == []
    for chart in ("space", "time"):
        touch(page, chart)
    page.get_by_role("link", name="By issue").click()
    expect(page.locator('[data-plot="values"].is-live')).to_be_visible()
    assert len(asked) == 1


def test_the_explored_chart_lies_where_the_drawing_lay(page: Page, ended: str) -> None:
    page.goto(ended)
    before = page.locator(f"#session-plane {WIDE}").bounding_box()
    frame = page.locator(f"#session-plane {WIDE}")
    x0, scale = float(frame.get_attribute("data-x0") or 0), before["width"] / 880 if before else 0
    touch(page)
    plot = page.locator(
        "#session-plane .plot-live .xy .bglayer, #session-plane .plot-live .nsewdrag"
    ).last.bounding_box()
    assert before and plot
    assert abs(plot["x"] - before["x"] - x0 * scale) < 3
    assert page.locator(f"#session-plane {WIDE}").bounding_box() == before


def test_hover_names_the_outcome_in_one_line(page: Page, ended: str) -> None:
    page.goto(ended)
    touch(page)
    line = page.locator('[data-say="space"]')
    x, y = page.evaluate("""() => { const plot = document.querySelector('#session-plane .plot-live');
        const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect(), made = plot.data.find(each => each.customdata?.length);
        return [box.left + xaxis._offset + xaxis.l2p(made.x[0]), box.top + yaxis._offset + yaxis.l2p(made.y[0])]; }""")
    page.mouse.move(x + 20, y)
    page.mouse.move(x, y)
    expect(line).to_have_text(
        re.compile(r"^Step \d+, BoulwareTBNegotiator \d\.\d\d, \d\.\d\d: \w+ · (yes|no)$")
    )
    assert (line.bounding_box() or {"height": 99})["height"] < 24


def test_offers_that_arrive_are_in_the_explored_charts(page: Page, address: str, running: Session) -> None:
    page.goto(address)
    for chart in ("space", "time"):
        touch(page, chart)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    more_offers(running, 2, 40)
    expect(page.locator(OUTPUT)).to_have_text("Following, step 50")
    expect(page.locator("#offer-100")).to_be_attached()
    page.wait_for_timeout(300)
    shown = page.evaluate("""() => document.querySelector('#session-timeline .plot-live').data
        .filter(each => each.mode === 'lines').map(each => each.x.at(-1))""")
    assert shown == [50, 50, 50, 50]
    assert [url for url in asked if "/live/" not in url] == []


@pytest.mark.parametrize("parties", PARTIES)
def test_every_chart_is_drawn(parties: int, page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}{chart_session(parties, signed_in, offers=90).get_absolute_url()}")
    for chart in ("space", "time"):
        touch(page, chart)
    space = [each["name"] for each in traces(page)]
    assert {"Pareto frontier", "Solution points", "Agreement"} <= set(space)
    assert len(traces(page, "time")) == (6 if parties == 2 else 2 * parties)
    for word, chart in (("By issue", "values"), ("Two issues", "pairs")):
        page.get_by_role("link", name=word).click()
        expect(page.locator(f'[data-plot="{chart}"].is-live')).to_be_visible()
        assert len(traces(page, chart)) >= parties
    counted = page.evaluate("""() => document.querySelector('[data-plot="values"] .plot-live').data
        .filter(each => each.type === 'bar').flatMap(each => each.x).reduce((sum, each) => sum + each, 0)""")
    assert counted == 90
    used = {each["type"] for chart in ("space", "time", "values", "pairs") for each in traces(page, chart)}
    assert used <= {"scatter", "bar", "heatmap"}


def test_another_pair_takes_the_place_of_the_plane(page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}{chart_session(9, signed_in, offers=90).get_absolute_url()}")
    touch(page)
    page.locator("#pair-x").select_option("8")
    expect(page.locator("#session-plane")).to_have_attribute("data-x", "8")
    assert "x=8" in page.url
    touch(page)
    assert page.evaluate(
        "() => document.querySelector('#session-plane .plot-live').layout.annotations[0].text"
    ).startswith("Utility to")


def test_the_theme_changes_the_explored_chart(page: Page, ended: str) -> None:
    page.goto(ended)
    touch(page)
    color = "() => document.querySelector('#session-plane .plot-live').data[0].line.color"
    before = page.evaluate(color)
    page.locator("button[data-theme-toggle]").click()
    page.wait_for_function(f"before => ({color})() !== before", arg=before)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_chart_is_saved(form: str, page: Page, ended: str) -> None:
    page.goto(ended)
    page.get_by_label("Save Utility space").click()
    with page.expect_download(timeout=30_000) as download:
        page.locator(f'[data-save="{form}"][data-chart="space"]').click()
    assert download.value.suggested_filename.endswith(f"-space.{form}")
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\x89PNG" if form == "png" else b"<svg")
    assert len(content) > 5_000


def test_the_key_e_fills_the_screen(page: Page, ended: str) -> None:
    page.goto(ended)
    page.keyboard.press("e")
    page.wait_for_function("() => document.fullscreenElement?.dataset.card === 'space'")
    expect(page.locator('[data-plot="space"].is-live')).to_be_visible(timeout=20_000)
    page.keyboard.press("e")
    page.wait_for_function("() => !document.fullscreenElement")


# --- Replay -------------------------------------------------------------------------------------------------


def test_scrubbing_stops_following_and_says_so(page: Page, address: str, running: Session) -> None:
    page.goto(address)
    expect(page.locator(OUTPUT)).to_have_text("Following, step 30")
    page.locator("[data-scrubber] input").fill("12")
    expect(page.locator(OUTPUT)).to_have_text("Step 12, paused view")
    more_offers(running, 2, 20)
    expect(page.locator("#offer-80")).to_be_attached()
    expect(page.locator(OUTPUT)).to_have_text("Step 12, paused view")
    expect(page.locator("#session-replay > li:not([hidden])").last).to_have_attribute("data-step", "12")
    page.keyboard.press("l")
    expect(page.locator(OUTPUT)).to_have_text("Following, step 40")
    expect(page.locator("#offer-80")).to_be_visible()
    assert page.locator(f"#session-timeline {WIDE} [data-asked='0']").get_attribute("d")


def test_keys_move_the_step(page: Page, ended: str) -> None:
    page.goto(ended)
    for key, step in (
        ("Home", "Step 0"), ("ArrowRight", "Step 1"), ("Shift+ArrowRight", "Step 11"), ("ArrowLeft", "Step 10"),
        ("Shift+ArrowLeft", "Step 0"), ("End", "Step 31"), ("l", "Step 31, the end"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(page.locator(OUTPUT)).to_have_text(step)


def test_play_goes_to_the_end_and_stops(page: Page, ended: str) -> None:
    page.goto(ended)
    page.locator("[data-speed]").select_option("50")
    page.locator("main").click(position={"x": 5, "y": 5})
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator(OUTPUT)).to_have_text("Step 31")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_address_of_a_step_is_kept_and_shown_again(page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}{chart_session(2, signed_in, n_steps=100).get_absolute_url()}")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url("**/?step=10")
    expect(page.locator("a[data-fork]")).to_have_attribute("href", re.compile(r"\?step=10$"))
    drawn = "() => ['asked', 'got'].map(name => document.querySelector(`#session-timeline svg.only-wide [data-${name}='0']`).getAttribute('d'))"
    rows = "() => [...document.querySelectorAll('#session-replay > li:not([hidden])')].map(row => row.dataset.seq)"
    expect(page.locator("#session-replay > li:not([hidden])")).to_have_count(20)
    before, listed = page.evaluate(drawn), page.evaluate(rows)
    page.reload()
    expect(page.locator(OUTPUT)).to_have_text("Step 10")
    assert page.evaluate(drawn) == before  # the server draws what the script had drawn
    assert page.evaluate(rows) == listed


def test_replayed_rows_are_the_live_ones(page: Page, ended: str) -> None:
    """X-01"""
    read = "id => [...document.querySelectorAll(`#${id} > li:not([hidden])`)].map(row => row.innerText)"
    page.goto(ended)
    live = page.evaluate(read, "session-offers")
    page.keyboard.press("End")
    expect(page.locator("#session-replay > li:not([hidden])")).to_have_count(61)
    assert page.evaluate(read, "session-replay") == live


def test_ten_thousand_offers_are_replayed(page: Page, signed_in: User, live_server: Any) -> None:
    session = chart_session(2, signed_in, offers=0, status="running")
    more_offers(session, 2, 2_000)
    page.goto(f"{live_server.url}{session.get_absolute_url()}")
    for step in (900, 20, 500):
        page.locator("[data-scrubber] input").fill(str(step))
        expect(page.locator("#session-replay > li:not([hidden])").last).to_have_attribute(
            "data-step", str(step)
        )


def test_the_explored_charts_of_a_long_session_take_turns_and_catch_up(
    page: Page, signed_in: User, live_server: Any
) -> None:
    """What is drawn is far more than what an answer brings."""
    session = chart_session(2, signed_in, offers=0, status="running")
    more_offers(session, 2, 2_000)
    page.goto(f"{live_server.url}{session.get_absolute_url()}")
    for chart in ("space", "time"):
        touch(page, chart)
    drawn = (
        "() => performance.getEntriesByType('measure').filter(({ name }) => name.startsWith('chart:')).length"
    )
    newest = "Math.max(...document.querySelector('[data-plot=time] .plot-live').data.flatMap(({ x }) => x))"
    before = page.evaluate(drawn)
    for _ in range(4):
        more_offers(session, 2, 10)
        page.evaluate("() => htmx.trigger('#live', 'live:now')")
        page.wait_for_selector(f"#offer-{session.offers.count()}", state="attached")
    page.wait_for_timeout(300)
    assert page.evaluate(drawn) - before <= 2
    last = page.locator(f"#offer-{session.offers.count()}").get_attribute("data-step")
    page.wait_for_function(f"() => {newest} === {last}")


def test_what_comes_before_the_outcome_space_is_there_waits_for_it(page: Page, ended: str) -> None:
    page.add_init_script(
        """const json = Response.prototype.json;
        Response.prototype.json = async function slowly() {
          if (this.url.includes("/space.json")) await new Promise((done) => setTimeout(done, 500));
          return json.call(this);
        };"""
    )
    page.goto(ended)
    page.locator('[data-plot="space"]').hover()
    page.wait_for_selector('[data-plot="space"] .plot-live', state="attached")
    page.wait_for_timeout(100)
    page.evaluate("() => parleyCharts.draw('space')")
    expect(page.locator('[data-plot="space"].is-live')).to_be_visible(timeout=20_000)


def test_an_offer_that_is_clicked_lights_up_everywhere(page: Page, ended: str) -> None:
    page.goto(ended)
    page.locator("#offer-57").click()
    expect(page.locator("#offer-57")).to_have_class(re.compile(r"\bat\b"))
    expect(page.locator(f"#session-plane {WIDE} [data-lit]")).to_have_attribute(
        "transform", re.compile("translate")
    )
    expect(page.locator(f"#session-timeline {WIDE} [data-lit]")).to_have_attribute("visibility", "visible")
    assert say(page).startswith("Step 29, ")
    touch(page)
    page.evaluate("""() => { const plot = document.querySelector('#session-plane .plot-live');
        const curve = plot.data.findIndex(each => each.customdata && each.customdata.length);
        plot.emit('plotly_click', {points: [{customdata: plot.data[curve].customdata[0]}]}); }""")
    expect(page.locator("#offer-57")).not_to_have_class(re.compile(r"\bat\b"))
    expect(page.locator("#session-offers .at")).to_have_count(1)


@pytest.mark.parametrize("state", ["pending", "running", "paused", "failed", "cancelled"])
def test_every_state_can_be_touched(state: str, page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}{make_session(state, job__owner=signed_in).get_absolute_url()}")
    touch(page)
    page.keyboard.press("Home")
    expect(page.locator(OUTPUT)).to_contain_text("Step 0")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_explored_charts_scroll_nothing_sideways(width: int, page: Page, ended: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(ended)
    touch(page)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_without_script_the_step_is_chosen_by_links(
    browser: Any, signed_in: User, ended: str, context: Any
) -> None:
    """P-15"""
    bare = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    page = bare.new_page()
    page.goto(f"{ended}?step=17")
    page.get_by_role("link", name="Step back").click()
    expect(page.locator(OUTPUT)).to_have_text("Step 16")
    assert page.locator("#session-replay > li").count() == 32
    assert page.locator(f"#session-plane {WIDE}").is_visible()
    bare.close()
