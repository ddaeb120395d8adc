"""The whole OpenAPI document is asked odd questions, and every answer is held against it (M-35).

`API_EXAMPLES` is how many examples each operation is tried with; the build takes few, since a table of rows is asked, too.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import Group, User
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.utils import timezone
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.transport.wsgi import WSGITransport

from api.models import ApiToken, Scope
from benchmarks.models import Benchmark
from negotiations.models import Session, Worker
from tests.factory import (
    ConfiguredFactory,
    NegotiatorFactory,
    NotificationFactory,
    ScenarioFactory,
    ScenarioImportFactory,
    SessionFactory,
    finish_matches,
    make_benchmark,
    make_completed_session,
    make_market,
    make_message,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(1800)]
EXAMPLES = int(os.environ.get("API_EXAMPLES") or 3)
CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
}


def one_connection_a_request(app: Any) -> Any:
    """Schemathesis asks from threads of its own, whose connections nobody else would close."""

    def asked(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response = app(environ, start_response)
        try:
            return [b"".join(response)]
        finally:
            response.close()
            connections.close_all()

    return asked


@pytest.fixture(autouse=True)
def only_what_wsgi_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemathesis hands what concerns the network to an application in this process too, which knows none of it."""
    send = WSGITransport.send

    def sent(self: WSGITransport, case: Any, **kwargs: Any) -> Any:
        known = {
            name: value for name, value in kwargs.items() if name not in ("max_redirects", "verify", "cert")
        }
        return send(self, case, **known)

    monkeypatch.setattr(WSGITransport, "send", sent)


@pytest.fixture
def keys(owner: User, stranger: User, group: Group) -> dict[str, list[Any]]:
    """What paths may name, by the noun in them: own, shared and foreign ones, of several kinds."""
    scenarios: list[Any] = [
        ScenarioFactory(name="Used bike"),
        ScenarioFactory(owner=owner),
        ScenarioFactory(owner=stranger),
    ]
    sessions: list[Any] = [
        SessionFactory(job__owner=owner),
        make_completed_session(job__owner=owner),
        SessionFactory(job__owner=stranger, job__group=group),
        SessionFactory(job__owner=stranger),
    ]
    benchmarks = [make_benchmark(owner), make_benchmark(stranger)]
    finish_matches(benchmarks[0])
    ConfiguredFactory(owner=owner, name="Mine")
    alive = timezone.now() + timedelta(hours=1)
    Worker.objects.create(
        name="here:1", host="here", cluster="parley", pid=1, started_at=alive, seen_at=alive
    )
    markets = [make_market(owner, 2, 2), make_market(owner, 4, 2, group), make_market(stranger, 1, 1)]
    rooms = [room for market in markets for room in market.rooms.all()]
    for room in rooms[1:4]:
        make_message(room.start(owner), 1, -1, "Your price?")
    rooms[2].decide(owner, "no_deal")
    return {
        "simulation": [str(each.pk) for each in markets],
        "negotiation": [str(each.pk) for each in rooms],
        "scenarios": [each.pk for each in scenarios],
        "sessions": [str(each.pk) for each in sessions],
        "jobs": [str(each.pk) for each in [*sessions, ScenarioImportFactory(job__owner=owner)]]
        + [str(each.job_id) for each in benchmarks],
        "benchmarks": [str(each.pk) for each in benchmarks],
        "negotiators": [NegotiatorFactory().pk],
        "notifications": [str(NotificationFactory(user=who).pk) for who in (owner, owner, stranger)],
    }


def config_of(keys: dict[str, list[Any]], secret: str) -> SchemathesisConfig:
    # What exists is nothing that a schema can tell: a body that names it wrong is a 400 with the field. Nor which price
    # is above which, and who has enough.
    statuses = ["2xx", 400, 403, 404, 409, 422, 429]
    named = {"checks": {"positive_data_acceptance": {"expected-statuses": statuses}}}
    moves = [f"negotiation/{{pk}}/{verb}" for verb in ("start", "message", "answer", "decide")]
    nouns = ("sessions", "benchmarks", "simulation/initialize", *moves)
    creations = [{"include-name": f"POST /api/v1/{noun}", **named} for noun in nouns]
    paths = [
        {
            "include-path-regex": f"^/api/v1/{noun}/",
            "parameters": {"path.pk": {"dictionary": noun, "probability": 0.8}},
        }
        for noun in keys
    ]
    logs = {"session_id": "simulation", "room_id": "negotiation"}
    paths.append(
        {
            "include-path-regex": "^/api/v1/logs/",
            "parameters": {
                f"path.{name}": {"dictionary": noun, "probability": 0.8} for name, noun in logs.items()
            },
        }
    )
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {secret}"},
            "dictionaries": {noun: {"values": values} for noun, values in keys.items()},
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": True},
            "phases": {"stateful": {"max-steps": 4}},
            "continue-on-failure": True,
            "operations": creations + paths,
        }
    )


def test_no_question_breaks_the_document(owner: User, keys: dict[str, list[Any]], settings: Any) -> None:
    settings.API_PER_MINUTE, settings.ACTIVE_JOBS = 10**9, 10**6
    _, secret = ApiToken.objects.make(owner, "schemathesis", Scope.RUN)
    app = one_connection_a_request(get_wsgi_application())
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config_of(keys, secret))
    asked, checked, wrong = Counter[str](), Counter[str](), list[str]()
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked[event.phase.value] += len(event.recorder.cases)
            checked.update(check.name for checks in event.recorder.checks.values() for check in checks)
            wrong += failures(event.recorder)
        if isinstance(event, events.NonFatalError):
            wrong.append(
                f"{event.label}: {event.info.message if hasattr(event.info, 'message') else event.info}"
            )
        if isinstance(event, events.FatalError):
            raise event.exception
    assert wrong == [], f"{len(wrong)} of {asked}"
    sys.stdout.write(f"{asked.total()} questions: {dict(asked)}; {dict(checked)}\n")  # for who looks, with -s
    assert set(checked) >= CHECKS
    # The examples of the document are right.
    assert Session.objects.filter(job__owner=owner, scenario__name="Used bike", n_steps=100).exists()
    assert Benchmark.objects.filter(job__owner=owner, name="Autumn cup", steps_high=100).exists()
    assert asked.total() > 1000 + 20 * EXAMPLES


def failures(recorder: Any) -> list[str]:
    found = [check for checks in recorder.checks.values() for check in checks if check.failure_info]
    return [
        f"{recorder.label} {check.name}: {check.failure_info.failure} {check.failure_info.code_sample}"
        for check in found
    ]
