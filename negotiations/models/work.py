"""What is at work, in plain values: a poll of a list looks at these before it makes a row of anything.

Written as SQL, since it is asked by every list that is open, each second or so: the database answers in a tenth of
the time that the ORM takes to put the question.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from negotiations.models.job_states import Status

# As `visible_to` has it; tests hold the two against each other.
SEEN = "(job.owner_id = %(user)s OR job.group_id IN (SELECT group_id FROM auth_user_groups WHERE user_id = %(user)s))"
SEATED = """EXISTS (SELECT 1 FROM negotiations_party seat
    WHERE seat.session_id = session.job_id AND seat.person_id = %(user)s)"""
# What others negotiate on a scenario that is kept from this person: they sit in a session with the same one.
KEPT = """(session.scenario_id IS NOT NULL AND job.owner_id <> %(user)s AND session.scenario_id IN (
    SELECT kept.id FROM negotiations_scenario kept WHERE (kept.owner_id IS NULL OR kept.owner_id <> %(user)s)
    AND kept.checksum IN (SELECT played.checksum FROM negotiations_party seat
        JOIN negotiations_session sat ON sat.job_id = seat.session_id JOIN negotiations_job busy ON busy.id = sat.job_id
        JOIN negotiations_scenario played ON played.id = sat.scenario_id
        WHERE seat.person_id = %(user)s AND busy.status IN ('queued', 'processing'))))"""
ACTIVE = """
    SELECT {word}, job.hold, job.queue, SUM(CASE WHEN {own} THEN 1 ELSE 0 END), COUNT(*), MAX(job.updated_at)
    FROM negotiations_job job LEFT JOIN negotiations_session session ON session.job_id = job.id
    WHERE job.status IN ('queued', 'processing') GROUP BY 1, job.hold, job.queue
"""
# As `Job.word` has it.
WORD = "CASE WHEN job.awaits_since IS NULL THEN job.status ELSE 'processing' END"
# Looked up by whose they are, by an index each, so that history may grow.
LAST_END = """
    (SELECT finished_at FROM negotiations_job WHERE kind = 'session' AND finished_at IS NOT NULL {whose}
    ORDER BY finished_at DESC LIMIT 1)
"""
OTHER = " UNION ALL SELECT '', NULL, '', NULL, {key}, {moment}"
GROUPS = "FROM auth_user_groups own WHERE own.user_id = %(user)s"
# A line of the seats that this person has in what goes on: in how many it is their turn, how many there are, since when.
SEATS = """
    UNION ALL SELECT '', NULL, 'seats', SUM(CASE WHEN session.awaits_party = seat."index" THEN 1 ELSE 0 END), COUNT(*),
    MAX(job.awaits_since) FROM negotiations_party seat JOIN negotiations_session session ON session.job_id = seat.session_id
    JOIN negotiations_job job ON job.id = session.job_id
    WHERE seat.person_id = %(user)s AND job.status IN ('queued', 'processing') AND session.deletion_id IS NULL
"""


@dataclass(frozen=True)
class Work:
    """Lines of a status, whether on hold, a queue, how many are one's own to see, how many there are and the newest change.

    Lines without a status have the key of a group, the moment in which a session ended last, or both; or they are of
    the queue "seats".
    """

    lines: list[tuple[Any, ...]]

    @classmethod
    def of_jobs(cls, user: User) -> Work:
        """What is active, how much of it this person may see, and the keys of their groups."""
        own = f"{'TRUE' if user.is_superuser else SEEN} AND ({SEATED} OR NOT {KEPT})"
        return cls._asked(
            user,
            ACTIVE.format(own=own, word=WORD) + OTHER.format(key="own.group_id", moment="NULL ") + GROUPS,
        )

    @classmethod
    def of_sessions(cls, user: User) -> Work:
        """What is active, how many sessions of it this person may see, and when the last of these ended.

        A line of that for the person, one for each group, and one for the seats that this person has.
        """
        own = "TRUE" if user.is_superuser else SEEN
        own += f" AND job.kind = 'session' AND session.deletion_id IS NULL AND NOT {SEATED} AND NOT {KEPT}"
        mine = LAST_END.format(whose="" if user.is_superuser else "AND owner_id = %(user)s")
        ours = LAST_END.format(whose="AND group_id = own.group_id")
        others = OTHER.format(key="NULL", moment=mine) + OTHER.format(key="own.group_id", moment=ours)
        return cls._asked(user, ACTIVE.format(own=own, word=WORD) + others + GROUPS + SEATS)

    @classmethod
    def _asked(cls, user: User, sql: str) -> Work:
        with connection.cursor() as cursor:
            cursor.execute(sql, {"user": user.pk})
            return cls(cursor.fetchall())

    @cached_property
    def words(self) -> Counter[str]:
        """How many of one's own there are of each status; those on hold are "paused"."""
        found: Counter[str] = Counter()
        for status, is_held, _, count, *_ in self.lines:
            if status and count:
                found["paused" if is_held else status] += count
        return found

    @property
    def queues(self) -> list[Any]:
        """Who joins a queue is changed as they do, so number and newest change tell of every place in it."""
        waiting = [line for line in self.lines if line[:2] == (Status.QUEUED, False)]
        return sorted((queue, number, newest) for _, _, queue, _, number, newest in waiting)

    @property
    def others(self) -> list[tuple[int | None, Any]]:
        told = (line for line in self.lines if not line[0] and line[2] != "seats")
        return sorted(((number, moment) for *_, number, moment in told), key=str)

    @property
    def seats(self) -> tuple[Any, ...]:
        """In how many it is this person's turn, how many they have, and since when it is the last one's turn."""
        return next(tuple(line[3:]) for line in self.lines if line[2] == "seats")

    @property
    def groups(self) -> set[int]:
        """The keys of the user's groups."""
        return {number for number, _ in self.others if number}
