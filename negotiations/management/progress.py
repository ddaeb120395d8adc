"""What a person at a terminal sees while a command works."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from negotiations.models import Job, Session

LOOK_EVERY = 0.25


@contextmanager
def following(session: Session) -> Iterator[None]:
    """Draw a bar on stderr while the body plays the session, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_draw, args=(session, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _draw(session: Session, over: threading.Event) -> None:
    # The first look is late on purpose: the engine's child is forked by then, free of this thread's locks.
    if over.wait(LOOK_EVERY):
        return
    columns = (TextColumn("{task.description}"), *Progress.get_default_columns()[1:2], MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(str(session.scenario), total=session.n_steps)
        while not over.wait(LOOK_EVERY):
            step = Job.objects.values_list("current_step", flat=True).get(pk=session.pk)
            bar.update(task, completed=step)
    connection.close()
