"""The full run on one back end, in a process of its own: Django is set up for one database only."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from tests.chaos.plan import Backend, breakages_of, plan  # noqa: E402
from tests.chaos.run import Terms, run  # noqa: E402
from tests.workers.conftest import Storage  # noqa: E402

TERMS = Terms(lease=5, freeze=12, workers=4, dawdle=0.015, patience=240)
EVERY = 7.0
"""Seconds from one breakage to the next, in the mean: a cluster takes three to be there again."""


def main(backend: Backend, folder: Path) -> int:
    seconds = float(os.environ.get("CHAOS_SECONDS") or 600)
    seed = int(os.environ.get("CHAOS_SEED") or 1)
    storage = Storage(folder, "chaos")
    storage.create()
    try:
        with storage.opened():
            call_command("migrate", verbosity=0)
            numbers = {
                "live": round(seconds / 3),
                "batch": round(seconds / 3),
                "benchmarks": round(seconds / 15),
            }
            full = plan(seed, seconds, breakages_of(backend), EVERY, **numbers)
            report = run(full, TERMS, backend, storage.url, folder)
    finally:
        storage.drop()
    (folder / "report.json").write_text(json.dumps(report.to_dict(), indent=1))
    return int(bool(report.findings))


if __name__ == "__main__":
    sys.exit(main(Backend(sys.argv[1]), Path(sys.argv[2])))
