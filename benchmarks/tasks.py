"""What workers do for benchmarks. A task takes the job; what is asked of it stands in the rows."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.coordination import FirstLane
from benchmarks.deletions import BenchmarkDeletionRecorder
from benchmarks.lanes import TURN_IS_OVER, GivesWay, LaneTurn
from benchmarks.models import Benchmark, BenchmarkDeletion, Lane
from benchmarks.result_imports import run_import
from negotiations.deletions import carry_out
from negotiations.exceptions import CannotResume, Stopped
from negotiations.models import Job
from negotiations.patience import finally_write, patiently


def run_benchmark(job: Job) -> None:
    """Its own job is the first lane, and looks after the others."""
    benchmark: Benchmark = patiently(lambda: Benchmark.objects.select_related("job").get(job=job))
    if benchmark.is_imported:
        run_import(job, benchmark)
        return
    lane = patiently(lambda: FirstLane(job, benchmark))

    def play() -> str:
        data = lane.run()
        return patiently(lambda: lane.sentence(data))

    _end(job, play)


def run_lane(job: Job) -> None:
    benchmark: Benchmark = patiently(
        lambda: Lane.objects.select_related("benchmark__job").get(job=job)
    ).benchmark
    lane = patiently(lambda: LaneTurn(job, benchmark))

    def play() -> str:
        patiently(lane.prepare)
        lane.heart.step("Playing")
        lane.play()
        return f"{job.current_step:,} matches played."

    _end(job, play)


def run_deletion(job: Job) -> None:
    deletion: BenchmarkDeletion = patiently(lambda: BenchmarkDeletion.objects.get(job=job))
    carry_out(BenchmarkDeletionRecorder(job, deletion))


def _end(job: Job, play: Callable[[], str]) -> None:
    """Play, and write how this turn ended; what `play` returns is said of a job that is completed."""
    try:
        told = play()
    except Stopped:
        finally_write(_stop, job)
    except GivesWay:
        finally_write(job.give_way, TURN_IS_OVER)
    except CannotResume as refusal:
        finally_write(job.fail, str(refusal))
    else:
        finally_write(job.complete, told)


def _stop(job: Job) -> None:
    """What was played is written; what was claimed is free again as soon as the job has no token."""
    done = f"{job.current_step:,} matches are over"
    if job.cancel_requested_at:
        job.stop_cancelled(f"Cancelled by {job.cancelled_by or 'the administrator'}. {done}, and kept.")
    elif job.hold:
        job.hand_back(f"Paused: {done}.")
    elif job.parent_stops:
        job.complete(f"Stopped with its benchmark: {done}.")
    else:
        job.hand_back(f"The worker shuts down. {done}, and it goes on with the next.")
