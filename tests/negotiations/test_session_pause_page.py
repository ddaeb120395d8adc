"""Pausing and resuming a session from its page and its card, and what a person who has too much is told."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from negotiations.models import AuditEntry, Job, Session, Status
from tests.factory import NegotiatorFactory, ScenarioFactory
from tests.negotiations.session_rows import STATES, make_session

pytestmark = pytest.mark.django_db


def ask(client: Client, session: Session, verb: str, **headers: str) -> Any:
    return client.post(f"{session.get_absolute_url()}{verb}/", headers=headers)


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_buttons(as_owner: Client, owner: User, state: str) -> None:
    """N-20, N-17"""
    session = make_session(state, job__owner=owner)
    page = as_owner.get(session.get_absolute_url()).content.decode()
    offered = {verb for verb in ("pause", "resume", "cancel", "again") if f"{session.pk}/{verb}/" in page}
    wanted = {
        "pending": {"pause", "cancel"}, "running": {"pause", "cancel"}, "paused": {"resume", "cancel"},
    }.get(state, {"again"})  # fmt: skip
    assert offered == wanted
    assert f'href="/jobs/{session.pk}/"' in page
    assert ("Retry</button>" in page) == (state == "failed")


@pytest.mark.parametrize("state", ["pending", "running"])
def test_a_session_is_paused_and_resumed(as_owner: Client, owner: User, state: str) -> None:
    """N-20"""
    session = make_session(state, job__owner=owner)
    assert ask(as_owner, session, "pause").headers["Location"] == session.get_absolute_url()
    page = as_owner.get(session.get_absolute_url()).content.decode()
    assert "st-paused" in page
    assert ask(as_owner, session, "resume", **{"HX-Request": "true"}).status_code == 204
    assert Job.objects.filter(pk=session.pk, hold=False).exists()
    assert list(AuditEntry.objects.order_by("pk").values_list("deed", flat=True)) == ["paused", "resumed"]


def test_a_card_has_the_buttons_too(as_owner: Client, owner: User) -> None:
    running, paused = make_session("running", job__owner=owner), make_session("paused", job__owner=owner)
    page = as_owner.get("/sessions/").content.decode()
    assert f'hx-post="/sessions/{running.pk}/pause/"' in page
    assert f'hx-post="/sessions/{paused.pk}/resume/"' in page


def test_what_is_over_cannot_be_paused(as_owner: Client, owner: User) -> None:
    response = ask(as_owner, make_session("completed", job__owner=owner), "pause")
    assert response.status_code == 409
    assert "is over already. There is nothing left to pause." in response.content.decode()


def test_what_is_not_paused_cannot_be_resumed(as_owner: Client, owner: User) -> None:
    response = ask(as_owner, make_session("running", job__owner=owner), "resume")
    assert response.status_code == 409
    assert "is not paused. It goes on by itself." in response.content.decode()


def test_others_do_not_pause_it(as_colleague: Client, as_stranger: Client, owner: User, group: Group) -> None:
    session = make_session("running", job__owner=owner, job__group=group)
    response = ask(as_colleague, session, "pause")
    assert response.status_code == 403
    assert "belongs to owner. Only its owner can pause it; nothing was changed." in response.content.decode()
    assert ask(as_stranger, session, "pause").status_code == 404
    assert ask(Client(), session, "pause").status_code == 302
    assert not Job.objects.get(pk=session.pk).hold


def test_the_place_in_the_queue_is_said(as_owner: Client, owner: User) -> None:
    for _ in range(3):
        make_session("pending")
    session = make_session("pending", job__owner=owner)
    assert "Waiting for a worker, 3 ahead" in as_owner.get(session.get_absolute_url()).content.decode()
    Job.objects.exclude(pk=session.pk).update(status=Status.COMPLETED)
    assert (
        "Waiting for a worker, next in the queue" in as_owner.get(session.get_absolute_url()).content.decode()
    )


# --- Too much at once ---------------------------------------------------------------------------------------------


@pytest.fixture
def full(owner: User, settings: Any) -> None:
    """The owner has one active job and may have one."""
    make_session("pending", job__owner=owner)
    settings.ACTIVE_JOBS = 1


@pytest.mark.usefixtures("full")
def test_a_form_beyond_the_limit_says_why_and_loses_nothing(as_owner: Client) -> None:
    """J-18"""
    scenario, negotiator = ScenarioFactory(), NegotiatorFactory()
    data = {"scenario": scenario.pk, "n_steps": "77", "pace_ms": "5", "seed": "123"}
    seats = {f"party-{index}-negotiator": negotiator.pk for index in (0, 1)}
    response = as_owner.post("/sessions/new/", data | seats)
    page = response.content.decode()
    assert response.status_code == 429
    assert "You have 1 active job, and a person may have 1 at once" in page
    assert 'value="77"' in page
    assert 'value="123"' in page
    assert page.count(f'<option value="{negotiator.pk}" selected') == 2
    assert Session.objects.count() == 1


@pytest.mark.usefixtures("full")
def test_running_again_beyond_the_limit_is_refused(as_owner: Client, owner: User) -> None:
    """J-18"""
    old = make_session("failed", job__owner=owner)
    old.parties.update(negotiator=NegotiatorFactory())
    response = ask(as_owner, old, "again")
    assert response.status_code == 429
    assert "Nothing was started." in response.content.decode()


@pytest.mark.usefixtures("full")
def test_the_example_beyond_the_limit_says_why(as_owner: Client) -> None:
    """J-18"""
    ScenarioFactory()
    NegotiatorFactory(type="negmas.A", short_name="A")
    NegotiatorFactory(type="negmas.B", short_name="B")
    page = as_owner.post("/home/example/", follow=True).content.decode()
    assert "You have 1 active job" in page


@pytest.mark.usefixtures("full")
def test_an_upload_beyond_the_limit_says_why(as_owner: Client) -> None:
    """J-18"""
    from_a_person = {"documents": _zip(), "tags": "mine, yours"}
    response = as_owner.post("/scenarios/upload/", from_a_person)
    assert response.status_code == 429
    assert "You have 1 active job" in response.content.decode()
    assert "mine, yours" in response.content.decode()


def _zip() -> Any:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/a.yml", "x: 1")
    return SimpleUploadedFile("a.zip", packed.getvalue())
