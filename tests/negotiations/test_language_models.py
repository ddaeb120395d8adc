"""Whether a language model may take seats, how its server does, and the command that asks it."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from negotiations import language_models, market_rules
from negotiations.engine.language_models import LanguageModel, client
from negotiations.exceptions import Refused
from negotiations.models import Room, RoomRun
from negotiations.tasks import run_job
from tests.engine.model_server import (
    MODEL,
    ModelServer,
    answers,
    fails,
    is_slow,
    lists,
    model_server,
    repeats_the_key,
    says,
)
from tests.factory import make_draft, make_market

KEY = "sk-never-to-be-shown-4711"


@pytest.fixture(autouse=True)
def no_status() -> None:
    cache.clear()


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """Switched on, and well."""
    monkeypatch.setenv("LLM_API_KEY", KEY)
    with model_server() as server:
        settings.LLM_ENABLED, settings.LLM_URL, settings.LLM_MODEL = True, server.url, MODEL
        settings.LLM_SECONDS = 5
        server.will(lists(MODEL, "other"))
        yield server


def test_it_is_off_until_somebody_switches_it_on() -> None:
    assert not language_models.is_on()
    assert not market_rules.has_models()
    assert language_models.speaker() is None
    assert language_models.status().status == "off"
    with pytest.raises(Refused, match="switched on") as refused:
        language_models.must_be_ready()
    assert refused.value.code == "LLM_DISABLED"


def test_switched_on_it_speaks_with_the_settings_and_the_key_of_the_environment(server: ModelServer) -> None:
    assert market_rules.has_models()
    assert isinstance(language_models.speaker(), LanguageModel)
    asked = language_models.model_settings()
    assert (asked.url, asked.model, asked.key, asked.seconds, asked.tries) == (server.url, MODEL, KEY, 5, 3)


def test_without_the_extra_nothing_may_sit_there(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("negotiations.language_models.find_spec", lambda name: None)
    assert not market_rules.has_models()
    assert language_models.speaker() is None


def test_a_server_that_is_well_is_asked_once_in_a_while(server: ModelServer) -> None:
    assert {language_models.status().status for _ in range(3)} == {"ready"}
    language_models.must_be_ready()
    assert [asked.path for asked in server.asked] == ["/v1/models"]


def test_a_model_that_the_server_has_not_got(server: ModelServer) -> None:
    server.will(lists("other"))
    found = language_models.status()
    assert (found.status, found.code) == ("unavailable", "LLM_REFUSED")
    assert "but other" in found.message
    with pytest.raises(Refused) as refused:
        language_models.must_be_ready()
    assert (refused.value.code, "127.0.0.1" in str(refused.value)) == ("LLM_REFUSED", False)


def test_a_page_waits_two_seconds_at_most(server: ModelServer) -> None:
    server.will(is_slow(10))
    client()  # its import is not the server's doing
    began = time.monotonic()
    assert language_models.status().code == "LLM_TIMEOUT"
    assert time.monotonic() - began < 2


def test_what_is_told_to_all_names_no_host_and_to_nobody_the_key(server: ModelServer) -> None:
    server.will(repeats_the_key(401))
    found = language_models.status()
    assert "127.0.0.1" in found.to_dict(details=True)["message"]
    assert found.to_dict(details=False)["message"] == ""
    assert KEY not in str(found)


def asked_in_terminal() -> str:
    out = io.StringIO()
    call_command("check_llm", stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_got(server: ModelServer) -> None:
    server.will(lists(MODEL, "other"), says('Happy to help.\n{"price": 40, "quantity": 10}', tokens=31))
    told = asked_in_terminal()
    assert "Language models are on." in told
    assert "Models there: tiny-model, other." in told
    assert "31 tokens: Happy to help." in told
    assert "Offer: 10 at 40.00." in told
    assert KEY not in told


def test_the_command_works_while_they_are_off(server: ModelServer, settings: Any) -> None:
    settings.LLM_ENABLED = False
    server.will(lists(MODEL), says("Hello."))
    told = asked_in_terminal()
    assert "off (LLM_ENABLED=1 switches it on)" in told
    assert "Offer: none found." in told


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (fails(401, "no"), "LLM_REFUSED"),
        (answers(200, b"<p>"), "LLM_BAD_RESPONSE"),
        (answers(500), "LLM_UNAVAILABLE"),
    ],
)
def test_the_command_says_in_a_line_what_is_wrong(server: ModelServer, behaviour: Any, code: str) -> None:
    server.will(behaviour)
    with pytest.raises(CommandError, match=rf"^{code}: The language model .* It is at 127\.0\.0\.1:"):
        asked_in_terminal()


def test_a_room_is_not_started_while_its_language_model_cannot_be_asked(
    server: ModelServer, owner: User, as_owner: Client
) -> None:
    room = model_room(owner)
    server.will(answers(500))
    response = as_owner.post(f"{room.get_absolute_url()}start/")
    assert response.status_code == 409
    assert "cannot be asked now" in response.content.decode()
    assert not room.runs.exists()
    server.will(lists(MODEL))
    cache.clear()
    as_owner.post(f"{room.get_absolute_url()}start/")
    assert room.runs.exists()


def model_room(owner: User, **fields: Any) -> Room:
    """A room with one seller, for whom a language model speaks."""
    (only,) = make_draft(1, 1).sellers
    room: Room = make_market(owner, 1, 1, sellers=(replace(only, kind="model"),), **fields).rooms.get()
    return room


def test_a_key_that_a_server_repeats_is_nowhere_in_the_database_or_on_a_page(
    server: ModelServer, owner: User, as_owner: Client
) -> None:
    """M-26: not in words, failures, the job's log, or what is kept of a deleted market."""
    room = model_room(owner, max_rounds=4, min_rounds=4)
    run = room.start(owner)
    server.will(says(f"My key is {KEY}."), repeats_the_key(401), says(f"<think>{KEY}</think>12 each, {KEY}"))
    run_job(str(run.pk))
    asked = [each for each in server.asked if each.path.endswith("completions")]
    assert len(asked) == 4
    words = [message.text for message in room.newest_run.messages.filter(seat=0)]
    assert words[0].startswith("My key is (the key).")
    pages = [f"{room.get_absolute_url()}{more}" for more in ("", "?as=0", "log.json")]
    pages += [room.market.get_absolute_url(), reverse("negotiations:job-detail", args=[run.pk])]
    for page in pages:
        response = as_owner.get(page)
        assert response.status_code == 200, page
        assert KEY not in response.content.decode()
    assert "127.0.0.1" not in as_owner.get(pages[0]).content.decode()
    room.market.remove(owner)
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    assert "My key is" in dump.getvalue()
    assert KEY not in dump.getvalue()


def test_a_room_ends_with_its_time_while_its_language_model_hangs(
    server: ModelServer, owner: User, settings: Any
) -> None:
    """M-36"""
    run = model_room(owner, room_seconds=1).start(owner)
    settings.LLM_SECONDS = 60
    server.will(is_slow(60))
    began = time.monotonic()
    run_job(str(run.pk))
    assert time.monotonic() - began < 10
    run = RoomRun.objects.select_related("room", "job").get()
    assert (run.end_reason, run.room.status, run.job.status) == ("time", "aborted", "completed")
