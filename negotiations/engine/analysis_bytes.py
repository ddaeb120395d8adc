"""An analysis as compressed bytes, for a column of the database: plain numbers and texts, nothing that could run."""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np

from negotiations.engine.arrays import Array
from negotiations.engine.outcome_space import Analysis

VERSION = 1
LENGTH = 4
MOST = 256 * 2**20
"""Bytes; no analysis comes near."""
_ARRAYS = ("frontier", "choices", "cloud", "grids")
_PLAIN = (
    "method", "n_outcomes", "n_sampled", "n_frontier", "reserved", "ranges", "opposition", "rational_fraction", "values",
)  # fmt: skip


class Unreadable(ValueError):
    """These bytes are no analysis of this version."""


def to_bytes(analysis: Analysis) -> bytes:
    """A header of JSON, then the arrays as they lie in memory; all of it compressed."""
    arrays = {name: getattr(analysis, name) for name in _ARRAYS}
    arrays |= {f"solution {name}": rows for name, rows in analysis.solutions.items()}
    parts = {name: _smallest(array) for name, array in arrays.items()}
    header = {
        "version": VERSION,
        "plain": {name: getattr(analysis, name) for name in _PLAIN} | {"method": str(analysis.method)},
        "arrays": [[name, part.dtype.str, part.shape] for name, part in parts.items()],
    }
    told = json.dumps(header).encode()
    body = b"".join(part.tobytes() for part in parts.values())
    return zlib.compress(len(told).to_bytes(LENGTH, "big") + told + body, 6)


def _smallest(array: Array) -> Array:
    """Whole numbers in as few bytes as hold the largest."""
    if array.dtype.kind in "iu":
        return np.ascontiguousarray(array, np.min_scalar_type(int(array.max(initial=0))).newbyteorder("<"))
    return np.ascontiguousarray(array)


def from_bytes(stored: bytes) -> Analysis:
    """Raises Unreadable."""
    try:
        raw = zlib.decompressobj().decompress(stored, MOST)
        start = LENGTH + int.from_bytes(raw[:LENGTH], "big")
        header = json.loads(raw[LENGTH:start])
        if header["version"] != VERSION:
            raise Unreadable(f"an analysis of version {header['version']}")
        return _made(header["plain"], _arrays(raw, start, header["arrays"]))
    except (zlib.error, ValueError, KeyError, TypeError) as error:
        raise Unreadable(str(error)) from error


def _arrays(raw: bytes, start: int, told: list[Any]) -> dict[str, Array]:
    arrays = {}
    for name, kind, shape in told:
        count = int(np.prod(shape, dtype=np.int64))
        dtype = np.dtype(kind)
        if dtype.hasobject:
            raise Unreadable("an analysis with objects")
        arrays[name] = np.frombuffer(raw, dtype, count, start).reshape(shape)
        start += count * dtype.itemsize
    return arrays


def _made(plain: dict[str, Any], arrays: dict[str, Array]) -> Analysis:
    solutions = {name.removeprefix("solution "): rows for name, rows in arrays.items() if name not in _ARRAYS}
    plain |= {name: tuple(plain[name]) for name in ("reserved",)}
    plain |= {name: tuple(tuple(each) for each in plain[name]) for name in ("ranges", "values")}
    return Analysis(**plain, **{name: arrays[name] for name in _ARRAYS}, solutions=solutions)
