"""What the browser tests of a session's charts do over and over."""

from __future__ import annotations

from playwright.sync_api import Page, expect

PLOTTED = '[data-plot="{name}"].is-live'


def touch(page: Page, name: str = "space") -> None:
    """Move over a chart and wait until it can be explored."""
    page.locator(f'[data-plot="{name}"]').hover()
    expect(page.locator(PLOTTED.format(name=name))).to_be_attached(timeout=20_000)


def traces(page: Page, name: str = "space") -> list[dict[str, object]]:
    """Of each trace of a chart its name, mode, number of points and visibility."""
    script = """name => document.querySelector(`[data-plot="${name}"] .plot-live`).data.map(
        each => ({name: each.name, mode: each.mode, points: each.x.length, type: each.type}))"""
    found: list[dict[str, object]] = page.evaluate(script, name)
    return found
