from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from benchmarks.exports import Exported, zip_of
from benchmarks.management.found import benchmark_called
from negotiations.management.plain import PlainCommand

Files = dict[str, Callable[[], Iterable[str]]]


class Command(PlainCommand):
    help = "Write a benchmark to files: CSV of matches and scores, JSON of everything, or a tournament of NegMAS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="Of the benchmark: it stands in the address of its page.")
        parser.add_argument(
            "to", metavar="FOLDER|FILE", help="A file where its name has an ending, else a folder."
        )
        parser.add_argument("--format", choices=["csv", "json", "negmas"], default="csv")

    def handle(self, *args: Any, id: str, to: str, format: str, **options: Any) -> None:
        exported, path = Exported(benchmark_called(id)), Path(to)
        files = _files(exported, format)
        try:
            written = _into_file(path, files) if path.suffix else _into_folder(path, files)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Written: {', '.join(map(str, written))}")


def _files(exported: Exported, format: str) -> Files:
    if format == "negmas":
        return exported.negmas_texts()
    if format == "json":
        return {"benchmark.json": exported.json_texts}
    return {"matches.csv": exported.match_lines, "scores.csv": exported.score_lines}


def _into_folder(folder: Path, files: Files) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / name, texts()) for name, texts in files.items()]


def _into_file(path: Path, files: Files) -> list[Path]:
    """All of them as a zip; else one: of CSV files that of the matches."""
    if path.suffix == ".zip":
        with path.open("xb") as target:
            target.writelines(zip_of(files))
        return [path]
    if len(files) > 2:
        raise CommandError(f"A tournament of NegMAS is several files. Name a folder or a .zip, not {path}.")
    return [_write(path, next(iter(files.values()))())]


def _write(path: Path, texts: Iterable[str]) -> Path:
    with path.open("x", encoding="utf-8", newline="") as target:
        target.writelines(texts)
    return path
