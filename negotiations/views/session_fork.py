from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.fork_points import ForkPoint
from negotiations.forms.fork import ForkForm
from negotiations.models import Session
from negotiations.models.forks import why_not_fork


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def session_fork(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Choose an offer and what is different from there on (X-03); the start leads to both, side by side."""
    session: Session = get_object_or_404(
        Session.objects.visible_to(request.user).select_related("job", "scenario"), pk=pk
    )
    given = request.POST if request.method == "POST" else request.GET
    point = ForkPoint.of(session, given.get("seq"), given.get("step"))
    why = why_not_fork(session)
    if why or point is None:
        status = 409 if request.method == "POST" else 200
        return render(
            request, "negotiations/session_fork.html", {"session": session, "why": why}, status=status
        )
    assert request.user.is_authenticated  # as login_required saw to
    form = ForkForm(given.dict(), point=point, user=request.user, is_sent=request.method == "POST")
    if request.method == "POST":
        return _start(request, form)
    part = "_session_fork_seat" if request.headers.get("HX-Request") else "session_fork"
    return render(request, f"negotiations/{part}.html", {"session": session, "form": form, "point": point})


def _start(request: HttpRequest, form: ForkForm) -> HttpResponse:
    assert request.user.is_authenticated  # as login_required saw to
    status = 200
    if form.is_valid():
        try:
            fork = form.start(owner=request.user)
        except (TooMuch, Unsuitable) as refusal:
            form.add_error(None, str(refusal))
            status = 429 if isinstance(refusal, TooMuch) else 409
        else:
            pair = f"{reverse('negotiations:session-compare')}?ids={form.session.pk},{fork.pk}"
            return HttpResponseClientRedirect(pair) if request.headers.get("HX-Request") else redirect(pair)
    context = {"session": form.session, "form": form, "point": form.point}
    return render(request, "negotiations/session_fork.html", context, status=status)
