"""Where requests are counted on one machine: in files, which all its web processes see."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

from django.core.cache.backends.filebased import FileBasedCache


class CountsInFiles(FileBasedCache):
    """Of two that add at once one waits; Django's own reads and writes, and of the two one would not count."""

    def __init__(self, dir: Any, params: dict[str, Any]) -> None:
        super().__init__(dir, params)
        self._lock = Path(dir) / "lock"

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return super().incr(key, delta, version)
