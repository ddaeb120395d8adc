"""Uploaded archives: unpacked without trusting a single header, and searched for scenarios."""

from __future__ import annotations

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from negotiations.engine.exceptions import ScenarioRefused

MAX_SCENARIOS = 2_000
"""Folders that are read from one upload; the largest public collection has some 170."""
MAX_ENTRIES = 40_000
"""Files and folders in one archive: room for the scenarios, not for a bomb of names."""
MAX_UNPACKED = 50_000_000
"""Bytes that come out of one archive, counted while they come."""
MAX_DEPTH = 12
MAX_NAME = 1_000
_GULP = 65_536
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_SUFFIXES = (".xml", ".json", ".yml", ".yaml")


def unpack(archive: bytes | Path, into: Path) -> None:
    """Write the files of a zip, or one single scenario file, into a folder. Raises ScenarioRefused."""
    data = archive if isinstance(archive, bytes) else archive.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(data)):
        _single(data, archive.suffix if isinstance(archive, Path) else "", into)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            _extract(opened, into)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, zlib.error) as error:
        raise ScenarioRefused(
            f"The zip archive cannot be read ({error}). Pack it again as a plain zip."
        ) from error


def _single(data: bytes, suffix: str, into: Path) -> None:
    """A file that is no archive: a whole scenario fits into one YAML file only, the rest is told when it is read."""
    if len(data) > MAX_UNPACKED:
        raise ScenarioRefused(
            f"The file has {len(data):,} bytes; at most {MAX_UNPACKED:,} are read. Make it smaller."
        )
    if (
        suffix.lower() in _ARCHIVES
        or data[:4] in (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf")
        or data[:2] == b"\x1f\x8b"
    ):
        raise ScenarioRefused("The archive is damaged or no zip. Pack the scenario folders into a plain zip.")
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    guessed = ".xml" if start.startswith(b"<") else ".json" if start.startswith(b"{") else ".yml"
    chosen = suffix.lower() if suffix.lower() in _SUFFIXES else guessed
    if chosen != ".yml" and chosen != ".yaml":
        raise ScenarioRefused(
            f"One {chosen[1:].upper()} file holds only a part of a scenario. Pack the domain file and the file of "
            "each party into one zip."
        )
    (into / f"scenario{chosen}").write_bytes(data)


def _extract(opened: zipfile.ZipFile, into: Path) -> None:
    entries = opened.infolist()
    if len(entries) > MAX_ENTRIES:
        raise ScenarioRefused(
            f"The archive has {len(entries):,} entries; at most {MAX_ENTRIES:,} are read. Split it."
        )
    left = MAX_UNPACKED
    for entry in entries:
        path = into / _checked_name(entry)
        if entry.is_dir() or path.suffix.lower() not in _SUFFIXES:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        left -= _inflate(opened, entry, path, left)


def _checked_name(entry: zipfile.ZipInfo) -> PurePosixPath:
    name = entry.filename
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name or len(name) > MAX_NAME:
        raise ScenarioRefused(
            f"The archive has an entry {name[:80]!r} that points out of it. Pack it with relative names."
        )
    if len(path.parts) > MAX_DEPTH:
        raise ScenarioRefused(f"The archive nests folders deeper than {MAX_DEPTH} levels. Pack it flatter.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ScenarioRefused(f"The archive has a symbolic link, {name[:80]!r}. Pack the files themselves.")
    if entry.flag_bits & 1:
        raise ScenarioRefused("The archive is encrypted. Pack it without a password.")
    if path.suffix.lower() in _ARCHIVES:
        raise ScenarioRefused(f"The archive has another archive in it, {name[:80]!r}. Unpack that one first.")
    return path


def _inflate(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Write one entry; how many bytes came out, whatever its header says."""
    size = 0
    with opened.open(entry) as source, path.open("wb") as target:
        while gulp := source.read(_GULP):
            size += len(gulp)
            if size > left:
                raise ScenarioRefused(f"The archive unpacks to more than {MAX_UNPACKED:,} bytes. Split it.")
            target.write(gulp)
    return size


def find(root: Path) -> list[Path]:
    """The folders below (and with) `root` that hold scenario files, in order. Links are not followed."""
    found: list[Path] = []
    for folder in _folders(root, 0):
        with os.scandir(folder) as entries:
            if any(_counts(entry) for entry in entries):
                found.append(folder)
        if len(found) > MAX_SCENARIOS:
            raise ScenarioRefused(f"There are more than {MAX_SCENARIOS:,} scenarios in it. Split it.")
    return found


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    yield folder
    if depth < MAX_DEPTH:
        for below in sorted(folder.iterdir()):
            if below.is_dir() and not below.is_symlink() and not below.name.startswith((".", "__MACOSX")):
                yield from _folders(below, depth + 1)


def _counts(entry: os.DirEntry[str]) -> bool:
    return (
        entry.name.lower().endswith(_SUFFIXES)
        and not entry.name.startswith((".", "_"))
        and entry.is_file(follow_symlinks=False)
    )
