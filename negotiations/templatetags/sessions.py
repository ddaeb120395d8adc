"""What a session's page says beside the session itself: whose it is, and what it was changed from."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.urls import reverse

from negotiations.differences import Difference, differences
from negotiations.models import Session
from negotiations.models.owned import Visitor

register = template.Library()


@dataclass(frozen=True)
class Change:
    base: Session
    differences: list[Difference]
    compare_url: str


@register.simple_tag
def may_change(session: Session, user: Visitor) -> bool:
    return session.may_be_changed_by(user)


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
