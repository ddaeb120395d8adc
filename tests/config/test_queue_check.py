"""What `manage.py check` says of settings that contradict each other."""

from __future__ import annotations

from typing import Any

import pytest

from config.checks import check_queue


def found() -> list[str]:
    return [message.id or "" for message in check_queue()]


def test_the_settings_as_they_are_contradict_nothing() -> None:
    assert found() == []


@pytest.mark.parametrize("timeout", [0, 60, 90])
def test_a_timeout_that_does_not_stay_below_the_retry(settings: Any, timeout: int) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"timeout": timeout, "retry": 60}
    assert found() == ["config.E001"]


def test_a_transaction_around_every_request(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ATOMIC_REQUESTS", True)
    assert found() == ["config.E002"]


def test_a_lease_that_a_busy_machine_loses(settings: Any) -> None:
    settings.LEASE_SECONDS = 2.9
    assert found() == ["config.E003"]


def test_a_broker_whose_client_is_not_installed(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"redis": "redis://127.0.0.1:6379/0"}
    assert found() == []
    monkeypatch.setattr("config.checks.find_spec", lambda name: None)
    assert found() == ["config.E004"]


def test_a_cluster_to_which_no_job_goes(settings: Any) -> None:
    settings.SERVE_CLUSTERS = ["parley", "batch"]
    assert found() == ["config.E005"]
    settings.CLUSTERS = {"live": "parley", "batch": "batch"}
    assert found() == []
