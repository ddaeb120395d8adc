"""The chaos run in short: every kind of SIGKILL once, a stop and a freeze, and nothing to be seen of it at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.chaos.plan import KILLS, Backend, Breakage, plan
from tests.chaos.run import Terms, run
from tests.workers.conftest import Storage

pytestmark = [pytest.mark.workers, pytest.mark.timeout(180)]

TERMS = Terms(lease=5, freeze=12, workers=3, dawdle=0.01, patience=90)
KINDS = (*KILLS, Breakage.FREEZE_WORKER, Breakage.STOP_SERVE)


def test_nothing_is_lost_and_nothing_runs_twice_whatever_is_killed(database: Storage, tmp_path: Path) -> None:
    """J-19, J-20, N-05"""
    backend = Backend.SQLITE if connection.vendor == "sqlite" else Backend.POSTGRES
    short = plan(seed=52, seconds=15, kinds=KINDS, every=1.3, live=12, batch=8, benchmarks=3)
    report = run(short, TERMS, backend, database.url, tmp_path)
    assert report.findings == []
    assert set(report.breakages) == {kind.value for kind in KINDS}
    assert report.figures["rows compared"] > 500
    assert report.figures["matches compared"] > 50
