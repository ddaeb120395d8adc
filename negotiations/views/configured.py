"""Negotiators that people configured: made from the library or from a seat, changed, deleted."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from negotiations.exceptions import TooMuch
from negotiations.forms.negotiators import ConfiguredForm, fields_of
from negotiations.models import ConfiguredNegotiator

NOT_YOURS = "Only its owner may change it. Use it as it is, or save your own from it."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def configured_new(request: HttpRequest) -> HttpResponse:
    user = _person(request)
    if request.method != "POST":
        return _page(request, ConfiguredForm(_begun(request), user=user))
    return _save(request, ConfiguredForm(request.POST, user=user, is_sent=True))


@require_safe
@login_required
def configured_detail(request: HttpRequest, pk: int) -> HttpResponse:
    configured = _seen(request, pk)
    context = {
        "configured": configured,
        "parameters": configured.parameter_specs({}),
        "may_change": configured.may_be_changed_by(request.user),
    }
    return render(request, "negotiations/configured_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def configured_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Sessions have copies of type and parameters: what was played stays as it was."""
    configured, user = _changed(request, pk), _person(request)
    if request.method != "POST":
        began = fields_of(configured) | request.GET.dict()
        return _page(request, ConfiguredForm(began, user=user, instance=configured))
    return _save(request, ConfiguredForm(request.POST, user=user, instance=configured, is_sent=True))


@require_POST
@login_required
def configured_delete(request: HttpRequest, pk: int) -> HttpResponse:
    configured = _changed(request, pk)
    configured.delete()
    messages.success(request, f"{configured} is deleted. Sessions that had it keep their own copy.")
    return redirect("negotiations:negotiator-list")


@require_POST
@login_required
def configured_from_seat(request: HttpRequest) -> HttpResponse:
    """The seat of a new session goes on as the form of a configured negotiator, the rest waits in `back`."""
    sent = request.POST.dict()
    sent.pop("csrfmiddlewaretoken", None)
    index = sent.pop("seat", "")
    prefix = f"party-{index}-"
    seat = {name.removeprefix(prefix): value for name, value in sent.items() if name.startswith(prefix)}
    seat.pop("n_steps", None)
    query = {name: value for name, value in seat.items() if value}
    query |= {"seat": index, "back": urlencode(sent)}
    return redirect(f"{reverse('negotiations:configured-new')}?{urlencode(query)}")


def _begun(request: HttpRequest) -> dict[str, Any]:
    """What the address gives; where it names a configured one, a copy of that."""
    given = request.GET.dict()
    key = str(given.get("negotiator", ""))
    own = key.removeprefix("own-")
    if own == key or not (own.isascii() and own.isdigit() and len(own) < 10):
        return given
    visible = ConfiguredNegotiator.objects.visible_to(request.user).select_related("negotiator")
    source = visible.filter(pk=own).first()
    if source is None:
        return given
    began = fields_of(source) | {"name": "", "group": ""}
    return began | {name: value for name, value in given.items() if name != "negotiator"}


def _page(request: HttpRequest, form: ConfiguredForm, status: int = 200) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    context = {"form": form, "back": given.get("back", ""), "seat": given.get("seat", "")}
    return render(request, "negotiations/configured_form.html", context, status=status)


def _save(request: HttpRequest, form: ConfiguredForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form)
    try:
        kept = form.save()
    except TooMuch as busy:
        form.add_error(None, str(busy))
        return _page(request, form, status=429)
    if kept is None:
        return _page(request, form)
    messages.success(request, f"{kept} is saved, and was tried with {_parties(kept)} parties.")
    return redirect(_way_back(request, kept) or kept.get_absolute_url())


def _parties(kept: ConfiguredNegotiator) -> str:
    return "two and three" if kept.stands_parties > 2 else "two"


def _way_back(request: HttpRequest, kept: ConfiguredNegotiator) -> str:
    """The new session with this negotiator in the seat it came from; empty where it came from none."""
    seat, back = request.POST.get("seat", ""), QueryDict(request.POST.get("back", "")).dict()
    if not back or not (seat.isascii() and seat.isdigit()):
        return ""
    fields = {name: value for name, value in back.items() if not name.startswith(f"party-{seat}-p-")}
    fields[f"party-{seat}-negotiator"] = kept.key
    return f"{reverse('negotiations:session-new')}?{urlencode(fields)}"


def _seen(request: HttpRequest, pk: int) -> ConfiguredNegotiator:
    visible = ConfiguredNegotiator.objects.visible_to(request.user)
    found: ConfiguredNegotiator = get_object_or_404(
        visible.select_related("negotiator", "owner", "group"), pk=pk
    )
    return found


def _changed(request: HttpRequest, pk: int) -> ConfiguredNegotiator:
    configured = _seen(request, pk)
    if not configured.may_be_changed_by(request.user):
        raise PermissionDenied(NOT_YOURS)
    return configured


def _person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # as login_required saw to
    return request.user
