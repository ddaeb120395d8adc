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


def hold_to_limits(owner: User, more_bytes: int = 0) -> None:
    """Raise TooMuch where `owner` may start nothing more, or store so many bytes more.

    To be called in the transaction that adds to it: the owner's row is locked until its end, so that two clicks at
    once are counted one after the other.
    """
    User.objects.select_for_update(no_key=True).values_list("pk").get(pk=owner.pk)
    # An analysis comes with its scenario: nobody asked for it, and it waits behind all others. Lanes come with a benchmark.
    not_asked_for = (Kind.SCENARIO_ANALYSIS, Kind.LANE)
    # Behind what waits for a person nobody waits.
    counted = Job.objects.active().filter(owner=owner, awaits_since=None)
    active = counted.exclude(kind__in=not_asked_for).count()
    if active >= settings.ACTIVE_JOBS:
        raise TooMuch(
            f"You have {active:,} active {'job' if active == 1 else 'jobs'}, and a person may have {settings.ACTIVE_JOBS:,} at once (ACTIVE_JOBS), "
            "so that others do not wait behind them. Nothing was started. Wait until one is over, or cancel one."
        )
    stored = (stored_bytes(owner) + more_bytes) / 2**20
    if stored > settings.STORAGE_MB:
        raise TooMuch(
            f"Your scenarios and sessions would take {stored:,.0f} MB, and a person may store {settings.STORAGE_MB:,} MB "
            "(STORAGE_MB), so that the disk does not fill up for everybody. Nothing was started. Ask the administrator "
            "to delete what you no longer need, or for more room."
        )


def stored_bytes(owner: User) -> int:
    """About how much the rows of a person take: documents, archives and analyses by length, offers by their number."""
    documents = apps.get_model("negotiations", "Scenario").objects.filter(owner=owner)
    runs = Job.objects.filter(owner=owner).aggregate(
        offers=Coalesce(Sum("session__n_offers"), 0),
        archives=Coalesce(Sum(Length("scenario_import__archive")), 0),
    )
    texts = documents.aggregate(n=Coalesce(Sum(Length("document")), 0))["n"]
    analyses = apps.get_model("negotiations", "ScenarioAnalysis").objects.filter(scenario__owner=owner)
    arrays = analyses.aggregate(n=Coalesce(Sum(Length("arrays")), 0))["n"]
    return int(texts + arrays + runs["archives"] + runs["offers"] * OFFER_BYTES)
