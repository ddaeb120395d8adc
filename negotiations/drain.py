"""The wish to shut down, shared by all processes of a cluster."""

from __future__ import annotations

import mmap

# Made before the fork, so that one write reaches every worker. No lock: a signal handler may set it.
_flag = mmap.mmap(-1, 1)


def ask() -> None:
    """From now on running work is handed back and none is begun."""
    _flag[0] = 1


def asked() -> bool:
    return _flag[0] == 1
