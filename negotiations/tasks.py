"""What workers do. A task takes a job's id; what is asked of it stands in the rows."""

from __future__ import annotations

import logging
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from negotiations import deletions, drain, endings
from negotiations.analyses import AnalysisRecorder, computed
from negotiations.engine import scenarios
from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.sessions import play
from negotiations.engine.specs import Action, Awaiting, EndReason, Limits, LogLine, Response, Result
from negotiations.engine.turns import Turn
from negotiations.exceptions import CannotResume, DatabaseAway, LostLease, Stopped
from negotiations.models import Deletion, Job, Kind, Queue, ScenarioAnalysis, ScenarioImport, Session
from negotiations.models.jobs import MAX_ATTEMPTS
from negotiations.patience import finally_write, patiently
from negotiations.processes import worker_name
from negotiations.recorders import ImportRecorder, SessionRecorder
from negotiations.room_tasks import run_room

logger = logging.getLogger(__name__)

NOTHING_IN_IT = "There is no scenario file in it. Upload Genius XML, GeniusWeb JSON or NegMAS YAML files."

BATCH_NICE = 10
"""How far a batch session stands back where processors are short: live ones have somebody waiting."""


def run_job(job_id: str) -> None:
    """Do a job, if it is there to be done: a message is delivered twice, late, or for what was cancelled meanwhile."""
    if drain.asked():
        Job(pk=job_id).unring()
        return
    me = worker_name()
    if job := patiently(
        lambda: Job.objects.claim(job_id, me), was_done=lambda: Job.objects.held_by(me, job_id)
    ):
        _run(job)
    if not drain.asked():
        patiently(Job.objects.ring_next)


def _run(job: Job) -> None:
    try:
        _task_of(job)(job)
    except LostLease:
        logger.warning("%s was taken over or cancelled; this worker leaves it", job)
    except DatabaseAway:
        logger.warning("%s stays as it was last written, since the database is away", job)
    except Exception as error:
        logger.exception("%s failed", job)
        told = f"Parley failed at this: {type(error).__name__}. The administrator finds the details on the job's page."
        try:
            finally_write(job.fail, told, traceback.format_exc())
        except (LostLease, DatabaseAway):
            logger.warning("%s was taken over, or the database is away; its failure is not written", job)


def _task_of(job: Job) -> Callable[[Job], None]:
    above = settings.JOB_TASKS.get(job.kind)
    return import_string(above) if above else RUNS[Kind(job.kind)]


# --- Sessions ---------------------------------------------------------------------------------------------


def run_session(job: Job) -> None:
    session: Session = patiently(lambda: Session.objects.with_parties().get(job=job))
    session.job = job
    recorder = SessionRecorder(job, session)
    try:
        patiently(recorder.prepare)
        result = recorder.record(_played(session))
    except Stopped:
        finally_write(_stop_session, job, recorder)
    except CannotResume as refusal:
        finally_write(_fail_session, job, recorder, EndReason.MISMATCH, None, str(refusal), "")
    except ChildFailed as failure:
        if failure.was_killed and job.attempt < MAX_ATTEMPTS:  # who did it is not known: nobody is blamed yet
            logger.warning("%s lost its process by a SIGKILL; it is tried again", job)
            finally_write(job.lose, Job.objects.all())
            return
        text = endings.failed(_names(session), failure.reason, failure.party, failure.message)
        trace = failure.traceback or failure.message
        finally_write(_fail_session, job, recorder, failure.reason, failure.party, text, trace)
    else:
        if isinstance(result, Awaiting):
            finally_write(recorder.session.await_person, result)
        else:
            finally_write(_end_session, job, recorder, result)


def _played(session: Session) -> Iterator[Action | Awaiting | Result | LogLine | None]:
    turn = Turn()
    limits = _limits(session.most_seconds, settings.ACTION_SECONDS)
    if session.job.queue == Queue.BATCH:
        limits = replace(limits, nice=BATCH_NICE)
    return in_child(play(session.to_spec(), turn), limits, turn)


def _limits(seconds: float, action_seconds: float) -> Limits:
    return Limits(action_seconds, seconds, settings.CHILD_MEMORY_MB * 2**20)


def _names(session: Session) -> list[str]:
    return [party.name for party in session.parties.all()]


def _end_session(job: Job, recorder: SessionRecorder, result: Result) -> None:
    session, names = recorder.session, _names(recorder.session)
    if result.end_reason not in endings.NORMAL:
        text = endings.failed(names, result.end_reason, result.party, result.error)
        _fail_session(job, recorder, result.end_reason, result.party, text, result.traceback)
        return
    if result.end_reason == EndReason.ENDED and session.moves.late():
        result = replace(result, end_reason=EndReason.LATE.value)
    session.end(
        result.end_reason,
        ended_by=result.party,
        steps=result.steps,
        n_offers=recorder.seq,
        agreement=result.agreement,
        utilities=result.utilities,
    )
    job.complete(endings.completed(names, result))


def _fail_session(
    job: Job, recorder: SessionRecorder, reason: str, party: int | None, text: str, trace: str
) -> None:
    session = recorder.session
    session.end(reason, ended_by=party, steps=recorder.steps)
    kept = session.offers.exclude(response=Response.ERROR).count()
    job.fail(f"{text} {endings.kept(kept)}", trace)


def _stop_session(job: Job, recorder: SessionRecorder) -> None:
    session = recorder.session
    step = max(recorder.steps, job.current_step)  # a replay may be behind what is stored
    if job.cancel_requested_at:
        session.end(EndReason.CANCELLED, steps=step)
        by = job.cancelled_by or "the administrator"
        job.stop_cancelled(
            f"Cancelled by {by} at step {step:,}. {endings.still_there(session.offers.count())}"
        )
    elif job.hold:
        job.hand_back(f"Paused at step {step:,}.")
    else:
        job.hand_back(f"The worker shuts down. The session goes on from step {step:,}.")


# --- Scenario imports -------------------------------------------------------------------------------------


def run_import(job: Job) -> None:
    upload: ScenarioImport = patiently(lambda: ScenarioImport.objects.get(job=job))
    recorder = ImportRecorder(job, upload)
    limits = _limits(upload.most_seconds, upload.most_seconds)
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        try:
            recorder.record(in_child(_read(bytes(upload.archive or b""), Path(folder)), limits))
        except Stopped:
            finally_write(_stop_import, job)
            return
        except ChildFailed as failure:
            finally_write(recorder.fail, failure.reason, failure.message, failure.traceback)
            return
    finally_write(recorder.complete)


def _read(archive: bytes, folder: Path) -> Iterator[scenarios.Read]:
    """In the child: the archive is a stranger's."""
    try:
        scenarios.unpack(archive, folder)
        reads = scenarios.read_all(folder)
        yield next(reads, scenarios.Read("", None, NOTHING_IN_IT))
        yield from reads
    except scenarios.ScenarioRefused as refused:
        yield scenarios.Read("", None, refused.reason)


def _stop_import(job: Job) -> None:
    if job.cancel_requested_at:
        job.stop_cancelled()
    elif job.hold:
        job.hand_back("Paused.")
    else:
        job.hand_back("The worker shuts down. The import starts again.")


# --- Deletions --------------------------------------------------------------------------------------------


def run_deletion(job: Job) -> None:
    deletion: Deletion = patiently(lambda: Deletion.objects.get(job=job))
    deletions.carry_out(deletions.DeletionRecorder(job, deletion))


# --- Analyses of scenarios ----------------------------------------------------------------------------------


def run_analysis(job: Job) -> None:
    analysis = patiently(lambda: ScenarioAnalysis.objects.select_related("scenario").get(job=job))
    recorder = AnalysisRecorder(job, analysis)
    try:
        stored = recorder.record(computed(analysis.scenario.document, analysis.most_seconds))
    except Stopped:
        finally_write(recorder.stop)
    except ChildFailed as failure:
        if failure.was_killed and job.attempt < MAX_ATTEMPTS:
            finally_write(job.lose, Job.objects.all())
            return
        finally_write(recorder.fail, failure)
    else:
        finally_write(recorder.complete, stored)


RUNS: dict[Kind, Callable[[Job], None]] = {
    Kind.SESSION: run_session,
    Kind.SCENARIO_IMPORT: run_import,
    Kind.DELETION: run_deletion,
    Kind.SCENARIO_ANALYSIS: run_analysis,
    Kind.ROOM: run_room,
}
