"""django-q2's cluster, made fit to be killed: what it cannot survive ends all of it, and the rows bring the work back."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
from argparse import ArgumentParser
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections
from django_q import cluster
from django_q.conf import Conf

from negotiations import drain
from negotiations.models import Job
from negotiations.processes import (
    ENVIRONMENT,
    begin_cluster,
    die_with_parent,
    forks_die_with_their_parent,
    is_gone,
    worker_name,
)
from negotiations.upkeep import EVERY, Roll, Rounds, forget_dead_workers

LOOK_EVERY = 0.1
FIRST_LOOK = 0.5
GUARD_GAVE_UP = 70


class Sentinel(cluster.Sentinel):  # type: ignore[misc]
    """The guard of a cluster's children, which trusts none of the locks that a killed one held."""

    roll: ClassVar[Roll]

    def spawn_worker(self) -> None:
        super().spawn_worker()
        self.roll.name([process.pid for process in self.pool])

    def reincarnate(self, process: Any) -> None:
        """Replace a child that ended by itself; where one was killed, end the cluster.

        It may have held the lock of a queue that all others wait for: django-q2 replaces it, and nothing ever runs
        again (its issues 23 and 339). The supervisor starts a new cluster.
        """
        timer = getattr(process, "timer", None)
        hangs = timer is not None and timer.value == 0 and process.is_alive()
        if hangs or (process.exitcode or 0) < 0:
            self._give_up(process)
        super().reincarnate(process)

    def _give_up(self, process: Any) -> None:
        """This child's job loses an attempt, those of the others none."""
        sys.stderr.write(f"qworkers: process {process.pid} was killed or hangs; all workers start anew\n")
        try:
            Job.objects.lost_by(worker_name(process.pid))
        except Error as error:  # its lease will tell
            sys.stderr.write(f"qworkers: {error}\n")
        for child in (*self.pool, self.monitor, self.pusher):
            child.kill()
        os._exit(GUARD_GAVE_UP)


class Command(BaseCommand):
    help = "Run the workers. They are asked to stop by SIGTERM or Ctrl-C, and hand back what they are at."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--parent", type=int, help="Stop when this process, the one that started it, ends."
        )

        parser.add_argument(
            "--cluster", help="Which jobs to do: those of this cluster; parley unless told, or BATCH_CLUSTER."
        )

    def handle(
        self, *args: Any, parent: int | None = None, cluster: str | None = None, **options: Any
    ) -> None:
        if parent:
            die_with_parent(parent, signal.SIGTERM)
        fix_environment(cluster)
        if Conf.CLUSTER_NAME not in settings.CLUSTERS.values():
            raise CommandError(
                f"No job goes to a cluster called {Conf.CLUSTER_NAME!r}. Set BATCH_CLUSTER={Conf.CLUSTER_NAME} here and "
                f"wherever Parley runs, or leave out --cluster and Q_CLUSTER_NAME."
            )
        begin_cluster()
        # A cluster that died whole is no fault of its jobs; neither is a machine that was switched off.
        Job.objects.release(is_gone)
        Job.objects.forget_bells()
        forget_dead_workers()
        Job.objects.reap()
        self._run(_Stop(), Roll(Conf.CLUSTER_NAME, Conf.WORKERS))

    def _run(self, stop: _Stop, roll: Roll) -> None:
        # What is imported before the fork is shared by all workers: with NegMAS that is two seconds and 130 MB each.
        importlib.import_module("negotiations.tasks")
        forks_die_with_their_parent()
        connections.close_all()
        gc.collect()
        gc.freeze()
        Sentinel.roll = roll
        cluster.Sentinel = Sentinel
        workers = cluster.Cluster()
        stop.listen()  # after it: it listens to signals itself
        workers.start()
        self._look_after(workers, stop, roll)
        if not stop.asked:
            raise SystemExit(GUARD_GAVE_UP)
        workers.stop()
        roll.clear()

    def _look_after(self, workers: Any, stop: _Stop, roll: Roll) -> None:
        """Until the end is asked for or the guard has ended."""
        due, rounds = time.monotonic() + FIRST_LOOK, Rounds()
        while not stop.asked and workers.sentinel.is_alive():
            if time.monotonic() >= due:
                rounds.look_after_jobs(self._say)
                roll.write(self._say)
                due = time.monotonic() + EVERY
            time.sleep(LOOK_EVERY)

    def _say(self, text: str) -> None:
        self.stderr.write(f"qworkers: {text}")


class _Stop:
    """Whether a signal asked for the end. Its handler sets memory and nothing else: django-q2's own may deadlock (346)."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, *args: object) -> None:
        self.asked = True
        drain.ask()


def fix_environment(cluster_name: str | None = None) -> None:
    """Start this command again where the interpreter began under another environment: it is read only then.

    So is the cluster's name: django-q2 reads it as it is imported, long before its own option -n is.
    """
    wanted = ENVIRONMENT | ({"Q_CLUSTER_NAME": cluster_name} if cluster_name else {})
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.environ.update(wanted)
        os.execv(sys.executable, sys.orig_argv)
