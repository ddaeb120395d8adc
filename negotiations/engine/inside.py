"""What a child does: settle, send every item, leave without a trace."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from negotiations.engine import wire
from negotiations.engine.specs import EndReason, Limits
from negotiations.engine.speech import Outlet, Speech

_SET_PARENT_DEATH_SIGNAL = 1
_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


@wire.carried
@dataclass(frozen=True, slots=True)
class Ended:
    """The last thing a child says: why it is done; the reason is empty when all went well."""

    reason: str = ""
    message: str = ""
    traceback: str = ""


def run(generator: Iterator[Any], write: int, parent: int, limits: Limits) -> NoReturn:
    """The life of a child. It never returns: the stack above is its parent's, and so are the database connections."""
    try:
        outlet = Outlet(write)
        _settle(write, parent)
        os.nice(limits.nice)
        speech = Speech(outlet)
        speech.listen()
        # Made before the limit stands: a child out of memory cannot make anything.
        out_of_memory = wire.encode(Ended(EndReason.MEMORY_LIMIT.value))
        _limit_memory(limits.memory_bytes)
        try:
            _send_all(generator, outlet, speech)
        except MemoryError:
            outlet.write(out_of_memory)
    except BaseException as error:  # noqa: BLE001 the outermost frame of a process
        outlet.send(Ended(EndReason.ERROR.value, _one_line(error), traceback.format_exc()))
    finally:
        os._exit(0)


def _send_all(generator: Iterator[Any], outlet: Outlet, speech: Speech) -> None:
    if hasattr(generator, "outlet"):
        generator.outlet = outlet.send
    try:
        for item in generator:
            outlet.send(item)
    finally:
        speech.close()
    outlet.send(Ended())


def _one_line(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _settle(write: int, parent: int) -> None:
    """Cut what ties the child to its parent."""
    os.setpgid(0, 0)
    if _LINUX:
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.set_wakeup_fd(-1)
    for number in (
        signal.SIGTERM,
        signal.SIGINT,
        signal.SIGHUP,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGCHLD,
    ):
        signal.signal(number, signal.SIG_DFL)
    _let_go(write)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.freeze()


def _let_go(write: int) -> None:
    """Turn every inherited descriptor but the pipe into /dev/null, the server's outputs too.

    Closing them would not do: a number is given anew, and a driver's destructor would then say goodbye to a database
    through whatever has it.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/dev/fd"):
        number = int(name)
        if number in (write, nothing):
            continue
        try:
            os.fstat(number)
        except OSError:  # the descriptor of this listing itself
            continue
        os.dup2(nothing, number, inheritable=number < 3)


def _limit_memory(more: int) -> None:
    """At most so many bytes of address space beyond what was inherited."""
    if not _LINUX:
        return
    with open("/proc/self/statm") as statm:
        pages = int(statm.read().split()[0])
    limit = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
