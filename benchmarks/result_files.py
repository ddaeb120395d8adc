"""Results of tournaments that ran elsewhere (B-11): NegMAS's folders, in a zip or single files, and plain logs.

To be run in a child with limits: the files are a stranger's. Entries are read in memory, by name, never unpacked.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO, Any

import pyarrow  # type: ignore[import-untyped]
from pyarrow import parquet

from benchmarks.result_logs import read_log
from benchmarks.result_tables import MOST_NAME, read_details, read_scores
from benchmarks.result_values import MOST_CELL, NoResults, ReadMatch, Row, text

MOST_UNPACKED = 50_000_000
MOST_ENTRIES = 40_000
MOST_ROWS = 400_000
_GULP = 65_536
TABLES = (".parquet", ".csv.gz", ".csv")
LOGS = (".log", ".txt", ".out")
WHAT = (
    "Upload a zip of a folder that NegMAS's cartesian_tournament wrote (with details or all_scores in it), or a log "
    "with lines such as `Task NAME completed successfully`, `Result: PASS` or `Score: 0.75`."
)


def read_results(content: bytes, filename: str) -> Iterator[ReadMatch]:
    """What is in a file, match by match. Raises NoResults."""
    try:
        yield from _read(content, filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, csv.Error) as error:
        raise NoResults(f"It cannot be read ({error}). {WHAT}") from error
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        raise NoResults(f"A table in it is damaged. {WHAT}") from error


def _read(content: bytes, filename: str) -> Iterator[ReadMatch]:
    files = dict(_files(content, filename))
    for name, read in (("details", read_details), ("all_scores", read_scores)):
        for ending in TABLES:
            if name + ending in files:
                data = files[name + ending]
                # NegMAS plays in any order: which names are of turned scenarios is known once all are.
                names = {text(row.get("scenario"), MOST_NAME) for row in _rows(data, ending)}
                yield from read(_rows(data, ending), names)
                return
    logs = [files[name] for name in sorted(files) if name.endswith(LOGS)]
    if not logs:
        raise NoResults(f"There are no results in it. {WHAT}")
    for log in logs:
        yield from read_log(log.decode("utf-8", "replace").splitlines())


def _files(content: bytes, filename: str) -> Iterator[tuple[str, bytes]]:
    """The files that count, by the last part of their names; of two of one name the one that lies higher."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        name = PurePosixPath(filename.replace("\\", "/")).name.lower()
        yield (name if _counts(name) else "results.log"), content
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise NoResults(f"The archive has {len(entries):,} entries; at most {MOST_ENTRIES:,} are read.")
        left = MOST_UNPACKED
        for entry in sorted(entries, key=lambda each: -each.filename.count("/")):
            name = PurePosixPath(entry.filename.replace("\\", "/")).name.lower()
            if not entry.is_dir() and _counts(name):
                if entry.flag_bits & 1:
                    raise NoResults("The archive is encrypted. Pack it without a password.")
                with archive.open(entry) as source:
                    data = _bounded(source, left)
                left -= len(data)
                yield name, data


def _counts(name: str) -> bool:
    is_table = any(name == stem + ending for stem in ("details", "all_scores") for ending in TABLES)
    return is_table or name.endswith(LOGS)


def _bounded(source: IO[bytes] | gzip.GzipFile, most: int) -> bytes:
    """All of it, whatever its header says of its length. Raises NoResults where that is too much."""
    found = bytearray()
    while gulp := source.read(_GULP):
        found += gulp
        if len(found) > most:
            raise NoResults(
                f"It unpacks to more than {MOST_UNPACKED:,} bytes, which is the most that is read."
            )
    return bytes(found)


# --- Tables -------------------------------------------------------------------------------------------------------


def _rows(data: bytes, ending: str) -> Iterator[Row]:
    rows = _parquet_rows(data) if ending == ".parquet" else _csv_rows(data, ending)
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise NoResults(f"The table has more than {MOST_ROWS:,} rows, which is the most that is read.")
        yield row


def _csv_rows(data: bytes, ending: str) -> Iterable[Row]:
    if ending == ".csv.gz":
        data = _bounded(gzip.GzipFile(fileobj=io.BytesIO(data)), MOST_UNPACKED)
    csv.field_size_limit(100 * MOST_CELL)
    return csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))


def _parquet_rows(data: bytes) -> Iterator[Mapping[str, Any]]:
    table = parquet.ParquetFile(io.BytesIO(data))
    known = [name for name in table.schema_arrow.names if not re.match(r"(session|neg|opp)_", name)]
    for batch in table.iter_batches(batch_size=500, columns=known, use_threads=False):
        yield from batch.to_pylist()
