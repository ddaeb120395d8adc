"""X-08, M-09: who sits in a session that goes on learns from no page, fragment, file or answer what the others want.

A walk over every address there is, as a colleague with a seat and as a superuser with one; and as somebody without, so
that it is known that the walk would notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from config.api import v1
from tests.api.programs import program_of
from tests.conftest import client_of
from tests.factory import UserFactory
from tests.negotiations.kept_scenarios import OWN, SECRETS, Table, laid

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(group: Group) -> User:
    user: User = UserFactory(username="author")
    user.groups.add(group)
    return user


@pytest.fixture(params=["colleague", "superuser"])
def table(request: pytest.FixtureRequest, group: Group, author: User) -> Table:
    return laid(request.getfixturevalue(request.param), group, author)


def names(found: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for each in found:
        if isinstance(each, URLResolver):
            yield from names(
                each.url_patterns, f"{namespace}{each.namespace}:" if each.namespace else namespace
            )
        elif each.name:
            yield f"{namespace}{each.name}"


NAMES = sorted(
    name for name in set(names(get_resolver().url_patterns)) if not name.startswith(("admin:", "v1:", "log"))
)


def keys(table: Table) -> list[list[object]]:
    """Whatever may stand in a path."""
    things = (table.scenario, table.copy, table.session, table.other, table.benchmark, table.preset)
    benchmark = table.benchmark.pk
    files: list[list[object]] = [[benchmark, kind] for kind in ("csv", "scores", "json", "negmas")]
    return [[], *([thing.pk] for thing in things), [benchmark, 0], *files]


def queries(table: Table) -> list[str]:
    copy, other = table.copy.pk, table.other.pk
    both = f"ids={other}&ids={table.session.pk}&ids={table.benchmark.pk}"
    return [
        "", f"?{both}&x=1&y=2&view=list&sort=fierce&step=1&log=0&after=0&party=0&issue-0=1&issue-1=0",
        f"?again={other}&scenario={copy}&from={copy}&preset={table.preset.pk}&least=0.5&v-scenario-card-{copy}=waiting"
        f"&v-scenario-row-{table.scenario.pk}=waiting&v-session-{other}=x&v-row-{other}=x",
    ]  # fmt: skip


def pages(table: Table) -> Iterator[str]:
    for name in NAMES:
        for arguments in keys(table):
            try:
                url = reverse(name, args=arguments)
            except NoReverseMatch:
                continue
            yield from (url + query for query in queries(table))


def of_the_api(table: Table) -> Iterator[str]:
    for path, verbs in v1.get_openapi_schema()["paths"].items():
        for arguments in keys(table) if "get" in verbs else ():
            parts = iter(arguments)
            yield re.sub(r"{\w+}", lambda _, parts=parts: str(next(parts, "0")), path)  # type: ignore[misc]


def of_the_administration(table: Table) -> Iterator[str]:
    for model, key in (
        ("scenario", table.scenario.pk), ("scenario", table.copy.pk), ("scenarioanalysis", table.scenario.analyses.get().pk),
        ("session", table.session.pk), ("session", table.other.pk), ("job", table.other.pk), ("preset", table.preset.pk),
    ):  # fmt: skip
        yield reverse(f"admin:negotiations_{model}_change", args=[key])
        yield reverse(f"admin:negotiations_{model}_changelist")
    yield f"{reverse('admin:negotiations_offer_changelist')}?q={table.other.pk}"
    yield f"{reverse('admin:benchmarks_match_changelist')}?q={table.benchmark.pk}"
    yield reverse("admin:benchmarks_match_change", args=[table.benchmark.matches.get(index=0).pk])


def told(client: Client, url: str) -> tuple[int, str]:
    """All that the answer says, without keys and times; a zip as what is in it would be found by its names alone."""
    response: Any = client.get(url)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace")
    return response.status_code, re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+|[0-9a-f]{8}-[0-9a-f-]{27}", "", text)


def found_by(user: User, table: Table) -> dict[str, set[str]]:
    """By secret, where it was found."""
    browser, program = client_of(user), program_of(user)
    asked = [(browser, url) for url in pages(table)] + [(program, url) for url in of_the_api(table)]
    asked += [(browser, url) for url in of_the_administration(table)] if user.is_staff else []
    found: dict[str, set[str]] = {}
    for client, url in asked:
        status, text = told(client, url)
        assert status != 500, url
        for secret in SECRETS:
            if secret in text:
                found.setdefault(secret, set()).add(url)
    return found


def test_no_address_tells_them_what_the_others_want(table: Table) -> None:
    assert found_by(table.person, table) == {}


def test_somebody_without_a_seat_finds_all_of_it(group: Group, author: User, colleague: User) -> None:
    """The walk would notice."""
    table = laid(colleague, group, author)
    reader = UserFactory(username="reader")
    reader.groups.add(group)
    assert set(SECRETS) - set(found_by(reader, table)) == set()


def test_their_own_party_is_told_of_and_why_the_others_are_not(table: Table) -> None:
    client = client_of(table.person)
    for scenario in (table.scenario, table.copy):
        status, page = told(client, scenario.get_absolute_url())
        assert (status, OWN in page) == (200, True)
        assert "What the other parties want is hidden from you until it is." in page
        assert table.session.seat_url() in client.get(scenario.get_absolute_url()).content.decode()
