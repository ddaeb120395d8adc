"""Programs that ask with a token."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from api.models import ApiToken, Scope


def program_of(user: User, scope: str = Scope.RUN) -> Client:
    """As a program elsewhere: a token, no cookie, and CSRF enforced as in the product."""
    count = ApiToken.objects.of(user).count()
    _, secret = ApiToken.objects.make(user, f"program {count}", scope)
    return with_secret(secret)


def with_secret(secret: str) -> Client:
    headers: dict[str, Any] = {"Authorization": f"Bearer {secret}"}
    return Client(enforce_csrf_checks=True, headers=headers)


def change(client: Client, url: str) -> Any:
    """POST with nothing behind it: the client's own `post` sends an empty form."""
    return client.generic("POST", url)
