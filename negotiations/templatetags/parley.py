"""What templates say with one word: icons, party marks, statuses, utilities, outcomes, rooms of the top bar."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import lucide
from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

HUES = "abcdef"
# Hue and shape go together: a party is told apart without its colour too.
SHAPES = (
    '<circle cx="6" cy="6" r="5"/>',
    '<rect x="1.5" y="1.5" width="9" height="9"/>',
    '<path d="M6 .8 11.6 10.6H.4z"/>',
    '<path d="M6 0 12 6 6 12 0 6z"/>',
    '<path d="M6 11.2.4 1.4h11.2z"/>',
    '<path d="M4 0h4v4h4v4H8v4H4V8H0V4h4z"/>',
)
STATUS_ICONS = {
    "queued": "clock",
    "pending": "clock",
    "processing": "circle",
    "running": "circle",
    "paused": "pause",
    "completed": "check",
    "failed": "octagon-x",
    "cancelled": "ban",
}
# The rooms of the top bar, each with the key that follows `g`. A phone's bar has room for five; the others are in the menu there.
ROOMS = (
    ("Sessions", "negotiations:session-list", "message-square", "s"),
    ("Markets", "negotiations:market-list", "store", "m"),
    ("Benchmarks", "benchmarks:benchmark-list", "trophy", "b"),
    ("Scenarios", "negotiations:scenario-list", "chart-scatter", "c"),
    ("Negotiators", "negotiations:negotiator-list", "users", "n"),
    ("Jobs", "negotiations:job-list", "list-checks", "j"),
)
NOT_IN_PHONES_BAR = ("Negotiators",)


@functools.cache
def _svg(name: str, css: str) -> SafeString:
    """An icon out of lucide's archive: opening that takes 60 ms the first time, so each is kept."""
    return SafeString(lucide._render_icon(name, None, **{"class": css, "aria_hidden": "true"}))


@register.simple_tag
def icon(name: str, css: str = "i") -> SafeString:
    return _svg(str(name), str(css))


@register.filter
def hue(index: int) -> str:
    """The letter of a seat's colour: class `p{{ index|hue }}` for marks, `t{{ index|hue }}` for text."""
    return HUES[index % len(HUES)]


@register.simple_tag
def mark(index: int) -> SafeString:
    """The mark of a seat; from the seventh on the hues come again, hollow. A name always stands beside it."""
    hollow = " mk-hollow" if index >= len(HUES) else ""
    shape = mark_safe(SHAPES[index % len(SHAPES)])
    svg = '<svg class="mk p{}{}" viewBox="0 0 12 12" aria-hidden="true">{}</svg>'
    return format_html(svg, hue(index), hollow, shape)


@register.simple_tag
def mark_of(index: int, name: object) -> SafeString:
    """The mark of a seat with its name for who does not see it, in a page that has the `mark_shapes`: short, for long lists."""
    hollow = " mk-hollow" if index >= len(HUES) else ""
    svg = '<svg class="mk p{}{}" role="img" aria-label="{}"><use href="#mark-{}"/></svg>'
    return format_html(svg, hue(index), hollow, name, index % len(SHAPES))


@register.simple_tag
def mark_shapes() -> SafeString:
    """What `mark_of` draws from; once a page."""
    symbols = "".join(
        f'<symbol id="mark-{index}" viewBox="0 0 12 12">{shape}</symbol>'
        for index, shape in enumerate(SHAPES)
    )
    return mark_safe(f'<svg class="sprite" aria-hidden="true">{symbols}</svg>')


@register.simple_tag
def party(index: int, name: object) -> SafeString:
    return format_html('<span class="party">{}<span>{}</span></span>', mark(index), name)


@register.simple_tag
def bar(share: float, index: int) -> SafeString:
    """A share of 1 in a seat's colour; its number stands beside it, so the picture itself is silent."""
    svg = (
        '<svg class="bar p{}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="6"/></svg>'
    )
    return format_html(svg, hue(index), round(100 * min(max(share, 0.0), 1.0), 1))


@register.simple_tag
def status(word: str, css: str = "") -> SafeString:
    """The pill of a status: shape, word and tint. `css="st-flat"` is the quiet one of lists."""
    name = STATUS_ICONS[word]
    shape = _svg(name, "i dot" if name == "circle" else "i")
    return format_html('<span class="st st-{} {}">{}{}</span>', word, css, shape, word.capitalize())


@register.filter
def utility(value: float | None) -> str:
    """Two decimals and a minus sign that is one; an en dash where there is none."""
    return "–" if value is None else f"{value:z.2f}".replace("-", "−")


@register.filter
def power(size: str) -> SafeString:
    """The size of a scenario with its exponent raised, where it has one."""
    base, _, exponent = size.partition("^")
    return format_html("{}<sup>{}</sup>", base, exponent) if exponent else format_html("{}", base)


@register.filter
def outcome(values: Sequence[Any] | None) -> str:
    """The values of an outcome in issue order."""
    return "–" if values is None else " · ".join(_value(value) for value in values)


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@register.filter
def duration(seconds: float | None) -> str:
    """0.4 s, 28 s, 3 min 5 s, 2 h 10 min."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago: 12 s, 5 min, 3 h, 4 d."""
    if moment is None:
        return "–"
    seconds = max(0, round((timezone.now() - moment).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


@register.simple_tag
def list_url(shown: Any, **changes: Any) -> str:
    """The address of a list with these of its filters changed."""
    return str(shown.url(**changes))


@register.simple_tag(takes_context=True)
def rooms(context: Context) -> list[dict[str, Any]]:
    """The rooms of the top bar, and which of them stand at the bottom of a phone."""
    path = getattr(context.get("request"), "path", "")
    urls = [(title, reverse(name), shape, key) for title, name, shape, key in ROOMS]
    return [
        {
            "title": title,
            "url": url,
            "icon": shape,
            "key": key,
            "is_here": path.startswith(url),
            "is_in_phones_bar": title not in NOT_IN_PHONES_BAR,
        }
        for title, url, shape, key in urls
    ]


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The query string of this page with these values changed; None takes one out."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return f"?{values.urlencode()}"
