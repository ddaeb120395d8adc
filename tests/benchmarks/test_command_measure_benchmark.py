"""`manage.py measure_benchmark`: it measures real lanes on a database of its own, and leaves nothing behind."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.engine.scenes import BOULWARE, DATA

ROOT = DATA.parent.parent


@pytest.mark.workers
@pytest.mark.slow
def test_it_prints_both_of_one_run_and_how_they_compare() -> None:
    command = [sys.executable, "manage.py", "measure_benchmark", str(DATA / "laptop_xml")]
    told = subprocess.run(
        [*command, "--competitor", BOULWARE, "--steps", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode in (0, 1), told.stderr  # two matches are too few to be within any limit
    names = re.findall(r"^(.+?) +[\d.]+ s CPU +[\d.]+ ms a match +[\d.]+ s wall$", told.stdout, re.MULTILINE)
    assert names == ["engine alone", "lanes: 1", "NegMAS: serial", "lanes: 2", "NegMAS: 2 jobs, saved"]
    assert re.search(
        r"^CPU [\d.]+x \(limit 0.45\), wall of two [\d.]+x \(limit 0.5\)$", told.stdout, re.MULTILINE
    )
