"""The admin of presets, tags, configured negotiators, analyses, forks, deletions and inboxes: for looking (J-24)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from negotiations.models import (
    Component,
    Deletion,
    Fork,
    Preset,
    ScenarioAnalysis,
    Session,
    SessionTag,
)
from notifications.models import LiveMinute
from tests.factory import (
    ConfiguredFactory,
    GroupFactory,
    NegotiatorFactory,
    NotificationFactory,
    ScenarioFactory,
    SessionFactory,
    UserFactory,
    make_completed_session,
)

MODELS = [
    *(apps.get_model("negotiations", name) for name in (
        "ScenarioAnalysis", "Preset", "ConfiguredNegotiator", "Component", "SessionTag", "Fork", "Deletion",
    )),
    *(apps.get_model("notifications", name) for name in ("Inbox", "LiveMinute", "Notification")),
]  # fmt: skip
INLINE = {"JobLog", "JobProgress", "Move", "Party", "RoomSeller", "Seller"}
"""They are shown on the page of what they belong to."""


def url_of(model: Any, tail: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{tail}"


def fill(times: int) -> None:
    for number in range(times):
        session = make_completed_session(scenario=ScenarioFactory(owner=UserFactory()))
        owner, scenario = session.job.owner, session.scenario
        ScenarioAnalysis.objects.create(scenario=scenario, method="exact", arrays=b"never shown")
        SessionTag.objects.add([session.pk], ["one", "two"])
        Preset.objects.create(
            owner=owner, name="Mine", scenario=scenario, n_steps=20, seats=[{"name": "Linear"}, {}]
        )
        ConfiguredFactory(
            owner=owner, group=GroupFactory(), negotiator=NegotiatorFactory(type=f"negmas.T{number}")
        )
        Component.objects.create(slot="offering", name=f"Part {number}", needs=["model"])
        fork = SessionFactory(forked_from=session, forked_seq=2)
        Fork.objects.create(session=fork, what="action")
        Deletion.objects.start(owner=owner, sessions=Session.objects.filter(pk=session.pk))
        NotificationFactory(user=owner)
        LiveMinute.objects.create(minute=timezone.now(), page="session-live", process=f"h:{number}")


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_list_opens_and_asks_no_query_a_row(
    as_superuser: Client, model: Any, django_assert_max_num_queries: Any
) -> None:
    fill(12)
    with django_assert_max_num_queries(10):
        answer = as_superuser.get(url_of(model))
    assert answer.status_code == 200
    assert answer.context["cl"].result_count >= 12


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_has_a_page_on_which_nothing_is_written(as_superuser: Client, model: Any) -> None:
    fill(1)
    row = model.objects.all()[0]
    answer = as_superuser.get(url_of(model, f"{row.pk}/change/"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="_save"' not in page and "never shown" not in page
    assert as_superuser.post(url_of(model, f"{row.pk}/change/"), {}).status_code == 403
    assert as_superuser.post(url_of(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    assert as_superuser.get(url_of(model, "add/")).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_who_is_staff_sees_what_they_may_and_who_is_not_nothing(
    as_owner: Client, client: Client, model: Any
) -> None:
    staff = UserFactory(is_staff=True)
    client.force_login(staff)
    assert client.get(url_of(model)).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename=f"view_{model._meta.model_name}"))
    assert client.get(url_of(model)).status_code == 200
    assert as_owner.get(url_of(model)).status_code == 302


@pytest.mark.parametrize("label", ["negotiations", "notifications"])
def test_no_model_was_forgotten(label: str) -> None:
    registered = set(admin.site._registry)
    left = {model.__name__ for model in apps.get_app_config(label).get_models()} - {
        model.__name__ for model in registered if model._meta.app_label == label
    }
    assert left == (INLINE if label == "negotiations" else set())


def test_columns_say_what_a_row_is_about(as_superuser: Client) -> None:
    fill(1)
    session = Session.objects.exclude(forked_from=None).get()
    assert str(session.forked_from_id) in as_superuser.get(url_of(Fork)).content.decode()
    assert "Linear, –" in as_superuser.get(url_of(Preset)).content.decode()
    assert "1 session" in as_superuser.get(url_of(Deletion)).content.decode()
