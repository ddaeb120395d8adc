"""The answer of every poll (design §5)."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from notifications.live import changed, fragment, live_response, live_view, version_of


def poll(query: str = "every=5") -> HttpRequest:
    request = RequestFactory().get(f"/somewhere/?{query}")
    request.user = AnonymousUser()
    return request


def nothing(request: HttpRequest) -> str:
    return ""


def news(request: HttpRequest) -> str:
    return '<p id="news" hx-swap-oob="true">new</p>'


def broken(request: HttpRequest) -> str:
    raise ZeroDivisionError


def test_nothing_new_at_the_right_interval_is_an_empty_204() -> None:
    response = live_response(poll(), sections=[nothing, nothing], interval=5)
    assert (response.status_code, response.content) == (204, b"")


def test_no_answer_is_kept_by_a_cache() -> None:
    """A cached body would append the same rows again; an entity tag is a cache, too."""
    for section in (nothing, news):
        response = live_response(poll(), sections=[section], interval=5)
        assert response["Cache-Control"] == "no-store"
        assert "ETag" not in response


def test_the_pieces_of_all_sections_come_in_one_answer() -> None:
    """N-14."""
    response = live_response(poll(), sections=[news, nothing, news], interval=5)
    assert response.status_code == 200
    assert response.content.decode() == news(poll()) * 2


def test_another_interval_brings_the_poller_anew() -> None:
    body = live_response(poll("every=15"), sections=[nothing], interval=1, url="/x/?y=1").content.decode()
    assert 'hx-trigger="every 1s, live:now"' in body
    assert 'hx-get="/x/?y=1"' in body
    assert 'id="live"' in body
    assert 'hx-swap-oob="true"' in body


def test_the_poller_anew_asks_the_same_path_by_default() -> None:
    assert 'hx-get="/somewhere/"' in live_response(poll(""), sections=[], interval=1).content.decode()


def test_a_broken_section_is_logged_and_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    """F-26."""
    with caplog.at_level(logging.ERROR):
        body = live_response(poll(), sections=[broken, news], interval=5).content.decode()
    assert "could not be refreshed" in body
    assert 'id="live-error"' in body
    assert news(poll()) in body
    assert "broken" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_equal_values_have_one_version_and_others_another() -> None:
    assert version_of("a", 1) == version_of("a", 1)
    assert version_of("a", 1) != version_of("a", 2)
    assert version_of(["a", "b"]) != version_of("a", "b")


def test_a_fragment_that_the_page_shows_already_is_left_out() -> None:
    version = version_of(7)
    template, context = "notifications/_live.html", {"url": "/x/", "interval": 3}
    assert fragment(poll(f"v-part={version}"), template, context, "part", version) == ""
    assert 'hx-swap-oob="true"' in fragment(poll("v-part=other"), template, context, "part", version)
    assert 'hx-swap-oob="true"' in fragment(poll(""), template, context, "part", version)


def test_signed_out_is_401_and_no_redirect() -> None:
    """F-21: a redirect would bring a sign-in page that nobody sees."""

    @live_view
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    response = view(poll())
    assert (response.status_code, response.content) == (401, b"")
    assert response["Cache-Control"] == "no-store"


def test_the_default_feed_says_nothing_and_says_it_cheaply(
    as_owner: Client, django_assert_num_queries: Any
) -> None:
    """A poll without news: session and user, and not one query more."""
    with django_assert_num_queries(2):
        response = as_owner.get("/live/?every=5")
    assert response.status_code == 204


@pytest.mark.parametrize(("polls", "headers"), [(True, None), (False, "true")])
def test_a_page_that_polls_not_is_loaded_anew_after_a_change(
    settings: Any, polls: bool, headers: str | None
) -> None:
    settings.LIVE_UPDATES = polls
    answer = changed()
    assert (answer.status_code, answer.headers.get("HX-Refresh")) == (204, headers)


def test_the_default_feed_is_401_for_the_anonymous_and_405_for_a_post(
    client: Client, as_owner: Client
) -> None:
    assert client.get("/live/").status_code == 401
    assert as_owner.post("/live/").status_code == 405


def test_the_kill_switch_leaves_poller_and_script_out_and_says_so(
    as_owner: Client, owner: User, settings: Any
) -> None:
    """B-20."""
    settings.LIVE_UPDATES = False
    page = as_owner.get("/negotiators/").content.decode()
    assert 'id="live"' not in page
    assert "js/live.js" not in page
    assert "Live updates are switched off" in page
    settings.LIVE_UPDATES = True
    page = as_owner.get("/negotiators/").content.decode()
    assert 'hx-get="/live/"' in page
    assert 'hx-trigger="every 5s, live:now"' in page
