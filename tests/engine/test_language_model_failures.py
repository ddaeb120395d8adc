"""What a language model's server may do wrong, and what comes of it: a failure that is told, and no key anywhere (M-26)."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest

from negotiations.engine import language_models
from negotiations.engine.language_models import LanguageModel
from negotiations.engine.model_calls import model_names
from negotiations.engine.model_settings import ModelSettings
from negotiations.engine.offer_texts import clean_words
from negotiations.engine.room_specs import ModelFailed, SeatView
from tests.engine.model_seats import BUYING, KEY, OFFER, VIEW, answer, failure, settings
from tests.engine.model_server import (
    MODEL,
    Behaviour,
    ModelServer,
    answers,
    completion,
    drips,
    fails,
    hangs_up,
    is_cut_off,
    is_huge,
    is_slow,
    lists,
    model_server,
    repeats_the_key,
    says,
)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_server_that_is_not_well_is_asked_three_times(server: ModelServer, status: int) -> None:
    failed = failure(server, fails(status, "overloaded"))
    assert failed.code == "LLM_UNAVAILABLE"
    assert str(status) in failed.message
    assert "It says: overloaded" in failed.detail
    assert len(server.asked) == 3
    assert failed.seconds > 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_request_that_is_refused_is_not_sent_again(server: ModelServer, status: int) -> None:
    failed = failure(server, fails(status, "no such model"))
    assert failed.code == "LLM_REFUSED"
    assert "It says: no such model" in failed.detail
    assert len(server.asked) == 1


def test_where_it_is_and_what_it_says_is_kept_apart_from_what_stands_in_a_room(server: ModelServer) -> None:
    """A service may repeat the half of a key in its own words, and an address is for who runs Parley."""
    failed = failure(server, fails(401, "Incorrect API key provided: sk-ne***4711."))
    assert "127.0.0.1" not in failed.message
    assert "4711" not in failed.message
    assert failed.whole == f"{failed.message} {failed.detail}"
    assert "It is at 127.0.0.1:" in failed.whole


def test_what_passes_is_forgotten(server: ModelServer) -> None:
    server.will(answers(500), answers(429), says(OFFER))
    assert LanguageModel(settings(server))(VIEW).price == 39.5
    assert len(server.asked) == 3


def test_between_tries_it_waits_twice_as_long_each_time() -> None:
    asked = ModelSettings("http://127.0.0.1:1234/v1")
    assert list(asked.pauses) == [2, 4]
    assert asked.longest == pytest.approx(96.6)


def test_seats_of_the_same_round_do_not_wait_as_long_again(server: ModelServer) -> None:
    server.will(answers(500))
    speaker = LanguageModel(settings(server))
    for view, asked in ((VIEW, 3), (replace(VIEW, seat=0), 3 + 1), (replace(VIEW, round=3), 3 + 1 + 3)):
        with pytest.raises(ModelFailed):
            speaker(view)
        assert len(server.asked) == asked


@pytest.mark.parametrize("behaviour", [is_slow(5), drips("body"), drips("headers")])
def test_an_answer_that_takes_too_long_is_cut_off_however_it_comes(
    server: ModelServer, behaviour: Behaviour
) -> None:
    began = time.monotonic()
    failed = failure(server, behaviour, seconds=0.3, tries=1)
    assert time.monotonic() - began < 2
    assert failed.code == "LLM_TIMEOUT"
    assert "did not answer within 0.3 s" in failed.message


def test_an_answer_without_end_is_cut_off_by_its_size(server: ModelServer) -> None:
    began = time.monotonic()
    assert failure(server, is_huge).code == "LLM_BAD_RESPONSE"
    assert time.monotonic() - began < 3


def test_a_failure_that_is_huge_is_cut_off_too(server: ModelServer) -> None:
    assert failure(server, answers(500, b"x" * 5_000_000)).code == "LLM_BAD_RESPONSE"


def test_a_compressed_answer_is_not_unpacked(server: ModelServer) -> None:
    assert failure(server, answers(200, b"\x1f\x8b", Content_Encoding="gzip")).code == "LLM_BAD_RESPONSE"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Welcome</html>",
        b"null",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"choices": {}}',
        b'{"choices": [7]}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b'{"choices": [{"text": "an older protocol"}]}',
        b'{"choices": [{"mess',
        b"[" * 100_000,
        b'{"choices": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe\x00garbage",
        b'{"choices": [{"message": {"content": "ok"}}], "choices": []}',
    ],
)
def test_an_answer_of_another_shape_is_told_as_nonsense(server: ModelServer, body: bytes) -> None:
    failed = failure(server, answers(200, body), tries=1)
    assert failed.code == "LLM_BAD_RESPONSE"
    assert "cannot be understood" in failed.message


@pytest.mark.parametrize("behaviour", [is_cut_off, hangs_up])
def test_a_connection_that_breaks_is_tried_again(server: ModelServer, behaviour: Behaviour) -> None:
    assert failure(server, behaviour).code == "LLM_UNAVAILABLE"
    assert len(server.asked) == 3


def test_no_redirect_is_followed(server: ModelServer) -> None:
    with model_server() as elsewhere:
        failed = failure(server, answers(307, b"", Location=f"{elsewhere.url}/chat/completions"))
        assert elsewhere.asked == []
    assert failed.code == "LLM_BAD_RESPONSE"
    assert "led to another address" in failed.message


def test_a_server_that_is_not_there() -> None:
    with model_server() as server:
        asked = settings(server)
    with pytest.raises(ModelFailed, match="cannot be reached") as caught:
        LanguageModel(asked)(VIEW)
    assert caught.value.code == "LLM_UNAVAILABLE"


def test_lone_surrogates_and_nul_are_left_out(server: ModelServer) -> None:
    server.will(answers(200, completion("ok \0 X").replace(b"X", b"\\ud800")))
    text = LanguageModel(settings(server))(VIEW).text
    assert "\0" not in text
    assert text.encode()


def test_the_extra_that_is_missing_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name}", name="openai")

    monkeypatch.setattr("negotiations.engine.language_models.importlib.import_module", absent)
    with pytest.raises(ModelFailed, match=r"pip install 'parley\[llm\]'") as caught:
        language_models.client()
    assert caught.value.code == "LLM_NOT_INSTALLED"


def test_a_hanging_call_leaves_no_thread_that_holds_the_process(server: ModelServer) -> None:
    before = set(threading.enumerate())
    failure(server, drips("headers"), seconds=0.2, tries=1)
    left = set(threading.enumerate()) - before
    assert left
    assert all(each.daemon for each in left)


def test_the_models_of_a_server_are_listed(server: ModelServer) -> None:
    server.will(lists(MODEL, "other"))
    assert model_names(settings(server)) == (MODEL, "other")


@pytest.mark.parametrize("body", [b"{}", b'{"data": {}}', b'{"data": [7]}', b'{"data": [{}]}', b"<p>"])
def test_a_list_of_models_of_another_shape(server: ModelServer, body: bytes) -> None:
    server.will(answers(200, body))
    with pytest.raises(ModelFailed) as caught:
        model_names(settings(server))
    assert caught.value.code == "LLM_BAD_RESPONSE"


# --- The key -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour", [repeats_the_key(401), repeats_the_key(500), answers(200, b"garbage"), hangs_up]
)
def test_the_key_is_in_no_failure_no_traceback_and_no_log(
    server: ModelServer,
    behaviour: Behaviour,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    with caplog.at_level(logging.DEBUG):
        failed = failure(server, behaviour)
    told = "".join(traceback.TracebackException.from_exception(failed, capture_locals=True).format())
    assert KEY in server.asked[0].headers["authorization"]
    for text in (told, failed.message, repr(failed), repr(settings(server)), caplog.text):
        assert KEY not in text
    assert "You are Boris" not in caplog.text


SPELT = [
    "My key is KEY.",
    "KE<think>x</think>Y",
    "KE\u200bY",
    "KE\x00Y",
    'KEY\n{"price": 39.5, "quantity": 10}',
    "<KEY>",
]


@pytest.mark.parametrize("said", SPELT)
@pytest.mark.parametrize("view", [VIEW, replace(BUYING, can_accept=True)])
def test_a_key_that_stands_in_an_answer_is_cut_out(server: ModelServer, said: str, view: SeatView) -> None:
    """However it is parted by what is taken out of a text."""
    spelt = said.replace("KEY", KEY).replace("KE", KEY[:9]).replace("Y", KEY[9:])
    found = answer(server, says(spelt), view=view)
    assert KEY not in found.text
    assert KEY not in clean_words(found.text)


def test_a_key_in_the_name_of_a_model_is_cut_out(server: ModelServer) -> None:
    server.will(lists(f"{'x' * 190}{KEY}"))
    assert model_names(settings(server)) == (f"{'x' * 190}(the key)",)


def test_a_key_that_is_a_common_word_is_no_secret(server: ModelServer) -> None:
    server.will(says("None of them is cheaper."))
    asked = settings(server, key="None")
    assert LanguageModel(asked)(VIEW).text == "None of them is cheaper."
