"""Strict pages: no script, style or handler of a page's own, no stream, nothing that needs eval."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))

FORBIDDEN = {
    "inline style": r"\sstyle\s*=",
    "style element": r"<style",
    "inline script": r"<script(?![^>]*\bsrc=)",
    "handler": r"\son[a-z]+\s*=",
    "htmx handler": r"hx-on",
    "value that is evaluated": r"\bjs:|javascript:",
    "filter in a trigger, silently true without eval": r"hx-trigger=\"[^\"]*\[",
    "file of another host": r"(?:src|href)=\"(?:https?:)?//",
    "text that is not escaped": r"\|\s*safe\b|autoescape off",
}


@pytest.mark.parametrize("url", ["/", "/sign-in/", "/scenarios/", "/nothing/", "/admin/login/"])
def test_each_answer_has_the_strict_policy(client: Client, db: None, url: str) -> None:
    policy = client.get(url)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy + ";"
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy


def test_no_page_is_framed_or_sniffed(client: Client, db: None) -> None:
    response = client.get("/sign-in/")
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_no_template_has(kind: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in TEMPLATES
        for match in re.finditer(FORBIDDEN[kind], path.read_text())
    ]
    assert found == []


def test_there_are_templates_and_scripts_to_look_at() -> None:
    assert len(TEMPLATES) > 20
    assert {"live.js", "theme.js", "shell.js"} <= {path.name for path in SCRIPTS}


@pytest.mark.parametrize(
    "word", ["eval(", "new Function", "innerHTML", "insertAdjacentHTML", "document.write", "console."]
)
def test_no_script_of_ours_has(word: str) -> None:
    """N-15: the console stays silent; and text never becomes markup."""
    assert [path.name for path in SCRIPTS if word in path.read_text()] == []


def test_htmx_evaluates_nothing(client: Client, db: None) -> None:
    page = client.get("/sign-in/").content.decode()
    for setting in (
        '"allowEval":false',
        '"allowScriptTags":false',
        '"selfRequestsOnly":true',
        '"historyCacheSize":0',
    ):
        assert setting in page


def test_no_source_answers_with_an_event_stream() -> None:
    """N-18."""
    sources = [
        path for app in ("config", "negotiations", "notifications") for path in (ROOT / app).rglob("*.py")
    ]
    text = [
        path.name
        for path in sources
        if re.search("event-stream|StreamingHttpResponse|EventSource", path.read_text())
    ]
    assert text == []
    assert [path.name for path in SCRIPTS if "EventSource" in path.read_text()] == []


def test_no_route_streams() -> None:
    """N-18. The events of a room are a document that a program asks for with a cursor (M-10)."""

    def names(patterns: list[URLPattern | URLResolver]) -> list[str]:
        return [
            name
            for each in patterns
            for name in (names(each.url_patterns) if isinstance(each, URLResolver) else [str(each.pattern)])
        ]

    found = [route for route in names(get_resolver().url_patterns) if re.search("stream|sse|events", route)]
    assert found == ["negotiation/<uuidstr:pk>/events"]
