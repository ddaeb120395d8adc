from __future__ import annotations

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def live_updates() -> bool:
    """Whether pages poll at all: LIVE_UPDATES=0 is the switch that needs no other code."""
    return bool(settings.LIVE_UPDATES)
