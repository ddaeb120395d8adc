"""`sync_negotiators`: the catalogue's rows are what is installed (P-06)."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from negotiations.models import Negotiator
from tests.factory import NegotiatorFactory

pytestmark = pytest.mark.django_db


def sync() -> str:
    out = StringIO()
    call_command("sync_negotiators", stdout=out)
    return out.getvalue().strip()


def test_it_brings_negmas_and_the_agent_packages() -> None:
    sync()
    aspiration = Negotiator.objects.get(source="negmas", short_name="AspirationNegotiator")
    assert [parameter["name"] for parameter in aspiration.parameters][:2] == [
        "max_aspiration",
        "aspiration_type",
    ]
    assert aspiration.is_present
    assert aspiration.runs_alone
    assert Negotiator.objects.exclude(source="negmas").exists()


def test_a_second_time_adds_nothing() -> None:
    first = sync()
    count = Negotiator.objects.count()
    assert first == f"{count:,} negotiators: {count:,} new, 0 no longer installed."
    assert sync() == f"{count:,} negotiators: 0 new, 0 no longer installed."
    assert Negotiator.objects.count() == count


def test_what_is_gone_stays_and_is_marked() -> None:
    gone = NegotiatorFactory(source="negmas-lost", type="negmas_lost.Agent", short_name="Agent")
    assert sync().endswith("1 no longer installed.")
    gone.refresh_from_db()
    assert not gone.is_present
    assert gone not in Negotiator.objects.usable()


def test_a_row_takes_what_has_changed() -> None:
    row = NegotiatorFactory(family="wrong", is_present=False)
    sync()
    row.refresh_from_db()
    assert (row.family, row.is_present) == ("Time based", True)
