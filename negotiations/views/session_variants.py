"""What a person does with one session beside its controls: tags, the same again, the same with its seats swapped."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.forms.tags import TagsForm
from negotiations.models import Session, SessionTag
from negotiations.views.session_detail import refused


@require_POST
@login_required
def session_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Start the same once more."""
    return _started(request, pk, Session.again)


@require_POST
@login_required
def session_swap(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Start the same with each negotiator one seat further."""
    return _started(request, pk, Session.swapped)


def _started(request: HttpRequest, pk: uuid.UUID, start: Callable[[Session, User], Session]) -> HttpResponse:
    """The new session; where it can no longer be seated, the form says beside which field."""
    session = get_object_or_404(Session.objects.visible_to(request.user), pk=pk)
    assert request.user.is_authenticated  # as the decorator saw to
    try:
        return redirect(start(session, request.user))
    except Unsuitable:
        return redirect(f"{reverse('negotiations:session-new')}?again={session.pk}")
    except TooMuch as limit:
        return refused(request, session, str(limit), 429)


@require_POST
@login_required
def session_tags(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The tags as they are to be."""
    session = get_object_or_404(Session.objects.visible_to(request.user), pk=pk)
    if not session.may_be_changed_by(request.user):
        why = f"{session} belongs to {session.job.owner}. Only its owner can tag it; nothing was changed."
        return refused(request, session, why, 403)
    form = TagsForm(request.POST)
    if form.is_valid():
        SessionTag.objects.replace(session, form.cleaned_data["tags"])
    else:
        messages.error(request, f"{form.errors['tags'][0]} Nothing was changed.")
    return redirect(session)
