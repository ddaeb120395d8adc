"""A seat in a browser: what one writes stays, what is worth what is told at once, and two clicks are one answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.models import Move, Session
from tests.browser.every_page import at_table
from tests.factory import OfferFactory


@pytest.fixture
def session(signed_in: User) -> Session:
    return at_table(signed_in)


@pytest.fixture
def seat(page: Page, session: Session, live_server: Any) -> Page:
    page.goto(f"{live_server.url}{session.seat_url()}")
    return page


def test_what_is_offered_is_worth_what_the_page_says_at_each_change(seat: Page) -> None:
    worth = seat.locator("#session-seat-utility b")
    expect(worth).to_have_text("0.75")
    seat.get_by_label("price").select_option("steep")
    expect(worth).to_have_text("0.56")
    seat.get_by_label("lock").select_option("no")
    expect(worth).to_have_text("0.81")


def test_a_suggestion_goes_into_the_form_at_a_click(seat: Page) -> None:
    suggested = seat.locator("[data-fill]").get_attribute("data-fill")
    assert suggested
    seat.get_by_role("link", name="Fill in").click()
    chosen = [seat.get_by_label(name).input_value() for name in ("price", "lock")]
    assert " ".join(chosen) == suggested
    expect(seat.locator("#session-seat-utility b")).to_have_text("1.00")
    assert "fill=" not in seat.url


def test_what_one_writes_stays_while_the_page_keeps_itself_up_to_date(seat: Page, session: Session) -> None:
    field = seat.get_by_label("Message, if you like")
    field.fill("I am still think")
    seat.get_by_label("price").select_option("fair")
    OfferFactory(session=session, seq=4, party=1, outcome=["dear", "no"], utilities=[0.0, 1.0])
    OfferFactory(session=session, seq=5, party=0, outcome=["fair", "yes"], utilities=[0.8, 0.19])
    Session.objects.filter(pk=session.pk).update(awaits_seq=6)
    expect(seat.locator("#session-seat-offers li")).to_have_count(5)
    expect(seat.locator("#session-seat-offers li").first).to_contain_text("fair")
    expect(seat.locator("#session-seat-send input[name=seq]")).to_have_value("6")
    field.press_sequentially("ing.")
    expect(field).to_have_value("I am still thinking.")
    expect(seat.get_by_label("price")).to_have_value("1")


def test_two_clicks_are_one_answer(seat: Page, session: Session) -> None:
    seat.get_by_label("Message, if you like").fill("Once.")
    seat.get_by_role("button", name="Offer this").dblclick()
    expect(seat.get_by_role("heading", name="The others are at it")).to_be_visible()
    assert Move.objects.get().text == "Once."
    expect(seat.get_by_label("Message, if you like")).to_have_value("")
    expect(seat.get_by_role("button", name="Offer this")).to_be_disabled()


def test_what_is_wrong_gets_the_focus_and_is_forgotten_once_it_is_right(seat: Page) -> None:
    field = seat.get_by_label("Message, if you like")
    field.evaluate("field => field.removeAttribute('maxlength')")
    field.fill("x" * 1001)
    seat.get_by_role("button", name="Offer this").click()
    expect(seat.get_by_text("A message has at most 1,000 characters.")).to_be_visible()
    expect(field).to_be_focused()
    # The form is another one now, and still says what it is worth.
    seat.get_by_label("price").select_option("steep")
    expect(seat.locator("#session-seat-utility b")).to_have_text("0.56")
    field.fill("Short.")
    seat.get_by_role("button", name="Offer this").click()
    expect(seat.get_by_role("heading", name="The others are at it")).to_be_visible()
    expect(seat.locator("#session-seat-form .invalid-feedback")).to_have_count(0)
    expect(seat.locator("#session-seat-form [aria-invalid]")).to_have_count(0)
    assert Move.objects.get().text == "Short."


def test_on_a_phone_what_became_of_an_answer_comes_into_sight(seat: Page) -> None:
    """So does what an offer is worth while its last issue is changed."""
    seat.set_viewport_size({"width": 390, "height": 500})
    issue = seat.get_by_label("lock")
    issue.evaluate("field => field.scrollIntoView({ block: 'center' })")
    issue.select_option("no")
    expect(seat.locator("#session-seat-utility b")).to_be_in_viewport()
    seat.get_by_role("button", name="Offer this").click()
    heading = seat.get_by_role("heading", name="The others are at it")
    expect(heading).to_be_in_viewport()
    expect(heading).to_be_focused()


def test_what_is_worth_less_than_no_agreement_says_so(seat: Page) -> None:
    preview = seat.locator("#session-seat-utility")
    expect(preview).not_to_contain_text("no agreement")
    seat.get_by_label("price").select_option("low")
    seat.get_by_label("lock").select_option("yes")
    expect(preview).to_contain_text("less than the 0.20 of no agreement")


@pytest.mark.expects_errors
def test_who_is_too_late_is_told_why_and_keeps_what_they_wrote(seat: Page, session: Session) -> None:
    """On another device they have answered already, and this page has not heard of it."""
    seat.route("**/seat/live/**", lambda route: route.abort())
    session.refresh_from_db()
    session.answer(session.job.owner, 4, "offer", ("dear", "no"))
    seat.get_by_label("Message, if you like").fill("Me too.")
    seat.get_by_role("button", name="Offer this").click()
    expect(seat.locator("#live-notice")).to_contain_text("You have answered this turn already")
    expect(seat.get_by_label("Message, if you like")).to_have_value("Me too.")
    assert Move.objects.count() == 1


def test_to_end_it_asks_first(seat: Page, session: Session) -> None:
    expect(seat.get_by_role("button", name="End it")).to_be_hidden()
    seat.get_by_text("End without agreement").click()
    expect(seat.get_by_text("you are left with 0.20")).to_be_visible()
    seat.get_by_role("button", name="End it").click()
    expect(seat.get_by_role("heading", name="The others are at it")).to_be_visible()
    assert Move.objects.get().response == "end"


def test_without_a_script_forms_and_links_do_it_all(
    browser: Any, session: Session, live_server: Any, context: Any
) -> None:
    plain = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    page = plain.new_page()
    page.goto(f"{live_server.url}{session.seat_url()}")
    page.get_by_role("link", name="Fill in").click()
    assert "fill=" in page.url
    page.get_by_role("button", name="Offer this").click()
    expect(page.get_by_role("heading", name="The others are at it")).to_be_visible()
    assert Move.objects.count() == 1
    plain.close()
