"""HEAD is answered as GET, without the body: through WSGI, since the tests' client would take it away by itself."""

from __future__ import annotations

from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

from tests.factory import SessionFactory


def ask(client: Client, method: str, path: str) -> tuple[str, dict[str, str], bytes]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_COOKIE": client.cookies.output(header=""),
    }
    setup_testing_defaults(environ)
    environ["HTTP_HOST"] = "testserver"
    told: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Any:
        told.extend([status, dict(headers)])

    response = WSGIHandler()(environ, start)
    body = b"".join(response)
    response.close()
    return told[0], told[1], body


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/sign-in/",
        "/sessions/",
        "/api/notifications",
        "/api/negotiation/{pk}",
        "/api/jobs/{pk}",
        "/api/jobs/none",
        "/sessions/{pk}/export.csv",
        "/static/js/live.js",
        "/nothing/here/",
    ],
)
def test_head_has_the_headers_of_get_and_no_body(as_owner: Client, owner: User, path: str) -> None:
    path = path.format(pk=SessionFactory(job__owner=owner).pk)
    status, headers, body = ask(as_owner, "GET", path)
    assert body
    same_status, same_headers, nothing = ask(as_owner, "HEAD", path)
    assert (same_status, nothing) == (status, b"")
    assert set(same_headers) == set(headers)
    assert same_headers.get("Content-Length") == headers.get("Content-Length")
