"""Proves, when all is over, that nothing was lost, nothing ran twice to any effect, and no page told otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile

from negotiations.engine.sessions import play
from negotiations.engine.specs import Action, Result, SessionSpec
from negotiations.models import Job, JobProgress, Kind, Session, Status
from negotiations.models.job_news import is_news
from negotiations.models.job_states import ACTIVE, MOVES
from negotiations.models.jobs import MAX_ATTEMPTS
from notifications.models import Notification
from tests.chaos.breaker import Hit
from tests.chaos.cups import other_benchmarks
from tests.chaos.witness import Move, Write, moves, writes

STEP_BY_STEP = (Kind.BENCHMARK, Kind.LANE)
TERMINAL = [status for status in Status if status not in ACTIVE]


@dataclass
class Verdict:
    """The figures, and each thing that is not as it has to be."""

    figures: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def find(self, lines: Iterable[str]) -> None:
        self.findings += lines


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%H:%M:%S")


def judge(hits: list[Hit], lease: float) -> Verdict:
    verdict = Verdict()
    jobs = list(Job.objects.all())
    seen = moves()
    verdict.figures.update(Counter(f"jobs {job.status}" for job in jobs))
    verdict.find(_not_over(jobs))
    verdict.find(_ended_otherwise_than_once(jobs, seen))
    verdict.find(_told_otherwise_than_once(jobs))
    verdict.find(_illegal(seen))
    verdict.find(_lost_for_no_reason(seen, hits, lease, verdict.figures))
    verdict.find(_failed_before_its_time(jobs, seen))
    verdict.find(_written_by_others(seen, writes(), verdict.figures))
    for session in Session.objects.with_parties():
        verdict.find(_other_rows(session, verdict.figures))
    verdict.find(other_benchmarks(verdict.figures))
    return verdict


# --- Jobs -------------------------------------------------------------------------------------------------


def _not_over(jobs: list[Job]) -> Iterator[str]:
    for job in jobs:
        if not job.is_over:
            yield f"{job} is still {job.status}: {job.message}"


def _ended_otherwise_than_once(jobs: list[Job], seen: list[Move]) -> Iterator[str]:
    """One row of history says the end, it is the last, and the triggers saw one end too."""
    told = Counter(JobProgress.objects.filter(status__in=TERMINAL).values_list("job_id", flat=True))
    ends = Counter(move.job for move in seen if move.after in TERMINAL)
    for job in jobs:
        last = job.history.last()
        if told[job.pk] != 1 or ends[job.pk.hex] != 1 or last is None or last.status != job.status:
            yield f"{job} ended {ends[job.pk.hex]} times and told it {told[job.pk]} times"


def _told_otherwise_than_once(jobs: list[Job]) -> Iterator[str]:
    """The owner of each job that is news was told once, of the end that it has."""
    told = Counter(Notification.objects.values_list("dedupe_key", flat=True))
    for job in filter(is_news, jobs):
        keys = [f"job:{job.pk}:{status}" for status in TERMINAL]
        if [told[key] for key in keys] != [int(status == job.status) for status in TERMINAL]:
            yield f"{job} is {job.status}, and its owner was told {sum(told[key] for key in keys)} times"


def _illegal(seen: list[Move]) -> Iterator[str]:
    for move in seen:
        if Status(move.after) not in MOVES[Status(move.before)]:
            yield f"{move.job[:4]} went from {move.before} to {move.after}"


def _lost_for_no_reason(
    seen: list[Move], hits: list[Hit], lease: float, figures: Counter[str]
) -> Iterator[str]:
    """Each attempt that counts as lost is the doing of a breakage that hit its own worker, or everybody."""
    figures["claims"] = sum(move.is_claim for move in seen)
    figures["released or handed back"] = sum(
        (move.before, move.after) == ("processing", "queued") and not move.lost_an_attempt for move in seen
    )
    for move in seen:
        if not move.lost_an_attempt:
            continue
        figures["attempts lost"] += 1
        pid = int(move.worker_before.rpartition(":")[2])
        if not any(each.may_have_cost(pid, move.at, lease) for each in hits):
            told = f"lost an attempt though nothing hit its worker {move.worker_before}"
            yield f"{move.job[:4]} {told} before {clock(move.at)}"


def _failed_before_its_time(jobs: list[Job], seen: list[Move]) -> Iterator[str]:
    """The rule: a job may fail only where it lost all its attempts, each seen by the triggers."""
    lost = Counter(move.job for move in seen if move.lost_an_attempt)
    for job in jobs:
        # The last of them does not go back into the queue.
        n = lost[job.pk.hex]
        # Those of a benchmark are counted anew after each step.
        is_enough = n >= MAX_ATTEMPTS - 1 if job.kind in STEP_BY_STEP else n == MAX_ATTEMPTS - 1
        lost_all = is_enough and job.attempt == MAX_ATTEMPTS
        if job.status == Status.FAILED and not lost_all:
            yield f"{job} failed after {lost[job.pk.hex]} lost attempts: {job.error}"


def _written_by_others(seen: list[Move], written: list[Write], figures: Counter[str]) -> Iterator[str]:
    """Every row was written under a token that a claim had given, and each holder began where the one before ended."""
    given = {(move.job, move.token) for move in seen if move.is_claim}
    figures["claims that wrote rows"] = len(written)
    after: dict[str, int] = defaultdict(int)
    for write in written:
        if (write.job, write.token) not in given:
            yield f"{write.job[:4]}: rows {write.first} to {write.last} were written by nobody who held it"
        if write.first != after[write.job] + 1 or write.n != write.last - write.first + 1:
            yield f"{write.job[:4]}: rows {write.first} to {write.last} do not follow row {after[write.job]}"
        after[write.job] = write.last


# --- Rows -------------------------------------------------------------------------------------------------


def undisturbed(spec: SessionSpec) -> tuple[list[Action], Result]:
    """What the engine says where nobody disturbs it."""
    *actions, result = play(spec)
    assert isinstance(result, Result)
    return [action for action in actions if isinstance(action, Action)], result


def _other_rows(session: Session, figures: Counter[str]) -> Iterator[str]:
    """A completed session has the rows and the end of an undisturbed run, another one the beginning of them."""
    expected, result = undisturbed(session.to_spec())
    stored = [offer.to_action() for offer in session.offers.order_by("seq")]
    figures["rows compared"] += len(stored)
    if stored != expected[: len(stored)]:
        alike = (one == other for one, other in zip(stored, expected, strict=False))
        row = sum(1 for _ in takewhile(bool, alike)) + 1
        yield f"{session} differs from its undisturbed run from row {row} on"
    if session.n_offers != len(stored):
        yield f"{session} says {session.n_offers} offers and has {len(stored)}"
    if session.job.status == Status.COMPLETED:
        yield from _other_end(session, len(stored), len(expected), result)


def _other_end(session: Session, stored: int, expected: int, result: Result) -> Iterator[str]:
    if stored != expected:
        yield f"{session} is completed with {stored} of {expected} rows"
    told = (session.end_reason, session.steps, session.ended_by, session.agreement, session.utilities)
    agreement = None if result.agreement is None else list(result.agreement)
    if told != (result.end_reason, result.steps, result.party, agreement, list(result.utilities)):
        yield f"{session} ended as {told}, undisturbed as {result}"
