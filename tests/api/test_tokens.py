"""Tokens: hashed, shown once, revoked, expired, with a scope; beside them the session's cookie with its CSRF token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from api.models import ApiToken, Scope
from tests.api.programs import program_of, with_secret

ME = "/api/v1/me"


def test_only_a_hash_of_the_secret_is_kept(owner: User) -> None:
    token, secret = ApiToken.objects.make(owner, "notebook", Scope.READ)
    assert len(secret) > 45
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM api_apitoken")
        row = repr(cursor.fetchall())
    assert secret not in row
    assert secret[12:] not in row
    assert token.prefix == secret[:12]


def test_a_token_asks_in_its_owners_name(owner: User) -> None:
    response = program_of(owner, Scope.READ).get(ME)
    assert response.json() == {
        "username": "owner", "is_staff": False, "groups": ["lab"], "token": "program 0", "scope": "read",
    }  # fmt: skip


def test_a_session_asks_too(as_owner: Client) -> None:
    told = as_owner.get(ME).json()
    assert (told["username"], told["token"], told["scope"]) == ("owner", None, "run")


def test_a_revoked_token_is_refused_at_once(owner: User) -> None:
    token, secret = ApiToken.objects.make(owner, "notebook", Scope.READ)
    program = with_secret(secret)
    assert program.get(ME).status_code == 200
    assert token.revoke(owner)
    assert not token.revoke(owner)
    assert program.get(ME).status_code == 401


def test_an_expired_token_is_refused(owner: User) -> None:
    _, secret = ApiToken.objects.make(owner, "week", Scope.READ, timezone.now() + timedelta(days=7))
    program = with_secret(secret)
    assert program.get(ME).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert program.get(ME).status_code == 401


def test_the_token_of_somebody_who_may_no_longer_sign_in_is_refused(owner: User) -> None:
    program = program_of(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert program.get(ME).status_code == 401


def test_its_last_use_is_written_once_a_minute(owner: User, django_assert_num_queries: Any) -> None:
    token, secret = ApiToken.objects.make(owner, "notebook", Scope.READ)
    program = with_secret(secret)
    with time_machine.travel("2026-01-01 12:00", tick=False) as clock:
        program.get(ME)
        clock.shift(59)
        with django_assert_num_queries(2):  # the token with its owner, the groups
            program.get(ME)
        assert _last_use(token) == "12:00"
        clock.shift(1)
        program.get(ME)
    assert _last_use(token) == "12:01"


def _last_use(token: ApiToken) -> str:
    token.refresh_from_db()
    return f"{token.last_used_at:%H:%M}"


@pytest.mark.parametrize("scope", Scope.values)
def test_two_usable_tokens_of_a_person_have_two_names(owner: User, scope: str) -> None:
    token, _ = ApiToken.objects.make(owner, "same", scope)
    token.revoke(owner)
    again, _ = ApiToken.objects.make(owner, "same", scope)
    assert again.standing == "usable"
