"""Who a process is, and how it ends with its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

# A run depends on the order of sets, so on the first; and one thread a worker, or the workers of a machine slow each other.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

_SET_PARENT_DEATH_SIGNAL = 1
_CLUSTER = "PARLEY_CLUSTER"
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int, how: signal.Signals) -> None:
    """Have the kernel send this process a signal when `parent` ends; Linux only, elsewhere nothing happens."""
    if sys.platform == "linux":
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, int(how), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was told
        os._exit(1)


def forks_die_with_their_parent() -> None:
    """Hold from now on for every fork of this process, and for the forks of those."""
    parent = [0]
    os.register_at_fork(
        before=lambda: parent.__setitem__(0, os.getpid()),
        after_in_child=lambda: die_with_parent(parent[0], signal.SIGKILL),
    )


def dying_with_me() -> Callable[[], None]:
    """What a child runs between fork and exec, so that it is asked to stop when this process is gone."""
    me = os.getpid()
    return lambda: die_with_parent(me, signal.SIGTERM)


def end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


# --- Names ------------------------------------------------------------------------------------------------


def begin_cluster() -> None:
    """Give this process, and those it will fork, the name of a new cluster."""
    os.environ[_CLUSTER] = f"{host()}:{_birth(os.getpid())}"


def worker_name(pid: int | None = None) -> str:
    """host:cluster:pid. A process that belongs to no cluster is its own."""
    pid = pid or os.getpid()
    return f"{os.environ.get(_CLUSTER) or f'{host()}:{_birth(pid)}'}:{pid}"


def is_gone(worker: str) -> bool:
    """Whether the whole cluster of this worker is known to be gone; of another host's nothing is known."""
    its_host, _, rest = worker.rpartition(":")[0].rpartition(":")
    if its_host != host() or not rest:
        return False
    return _birth(int(rest.split(".")[0])) != rest


def host() -> str:
    return socket.gethostname()[:50]


def _birth(pid: int) -> str:
    """The process's id and its start in clock ticks: ids are used again, the two together are not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return f"{pid}.0"
    # The name in brackets may hold anything; the state is the first field after it, the start time the 20th.
    fields = status.rpartition(")")[2].split()
    return f"{pid}.{fields[19] if fields[0] not in 'ZX' else 0}"
