"""What a session's page says beside the session itself: whose it is, and what it was changed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from negotiations.differences import Difference, differences
from negotiations.models import Party, Session
from negotiations.models.owned import Visitor
from negotiations.space_charts import STAMP
from negotiations.templatetags.parley import utility

register = template.Library()


@dataclass(frozen=True)
class Change:
    base: Session
    differences: list[Difference]
    compare_url: str


@register.simple_tag
def may_change(session: Session, user: Visitor) -> bool:
    return session.may_be_changed_by(user)


@register.filter
def reserved(parties: Sequence[Party]) -> str:
    """What they get without an agreement, in a few words."""
    if all(party.reserved_value is None for party in parties):
        return "no reserved values"
    *first, last = [
        "none" if party.reserved_value is None else utility(party.reserved_value) for party in parties
    ]
    return f"reserved {', '.join(first)} and {last}"


NONE = mark_safe('<path class="none" d="M11 11l10 10M21 11l-10 10"/>')


@register.simple_tag
def stamp(session: Session) -> SafeString:
    """Where in its outcome space a session of a list ended: a point, or a cross for none. Its figures stand beside it."""
    known = [value for value in (session.utilities or [])[:2] if value is not None]
    mark = NONE
    if session.agreement is not None and len(known) == 2:
        x, y = STAMP.place((known[0], known[1])).split()
        mark = format_html('<circle cx="{}" cy="{}" r="3"/>', x, y)
    url = reverse("negotiations:scenario-stamp", args=[session.scenario_id])
    svg = '<svg class="stamp" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="4"/><image href="{}" width="32" height="32"/>{}</svg>'
    return format_html(svg, url, mark)


@register.simple_tag
def changed_from(session: Session, user: Visitor) -> Change | None:
    """Nothing where it was not changed from another, or that may not be seen."""
    if not session.based_on_id:
        return None
    base = Session.objects.visible_to(user).with_parties().filter(pk=session.based_on_id).first()
    if base is None:
        return None
    url = f"{reverse('negotiations:session-list')}compare/?ids={base.pk},{session.pk}"
    return Change(base, differences(base, session), url)
