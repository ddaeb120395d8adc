"""The outcome space as a small picture, where it has too many outcomes for marks."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence

# A grey that lies on both the light and the dark surface as the token --pl-dot does.
GREY = 132
FAINTEST, FULLEST = 45, 85


def png_of(grid: Sequence[Sequence[float]]) -> bytes:
    """Cells by how many outcomes lie in them: none is clear. The first row is the lowest utility of the upright axis."""
    most = max((float(max(row)) for row in grid), default=0.0)
    rows = [bytes(_row(row, most)) for row in reversed(grid)]
    height, width = len(rows), len(grid[0]) if len(grid) else 0
    raw = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 4, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _row(row: Sequence[float], most: float) -> list[int]:
    cells: list[int] = []
    for count in row:
        share = math.log1p(float(count)) / math.log1p(most) if count else 0.0
        cells += (GREY, round(FAINTEST + share * (FULLEST - FAINTEST)) if count else 0)
    return cells


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
