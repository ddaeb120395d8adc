"""A change of all sessions that match the filters of the list: what it would do, said in numbers before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from negotiations import cancellations, deletions, session_changes
from negotiations.models import Session
from negotiations.models.limits import active_jobs_of
from negotiations.models.sessions import SessionQuerySet
from negotiations.session_changes import MOST_STARTED, many


def matching(user: User, chosen: dict[str, Any]) -> SessionQuerySet:
    """What goes on among them, too, unless a filter asks how or when it ended."""
    return Session.objects.visible_to(user).narrowed(chosen, user).that_ended(chosen["result"])


class EverySession:
    """What matched at a `moment`, and what a change means for it: nothing that came since is changed unseen."""

    def __init__(
        self, user: User, chosen: dict[str, Any], change: str, moment: datetime, tags: Sequence[str] = ()
    ) -> None:
        self.user, self.change, self.moment, self.tags = user, change, moment, tags
        self.matched = matching(user, chosen).as_of(moment)

    @property
    def concerned(self) -> SessionQuerySet:
        """Those that it can be done to; nobody else's but to run them again, which makes new ones of one's own."""
        own = self.matched.changeable_by(self.user)
        if self.change == "tag":
            return own
        if self.change == "cancel":
            return own.in_progress()
        return own.over() if self.change == "delete" else self.matched.over()

    @cached_property
    def extent(self) -> tuple[int, int]:
        return self.concerned.extent()

    @property
    def count(self) -> int:
        return self.extent[0]

    def do(self) -> tuple[str, bool]:
        """What to say of it, and whether it was done to all of them."""
        sessions, count = self.concerned, self.count
        if self.change == "delete":
            return session_changes.told_of(deletions.delete(sessions, self.user), count)
        if self.change == "cancel":
            return session_changes.told_of_cancelled(cancellations.cancel(sessions, self.user), count)
        if self.change == "tag":
            return session_changes.tag_all(sessions, self.user, count, self.tags)
        return session_changes.run_all_again(sessions, self.user, count)

    # --- What is asked before -------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        verb, end = {
            "cancel": ("cancel", ""),
            "delete": ("delete", ""),
            "again": ("run", " again"),
            "tag": ("tag", ""),
        }[self.change]
        return f"{verb.capitalize()} {many(self.count)}{end}" if self.count else f"Nothing to {verb}{end}"

    @property
    def told(self) -> str:
        """What happens."""
        return {
            "cancel": self._cancelled,
            "delete": self._deleted,
            "again": self._started,
            "tag": self._tagged,
        }[self.change]()

    def _cancelled(self) -> str:
        return "What waits ends at once, what runs within two seconds. The offers that were made stay."

    def _deleted(self) -> str:
        offers = "1 offer" if self.extent[1] == 1 else f"{self.extent[1]:,} offers"
        by_worker = (
            " A worker does it; you are told when it is done." if deletions.is_much(*self.extent) else ""
        )
        return f"{offers}, their logs and their jobs go too. This cannot be undone. Forks of them stay.{by_worker}"

    def _started(self) -> str:
        room = min(max(0, settings.ACTIVE_JOBS - active_jobs_of(self.user)), MOST_STARTED)
        told = "Each is started once more with the same scenario, negotiators and seed, as your own."
        if room >= self.count:
            return told
        return (
            f"{told} A person may have {settings.ACTIVE_JOBS:,} active jobs (ACTIVE_JOBS), and at most {MOST_STARTED} are "
            f"started at once: now that is {f'the oldest {room:,}' if room else 'none'} of them."
        )

    def _tagged(self) -> str:
        words = ", ".join(f"“{tag}”" for tag in self.tags)
        return f"Each is given {words} beside the tags that it has. Those that have no room for that stay as they are."

    @cached_property
    def others(self) -> list[str]:
        """What matches and stays as it is, and why; and what of others' is changed, by a superuser."""
        own = self.matched.changeable_by(self.user)
        foreign = 0 if self.change == "again" else self.matched.count() - own.count()
        source = self.matched if self.change == "again" else own
        going_on = source.in_progress().count() if self.change in ("delete", "again") else 0
        theirs = 0 if self.change == "again" else self.concerned.exclude(job__owner=self.user).count()
        told = []
        if theirs:
            told.append(f"{theirs:,} of these {'belongs' if theirs == 1 else 'belong'} to others.")
        if going_on:
            told.append(f"{many(going_on)} in progress {_stay(going_on)} as {_they(going_on)}.")
        if foreign:
            told.append(f"{many(foreign)} of others {_stay(foreign)} as {_they(foreign)}.")
        return told


def _stay(count: int) -> str:
    return "stays" if count == 1 else "stay"


def _they(count: int) -> str:
    return "it is" if count == 1 else "they are"
