from __future__ import annotations

import io
import json
import zipfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from benchmarks.forms.results_import import named_after
from benchmarks.management.crew import handing_back_on_signals
from benchmarks.models import Benchmark, ResultsUpload
from benchmarks.result_files import TABLES
from negotiations.exceptions import TooMuch
from negotiations.management.owners import owner_named
from negotiations.management.plain import PlainCommand
from negotiations.models import Status
from negotiations.tasks import run_job

MOST_NAME = 120


class Command(PlainCommand):
    help = "Make a benchmark of results that ran elsewhere: a folder or zip of a NegMAS tournament, or a log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="PATH")
        parser.add_argument(
            "--name", default="", help="What the benchmark is called; without it, as the file is."
        )
        parser.add_argument("--owner", help="Whose benchmark it is; by default the first superuser's.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(self, *args: Any, path: str, name: str, owner: str | None, json: bool, **options: Any) -> None:
        user, source = owner_named(owner), Path(path)
        if len(name) > MOST_NAME or (name and not name.isprintable()):
            raise CommandError(f"--name: write one line of at most {MOST_NAME} characters.")
        try:
            content = _content(source)
            called = name or named_after(source.resolve().name)
            benchmark = ResultsUpload.objects.start(
                owner=user, name=called, filename=source.name, content=content, ring=False
            )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except TooMuch as limit:
            raise CommandError(str(limit)) from limit
        with handing_back_on_signals():
            run_job(str(benchmark.job_id))
        benchmark.job.refresh_from_db()
        if benchmark.job.is_active:  # handed back on Ctrl-C: no worker is to go on with it
            benchmark.job.cancel(by=user)
        self._tell(Benchmark.objects.select_related("job").get(pk=benchmark.pk), json)

    def _tell(self, benchmark: Benchmark, as_json: bool) -> None:
        counts = {
            "total": benchmark.n_matches,
            "completed": benchmark.n_completed,
            "failed": benchmark.n_failed,
        }
        told = {"id": str(benchmark.pk), "status": benchmark.status, "matches": counts}
        line = json.dumps(told | {"message": benchmark.job.message})
        self.stdout.write(line if as_json else f"Benchmark {benchmark.pk}: {benchmark.job.message}")
        if benchmark.job.status != Status.COMPLETED:
            raise CommandError(" ".join(benchmark.job.message.split()))


def _content(path: Path) -> bytes:
    """A file as it is; of a folder a zip of the tables in it."""
    if not path.is_dir():
        return _small(path)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem in ("details", "all_scores"):
            for ending in TABLES:
                if (path / (stem + ending)).is_file():
                    archive.writestr(stem + ending, _small(path / (stem + ending)))
        for log in sorted(path.glob("*.log")):
            archive.writestr(log.name, _small(log))
    return packed.getvalue()


def _small(path: Path) -> bytes:
    if path.stat().st_size > settings.UPLOAD_MB * 2**20:
        raise CommandError(
            f"{path} is larger than {settings.UPLOAD_MB} MB, which is the most that is read (UPLOAD_MB)."
        )
    return path.read_bytes()
