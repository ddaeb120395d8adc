"""What the pages of negotiators say of what was measured."""

from __future__ import annotations

from typing import Any

from django import template

from negotiations.models.negotiators import size_of

register = template.Library()


@register.filter
def outcomes(count: Any) -> str:
    """A number of outcomes as a scenario says it; nothing where there is none."""
    return size_of(count) if isinstance(count, int) else ""
