"""`python -m tests.chaos`: the full run on each back end, one after another, and its report in docs/chaos.md.

CHAOS_SECONDS: seconds of breakage on each (600); CHAOS_BACKENDS: which, with commas; CHAOS_SEED (1); CHAOS_FOLDER keeps
databases, logs and results; CHAOS_POSTGRES and CHAOS_REDIS: where a database may be made, and a Redis database to be flushed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.chaos.plan import Backend
from tests.chaos.tables import write_tables

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/9"
# One person starts all of it; a run of the engine depends on the order of sets.
FIXED = {"ACTIVE_JOBS": "5000", "STORAGE_MB": "20000", "PYTHONHASHSEED": "0", "LOG_LEVEL": "ERROR"}


def environment(backend: Backend, folder: Path) -> dict[str, str]:
    """What Django is to be set up with, in the process of the run and in those that it starts."""
    given = os.environ | FIXED | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    given.pop("REDIS_URL", None)
    if backend == Backend.SQLITE:
        return given | {"DATABASE_URL": f"sqlite:///{folder / 'unused.sqlite3'}"}
    given["DATABASE_URL"] = os.environ.get("CHAOS_POSTGRES") or POSTGRES
    if backend == Backend.POSTGRES_REDIS:
        given["REDIS_URL"] = os.environ.get("CHAOS_REDIS") or REDIS
    return given


def main() -> int:
    folder = Path(os.environ.get("CHAOS_FOLDER") or tempfile.mkdtemp(prefix="parley-chaos-"))
    chosen = os.environ.get("CHAOS_BACKENDS")
    backends = [Backend(name) for name in chosen.split(",")] if chosen else list(Backend)
    reports = []
    for backend in backends:
        own = folder / backend
        own.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.chaos.full", backend, str(own)]
        subprocess.run(command, env=environment(backend, own), check=False)
        if (result := own / "report.json").exists():
            reports.append(json.loads(result.read_text()))
    write_tables(reports)
    found = [f"{report['backend']}: {line}" for report in reports for line in report["findings"]]
    sys.stdout.write("\n".join([*found, f"Databases, logs and results are in {folder}", ""]))
    return int(bool(found) or len(reports) < len(backends))


if __name__ == "__main__":
    sys.exit(main())
