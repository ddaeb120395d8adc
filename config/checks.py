"""System checks of what the settings must not contradict."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_queue(**kwargs: Any) -> list[CheckMessage]:
    """The queue's own timeout stays below its retry, or each task starts again while it still runs."""
    queue, messages = settings.Q_CLUSTER, list[CheckMessage]()
    if not 0 < queue["timeout"] < queue["retry"]:
        messages.append(Error("Q_CLUSTER['timeout'] must be below 'retry'.", id="config.E001"))
    if settings.DATABASES["default"].get("ATOMIC_REQUESTS"):
        messages.append(Error("ATOMIC_REQUESTS makes each GET take SQLite's write lock.", id="config.E002"))
    if settings.LEASE_SECONDS < 3:
        messages.append(Error("LEASE_SECONDS below 3 loses leases on a busy machine.", id="config.E003"))
    return messages
