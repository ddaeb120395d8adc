"""Who asks: a token in `Authorization: Bearer`, or the session's cookie with the CSRF token of its pages."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import caches
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.throttling import BaseThrottle
from ninja.utils import check_csrf

from api.answers import Refusal
from api.middleware import SAFE
from api.models import ApiToken
from config.redis_errors import RedisError

CHALLENGE = {"WWW-Authenticate": "Bearer"}
NOT_SIGNED_IN = "Send a token in the header Authorization: Bearer, or sign in. Tokens are made at /tokens/."


class Token(HttpBearer):
    """Where the header is there, no cookie is looked at: a wrong token never falls back to somebody's session."""

    def __call__(self, request: HttpRequest) -> ApiToken | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        kind, _, secret = header.partition(" ")
        return self.authenticate(request, secret if kind.lower() == "bearer" else "")

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        found = ApiToken.objects.with_secret(token)
        if found is None:
            told = "This token is unknown, revoked or expired. Make another at /tokens/."
            raise Refusal(401, "NOT_SIGNED_IN", told, headers=CHALLENGE)
        if request.method not in SAFE and not found.may_run:
            told = "This token may read only. Make one with the scope run at /tokens/."
            raise Refusal(403, "SCOPE", told)
        found.note_use()
        request.user = found.user
        return found


class Cookie(APIKeyCookie):
    """The session that a page of Parley has; what changes anything needs the page's CSRF token beside it."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        if not request.user.is_authenticated:
            return None
        if request.method not in SAFE and check_csrf(request):
            told = "The header X-CSRFToken is missing or too old. Send that of the page, or use a token."
            raise Refusal(403, "CSRF_FAILED", told)
        return request.user


class PerMinute(BaseThrottle):
    """So many requests a person and a minute of the clock, however many tokens they have: counted in the cache `api`."""

    def allow_request(self, request: HttpRequest) -> bool:
        counts: Any = caches["api"]
        key = f"{request.user.pk}-{int(time.time() // 60)}"
        try:
            counts.add(key, 0, timeout=120)
            n_asked: int = counts.incr(key)
        except (ValueError, RedisError):  # thrown out meanwhile, as a full cache may; or nobody counts now
            return True
        return n_asked <= settings.API_PER_MINUTE

    def wait(self) -> float:
        """Seconds to the next minute."""
        return 60 - time.time() % 60
