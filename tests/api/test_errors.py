"""Below `/api/` every refusal has one body, whoever refuses: `{error, message, details, timestamp}` (M-14)."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from api.middleware import MOST_BYTES
from config import settings as product
from config.urls import urlpatterns as real
from tests.api.programs import program_of, with_secret


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a secret of the inside")


urlpatterns = [path("api/v1/broken", broken), *real]


def refused(response: Any, status: int, word: str) -> dict[str, Any]:
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    body: dict[str, Any] = response.json()
    assert set(body) == {"error", "message", "details", "timestamp"}
    assert body["error"] == word
    assert body["message"].endswith(".")
    assert datetime.fromisoformat(body["timestamp"]).tzinfo
    assert response["Cache-Control"] == "no-store"
    return body


def test_without_a_token_or_a_session_it_says_how_to_have_one(client: Client, db: None) -> None:
    response = client.get("/api/v1/me")
    assert "/tokens/" in refused(response, 401, "NOT_SIGNED_IN")["message"]
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "bearer \ud800", "Token x"]
)
def test_what_is_no_token_is_refused_even_beside_a_session(owner: User, header: str) -> None:
    client = Client(headers={"Authorization": header.encode(errors="replace").decode()})
    client.force_login(owner)
    refused(client.get("/api/v1/me"), 401, "NOT_SIGNED_IN")


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/me", "/api/jobs/"])
def test_an_unknown_address(as_owner: Client, path: str) -> None:
    refused(as_owner.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/notifications"])
def test_an_unknown_method_is_told_the_known_ones(as_owner: Client, path: str) -> None:
    response = as_owner.delete(path)
    refused(response, 405, "METHOD_NOT_ALLOWED")
    assert "GET" in response["Allow"]


def test_head_is_as_get(as_owner: Client) -> None:
    assert as_owner.head("/api/v1/me").status_code == 200


def test_a_body_that_is_too_long_is_not_read(owner: User) -> None:
    body = json.dumps({"name": "x" * MOST_BYTES})
    response = program_of(owner).post("/api/v1/me", body, content_type="application/json")
    refused(response, 413, "TOO_LARGE")


def test_a_body_that_a_form_of_another_site_could_send_is_refused(owner: User) -> None:
    response = program_of(owner).post("/api/v1/me", "{}", content_type="text/plain")
    refused(response, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("body", ["{", "nonsense", '{"scenario": NaN}', "[" * 100_000, '"\\u0000"'])
def test_a_body_that_cannot_be_read_is_named_as_the_field(owner: User, body: str) -> None:
    response = program_of(owner).post("/api/v1/sessions", body, content_type="application/json")
    assert list(refused(response, 400, "VALIDATION_ERROR")["details"]) == ["body"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" * 400, "1" * 5000])
def test_a_number_beyond_all_bounds_is_refused(owner: User, number: str) -> None:
    body = f'{{"name": "x", "buyer_name": "x", "budget": {number}, "needs": [], "sellers": []}}'
    response = program_of(owner).post("/api/v1/simulation/initialize", body, content_type="application/json")
    refused(response, 400, "VALIDATION_ERROR")


# A minute that ends in between would begin to count anew.
at_noon = time_machine.travel("2026-11-21 12:00:30+00:00", tick=False)


@at_noon
def test_asking_too_often_says_when_to_go_on(owner: User, settings: Any) -> None:
    settings.API_PER_MINUTE = 3
    program, other = program_of(owner), program_of(owner)
    assert [program.get("/api/v1/me").status_code for _ in range(2)] == [200, 200]
    assert other.get("/api/v1/me").status_code == 200
    response = other.get("/api/v1/me")
    refused(response, 429, "TOO_MANY_REQUESTS")
    assert response["Retry-After"] == "30"


@at_noon
def test_the_web_processes_of_a_machine_count_together(owner: User, settings: Any, tmp_path: Path) -> None:
    settings.API_PER_MINUTE = 3
    settings.CACHES = {
        "default": settings.CACHES["default"],
        "api": product.COUNTS_IN_FILES | {"LOCATION": tmp_path},
    }
    program = program_of(owner)
    assert [program.get("/api/v1/me").status_code for _ in range(2)] == [200, 200]
    # What another process has: an object of its own, on the same files.
    other: Any = caches.create_connection("api")
    assert other.incr(f"{owner.pk}-{int(time.time() // 60)}") == 3
    assert program.get("/api/v1/me").status_code == 429


def test_of_requests_at_once_each_counts(settings: Any, tmp_path: Path) -> None:
    """Each thread has a cache of its own, as each web process has."""
    settings.CACHES = {**settings.CACHES, "api": product.COUNTS_IN_FILES | {"LOCATION": tmp_path}}
    caches["api"].add("owner", 0)
    with ThreadPoolExecutor(4) as threads:
        for _ in range(200):
            threads.submit(lambda: caches["api"].incr("owner"))
    assert caches["api"].get("owner") == 200


def test_while_the_redis_is_away_nobody_is_refused(owner: User, settings: Any) -> None:
    away = product.COUNTS_IN_REDIS | {"LOCATION": ["redis://127.0.0.1:1/0"]}
    settings.CACHES, settings.API_PER_MINUTE = {**settings.CACHES, "api": away}, 1
    program = program_of(owner)
    assert [program.get("/api/v1/me").status_code for _ in range(3)] == [200, 200, 200]


@at_noon
def test_one_persons_requests_do_not_count_for_another(owner: User, stranger: User, settings: Any) -> None:
    settings.API_PER_MINUTE = 1
    assert program_of(owner).get("/api/v1/me").status_code == 200
    assert program_of(stranger).get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("debug", [False, True])
def test_what_breaks_tells_nothing_of_the_inside(as_owner: Client, settings: Any, debug: bool) -> None:
    settings.ROOT_URLCONF, settings.DEBUG = __name__, debug
    as_owner.raise_request_exception = False
    response = as_owner.get("/api/v1/broken")
    refused(response, 500, "SERVER_ERROR")
    assert "secret of the inside" not in response.content.decode()


def test_a_host_that_is_not_ours(client: Client, db: None) -> None:
    response = client.get("/api/v1/me", headers={"Host": "evil.example"})
    refused(response, 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("length", ["", "-1", "many", "1e3", "9" * 30])
def test_a_length_that_is_no_number_is_none(as_owner: Client, length: str) -> None:
    assert as_owner.get("/api/v1/me", CONTENT_LENGTH=length).status_code == 200


def test_an_unknown_token_is_as_good_as_none(db: None) -> None:
    refused(with_secret("parley_" + "x" * 43).get("/api/v1/me"), 401, "NOT_SIGNED_IN")
