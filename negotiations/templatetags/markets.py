"""What the pages of markets say with one word: money, the states of markets and rooms, who sits where."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from negotiations.engine.room_specs import BUYER
from negotiations.templatetags.parley import icon, mark

register = template.Library()

# The status as it is stored: the tint, the icon and the word of its pill (M-16, M-32).
ROOM_WORDS = {
    "pending": ("pending", "clock", "Ready"),
    "active": ("active", "circle", "In progress"),
    "completed": ("completed", "check", "Completed"),
    "no_sellers_available": ("none", "ban", "Unfulfillable"),
    "aborted": ("none", "circle-slash", "No deal"),
}
MARKET_WORDS = {
    "draft": ("draft", "pencil", "Draft"),
    "active": ("active", "circle", "Active"),
    "completed": ("completed", "check", "Completed"),
}


@register.filter
def money(value: Decimal | float | str | None) -> str:
    """1,234.50; a minus sign that is one; an en dash where there is none."""
    return "–" if value in (None, "") else f"{value:z,.2f}".replace("-", "−")


@register.filter
def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _pill(words: dict[str, tuple[str, str, str]], status: str, css: str) -> SafeString:
    tint, name, word = words[status]
    shape = icon(name, "i dot" if name == "circle" else "i")
    return format_html('<span class="st st-{} {}" title="{}">{}{}</span>', tint, css, status, shape, word)


@register.simple_tag
def room_status(status: str, css: str = "") -> SafeString:
    return _pill(ROOM_WORDS, status, css)


@register.simple_tag
def market_status(status: str, css: str = "") -> SafeString:
    return _pill(MARKET_WORDS, status, css)


@register.simple_tag
def seat_mark(seat: int) -> SafeString:
    """A seller's hue and shape; the buyer, who is none of them, has a bag in ink."""
    return icon("shopping-bag") if seat == BUYER else mark(seat)


@register.simple_tag
def who(seat: int, name: object) -> SafeString:
    return format_html('<span class="who">{}<span>{}</span></span>', seat_mark(seat), name)
