"""What recording costs is measured on a database of its own, and told by an exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.workers
@pytest.mark.timeout(120)
def test_it_prints_a_line_for_each_number_of_steps() -> None:
    """One run of each is no measurement: the ratio is asserted by the command itself, at its full five."""
    done = subprocess.run(
        [sys.executable, "manage.py", "measure_recording", "--runs", "1"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    title, header, *lines = done.stdout.splitlines()
    assert "1280 outcomes, Boulware pair" in title
    assert header.split() == ["steps", "offers", "bare", "s", "recorded", "s", "ratio", "limit"]
    rows = [re.split(r" +", line.strip()) for line in lines]
    assert [(row[0], row[-1]) for row in rows] == [("1,000", "1.5"), ("5,000", "1.4")]
    assert done.returncode == any(float(row[-2]) > float(row[-1]) for row in rows), done.stderr
