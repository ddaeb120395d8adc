"""Pages that poll, as a browser's would: connections that are kept, cursors and versions that are sent back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

VERSION = re.compile(r'id="([\w-]+)"[^<>]*? data-version="(\w+)"|data-version="(\w+)"[^<>]*? id="([\w-]+)"')
SEQ = re.compile(r'(?:data-seq="|"seq": )(\d+)')
ANSWER_WITHIN = 30.0


@dataclass
class Figures:
    """Of the requests to one kind of address: seconds each, and how often which status. 0 is no answer at all."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def share(self, percent: int) -> float:
        """The milliseconds that `percent` of the answers did not exceed."""
        if not self.seconds:
            return 0.0
        place = max(0, -(-len(self.seconds) * percent // 100) - 1)
        return 1000 * sorted(self.seconds)[place]

    @property
    def failures(self) -> int:
        """Answers that no poll may get: none at all, an error of the server, a refusal."""
        return sum(n for status, n in self.statuses.items() if status not in (200, 204))


@dataclass
class Poller:
    """One page of one person. `path` may take `after`, `every` and the versions of parts."""

    path: str
    cookie: str
    figures: Figures
    after: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def poll(self, address: tuple[str, int], every: float, until: float) -> None:
        """Ask each `every` seconds, from a moment of its own on: people do not open pages in step."""
        await asyncio.sleep(random.uniform(0, every))
        while time.monotonic() < until:
            begun = time.monotonic()
            status = await self._ask(address)
            taken = time.monotonic() - begun
            self.figures.seconds.append(taken)
            self.figures.statuses[status] += 1
            await asyncio.sleep(max(0.0, every - taken))
        self._close()

    async def _ask(self, address: tuple[str, int]) -> int:
        """The status; a kept connection that the server has closed meanwhile is opened again, as browsers do."""
        for stream in (self.stream, None):
            if stream is None and self.stream is not None:
                self._close()
            with contextlib.suppress(OSError, EOFError, asyncio.TimeoutError):
                self.stream = stream or await asyncio.open_connection(*address)
                return await asyncio.wait_for(self._request(*self.stream), ANSWER_WITHIN)
        self._close()
        return 0

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        query = "&".join(f"v-{name}={version}" for name, version in self.versions.items())
        line = f"GET {self.path}?every=1&after={self.after}&{query} HTTP/1.1\r\n"
        writer.write(f"{line}Host: localhost\r\nCookie: {self.cookie}\r\nHX-Request: true\r\n\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = re.search(r"\r\ncontent-length: (\d+)", head)
        self._remember((await reader.readexactly(int(length[1]) if length else 0)).decode())
        if "\r\nconnection: close" in head:
            self._close()
        return int(head.split(" ", 2)[1])

    def _remember(self, body: str) -> None:
        """What a page would show now, so that the next poll asks for what is newer."""
        for name, version, same, whose in VERSION.findall(body):
            self.versions[name or whose] = version or same
        self.after = max([self.after, *map(int, SEQ.findall(body))])

    def _close(self) -> None:
        if self.stream:
            self.stream[1].close()
        self.stream = None


async def poll_all(
    pollers: Iterable[Poller], address: tuple[str, int], *, every: float, seconds: float
) -> None:
    until = time.monotonic() + seconds
    await asyncio.gather(*(poller.poll(address, every, until) for poller in pollers))


def table(rows: Sequence[tuple[str, Figures]]) -> Iterable[str]:
    yield f"{'address':<34} {'asked':>7} {'nothing new':>12} {'failed':>7} {'p50 ms':>8} {'p95 ms':>8} {'max ms':>8}"
    for name, found in rows:
        counts = f"{len(found.seconds):>7,} {found.statuses[204]:>12,} {found.failures:>7,}"
        yield f"{name:<34} {counts} {found.share(50):>8.1f} {found.share(95):>8.1f} {found.share(100):>8.1f}"
