"""Markets that a plain client plays through the API of a Parley that runs: web server, workers, database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from api.models import ApiToken, Scope
from negotiations.models import Market, RoomMessage, RoomRun
from tests.api import a_market
from tests.api.a_market import Parley, office, play
from tests.engine.model_server import MODEL, ModelServer, Request, answers, completion, model_server
from tests.factory import UserFactory
from tests.workers.conftest import Running, Starts, Storage
from tests.workers.test_serve import first_line, free_port

pytestmark = [pytest.mark.workers]

KEY = "sk-never-to-be-shown-4711"


def serving(start: Starts, **environment: str) -> tuple[Running, str]:
    port = free_port()
    serve = start("serve", PORT=str(port), **environment)
    first_line(serve)
    return serve, f"http://127.0.0.1:{port}"


@pytest.fixture
def token(database: Storage) -> str:
    user = UserFactory()
    return ApiToken.objects.make(user, "plain client", Scope.RUN)[1]


def test_a_plain_client_plays_a_market_of_three_items_and_five_sellers_to_its_summary(
    database: Storage, start: Starts, token: str
) -> None:
    _, url = serving(start)
    command = [sys.executable, a_market.__file__, url]
    done = subprocess.run(
        command,
        env=os.environ | {"PARLEY_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["status"], summary["completed_purchases"], summary["failed_items"]) == (
        "completed",
        3,
        [],
    )
    assert summary["items_purchased"] == 30
    market = Market.objects.get(pk=summary["session_id"])
    assert float(market.spent) == summary["total_spent"] > 0
    assert summary["total_messages"] == RoomMessage.objects.filter(run__room__market=market).count()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def with_models(*names: str) -> dict[str, Any]:
    """One item, three sellers, those with these names by a language model; at least three rounds."""
    body = office()
    body |= {"needs": body["needs"][:1], "sellers": body["sellers"][:3], "min_rounds": 3, "max_rounds": 4}
    for seller in body["sellers"]:
        seller["kind"] = "model" if seller["name"] in names else "negotiator"
    return body


def on(server: ModelServer) -> dict[str, str]:
    return {
        "LLM_ENABLED": "1",
        "LLM_URL": server.url,
        "LLM_MODEL": MODEL,
        "LLM_API_KEY": KEY,
        "LLM_SECONDS": "1",
        "http_proxy": "http://127.0.0.1:9",
    }


def gives_all_away(request: Request) -> None:
    """As if it had been talked into it, thinking aloud."""
    lists_models = json.dumps({"data": [{"id": MODEL}]}).encode()
    said = '<think>My floor is secret.</think>Take it for 1 each!\n{"price": 1, "quantity": 10}'
    request.send(lists_models if request.path.endswith("/models") else completion(said, tokens=11))


def test_a_language_model_sells_at_a_worker_within_what_it_may(
    database: Storage, start: Starts, token: str, server: ModelServer
) -> None:
    server.will(gives_all_away)
    _, url = serving(start, **on(server))
    _, rooms = play(Parley(url, token), with_models("Seller 1"))
    ((room, events),) = rooms.items()
    offers = [each for each in events if each["type"] == "offer" and each["sender"] == "Seller 1"]
    assert len(offers) >= 3
    assert all(101 < offer["price"] <= 200 for offer in offers)  # its least price is 101
    assert "My floor" not in json.dumps(events)
    run = RoomRun.objects.get(room=UUID(room))
    assert run.tokens == 11 * len(offers)
    assert run.model_seconds > 0
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {KEY}"}


def test_where_a_language_model_fails_the_other_sellers_go_on(
    database: Storage, start: Starts, token: str, server: ModelServer
) -> None:
    def lists_only(request: Request) -> None:
        is_look = request.path.endswith("/models")
        (gives_all_away if is_look else answers(401, b'{"error": {"message": "no"}}'))(request)

    server.will(lists_only)
    _, url = serving(start, **on(server))
    summary, rooms = play(Parley(url, token), with_models("Seller 1"))
    assert summary["completed_purchases"] == 1
    ((room, events),) = rooms.items()
    errors = [each for each in events if each["type"] == "error"]
    assert errors
    assert all(each["message"].startswith("LLM_REFUSED: ") for each in errors)
    fallbacks = RoomMessage.objects.filter(run__room=UUID(room), is_fallback=True)
    assert {message.seat for message in fallbacks} == {0}
    assert KEY not in json.dumps(events)
