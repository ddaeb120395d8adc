"""What one person may have at once, so that the others have some too."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Sum
from django.db.models.functions import Coalesce, Length

from negotiations.exceptions import TooMuch
from negotiations.models.jobs import Job, Kind

OFFER_BYTES = 300
"""An offer's row with its place in the index, rounded up: 146 to 220 were measured on SQLite, by the number of issues."""
MARKET_BYTES = 20_000
"""A market with its sellers, stock and rooms, without what is said in it."""
MESSAGE_BYTES = 600
"""A room's message with its text and its place in the index, about."""

MATCH_BYTES = 500
"""A benchmark's match with its places in the indexes, without its actions: 450 were measured on SQLite."""


def hold_to_limits(owner: User, more_bytes: int = 0) -> None:
    """Raise TooMuch where `owner` may start nothing more, or store so many bytes more.

    To be called in the transaction that adds to it: the owner's row is locked until its end, so that two clicks at
    once are counted one after the other.
    """
    _lock(owner)
    active = active_jobs_of(owner)
    if active >= settings.ACTIVE_JOBS:
        raise TooMuch(
            f"You have {active:,} active {'job' if active == 1 else 'jobs'}, and a person may have {settings.ACTIVE_JOBS:,} at once (ACTIVE_JOBS), "
            "so that others do not wait behind them. Nothing was started. Wait until one is over, or cancel one."
        )
    hold_to_storage(owner, more_bytes)


def active_jobs_of(owner: User) -> int:
    """As many as count to the limit."""
    # An analysis comes with its scenario: nobody asked for it, and it waits behind all others. Lanes come with a benchmark.
    not_asked_for = (Kind.SCENARIO_ANALYSIS, Kind.LANE)
    # Behind what waits for a person nobody waits.
    counted = Job.objects.active().filter(owner=owner, awaits_since=None)
    return counted.exclude(kind__in=not_asked_for).count()


def hold_to_storage(owner: User, more_bytes: int) -> None:
    """The same of what is stored alone, where nothing is started yet."""
    _lock(owner)
    stored = (stored_bytes(owner) + more_bytes) / 2**20
    if stored > settings.STORAGE_MB:
        raise TooMuch(
            f"Your scenarios, sessions, markets and benchmarks would take {stored:,.0f} MB, and a person may store {settings.STORAGE_MB:,} MB "
            "(STORAGE_MB), so that the disk does not fill up for everybody. Nothing was started. Ask the administrator "
            "to delete what you no longer need, or for more room."
        )


def _lock(owner: User) -> None:
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=owner.pk)


def stored_bytes(owner: User) -> int:
    """About how much the rows of a person take: by length, or by number where there are many."""
    documents = apps.get_model("negotiations", "Scenario").objects.filter(owner=owner)
    runs = Job.objects.filter(owner=owner).aggregate(
        offers=Coalesce(Sum("session__n_offers"), 0),
        messages=Coalesce(Sum("room_run__n_messages"), 0),
        archives=Coalesce(Sum(Length("scenario_import__archive")), 0),
        matches=Coalesce(Sum("benchmark__n_planned"), 0),
        actions=Coalesce(Sum("benchmark__n_bytes"), 0),
    )
    texts = documents.aggregate(n=Coalesce(Sum(Length("document")), 0))["n"]
    analyses = apps.get_model("negotiations", "ScenarioAnalysis").objects.filter(scenario__owner=owner)
    arrays = analyses.aggregate(n=Coalesce(Sum(Length("arrays")), 0))["n"]
    markets = apps.get_model("negotiations", "Market").objects.filter(owner=owner).count() * MARKET_BYTES
    said = runs["offers"] * OFFER_BYTES + runs["messages"] * MESSAGE_BYTES
    played = runs["matches"] * MATCH_BYTES + runs["actions"]
    return int(texts + arrays + markets + runs["archives"] + said + played)
