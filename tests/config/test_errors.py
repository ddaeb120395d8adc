"""Errors are pages that say what happened, what it means and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.views.defaults import server_error

from config.errors import broken as broken_page
from config.urls import handler500  # noqa: F401 (where an error handler is looked for)
from config.urls import urlpatterns as real
from tests.factory import SessionFactory


def denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def away(request: HttpRequest) -> HttpResponse:
    """As PostgreSQL says it while it starts, and SQLite while somebody else writes for too long."""
    raise OperationalError("a secret of the inside")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a secret of the inside")


def unmigrated(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM inside")
    return HttpResponse()


urlpatterns = [
    path("denied/", denied),
    path("unmigrated/", unmigrated),
    path("broken/", broken),
    path("away/", away),
    path("api/away", away),
    *real,
]


@pytest.fixture
def with_broken_pages(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def test_an_unknown_page_is_a_friendly_404(as_owner: Client) -> None:
    response = as_owner.get("/nothing/here/")
    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()
    assert "To the overview" in response.content.decode()


def test_an_unknown_page_is_a_404_for_the_anonymous_too(client: Client, db: None) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


def test_what_is_not_allowed_is_a_friendly_403(as_owner: Client, with_broken_pages: None) -> None:
    response = as_owner.get("/denied/")
    assert response.status_code == 403
    assert "Not allowed" in response.content.decode()


def test_a_form_without_its_token_is_told_to_reload(owner: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/sign-in/", {"username": "owner", "password": "x"})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


def test_a_broken_page_tells_nothing_of_the_inside(as_owner: Client, with_broken_pages: None) -> None:
    as_owner.raise_request_exception = False
    response = as_owner.get("/broken/")
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()
    assert "secret of the inside" not in response.content.decode()


def test_with_the_database_away_a_page_says_so_and_a_program_reads_so(
    as_owner: Client, with_broken_pages: None
) -> None:
    as_owner.raise_request_exception = False
    page = as_owner.get("/away/")
    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (503, "5", "no-store")
    assert "The database is away" in page.content.decode()
    told = as_owner.get("/api/away")
    assert (told.status_code, told["Retry-After"], told.json()["error"]) == (503, "5", "DATABASE_AWAY")
    assert "secret of the inside" not in page.content.decode() + told.content.decode()


def test_a_database_that_is_there_and_lacks_a_table_is_not_told_to_be_away(
    as_owner: Client, with_broken_pages: None
) -> None:
    """On SQLite this is the same error as a file that is locked."""
    as_owner.raise_request_exception = False
    response = as_owner.get("/unmigrated/")
    assert (response.status_code, "Retry-After" in response) == (500, False)


def test_the_500_page_needs_no_database(rf: Any) -> None:
    """No `db` fixture: a query would fail this test, as it would fail the page when the database is what broke."""
    assert "Something broke" in server_error(rf.get("/")).content.decode()


def test_the_page_of_a_database_that_is_away_needs_none(rf: Any) -> None:
    try:
        raise OperationalError
    except OperationalError:
        assert "The database is away" in broken_page(rf.get("/")).content.decode()


MANY = "&".join(f"a{number}=1" for number in range(1100))


@pytest.mark.parametrize("path", ["notifications", "negotiation/{pk}"])
def test_more_parameters_than_are_read_are_an_error_of_the_api_in_its_own_words(
    as_owner: Client, owner: User, path: str
) -> None:
    """JSON, whatever refuses the request."""
    response = as_owner.get(f"/api/{path.format(pk=SessionFactory(job__owner=owner).pk)}?{MANY}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/json")
    assert response.json()["error"] == "VALIDATION_ERROR"


def test_more_parameters_than_are_read_are_a_page_elsewhere(as_owner: Client) -> None:
    response = as_owner.get(f"/sessions/?{MANY}")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html")
