from __future__ import annotations

import json
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.scenarios import Read, ScenarioRefused, read_all, unpack
from negotiations.engine.specs import Limits
from negotiations.management.plain import PlainCommand
from negotiations.models import Scenario


@dataclass
class Report:
    """What became of the scenarios; it is a success where at least one is in the library now."""

    accepted: int = 0
    known: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)

    @property
    def summary(self) -> str:
        return f"{self.accepted:,} accepted, {self.known:,} known, {len(self.refused):,} refused."


class Command(PlainCommand):
    help = "Read scenarios (Genius XML, GeniusWeb JSON, NegMAS YAML) into the library."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", type=Path, help="A folder, a zip or a file.")
        parser.add_argument("--tag", action="append", default=[], dest="tags")
        parser.add_argument("--owner", help="Whose they are; without it they are everybody's.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(
        self, *args: Any, paths: list[Path], tags: list[str], owner: str | None, json: bool, **options: Any
    ) -> None:
        kept = {"owner": _owner(owner), "tags": tags}
        report = Report()
        for path in paths:
            for read in _reads(path.absolute()):
                self._take(read, path.absolute(), report, kept)
        if report.accepted and not kept["owner"]:
            call_command("analyse_scenarios", stdout=self.stdout, stderr=self.stderr)
        self.stdout.write(_line(report) if json else report.summary)
        if not report.accepted + report.known:
            raise CommandError(_failure(report))

    def _take(self, read: Read, path: Path, report: Report, kept: dict[str, Any]) -> None:
        where = str(path / read.path)
        if read.spec is None:
            report.refused.append({"path": where, "reason": read.reason})
            self.stdout.write(f"refused   {where}: {read.reason}")
            return
        scenario, is_new = Scenario.objects.keep(read.spec, source=_source(read.path, path), **kept)
        report.accepted += is_new
        report.known += not is_new
        verdict = "accepted" if is_new else "known   "
        self.stdout.write(f"{verdict}  {scenario.source}/{scenario} ({scenario.size} outcomes)")


def _owner(name: str | None) -> User | None:
    if name is None:
        return None
    owner = User.objects.filter(username=name).first()
    if owner is None:
        raise CommandError(f"There is no user called {name!r}.")
    return owner


def _reads(path: Path) -> Iterator[Read]:
    """Read in a child: what hangs or eats memory over a stranger's files is refused, and the command goes on."""
    if not path.exists():
        yield Read("", None, "There is no such file or folder.")
        return
    limits = Limits(settings.IMPORT_SECONDS, settings.IMPORT_SECONDS, settings.CHILD_MEMORY_MB * 2**20)
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        # What stands at the top of an archive is named after the archive.
        root = path if path.is_dir() else Path(folder) / path.stem
        root.mkdir(exist_ok=True)
        try:
            yield from (
                item for item in in_child(_in_the_child(path, root), limits) if isinstance(item, Read)
            )
        except ChildFailed as failure:
            yield Read("", None, f"Reading stopped here; what comes after was not read. {failure.message}")


def _in_the_child(path: Path, root: Path) -> Iterator[Read]:
    try:
        if root != path:
            unpack(path, root)
        yield from read_all(root)
    except (ScenarioRefused, OSError) as error:
        yield Read("", None, str(error))


def _source(inside: str, path: Path) -> str:
    """The folders between PATH and the scenario; PATH's name where there are none, its parent's where it is one itself."""
    if inside == ".":
        return path.parent.name
    parent = PurePosixPath(inside).parent
    return path.stem if parent == PurePosixPath(".") else str(parent)


def _line(report: Report) -> str:
    return json.dumps({"accepted": report.accepted, "known": report.known, "refused": report.refused})


def _failure(report: Report) -> str:
    if not report.refused:
        return "No scenario was found. Name a folder, a zip or a file with Genius XML, GeniusWeb JSON or NegMAS YAML."
    first = report.refused[0]
    others = f" ({len(report.refused) - 1:,} more were refused.)" if len(report.refused) > 1 else ""
    return f"Nothing was accepted. {first['path']}: {first['reason']}{others}"
