"""Benchmarks that are deleted: what goes with them, what stays, and that a stop in the midst loses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management.base import CommandError

from benchmarks import deletions
from benchmarks.management.found import benchmark_called
from benchmarks.models import (
    Benchmark,
    BenchmarkDeletion,
    Competitor,
    Lane,
    Leaderboard,
    Match,
    MatchTranscript,
)
from negotiations.exceptions import LostLease, Stopped, Unsuitable
from negotiations.models import AuditEntry, Job, JobLog, Kind, Status
from negotiations.tasks import run_job
from notifications.models import Notification
from tests.benchmarks.benchmark_pages import ended, scored
from tests.factory import finish_matches, make_benchmark, make_result, make_transcript

pytestmark = pytest.mark.django_db


def over(owner: User, **options: Any) -> Benchmark:
    """Eight matches with their actions, and scores."""
    benchmark = make_benchmark(owner, **options)
    finish_matches(
        benchmark, *(make_result(index, transcript=make_transcript()) for index in range(benchmark.n_matches))
    )
    ended(benchmark)
    return scored(benchmark)


def begun(owner: User, benchmark: Benchmark | None = None) -> BenchmarkDeletion:
    return BenchmarkDeletion.objects.start(owner=owner, benchmark=benchmark or over(owner))


def claimed(deletion: BenchmarkDeletion) -> Job:
    job = Job.objects.claim(deletion.pk, "worker")
    assert job is not None
    return job


def stopped_in_the_midst(
    owner: User, monkeypatch: pytest.MonkeyPatch, benchmark: Benchmark
) -> BenchmarkDeletion:
    """Its worker was lost when some matches were gone."""
    monkeypatch.setattr(deletions, "BATCH", 3)
    deletion = begun(owner, benchmark)
    recorder = deletions.BenchmarkDeletionRecorder(claimed(deletion), deletion)
    recorder._beat(benchmark, lambda: recorder._remove_newest(benchmark))
    return deletion


# --- What goes, and what stays --------------------------------------------------------------------------------------


def test_all_that_belongs_to_it_goes_with_it(owner: User) -> None:
    benchmark, other = over(owner), over(owner, name="Another")
    lane = Lane.objects.open(benchmark, 2)
    JobLog.objects.say(lane.job, "A line")
    Job.objects.filter(pk=lane.pk).update(status=Status.COMPLETED)
    deletion = begun(owner, benchmark)
    run_job(str(deletion.pk))
    assert Job.objects.get(pk=deletion.pk).status == Status.COMPLETED
    assert list(Benchmark.objects.all()) == [other]
    for model in (Match, Competitor, Leaderboard):
        assert not model.objects.exclude(benchmark=other).exists()
    assert MatchTranscript.objects.count() == 8
    assert set(Job.objects.values_list("pk", flat=True)) == {other.job_id, deletion.pk}
    assert not JobLog.objects.exclude(job__in=[other.job_id, deletion.pk]).exists()


def test_earlier_attempts_go_too_and_duplicates_stay(owner: User) -> None:
    benchmark = make_benchmark(owner)
    ended(benchmark, Status.FAILED)
    first = benchmark.job_id
    benchmark = Benchmark.objects.get(pk=benchmark.pk).again(owner)
    ended(benchmark, Status.CANCELLED)
    heir = over(owner, based_on=benchmark)
    run_job(str(begun(owner, benchmark).pk))
    heir.refresh_from_db()
    assert heir.based_on is None
    assert not Job.objects.filter(pk__in=[first, benchmark.job_id]).exists()


def test_the_audit_says_who_deleted_what_and_the_owner_is_told(owner: User) -> None:
    benchmark = over(owner)
    deletion = begun(owner, benchmark)
    run_job(str(deletion.pk))
    entry = AuditEntry.objects.get(deed="deleted")
    assert (entry.by, entry.thing, entry.thing_id) == (owner, "Autumn cup", str(benchmark.pk))
    assert entry.detail == "of owner, 8 matches"
    told = Notification.objects.get(kind="benchmark_deletion_completed")
    assert told.title == "Autumn cup deleted"
    assert told.text == "Autumn cup deleted, with its 8 matches, scores and logs."
    run_job(str(deletion.pk))  # a second delivery does nothing
    assert AuditEntry.objects.filter(deed="deleted").count() == 1


# --- From the mark to the end ---------------------------------------------------------------------------------------


def test_what_is_marked_is_out_of_sight_at_once(owner: User, superuser: User) -> None:
    benchmark = over(owner)
    deletion = begun(owner, benchmark)
    assert (deletion.job.kind, deletion.job.queue, deletion.job.total_steps) == (
        Kind.BENCHMARK_DELETION, "live", 8,
    )  # fmt: skip
    for person in (owner, superuser):
        assert not Benchmark.objects.visible_to(person).exists()
    with pytest.raises(CommandError, match="There is no benchmark"):
        benchmark_called(str(benchmark.pk))
    with pytest.raises(Unsuitable, match="Nothing of it is left"):
        begun(owner, benchmark)
    with pytest.raises(Unsuitable, match="is being deleted"):
        benchmark.again(owner)


def test_what_is_in_progress_stays(owner: User) -> None:
    benchmark = make_benchmark(owner)
    with pytest.raises(Unsuitable, match="Cancel it first"):
        begun(owner, benchmark)
    assert Benchmark.objects.visible_to(owner).exists()


def test_matches_go_in_small_transactions(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "BATCH", 3)
    seen: list[int] = []
    remove = deletions.BenchmarkDeletionRecorder._remove_newest

    def watch(self: deletions.BenchmarkDeletionRecorder, benchmark: Benchmark) -> None:
        remove(self, benchmark)
        seen.append(benchmark.matches.count())

    monkeypatch.setattr(deletions.BenchmarkDeletionRecorder, "_remove_newest", watch)
    run_job(str(begun(owner).pk))
    assert seen == [5, 2, 0]


def test_after_a_lost_worker_the_next_one_goes_on(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark = over(owner)
    deletion = stopped_in_the_midst(owner, monkeypatch, benchmark)
    assert benchmark.matches.count() == 5
    Job.objects.get(pk=deletion.pk).lose(Job.objects.all())
    run_job(str(deletion.pk))
    assert Job.objects.get(pk=deletion.pk).status == Status.COMPLETED
    assert not Benchmark.objects.exists()


def test_who_lost_the_job_deletes_nothing(owner: User) -> None:
    benchmark = over(owner)
    deletion = begun(owner, benchmark)
    job = claimed(deletion)
    Job.objects.get(pk=deletion.pk).lose(Job.objects.all())
    with pytest.raises(LostLease):
        deletions.BenchmarkDeletionRecorder(job, deletion).run()
    assert benchmark.matches.count() == 8


def test_one_that_is_cancelled_before_it_began_gives_the_benchmark_back(owner: User) -> None:
    benchmark = over(owner)
    assert begun(owner, benchmark).job.cancel(owner)
    assert list(Benchmark.objects.visible_to(owner)) == [benchmark]
    run_job(str(begun(owner, benchmark).pk))
    assert not Benchmark.objects.exists()


def test_what_has_lost_matches_stays_out_of_sight_until_a_retry_ends_it(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark = over(owner)
    deletion = stopped_in_the_midst(owner, monkeypatch, benchmark)
    job = Job.objects.get(pk=deletion.pk)
    job.cancel(owner)
    recorder = deletions.BenchmarkDeletionRecorder(job, deletion)
    with pytest.raises(Stopped):
        recorder.run()
    recorder.stop()
    assert "2 of 8 matches are still there" in Job.objects.get(pk=deletion.pk).message
    assert not Benchmark.objects.visible_to(owner).exists()
    again = Job.objects.get(pk=deletion.pk).retry(owner)
    assert again is not None
    assert again.cancel(owner)
    assert not Benchmark.objects.visible_to(owner).exists(), "it has still lost some"
    again = Job.objects.get(pk=again.pk).retry(owner)
    assert again is not None
    run_job(str(again.pk))
    assert not Benchmark.objects.exists()
    assert AuditEntry.objects.get(deed="deleted").thing == "Autumn cup"
