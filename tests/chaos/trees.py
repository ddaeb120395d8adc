"""The two clusters as trees of processes, kept running as systemd would, and the parts of them that can be hit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.conf import settings

from tests.chaos.plan import Breakage
from tests.workers.conftest import MARK, QUICK, ROOT

RESTART_AFTER = 0.5
"""systemd's RestartSec would be longer; the shorter it is, the more there is to break."""
STRAGGLERS_AFTER = 10.0
GONE = (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied)


class Tree:
    """A command and all that it starts. A new one takes its place when its first process is gone."""

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], folder: Path, freeze: float
    ) -> None:
        self.name = name
        self.command = command
        self.log = folder / f"{name}.log"
        self.incarnation = 0
        self.left_behind: list[str] = []
        self._environment = os.environ | {"SECRET_KEY": settings.SECRET_KEY} | QUICK | environment
        self._mark = f"{folder.name}.{os.getpid()}.{name}"
        self._down_since: float | None = None
        # What is stopped hears no signal but SIGKILL until it is let go on.
        self._stragglers_after = freeze + STRAGGLERS_AFTER
        self._former: list[tuple[float, list[psutil.Process]]] = []
        self.start()

    def start(self) -> None:
        self.incarnation += 1
        self._down_since = None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *self.command],
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
                env=self._environment | {MARK: f"{self._mark}.{self.incarnation}"},
                stdout=log,
                stderr=log,
            )

    # --- Kept running -------------------------------------------------------------------------------------

    def keep_up(self) -> None:
        """Start it again where it ended; note what an ended one left behind for longer than it may."""
        self._look_for_stragglers()
        if self.process.poll() is None:
            return
        now = time.monotonic()
        if self._down_since is None:
            self._down_since = now
        elif now - self._down_since >= RESTART_AFTER:
            self.start()

    def will_end(self) -> None:
        """Remember who is there now, to see later that none of them is left."""
        self._former.append((time.monotonic() + self._stragglers_after, self.all()))

    def _look_for_stragglers(self) -> None:
        for entry in [entry for entry in self._former if entry[0] <= time.monotonic()]:
            self._former.remove(entry)
            left = [process for process in entry[1] if is_alive(process)]
            self.left_behind += [f"{self.name}: {process.pid} {_title(process)}" for process in left]

    # --- Its parts ----------------------------------------------------------------------------------------

    def all(self) -> list[psutil.Process]:
        with contextlib.suppress(*GONE):
            root = psutil.Process(self.process.pid)
            return [root, *root.children(recursive=True)]
        return []

    def mains(self) -> list[psutil.Process]:
        """The first process of each cluster that it runs."""
        found = [process for process in self.all() if "qworkers" in _command(process)]
        pids = {process.pid for process in found}
        return [process for process in found if _parent(process) not in pids]

    def web(self) -> list[psutil.Process]:
        found = [process for process in self.all() if "gunicorn" in _command(process)]
        return found[:1]

    def parts(self, breakage: Breakage) -> list[psutil.Process]:
        """Those that a breakage of one process may hit; none where the tree is just starting."""
        match breakage:
            case Breakage.KILL_WEB:
                return self.web()
            case Breakage.KILL_SUPERVISOR | Breakage.STOP_SERVE:
                return self.all()[:1] if self.web() else []
            case Breakage.KILL_MAIN:
                return [cluster.main for cluster in self.clusters()]
            case Breakage.KILL_GUARD:
                return [cluster.guard for cluster in self.clusters()]
            case Breakage.KILL_MONITOR:
                return [cluster.crew[-2] for cluster in self.clusters()]
            case Breakage.KILL_PUSHER:
                return [cluster.crew[-1] for cluster in self.clusters()]
            case Breakage.KILL_CHILD:
                return [child for cluster in self.clusters() for child in cluster.children()]
            case _:
                return [worker for cluster in self.clusters() for worker in cluster.crew[:-2]]

    def clusters(self) -> list[Cluster]:
        return [cluster for main in self.mains() if (cluster := Cluster.of(main))]

    # --- Ends ---------------------------------------------------------------------------------------------

    def stop(self, seconds: float = 15.0) -> float:
        """Ask it to stop; how many seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)
        return time.monotonic() - begun

    def marked(self) -> list[psutil.Process]:
        """All processes of all its incarnations, wherever they went."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return is_alive(process) and process.environ().get(MARK, "").startswith(self._mark)
        except psutil.Error:
            return False

    def end(self) -> None:
        while left := self.marked():
            for process in left:
                hit(process, signal.SIGKILL)
            time.sleep(0.05)
        self.process.wait()


class Cluster:
    """What one `qworkers` runs: the main process, its guard, and the guard's crew (workers, monitor, pusher)."""

    def __init__(self, main: psutil.Process, guard: psutil.Process, crew: list[psutil.Process]) -> None:
        self.main = main
        self.guard = guard
        self.crew = crew

    @classmethod
    def of(cls, main: psutil.Process) -> Cluster | None:
        """None where it is not complete yet, or no longer. The guard forks its workers first, the pusher last."""
        with contextlib.suppress(*GONE):
            for guard in main.children():
                crew = sorted(guard.children(), key=lambda process: process.pid)
                if len(crew) >= 3:
                    return cls(main, guard, crew)
        return None

    def children(self) -> Iterator[psutil.Process]:
        """The processes that play the sessions."""
        for worker in self.crew[:-2]:
            with contextlib.suppress(*GONE):
                yield from worker.children()

    def all(self) -> list[psutil.Process]:
        return [self.main, self.guard, *self.crew, *self.children()]


def hit(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(*GONE):
        process.send_signal(number)


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except GONE:
        return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except GONE:
        return []


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except GONE:
        return 0


def _title(process: psutil.Process) -> str:
    return " ".join(_command(process))[:80]
