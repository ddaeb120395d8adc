from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from negotiations.forms.scenarios import NegotiatorFilterForm
from negotiations.models import Negotiator

NEGOTIATORS_A_PAGE = 40


@require_safe
@login_required
def negotiator_list(request: HttpRequest) -> HttpResponse:
    """The catalogue belongs to everybody who is signed in."""
    present = Negotiator.objects.filter(is_present=True)
    form = NegotiatorFilterForm(request.GET)
    page = Paginator(form.narrow(present), NEGOTIATORS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "families": present.values_of("family"),
        "sources": present.values_of("source"),
    }
    return render(request, "negotiations/negotiator_list.html", context)


@require_safe
@login_required
def negotiator_detail(request: HttpRequest, pk: int) -> HttpResponse:
    negotiator = get_object_or_404(Negotiator, pk=pk)
    return render(request, "negotiations/negotiator_detail.html", {"negotiator": negotiator})
