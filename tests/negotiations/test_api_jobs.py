"""Jobs as JSON: all fields, who may read and change them, and what it costs."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Job, Status
from tests.factory import ScenarioImportFactory, make_completed_session
from tests.negotiations.job_rows import WORDS, make_job

pytestmark = pytest.mark.django_db


def ask(client: Client, job: Any, end: str = "") -> tuple[int, dict[str, Any]]:
    response = client.get(f"/api/jobs/{getattr(job, 'pk', job)}{end}")
    assert response["Content-Type"] == "application/json"
    return response.status_code, json.loads(response.content)


def test_all_fields_are_there(as_owner: Client, owner: User) -> None:
    """J-03, J-04"""
    job = make_job("processing", job__owner=owner)
    status, data = ask(as_owner, job)
    assert status == 200
    assert set(data) >= {
        "id", "status", "user", "created_at", "updated_at", "form_data", "progress", "progress_history", "result",
        "error_message", "kind", "attempt", "lease_until",
    }  # fmt: skip
    assert (data["id"], data["status"], data["user"], data["kind"]) == (
        str(job.pk),
        "processing",
        "owner",
        "session",
    )
    assert data["progress"] == {
        "current_step": 3, "total_steps": 1000, "step_name": "", "message": "", "percentage": 0,
    }  # fmt: skip
    assert data["result"] is None


def test_form_data_is_what_was_asked_for(as_owner: Client, owner: User) -> None:
    """J-03"""
    _, data = ask(as_owner, make_job("queued", job__owner=owner))
    asked = data["form_data"]
    assert [party["name"] for party in asked["parties"]] == ["BoulwareTBNegotiator"] * 2
    assert (asked["n_steps"], asked["seed"], asked["pace_ms"]) == (1000, 7, 0)
    assert asked["scenario"]["name"].startswith("Used bike")
    upload = ScenarioImportFactory(job__owner=owner, filename="anac.zip", tags=["anac"])
    assert ask(as_owner, upload)[1]["form_data"] == {"filename": "anac.zip", "tags": ["anac"]}


def test_the_last_ten_lines_of_history_are_shown(as_owner: Client, owner: User) -> None:
    """J-07, J-08"""
    job = make_job("queued", job__owner=owner)
    for step in range(15):
        job.note(f"Step {step}")
    history = ask(as_owner, job)[1]["progress_history"]
    assert [line["message"] for line in history] == [f"Step {step}" for step in range(5, 15)]
    assert set(history[0]) == {"timestamp", "step", "step_name", "message", "percentage", "status"}
    assert datetime.fromisoformat(history[0]["timestamp"]).tzinfo is not None


@pytest.mark.parametrize("word", WORDS)
def test_each_status_is_one_of_the_five(as_owner: Client, owner: User, word: str) -> None:
    """J-02"""
    _, data = ask(as_owner, make_job(word, job__owner=owner))
    assert data["status"] in Status.values
    assert data["paused"] == (word == "paused")


def test_a_result_is_there_once_it_is_completed(as_owner: Client, owner: User) -> None:
    """J-17"""
    session = make_completed_session(job__owner=owner)
    status, data = ask(as_owner, session, "/result")
    assert status == 200
    assert data["result"]["agreement"] == ["high", "yes"]
    assert data["result"]["utilities"] == [0.625, 0.375]
    assert ask(as_owner, session)[1]["result"] == data["result"]


@pytest.mark.parametrize("word", ["queued", "processing", "paused", "failed", "cancelled"])
def test_before_that_it_is_a_conflict(as_owner: Client, owner: User, word: str) -> None:
    """J-17"""
    status, data = ask(as_owner, make_job(word, job__owner=owner), "/result")
    assert status == 409
    assert data["error"] == "NOT_COMPLETED"


def test_an_import_has_its_report(as_owner: Client, owner: User) -> None:
    upload = ScenarioImportFactory(job__owner=owner, report=[{"path": "a", "verdict": "accepted"}])
    Job.objects.filter(pk=upload.pk).update(status=Status.COMPLETED)
    assert ask(as_owner, upload, "/result")[1]["result"]["report"] == [{"path": "a", "verdict": "accepted"}]


@pytest.mark.parametrize("end", ["", "/result"])
def test_who_may_not_see_it_does_not_find_it(
    as_stranger: Client, as_colleague: Client, owner: User, group: Group, end: str
) -> None:
    """J-11, J-25"""
    job = make_job("completed", job__owner=owner, job__group=group)
    foreign, missing = ask(as_stranger, job, end), ask(as_stranger, uuid.uuid4(), end)
    assert foreign[0] == missing[0] == ask(as_stranger, "nonsense", end)[0] == 404
    assert set(foreign[1]) == {"error", "message", "details", "timestamp"}
    assert foreign[1]["message"] == missing[1]["message"]
    assert ask(Client(), job, end)[0] == 401
    assert ask(as_colleague, job, end)[0] == 200


def test_a_status_costs_two_queries(as_owner: Client, owner: User, django_assert_num_queries: Any) -> None:
    """J-22: beyond the visitor's own session and user, whatever the kind and the status."""
    for job in (make_job("processing", job__owner=owner), make_completed_session(job__owner=owner).job):
        with django_assert_num_queries(4):
            ask(as_owner, job)
    upload = ScenarioImportFactory(job__owner=owner)
    with django_assert_num_queries(4):
        ask(as_owner, upload)


def test_a_traceback_is_never_told(as_superuser: Client, owner: User) -> None:
    """J-16"""
    job = make_job("failed", job__owner=owner)
    Job.objects.filter(pk=job.pk).update(traceback="File secret.py")
    assert "secret.py" not in json.dumps(ask(as_superuser, job)[1])


# --- Changes ------------------------------------------------------------------------------------------------------


def change(client: Client, job: Job, verb: str) -> tuple[int, dict[str, Any]]:
    response = client.post(f"/api/jobs/{job.pk}/{verb}")
    return response.status_code, json.loads(response.content)


def test_pause_resume_and_cancel(as_owner: Client, owner: User) -> None:
    """N-20, J-12"""
    job = make_job("queued", job__owner=owner)
    assert change(as_owner, job, "pause") == (200, {"id": str(job.pk), "status": "queued", "paused": True})
    assert change(as_owner, job, "resume")[1]["paused"] is False
    assert change(as_owner, job, "cancel")[1]["status"] == "cancelled"


def test_what_cannot_be_done_now_is_a_conflict_with_the_reason(as_owner: Client, owner: User) -> None:
    """J-12"""
    status, data = change(as_owner, make_job("completed", job__owner=owner), "cancel")
    assert status == 409
    assert data["message"] == "This job is over already. There is nothing left to cancel."
    assert data["details"]["status"] == "completed"


def test_changes_are_the_owners(as_colleague: Client, as_stranger: Client, owner: User, group: Group) -> None:
    job = make_job("queued", job__owner=owner, job__group=group)
    assert change(as_colleague, job, "cancel")[0] == 403
    assert change(as_stranger, job, "cancel")[0] == 404
    assert change(Client(), job, "cancel")[0] == 401
    assert Job.objects.get(pk=job.pk).status == Status.QUEUED


def test_a_change_needs_the_token_of_the_site(owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post(f"/api/jobs/{job.pk}/cancel").status_code == 403
    assert strict.get(f"/api/jobs/{job.pk}/cancel").status_code == 405
