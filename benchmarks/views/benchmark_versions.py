"""What each part of a benchmark's page shows, hashed: a poll brings what has changed, and reads little to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.views.match_rows import ROWS
from negotiations.models import Job, Status
from notifications.live import version_of

if TYPE_CHECKING:
    from benchmarks.views.benchmark_parts import BenchmarkPage

FOLDS = ("benchmark_tests", "benchmark_wins", "benchmark_by_scenario")
SIGN_EVERY = 20
"""Seconds after which a page is told of a worker that was heard of since: far less than what it takes for silence."""


def versions_of(page: BenchmarkPage) -> dict[str, str]:
    """By the name of the part: its id with `_` for `-`."""
    one, job = page.benchmark, page.job
    state = page.status, job.cancel_requested_at, job.error, one.n_skipped, page.may_change
    counts = one.n_completed, one.n_failed, one.n_agreed, one.n_matches
    return _of_scores(page) | {
        "benchmark_title": version_of(*state),
        "benchmark_figures": version_of(*state, *counts, page.n_lanes, _minutes(job), _sign(job)),
        "benchmark_actions": version_of(*state, page.verbs),
        "benchmark_progress": version_of(*state, *counts),
        "benchmark_reason": version_of(*state),
        # Who came to lead is told with each tenth of the matches: to look for it takes all scores.
        "benchmark_events": version_of(*state, job.attempt, one.n_failed, page.percentage // 10),
        "benchmark_jobs": version_of(page.job_marks),
        "benchmark_match_counts": version_of(*counts, page.chosen),
        # What is played changes as something ends, or a lane comes or goes: no poll asks for it without that.
        "benchmark_playing": version_of(one.last_seq, page.status, [mark[:2] for mark in page.job_marks]),
        "benchmark_match_pages": version_of(
            page.chosen, not page.matches.is_narrowed and one.last_seq > ROWS
        ),
    }


def _of_scores(page: BenchmarkPage) -> dict[str, str]:
    one, scored = page.benchmark, getattr(getattr(page.benchmark, "leaderboard", None), "seq", None)
    return {
        "benchmark_leaderboard": version_of(scored, page.status),
        "benchmark_grid": version_of(scored, page.status, page.chosen["grid"], one.n_matches),
        "benchmark_errors": version_of(scored, one.n_failed),
        "benchmark_history": version_of(scored),
    } | dict.fromkeys(FOLDS, version_of(scored))


def _minutes(job: Job) -> int | None:
    return int(job.seconds // 60) if job.is_active and job.seconds is not None else None


def _sign(job: Job) -> int | None:
    """Changes while its worker is heard of, whether or not a match ends."""
    return int(job.updated_at.timestamp() // SIGN_EVERY) if job.status == Status.PROCESSING else None
