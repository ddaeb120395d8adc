"""Readers of environment variables that are loud about nonsense."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

MOST_PRICE, PRICE_DECIMALS = 1_000_000, 6
CURRENCY = re.compile(r"[^\W\d_]{1,8}|[€$£¥₹₩]")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def envbool(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false. Set it to 1 or 0.")


def envnumber(name: str, default: float, least: float = 0) -> float:
    value = os.environ.get(name)
    if not value:
        return default
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not least <= number < float("inf"):
        raise ImproperlyConfigured(f"{name}={value!r} is not a number of at least {least:g}.")
    return number


def envint(name: str, default: int, least: int = 0) -> int:
    number = envnumber(name, default, least)
    if number != int(number):
        raise ImproperlyConfigured(f"{name}={number:g} is not a whole number.")
    return int(number)


def envprice(name: str) -> Decimal:
    """An amount of money, 0 unless it is set."""
    value = os.environ.get(name) or "0"
    try:
        price = Decimal(value)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price <= MOST_PRICE or price != round(price, PRICE_DECIMALS):
        raise ImproperlyConfigured(
            f"{name}={value!r} is no amount from 0 to {MOST_PRICE:,} with {PRICE_DECIMALS} decimals at most."
        )
    return abs(price)


def envcurrency(name: str, default: str) -> str:
    word = os.environ.get(name) or default
    if not CURRENCY.fullmatch(word):
        raise ImproperlyConfigured(
            f"{name}={word!r} is no currency. Write its code or its sign, such as USD."
        )
    return word


def envlist(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def envurl(name: str, default: str) -> str:
    """An address of the web that may be shown to people: what is refused is not repeated, it may hold a password."""
    url = os.environ.get(name) or default
    try:
        split = urlsplit(url)
        plain = bool(split.hostname) and (split.port is None or split.port > 0)
    except ValueError:
        plain = False
    if (
        not plain
        or split.scheme not in ("http", "https")
        or "@" in split.netloc
        or split.query
        or split.fragment
    ):
        raise ImproperlyConfigured(
            f"{name} is no plain address. Write http://HOST:PORT/PATH, without passwords."
        )
    return url.rstrip("/")


def redis_url(name: str) -> str:
    """The address of a Redis, with patience of seconds: a hung one would else hang every request that starts something."""
    url = os.environ.get(name, "")
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured(f"{name} is no address of a Redis. Write redis://HOST:PORT/NUMBER.")
    return f"{url}?socket_connect_timeout=2&socket_timeout=5" if url and "?" not in url else url


def secret_key(path: Path) -> str:
    """`SECRET_KEY`, else the one in `path`, made once and readable by its owner only."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if path.exists():
        return path.read_text()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
    # A link fails where the file exists: of several first starts one wins, and none reads half a key.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text()
