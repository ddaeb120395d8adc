"""What the database itself saw, by triggers: each move of a job, and under whose token each offer was written.

The product knows nothing of it, so it cannot tell it anything but what it did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import connection

from negotiations.models import Job

TABLES = (
    "CREATE TABLE chaos_move (id {serial}, at {real}, job TEXT, before TEXT, after TEXT,"
    " attempt_before INTEGER, attempt_after INTEGER, worker_before TEXT, worker_after TEXT, token TEXT)",
    "CREATE TABLE chaos_write (job TEXT, token TEXT, first INTEGER, last INTEGER, n INTEGER, PRIMARY KEY (job, token))",
)
MOVE = (
    "INSERT INTO chaos_move (at, job, before, after, attempt_before, attempt_after, worker_before, worker_after, token)"
    " VALUES ({now}, {text_id}, OLD.status, NEW.status, OLD.attempt, NEW.attempt, OLD.worker, NEW.worker, {text_token})"
)
WRITE = (
    "INSERT INTO chaos_write (job, token, first, last, n)"
    " SELECT {text_id}, COALESCE({text_token}, 'nobody'), NEW.seq, NEW.seq, 1"
    " FROM negotiations_job AS job WHERE job.id = NEW.session_id"
    " ON CONFLICT (job, token) DO UPDATE SET last = excluded.last, n = chaos_write.n + 1"
)
SQLITE = {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "real": "REAL"}
POSTGRES = {"serial": "BIGSERIAL PRIMARY KEY", "real": "DOUBLE PRECISION"}


@dataclass(frozen=True)
class Move:
    """A job's status or holder changed; `token` is the new one, empty where nobody holds the job."""

    at: float
    job: str
    before: str
    after: str
    attempt_before: int
    attempt_after: int
    worker_before: str
    worker_after: str
    token: str

    @property
    def is_claim(self) -> bool:
        return self.before == "queued" and self.after == "processing"

    @property
    def lost_an_attempt(self) -> bool:
        """Its holder is gone and the attempt stays counted; a job handed back or released gets it back."""
        went_back = self.before == "processing" and self.after == "queued"
        return went_back and self.attempt_after == self.attempt_before


@dataclass(frozen=True)
class Write:
    """The offers that one holder of a job wrote."""

    job: str
    token: str
    first: int
    last: int
    n: int


def swear_in() -> None:
    """Create the tables and triggers in the database as it was migrated."""
    with connection.cursor() as cursor:
        for statement in _sqlite() if connection.vendor == "sqlite" else _postgres():
            cursor.execute(statement)


def _sqlite() -> list[str]:
    now = "(julianday('now') - 2440587.5) * 86400.0"
    move = MOVE.format(now=now, text_id="NEW.id", text_token="COALESCE(NEW.token, '')")
    write = WRITE.format(text_id="NEW.session_id", text_token="job.token")
    return [
        *(table.format(**SQLITE) for table in TABLES),
        "CREATE TRIGGER chaos_moves AFTER UPDATE OF status, token ON negotiations_job"
        f" WHEN OLD.status <> NEW.status OR OLD.token IS NOT NEW.token BEGIN {move}; END",
        f"CREATE TRIGGER chaos_writes AFTER INSERT ON negotiations_offer BEGIN {write}; END",
    ]


def _postgres() -> list[str]:
    now = "EXTRACT(EPOCH FROM clock_timestamp())"
    token = "replace(COALESCE({}::text, ''), '-', '')"
    job = "replace({}::text, '-', '')"
    move = MOVE.format(now=now, text_id=job.format("NEW.id"), text_token=token.format("NEW.token"))
    write = WRITE.format(text_id=job.format("NEW.session_id"), text_token="replace(job.token::text, '-', '')")
    body = "CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {}; RETURN NULL; END $$"
    return [
        *(table.format(**POSTGRES) for table in TABLES),
        body.format("chaos_moved", move),
        body.format("chaos_wrote", write),
        "CREATE TRIGGER chaos_moves AFTER UPDATE ON negotiations_job FOR EACH ROW"
        " WHEN (OLD.status <> NEW.status OR OLD.token IS DISTINCT FROM NEW.token) EXECUTE FUNCTION chaos_moved()",
        "CREATE TRIGGER chaos_writes AFTER INSERT ON negotiations_offer FOR EACH ROW EXECUTE FUNCTION chaos_wrote()",
    ]


def moves() -> list[Move]:
    columns = "at, job, before, after, attempt_before, attempt_after, worker_before, worker_after, token"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM chaos_move ORDER BY id")
        seen = [Move(*row) for row in cursor.fetchall()]
    return _as_committed(seen)


def _as_committed(seen: list[Move]) -> list[Move]:
    """An attempt may be given back by a second update of the same transaction: what counts is how the next move found it."""
    found = {job.pk.hex: job.attempt for job in Job.objects.all()}
    committed = []
    for move in reversed(seen):
        committed.append(replace(move, attempt_after=found[move.job]))
        found[move.job] = move.attempt_before
    return committed[::-1]


def writes() -> list[Write]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT job, token, first, last, n FROM chaos_write ORDER BY job, first")
        return [Write(*row) for row in cursor.fetchall()]
