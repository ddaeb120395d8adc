"""What `manage.py check` says of a language model that is switched on but could not be asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.checks import check_language_model
from config.env import envurl


def found() -> list[str]:
    return [message.id or "" for message in check_language_model()]


def test_off_it_needs_nothing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LLM_MODEL = ""
    monkeypatch.setattr("config.checks.find_spec", lambda name: None)
    assert not settings.LLM_ENABLED
    assert found() == []


def test_on_it_needs_the_extra_and_a_model(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LLM_ENABLED, settings.LLM_MODEL = True, "tiny-model"
    assert found() == []
    settings.LLM_MODEL = ""
    assert found() == ["config.E021"]
    monkeypatch.setattr("config.checks.find_spec", lambda name: None)
    assert found() == ["config.E020", "config.E021"]


@pytest.mark.parametrize("key", ["sk-secr\u00e9t", "sk-\nsecret", "\u201csk-secret\u201d"])
def test_a_key_that_cannot_be_sent_is_told_and_not_repeated(
    settings: Any, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    settings.LLM_ENABLED, settings.LLM_MODEL = True, "tiny-model"
    monkeypatch.setenv("LLM_API_KEY", f"{key}\n")
    assert found() == ["config.E022"]
    assert "sk-" not in str(check_language_model())
    monkeypatch.setenv("LLM_API_KEY", "sk-plain\n")
    assert found() == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1234/v1", "https://models.example/v1", "http://[::1]:8000"]
)
def test_an_address_is_read(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("GIVEN", f"{url}/")
    assert envurl("GIVEN", "") == url


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:1234",
        "ftp://models.example",
        "http://",
        "http://user:secret@models.example/v1",
        "https://models.example/v1?key=secret",
        "https://models.example/v1#secret",
        "http://models.example:secret/v1",
        "http://[::secret/v1",
    ],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("GIVEN", url)
    with pytest.raises(ImproperlyConfigured, match="GIVEN is no plain address") as caught:
        envurl("GIVEN", "")
    assert "secret" not in str(caught.value)
