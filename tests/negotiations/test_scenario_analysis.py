"""Each scenario is analysed once, by a worker or by a command, and pages read what is stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from negotiations import analyses, heart
from negotiations.engine.child import ChildFailed
from negotiations.engine.scenarios import read_folder
from negotiations.engine.specs import ScenarioSpec
from negotiations.exceptions import LostLease, TooMuch
from negotiations.management.commands.load_builtin_scenarios import FOLDER
from negotiations.models import Job, JobLog, Kind, Queue, Scenario, ScenarioAnalysis, Seat, Session, Status
from negotiations.models.limits import stored_bytes
from negotiations.tasks import run_job
from notifications.models import Notification
from tests.factory import NegotiatorFactory, ScenarioFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def spec() -> ScenarioSpec:
    return read_folder(FOLDER / "weekend-trip")


def analysed(scenario: Scenario) -> ScenarioAnalysis:
    """By its job, which `keep` has begun."""
    run_job(str(ScenarioAnalysis.objects.get(scenario=scenario).job_id))
    return ScenarioAnalysis.objects.get(scenario=scenario)


def kept(spec: ScenarioSpec, owner: User) -> Scenario:
    scenario, is_new = Scenario.objects.keep(spec, owner=owner)
    assert is_new
    return scenario


# --- The job ----------------------------------------------------------------------------------------------


def test_a_new_scenario_of_a_person_is_analysed_by_a_worker(spec: ScenarioSpec, owner: User) -> None:
    scenario = kept(spec, owner)
    job = Job.objects.get()
    assert (job.kind, job.queue, job.owner, job.status) == (
        Kind.SCENARIO_ANALYSIS,
        Queue.BATCH,
        owner,
        Status.QUEUED,
    )
    assert scenario.analysis is None
    analysis = analysed(scenario)
    job.refresh_from_db()
    assert (job.status, job.percentage) == (Status.COMPLETED, 100)
    assert job.message == f"Exact: frontier of {analysis.n_frontier} outcomes."
    assert analysis.words == "exact"
    assert 0 < (analysis.opposition or 0) < 1
    assert 0 < (analysis.rational_fraction or 0) <= 1
    assert Scenario.objects.get().analysis == analysis


def test_what_is_known_already_is_not_analysed_again(spec: ScenarioSpec, owner: User) -> None:
    analysed(kept(spec, owner))
    assert Scenario.objects.keep(spec, owner=owner)[1] is False
    assert Job.objects.count() == 1


def test_the_librarys_scenarios_have_nobody_who_could_own_a_job(spec: ScenarioSpec) -> None:
    scenario, _ = Scenario.objects.keep(spec, owner=None)
    assert not Job.objects.exists()
    assert list(Scenario.objects.unanalysed()) == [scenario]
    analysis = analyses.analyse_here(scenario)
    assert (analysis.job, analysis.words) == (None, "exact")
    assert not Scenario.objects.unanalysed().exists()


def slow(document: str) -> Iterator[Any]:
    """Stands in for an analysis that takes too long."""
    time.sleep(20)
    yield from ()


@pytest.fixture
def too_slow(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyses, "analyse_document", slow)
    monkeypatch.setattr(analyses, "HERE_SECONDS", 0.05)
    settings.IMPORT_SECONDS = 0.05


def test_nobody_is_told(spec: ScenarioSpec, owner: User, request: pytest.FixtureRequest) -> None:
    analysed(kept(spec, owner))
    request.getfixturevalue("too_slow")
    analysed(kept(spec, UserFactory()))
    assert set(Job.objects.values_list("status", flat=True)) == {Status.COMPLETED, Status.FAILED}
    assert not Notification.objects.exists()


@pytest.mark.usefixtures("too_slow")
def test_a_failure_is_worth_a_line(spec: ScenarioSpec, owner: User, caplog: pytest.LogCaptureFixture) -> None:
    analysis = analysed(kept(spec, owner))
    assert analysis.scenario.analysis is None
    told = "The scenario cannot be analysed. It took longer than 0.05 s."
    assert Job.objects.get().error == told
    assert JobLog.objects.filter(text=told, level="error").exists()
    assert "failed: It took longer than 0.05 s." in caplog.text


def test_it_counts_as_nobodys_active_job(spec: ScenarioSpec, owner: User, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 1
    kept(spec, owner)
    seats = [Seat(NegotiatorFactory())] * 2
    started: dict[str, Any] = {
        "owner": owner,
        "scenario": ScenarioFactory(),
        "seats": seats,
        "seed": 1,
        "n_steps": 5,
    }
    Session.objects.start(**started)
    with pytest.raises(TooMuch):
        Session.objects.start(**started)


def test_a_worker_that_died_leaves_it_to_the_next(spec: ScenarioSpec, owner: User) -> None:
    scenario = kept(spec, owner)
    dead = Job.objects.claim(Job.objects.get().pk, "dead")
    assert dead is not None
    assert not dead.lose(Job.objects.all())
    analysis = analysed(scenario)
    assert analysis.is_completed
    assert (Job.objects.get().status, Job.objects.get().attempt) == (Status.COMPLETED, 2)


def test_a_child_that_somebody_killed_is_tried_again(
    spec: ScenarioSpec, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = kept(spec, owner)
    killed = ChildFailed("exited", None, "Its process was killed by signal 9 (SIGKILL).")
    killed.was_killed = True

    def record(self: Any, items: Any) -> Any:
        items.close()
        raise killed

    with monkeypatch.context() as patched:
        patched.setattr(analyses.AnalysisRecorder, "record", record)
        analysed(scenario)
    assert Job.objects.get().status == Status.QUEUED
    assert analysed(scenario).is_completed


def test_who_lost_the_lease_writes_nothing(
    spec: ScenarioSpec, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = kept(spec, owner)

    def lost(self: Any, message: str) -> None:
        raise LostLease

    monkeypatch.setattr(Job, "complete", lost)
    assert not analysed(scenario).is_completed
    assert bytes(ScenarioAnalysis.objects.get().arrays or b"") == b""


def test_a_cancelled_one_can_be_asked_for_again(
    spec: ScenarioSpec, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = kept(spec, owner)
    first = Job.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr(heart, "LOOK_EVERY", 0)
        patched.setattr(heart, "FLUSH_EVERY", 0)
        claim = type(Job.objects.all()).claim

        def claim_and_cancel(self: Any, *args: Any) -> Any:
            job = claim(self, *args)
            Job.objects.get(pk=first.pk).cancel(owner)
            return job

        patched.setattr(type(Job.objects.all()), "claim", claim_and_cancel)
        assert not analysed(scenario).is_completed
    first.refresh_from_db()
    assert first.status == Status.CANCELLED
    again = first.retry(owner)
    assert again is not None
    assert (again.retry_of, again.kind, again.queue) == (first, Kind.SCENARIO_ANALYSIS, Queue.BATCH)
    assert analysed(scenario).is_completed
    assert Job.objects.get(pk=first.pk).run is None


def test_it_outlives_its_job(spec: ScenarioSpec, owner: User) -> None:
    analysis = analysed(kept(spec, owner))
    Job.objects.all().delete()
    analysis.refresh_from_db()
    assert (analysis.job, analysis.is_completed) == (None, True)


# --- What pages read --------------------------------------------------------------------------------------


@pytest.fixture
def analysis(spec: ScenarioSpec) -> ScenarioAnalysis:
    """Of 960 outcomes and three parties."""
    analyses.analyse_here(Scenario.objects.keep(spec, owner=None)[0])
    return ScenarioAnalysis.objects.get()


def test_the_frontier_and_the_points_stand_in_it(analysis: ScenarioAnalysis) -> None:
    frontier = analysis.frontier_utilities
    assert len(frontier) == analysis.n_frontier > 10
    assert set(analysis.points) >= {"nash", "kalai", "ks", "welfare", "relative_welfare"}
    for point in analysis.points.values():
        assert tuple(point["utilities"]) in frontier
        assert len(point["outcome"]) == analysis.scenario.n_issues
    welfare = analysis.points["welfare"]["utilities"]
    assert sum(welfare) == pytest.approx(max(map(sum, frontier)))


def test_every_pair_of_parties_has_its_picture(analysis: ScenarioAnalysis) -> None:
    for i, j in ((0, 1), (0, 2), (1, 2), (2, 0)):
        grid, cloud = analysis.grid(i, j), analysis.cloud(i, j)
        assert grid.shape == (256, 256)
        assert 0 < len(cloud) <= 960
        cells = {(min(255, int(y * 256 + 1e-9)), min(255, int(x * 256 + 1e-9))) for x, y in cloud}
        marked = {(int(row), int(column)) for row, column in zip(*grid.nonzero(), strict=True)}
        assert len(cells ^ marked) <= 0.02 * len(marked)  # a cloud is rounded at the edge of a cell
    assert (analysis.grid(0, 2) == analysis.grid(2, 0).T).all()


def test_an_agreement_is_measured_against_it(analysis: ScenarioAnalysis) -> None:
    nash = analysis.points["nash"]["utilities"]
    distances, optimality = analysis.distances(nash), analysis.optimality(nash)
    assert distances["nash"] == distances["pareto"] == 0
    assert optimality["nash"] == optimality["pareto"] == 1
    worst = analysis.optimality([0, 0, 0])
    assert all(0 <= share < 1 for share in worst.values() if share is not None)


def test_a_list_reads_all_analyses_with_one_query(
    analysis: ScenarioAnalysis, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ScenarioFactory()
    with django_assert_num_queries(2):
        rows = list(Scenario.objects.for_list().with_analyses())
        found = [row.analysis.words if row.analysis else None for row in rows]
    assert sorted(map(str, found)) == ["None", "exact"]
    known = next(row.analysis for row in rows if row.analysis)
    assert known.sketch["frontier"]
    assert len(known.sketch["cells"]) == 32 * 32 // 4


def test_what_an_earlier_version_stored_counts_as_nothing(analysis: ScenarioAnalysis) -> None:
    ScenarioAnalysis.objects.update(version=0)
    scenario = Scenario.objects.get()
    assert scenario.analysis is None
    assert list(Scenario.objects.unanalysed()) == [scenario]
    assert Scenario.objects.with_analyses().get().analysis is None


# --- The command ------------------------------------------------------------------------------------------


def test_the_command_analyses_what_is_nobodys_and_leaves_the_rest_to_the_workers(
    spec: ScenarioSpec, owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = kept(spec, owner)
    ScenarioAnalysis.objects.all().delete()
    library, _ = Scenario.objects.keep(spec, owner=None)
    call_command("analyse_scenarios")
    assert capsys.readouterr().out == "1 scenario analysed, 1 left to the workers.\n"
    assert library.analysis is not None
    assert analysed(mine).is_completed
    call_command("analyse_scenarios")
    assert capsys.readouterr().out == "0 scenarios analysed, 0 left to the workers.\n"


@pytest.mark.usefixtures("too_slow")
def test_what_cannot_be_analysed_is_not_tried_at_every_start(
    spec: ScenarioSpec, capsys: pytest.CaptureFixture[str]
) -> None:
    Scenario.objects.keep(spec, owner=None, source="tests")
    call_command("analyse_scenarios")
    told = capsys.readouterr()
    assert told.out == "0 scenarios analysed, 0 left to the workers.\n"
    assert told.err.startswith("tests/weekend-trip cannot be analysed: It took more than 0.05 s")
    call_command("analyse_scenarios")
    assert capsys.readouterr().err == ""
    call_command("analyse_scenarios", again=True)
    assert "cannot be analysed" in capsys.readouterr().err


# --- Its job on the pages of jobs ---------------------------------------------------------------------------


def test_the_pages_of_jobs_show_it_without_its_arrays(
    spec: ScenarioSpec, owner: User, as_owner: Client
) -> None:
    analysis = analysed(kept(spec, owner))
    for url in ("/jobs/", f"/jobs/{analysis.job_id}/", f"/api/jobs/{analysis.job_id}"):
        with CaptureQueriesContext(connection) as queries:
            answer = as_owner.get(url)
        assert answer.status_code == 200
        asked = [query["sql"] for query in queries if '"arrays"' in query["sql"]]
        assert asked == []
    assert "Analysis of weekend-trip" in as_owner.get("/jobs/").content.decode()
    found = as_owner.get("/jobs/", {"kind": "scenario analysis", "q": "weekend"})
    assert b"Analysis of" in found.content


def test_a_list_of_many_asks_no_more(spec: ScenarioSpec, owner: User, as_owner: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_owner.get("/jobs/")
        return len(queries)

    kept(spec, owner)
    few = asked()
    for number in range(5):
        kept(replace(spec, checksum=f"{number:064x}"), owner)
    assert asked() == few


def test_what_is_stored_counts_as_its_owners(spec: ScenarioSpec, owner: User) -> None:
    analysis = analysed(kept(spec, owner))
    stored = len(spec.document) + len(bytes(analysis.arrays or b""))
    assert stored_bytes(owner) == stored
