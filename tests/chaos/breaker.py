"""Breaks what the plan says, and writes down what it hit, so that the judge can tell why an attempt was lost."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections import Counter
from dataclasses import dataclass
from random import Random

import psutil
from django.conf import settings
from django.db import connection
from redis import Redis

from negotiations.models import Job
from tests.chaos.plan import Breakage, Due
from tests.chaos.trees import Tree, hit

FOREIGN_LOCK = 7.0
PATIENCE = 20.0
"""Seconds to wait for a victim: a cluster that was just killed has none."""


@dataclass(frozen=True)
class Hit:
    """What was broken, when (wall clock), for how long, and which processes; none where it hit everybody."""

    at: float
    breakage: Breakage
    pids: frozenset[int]
    seconds: float = 0.0

    def may_have_cost(self, pid: int, at: float, lease: float) -> bool:
        """Whether an attempt that the process `pid` lost at this time may be its doing."""
        in_time = self.at - 1 <= at <= self.at + self.seconds + lease + 20
        return in_time and (not self.pids or pid in self.pids)


class Breaker:
    """Does one breakage after another."""

    def __init__(self, serve: Tree, second: Tree, seed: int, freeze_seconds: float) -> None:
        self.hits: list[Hit] = []
        self.missed: Counter[Breakage] = Counter()
        self.stops: list[float] = []
        self._trees = (serve, second)
        self._random = Random(seed)
        self._freeze_seconds = freeze_seconds
        self._threads: list[threading.Thread] = []

    @property
    def serve(self) -> Tree:
        return self._trees[0]

    def counts(self) -> Counter[Breakage]:
        return Counter(each.breakage for each in self.hits)

    def do(self, due: Due, late: float) -> bool:
        """Break it; False where there is nobody to hit yet and it is to be tried again."""
        if self._break(due.breakage):
            return True
        if late < PATIENCE:
            return False
        self.missed[due.breakage] += 1
        return True

    def finish(self) -> None:
        """Wait until nothing is stopped or locked any more."""
        for thread in self._threads:
            thread.join()

    # --- One way each -------------------------------------------------------------------------------------

    def _break(self, breakage: Breakage) -> bool:
        match breakage:
            case Breakage.CUT:
                self._note(breakage)
                cut_connections()
            case Breakage.FLUSH:
                self._note(breakage)
                flush_broker()
            case Breakage.LOCK:
                self._note(breakage, seconds=FOREIGN_LOCK)
                self._threads.append(lock_for(FOREIGN_LOCK))
            case Breakage.KILL_CLUSTER | Breakage.FREEZE_CLUSTER:
                return self._whole_cluster(breakage)
            case _:
                return self._one_process(breakage)
        return True

    def _whole_cluster(self, breakage: Breakage) -> bool:
        clusters = [cluster for tree in self._trees for cluster in tree.clusters()]
        if not clusters:
            return False
        everybody = self._random.choice(clusters).all()
        if breakage == Breakage.FREEZE_CLUSTER:
            self._freeze(breakage, everybody)
        else:
            self._kill(breakage, everybody, everybody)
        return True

    def _one_process(self, breakage: Breakage) -> bool:
        only_serve = breakage in (Breakage.KILL_WEB, Breakage.KILL_SUPERVISOR, Breakage.STOP_SERVE)
        trees = self._trees[:1] if only_serve else self._trees
        victims = [(tree, victim) for tree in trees for victim in tree.parts(breakage)]
        if breakage in (Breakage.KILL_WORKER, Breakage.FREEZE_WORKER):
            victims = self._busy(victims) or victims
        if not victims:
            return False
        tree, victim = self._random.choice(victims)
        try:
            self._hit_one(breakage, tree, victim)
        except psutil.NoSuchProcess:  # it ended by itself just now
            return False
        return True

    def _hit_one(self, breakage: Breakage, tree: Tree, victim: psutil.Process) -> None:
        match breakage:
            case Breakage.FREEZE_WORKER:
                self._freeze(breakage, [victim])
            case Breakage.STOP_SERVE:
                tree.will_end()
                self._note(breakage, tree.all())
                self.stops.append(tree.stop())
            case Breakage.KILL_SUPERVISOR:
                tree.will_end()
                self._kill(breakage, [victim], tree.all())
            case Breakage.KILL_CHILD:
                self._kill(breakage, [victim], [victim, psutil.Process(victim.ppid())])
            case Breakage.KILL_MAIN | Breakage.KILL_GUARD:
                self._kill(breakage, [victim], victim.children(recursive=True))
            case _:
                self._kill(breakage, [victim], [victim])

    def _busy(self, victims: list[tuple[Tree, psutil.Process]]) -> list[tuple[Tree, psutil.Process]]:
        """Those that hold a job: to kill an idle one says less."""
        holders = set(Job.objects.processing().values_list("worker", flat=True))
        pids = {int(name.rpartition(":")[2]) for name in holders if name}
        return [(tree, victim) for tree, victim in victims if victim.pid in pids]

    def _freeze(self, breakage: Breakage, processes: list[psutil.Process]) -> None:
        self._note(breakage, processes, self._freeze_seconds)
        for process in processes:
            hit(process, signal.SIGSTOP)
        # Not in the loop of the run: what is stopped may hold the very lock that the run waits for.
        thread = threading.Timer(self._freeze_seconds, thaw, [processes])
        thread.start()
        self._threads.append(thread)

    def _kill(
        self, breakage: Breakage, victims: list[psutil.Process], concerned: list[psutil.Process]
    ) -> None:
        self._note(breakage, concerned)
        for process in victims:
            hit(process, signal.SIGKILL)

    def _note(
        self, breakage: Breakage, processes: list[psutil.Process] | None = None, seconds: float = 0.0
    ) -> None:
        pids = frozenset(process.pid for process in processes or [])
        self.hits.append(Hit(time.time(), breakage, pids, seconds))


def thaw(processes: list[psutil.Process]) -> None:
    for process in processes:
        hit(process, signal.SIGCONT)


# --- What stands below everybody ----------------------------------------------------------------------------


def cut_connections() -> None:
    """As a failing network or a restarted PostgreSQL would; only the run's own is left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def flush_broker() -> None:
    """Every message is lost, as with a Redis that came back empty."""
    Redis.from_url(settings.Q_CLUSTER["redis"]).flushdb()


def lock_for(seconds: float) -> threading.Thread:
    """A foreign program holds the write lock of the SQLite file."""
    thread = threading.Thread(target=_hold, args=(str(connection.settings_dict["NAME"]), seconds))
    thread.start()
    return thread


def _hold(path: str, seconds: float) -> None:
    holder = sqlite3.connect(path, timeout=20, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    holder.execute("ROLLBACK")
    holder.close()
