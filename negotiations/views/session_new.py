from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from negotiations.exceptions import TooMuch
from negotiations.forms.session_new import SessionForm
from negotiations.forms.set_ups import defaults, presets_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def session_new(request: HttpRequest) -> HttpResponse:
    """The form, and the start: that writes rows and answers at once, the work is a worker's (N-01)."""
    user = person(request)
    if request.method != "POST":
        return session_page(request, SessionForm(defaults(user, request.GET.dict()), user=user))
    form = SessionForm(request.POST, user=user, is_sent=True)
    if not form.is_valid():
        return session_page(request, form)
    try:
        session = form.start(owner=user)
    except TooMuch as limit:
        form.add_error(None, str(limit))  # all that was entered stays (J-18)
        return session_page(request, form, status=429)
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(session.get_absolute_url())
    return redirect(session)


def session_page(request: HttpRequest, form: SessionForm, wrong: str = "", status: int = 200) -> HttpResponse:
    """The whole form; `wrong` is what is wrong with the name of a preset."""
    context = {"form": form, "presets": presets_of(person(request)), "wrong": wrong}
    return render(request, "negotiations/session_new.html", context, status=status)


@require_safe
@login_required
def session_new_parties(request: HttpRequest) -> HttpResponse:
    """The part of the form that depends on the scenario and the negotiators, for the values that the form has now."""
    user = person(request)
    form = SessionForm(defaults(user, request.GET.dict()), user=user)
    return render(request, "negotiations/_session_new_parts.html", {"form": form})


@require_safe
@login_required
def session_new_check(request: HttpRequest) -> HttpResponse:
    """What would go wrong with the values that the form has now."""
    user = person(request)
    form = SessionForm(defaults(user, request.GET.dict()), user=user)
    return render(request, "negotiations/_session_new_check.html", {"form": form, "oob": True})


def person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # as login_required saw to
    return request.user
