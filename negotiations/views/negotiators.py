from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from negotiations.forms.negotiators import OWN, STANDS, NegotiatorFilterForm
from negotiations.models import Component, ConfiguredNegotiator, Negotiator, Party, Session

NEGOTIATORS_A_PAGE = 40
SESSIONS_SHOWN = 5


@require_safe
@login_required
def negotiator_list(request: HttpRequest) -> HttpResponse:
    """The catalogue belongs to everybody who is signed in; what is configured to its owner and their group."""
    present = Negotiator.objects.filter(is_present=True)
    form = NegotiatorFilterForm(request.GET, user=_person(request))
    configured = ConfiguredNegotiator.objects.visible_to(request.user).select_related("negotiator", "owner")
    context = {
        "form": form,
        "page": Paginator(form.narrow(present.for_list()), NEGOTIATORS_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "configured": form.narrow_own(configured),
        **present.facets(),
        "stands": [(key, label) for key, (label, _) in STANDS.items()],
        "own": OWN,
    }
    return render(request, "negotiations/negotiator_list.html", context)


@require_safe
@login_required
def negotiator_detail(request: HttpRequest, pk: int) -> HttpResponse:
    negotiator = get_object_or_404(Negotiator, pk=pk)
    seated = Party.objects.filter(negotiator=negotiator).values("session")
    mine = Session.objects.visible_to(request.user).filter(pk__in=seated)
    context = {
        "negotiator": negotiator,
        "sessions": mine.newest_first().with_parties()[:SESSIONS_SHOWN],
        "components": Component.objects.all() if negotiator.is_composed else (),
    }
    return render(request, "negotiations/negotiator_detail.html", context)


def _person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # as login_required saw to
    return request.user
