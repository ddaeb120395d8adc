"""Where a session was forked from, and its own forks, as far as the reader may see them."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from negotiations.comparison import MOST
from negotiations.comparison_words import changed
from negotiations.models import Session

register = template.Library()


@register.inclusion_tag("negotiations/_session_forks.html", takes_context=True)
def session_forks(context: Context, session: Session) -> dict[str, Any]:
    """Nothing where there are none; no query for the first where the session is no fork."""
    seen = Session.objects.visible_to(context["user"]).select_related("scenario").defer("scenario__document")
    forks = seen.filter(forked_from=session).newest_first().prefetch_related("parties")
    newest = list(forks.select_related("fork")[:MOST])
    first = seen.filter(pk=session.forked_from_id).first() if session.forked_from_id else None
    return {
        "session": session,
        "first": first,
        "change": changed(session) if session.forked_seq else "",
        "forks": [(fork, changed(fork)) for fork in newest[: MOST - 1]],
        "has_more": len(newest) == MOST,
        "ids": ",".join(str(one.pk) for one in (session, *newest[: MOST - 1])),
    }
