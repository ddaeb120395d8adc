"""The reference of the API: every operation of the document, tried from the page in the reader's session (M-35)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from api.document import operations
from config.api import v1
from negotiations.models import Job
from tests.factory import SessionFactory


def open_operation(page: Page, live_server: Any, name: str, tag: str) -> Any:
    page.goto(f"{live_server.url}/api/v1/docs")
    found = page.locator(f"#operations-{tag}-{name}")
    found.locator(".opblock-summary-control").click()
    found.get_by_role("button", name="Try it out").click()
    return found


def test_every_operation_is_there(page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}/api/v1/docs")
    count = len(list(operations(v1.get_openapi_schema())))
    expect(page.locator(".opblock")).to_have_count(count)
    expect(page.locator(".reference-wait")).to_have_count(0)


def test_one_is_tried_as_the_reader(page: Page, signed_in: User, live_server: Any) -> None:
    found = open_operation(page, live_server, "me", "about")
    found.get_by_role("button", name="Execute").click()
    expect(found.locator(".live-responses-table .response-col_status").last).to_have_text("200")
    expect(found.locator(".live-responses-table")).to_contain_text(signed_in.username)


def test_what_changes_something_has_the_token_of_the_page(
    page: Page, signed_in: User, live_server: Any
) -> None:
    pk = SessionFactory(job__owner=signed_in).pk
    found = open_operation(page, live_server, "pause_session", "sessions")
    found.locator(".parameters input").fill(str(pk))
    with page.expect_response(f"**/sessions/{pk}/pause") as answered:
        found.get_by_role("button", name="Execute").click()
    assert answered.value.status == 200
    assert Job.objects.get(pk=pk).hold


def test_it_follows_the_theme(page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}/api/v1/docs")
    theme = page.locator("html").get_attribute("data-bs-theme")
    page.click("button[data-theme-toggle]")
    classes = page.locator("html").get_attribute("class") or ""
    assert ("dark-mode" in classes) == (theme == "light")
