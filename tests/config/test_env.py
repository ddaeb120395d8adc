"""The readers of environment variables are loud about nonsense."""

from __future__ import annotations

import stat
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import envbool, envcurrency, envint, envlist, envnumber, envprice, redis_url, secret_key
from config.settings import database


def set_to(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("GIVEN", raising=False)
    if value is not None:
        monkeypatch.setenv("GIVEN", value)


@pytest.mark.parametrize(
    ("value", "read"), [(None, True), ("1", True), ("Yes", True), ("off", False), ("", False), ("0", False)]
)
def test_a_switch_is_read(monkeypatch: pytest.MonkeyPatch, value: str | None, read: bool) -> None:
    set_to(monkeypatch, value)
    assert envbool("GIVEN", True) is read


def test_a_switch_that_is_neither_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, "ture")
    with pytest.raises(ImproperlyConfigured, match="GIVEN='ture' is neither true nor false"):
        envbool("GIVEN", True)


@pytest.mark.parametrize(("value", "read"), [(None, 30), ("", 30), ("2.5", 2.5), ("1e3", 1000)])
def test_a_number_is_read(monkeypatch: pytest.MonkeyPatch, value: str | None, read: float) -> None:
    set_to(monkeypatch, value)
    assert envnumber("GIVEN", 30, least=1) == read


@pytest.mark.parametrize("value", ["abc", "nan", "inf", "-5", "0.5"])
def test_a_number_that_makes_no_sense_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    set_to(monkeypatch, value)
    with pytest.raises(ImproperlyConfigured, match="is not a number of at least 1"):
        envnumber("GIVEN", 30, least=1)


def test_a_whole_number_has_no_fraction(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, "2.5")
    with pytest.raises(ImproperlyConfigured, match="is not a whole number"):
        envint("GIVEN", 1)


@pytest.mark.parametrize(
    ("value", "read"),
    [(None, "0"), ("", "0"), ("-0", "0"), ("0.15", "0.15"), ("1e3", "1000"), ("0.000001", "0.000001")],
)
def test_a_price_is_read(monkeypatch: pytest.MonkeyPatch, value: str | None, read: str) -> None:
    set_to(monkeypatch, value)
    assert envprice("GIVEN") == Decimal(read)
    assert not envprice("GIVEN").is_signed()


@pytest.mark.parametrize(
    "value", ["abc", "nan", "sNaN", "inf", "-1", "1000001", "1e400", "0.0000001", "1e-400", "0,15", "$2"]
)
def test_a_price_that_makes_no_sense_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    set_to(monkeypatch, value)
    with pytest.raises(ImproperlyConfigured, match="GIVEN=.* is no amount from 0 to 1,000,000"):
        envprice("GIVEN")


@pytest.mark.parametrize(("value", "read"), [(None, "USD"), ("", "USD"), ("EUR", "EUR"), ("€", "€")])
def test_a_currency_is_read(monkeypatch: pytest.MonkeyPatch, value: str | None, read: str) -> None:
    set_to(monkeypatch, value)
    assert envcurrency("GIVEN", "USD") == read


@pytest.mark.parametrize("value", [" ", "US dollars", "USD2", "<b>", "a\tb", "ninechars"])
def test_a_currency_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    set_to(monkeypatch, value)
    with pytest.raises(ImproperlyConfigured, match="is no currency"):
        envcurrency("GIVEN", "USD")


def test_a_list_is_cut_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, " a.example , ,b.example")
    assert envlist("GIVEN", "") == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (None, ""),
        ("redis://h:1/2", "redis://h:1/2?socket_connect_timeout=2&socket_timeout=5"),
        ("rediss://h?db=3", "rediss://h?db=3"),
    ],
)
def test_a_redis_that_hangs_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, given: str | None, read: str
) -> None:
    set_to(monkeypatch, given)
    assert redis_url("GIVEN") == read


def test_a_postgresql_that_hangs_is_not_waited_for() -> None:
    given = database("postgres://h:5432/parley?tcp_user_timeout=3000")["OPTIONS"]
    assert (given["connect_timeout"], int(given["tcp_user_timeout"])) == (5, 3000)
    given = database("postgres://h:5432/parley")["OPTIONS"]
    assert (given["tcp_user_timeout"], given["options"]) == (10_000, "-c jit=off")


def test_what_is_no_redis_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, "localhost:6379")
    with pytest.raises(ImproperlyConfigured, match="GIVEN is no address of a Redis"):
        redis_url("GIVEN")


def test_the_secret_key_is_made_once_and_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    path = tmp_path / "var" / "secret_key"
    key = secret_key(path)
    assert len(key) >= 50
    assert secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_of_many_first_starts_one_makes_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with get_context("fork").Pool(8) as pool:
        keys = pool.map(secret_key, [tmp_path / "secret_key"] * 32)
    assert len(set(keys)) == 1


def test_a_given_key_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    assert secret_key(tmp_path / "secret_key") == "given"
    assert list(tmp_path.iterdir()) == []
