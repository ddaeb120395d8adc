"""What is answered where something broke that nobody caught."""

from __future__ import annotations

import sqlite3
import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from negotiations.patience import TRANSIENT

RETRY_SECONDS = 5


def broken(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles what was raised. A database that is away is no fault of the page, and it passes."""
    if not _is_away(sys.exception()):
        return server_error(request)
    told = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=told)


def _is_away(error: BaseException | None) -> bool:
    """SQLite calls it operational, too, where it cannot do what it was asked: no waiting brings a table that is missing."""
    if not isinstance(error, TRANSIENT):
        return False
    return getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
