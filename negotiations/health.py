"""Whether what serves the pages also does the work: database, broker, workers and the reaper."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django_q.brokers import get_broker

from config.redis_errors import RedisError
from negotiations.models import Job, Status, Worker

# A reaper looks every ten seconds; a lease that ran out so long ago was seen by none.
REAPED_WITHIN = timedelta(seconds=60)
QUERY_MS = 2000

log = logging.getLogger(__name__)


@dataclass
class Health:
    """What was found, each in a word or a number; `None` where it could not be looked at."""

    database: bool = False
    broker: bool = False
    reaper: bool | None = None
    workers: dict[str, int] = field(default_factory=dict)
    queued: int | None = None
    oldest_queued_seconds: float | None = None

    @classmethod
    def look(cls) -> Self:
        """Two queries and a ping. Whatever is away is told, not raised."""
        found = cls()
        try:
            with _short_queries():
                found._look_at_rows(timezone.now())
            found.database = True
            found.broker = bool(get_broker().ping())
        except (Error, RedisError) as error:
            log.warning("Not healthy: %s", " ".join(str(error).split()))
        return found

    def _look_at_rows(self, now: datetime) -> None:
        waiting = Q(status=Status.QUEUED, hold=False, cancel_requested_at=None, awaits_since=None)
        jobs = Job.objects.active().aggregate(
            queued=Count("pk", filter=waiting),
            oldest=Min("created_at", filter=waiting),
            lease=Min("lease_until", filter=Q(status=Status.PROCESSING)),
        )
        self.queued = jobs["queued"]
        self.oldest_queued_seconds = jobs["oldest"] and round((now - jobs["oldest"]).total_seconds(), 1)
        self.reaper = jobs["lease"] is None or jobs["lease"] > now - REAPED_WITHIN
        alive = Worker.objects.alive().order_by("cluster").values_list("cluster").annotate(n=Count("pk"))
        # A queue that nobody serves fills up and says nothing.
        self.workers = dict.fromkeys(settings.CLUSTERS.values(), 0) | dict(alive)

    @property
    def is_ok(self) -> bool:
        return bool(
            self.database and self.broker and self.reaper and self.workers and all(self.workers.values())
        )

    def to_dict(self, *, details: bool) -> dict[str, Any]:
        told: dict[str, Any] = {"status": "ok" if self.is_ok else "degraded"}
        return told | asdict(self) if details else told


@contextlib.contextmanager
def _short_queries() -> Iterator[None]:
    """A server that accepts and never answers counts as away. SQLite's readers wait for nobody."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {QUERY_MS}")
        yield
