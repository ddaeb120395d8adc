"""The page of tokens: made, shown once, listed, revoked, each person's own; and what the audit and staff see."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.test import Client

from api.models import MOST_TOKENS, ApiToken, Scope
from negotiations.models import AuditEntry
from tests.api.programs import with_secret

URL = "/tokens/"
WANTED = {"name": "notebook", "scope": "run", "days": "90"}


def page(response: Any) -> str:
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def secret_in(text: str) -> str:
    found = re.search(r'id="token-secret" value="(parley_[\w-]+)"', text)
    assert found, "the secret is not shown"
    return found[1]


def test_a_token_is_made_and_its_secret_shown_once(as_owner: Client, owner: User) -> None:
    response = as_owner.post(URL, WANTED)
    secret = secret_in(page(response))
    assert "no-store" in response["Cache-Control"]
    assert with_secret(secret).get("/api/v1/me").json()["username"] == "owner"
    shown = page(as_owner.get(URL))
    assert secret not in shown
    assert secret[:12] in shown
    token = ApiToken.objects.get()
    assert (token.name, token.scope, token.user) == ("notebook", Scope.RUN, owner)
    assert token.expires_at


def test_one_may_hold_until_it_is_revoked(as_owner: Client) -> None:
    as_owner.post(URL, WANTED | {"days": ""})
    assert ApiToken.objects.get().expires_at is None


def test_a_page_that_is_sent_again_makes_no_second_one(as_owner: Client) -> None:
    as_owner.post(URL, WANTED)
    shown = page(as_owner.post(URL, WANTED))
    assert "You have a token “notebook” already. Revoke it, or choose another name." in shown
    assert 'id="token-secret"' not in shown
    assert ApiToken.objects.count() == 1


def test_two_clicks_at_once_make_one(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr("api.models.ApiTokenQuerySet.make", taken)
    assert "already" in page(as_owner.post(URL, WANTED))


@pytest.mark.parametrize(
    "sent",
    [{"name": ""}, {"name": "x" * 61}, {"name": "a\0b"}, {"scope": "all"}, {"days": "1"}, {"days": "-1"}],
)
def test_what_is_wrong_is_told_beside_the_field(as_owner: Client, sent: dict[str, str]) -> None:
    assert "invalid-feedback" in page(as_owner.post(URL, WANTED | sent))
    assert not ApiToken.objects.exists()


def test_there_are_so_many_and_no_more(as_owner: Client, owner: User) -> None:
    for number in range(MOST_TOKENS):
        ApiToken.objects.make(owner, f"token {number}", Scope.READ)
    assert "Revoke one first." in page(as_owner.post(URL, WANTED))


def test_revoking_takes_it_away_and_off_the_list(as_owner: Client, owner: User) -> None:
    token, secret = ApiToken.objects.make(owner, "notebook", Scope.READ)
    response = as_owner.post(f"{URL}{token.pk}/revoke/", follow=True)
    assert "The token “notebook” is revoked." in page(response)
    assert f'id="token-{token.pk}"' not in page(response)
    assert with_secret(secret).get("/api/v1/me").status_code == 401


def test_nobody_sees_or_revokes_anothers(as_stranger: Client, as_superuser: Client, owner: User) -> None:
    token, _ = ApiToken.objects.make(owner, "notebook of the owner", Scope.READ)
    for client in (as_stranger, as_superuser):
        assert "notebook of the owner" not in page(client.get(URL))
        assert client.post(f"{URL}{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.standing == "usable"


def test_the_anonymous_are_asked_to_sign_in(client: Client, db: None) -> None:
    for url in (URL, "/api/v1/docs"):
        assert client.get(url).status_code == 302


def test_making_and_revoking_are_in_the_audit_without_the_secret(as_owner: Client, owner: User) -> None:
    secret = secret_in(page(as_owner.post(URL, WANTED)))
    as_owner.post(f"{URL}{ApiToken.objects.get().pk}/revoke/")
    told = list(AuditEntry.objects.order_by("pk").values_list("by__username", "deed", "thing", "detail"))
    assert told == [
        ("owner", deed, "notebook", f"{secret[:12]}… of owner, may run") for deed in ("created", "revoked")
    ]


def test_staff_look_at_tokens_and_revoke_them(as_superuser: Client, superuser: User, owner: User) -> None:
    token, secret = ApiToken.objects.make(owner, "notebook", Scope.READ)
    shown = page(as_superuser.get(f"/admin/api/apitoken/{token.pk}/change/"))
    assert secret not in shown
    assert token.hashed not in shown
    sent = {"action": "revoke", "_selected_action": [token.pk]}
    assert "1 of 1 revoked." in page(as_superuser.post("/admin/api/apitoken/", sent, follow=True))
    token.refresh_from_db()
    assert token.standing == "revoked"
    assert AuditEntry.objects.get(deed="revoked").by == superuser


def test_the_reference_needs_no_other_site(as_owner: Client) -> None:
    """M-35"""
    shown = page(as_owner.get("/api/v1/docs"))
    assert 'data-url="/api/v1/openapi.json"' in shown
    assert not re.search(r'(src|href)="(https?:)?//', shown)
    assert not re.search(r"<(script|style)>", shown)


@pytest.mark.parametrize("url", ["/", URL])
def test_the_reference_is_linked_from_every_page(as_owner: Client, url: str) -> None:
    """M-35."""
    assert '<a href="/api/v1/docs">' in page(as_owner.get(url))
    assert as_owner.get("/api/v1/docs").status_code == 200
