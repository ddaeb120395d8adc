"""J-18: a limit that two clicks at the same moment cannot both pass, on a database that two connections share."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth.models import User
from django.db import connections
from pytest_django import Settings

from negotiations.exceptions import TooMuch
from negotiations.models import Job, ScenarioImport
from tests.factory import UserFactory
from tests.workers.conftest import Storage

pytestmark = [pytest.mark.workers]

CLICKS = 8


def test_of_many_clicks_at_once_as_many_pass_as_may(database: Storage, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 3
    person: User = UserFactory()
    together, outcomes = threading.Barrier(CLICKS), []

    def click() -> None:
        with database.opened():
            together.wait(10)
            try:
                ScenarioImport.objects.start(
                    owner=person, group=None, filename="a.zip", archive=b"zip", tags=[]
                )
                outcomes.append("started")
            except TooMuch:
                outcomes.append("refused")
        connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(CLICKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 5 + ["started"] * 3
    assert Job.objects.filter(owner=person).count() == 3
