"""System checks of what the settings must not contradict."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def check_queue(**kwargs: Any) -> list[CheckMessage]:
    """The queue's own timeout stays below its retry, or each task starts again while it still runs."""
    queue, messages = settings.Q_CLUSTER, list[CheckMessage]()
    if not 0 < queue["timeout"] < queue["retry"]:
        messages.append(Error("Q_CLUSTER['timeout'] must be below 'retry'.", id="config.E001"))
    if settings.DATABASES["default"].get("ATOMIC_REQUESTS"):
        messages.append(Error("ATOMIC_REQUESTS makes each GET take SQLite's write lock.", id="config.E002"))
    if settings.LEASE_SECONDS < 3:
        messages.append(Error("LEASE_SECONDS below 3 loses leases on a busy machine.", id="config.E003"))
    if "redis" in queue and not find_spec("redis"):
        told = "REDIS_URL is set, but the package redis is not installed. Run: pip install 'parley[scale]'"
        messages.append(Error(told, id="config.E004"))
    if strange := set(settings.SERVE_CLUSTERS) - set(settings.CLUSTERS.values()):
        told = (
            f"SERVE_CLUSTERS names {', '.join(sorted(strange))}, to which no job goes. Set BATCH_CLUSTER too."
        )
        messages.append(Error(told, id="config.E005"))
    return messages


def check_language_model(**kwargs: Any) -> list[CheckMessage]:
    """A language model that is switched on, but could not be asked."""
    if not settings.LLM_ENABLED:
        return []
    key = os.environ.get("LLM_API_KEY", "").strip()
    wrong = (
        (
            not find_spec("openai"),
            "LLM_ENABLED is on, but the extra is not installed. Run: pip install 'parley[llm]'",
        ),
        (
            not settings.LLM_MODEL,
            "LLM_ENABLED is on, but LLM_MODEL is not set. manage.py check_llm lists models.",
        ),
        (
            not (key.isascii() and key.isprintable()),
            "LLM_API_KEY has a character that cannot be sent. Copy the key again, without quotes and line breaks.",
        ),
    )
    return [Error(text, id=f"config.E02{number}") for number, (is_so, text) in enumerate(wrong) if is_so]


def check_production(**kwargs: Any) -> list[CheckMessage]:
    """`manage.py check --deploy`: what is missing where others can reach Parley, in the names of its variables."""
    proxied = settings.SECURE_PROXY_SSL_HEADER is not None
    wrong = (
        (settings.DEBUG, "DEBUG is on: pages of errors show the code. Set DEBUG=0."),
        (not settings.HTTPS, "HTTPS is off: passwords and cookies travel in the open. Set HTTPS=1."),
        (
            settings.HTTPS and not proxied,
            "HTTPS=1 without BEHIND_PROXY=1 redirects for ever: gunicorn speaks http only. Set BEHIND_PROXY=1.",
        ),
        (
            set(settings.ALLOWED_HOSTS) <= LOOPBACK,
            "ALLOWED_HOSTS names this machine only: everybody else gets 400. Set ALLOWED_HOSTS=parley.example.",
        ),
        ("*" in settings.ALLOWED_HOSTS, "ALLOWED_HOSTS=* answers to any name. Name the hosts."),
        (
            not os.environ.get("SECRET_KEY") and "sqlite" not in settings.DATABASES["default"]["ENGINE"],
            "SECRET_KEY is not set: another machine would make up its own, and not read this one's messages.",
        ),
    )
    return [Error(text, id=f"config.E01{number}") for number, (is_so, text) in enumerate(wrong) if is_so]
