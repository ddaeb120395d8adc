from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from negotiations.exceptions import Refused, TooMuch
from negotiations.forms.market_new import MarketForm, like
from negotiations.forms.market_rows import MarketRows
from negotiations.forms.market_sample import sample_rows
from negotiations.views.session_new import person

FILLED = "The form is filled with a sample. Change what you like, then open the market."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def market_new(request: HttpRequest) -> HttpResponse:
    """The form, its rows more and less (`change`), and the opening; what was typed stays in all of them."""
    user = person(request)
    if request.method != "POST":
        rows = like(request.GET["like"], user) if "like" in request.GET else None
        return _page(request, MarketForm(rows or MarketRows.blank(), user=user))
    if wanted := request.POST.get("change"):
        return _changed(request, wanted, user)
    form = MarketForm(MarketRows.sent(request.POST.dict()), user=user, is_sent=True)
    if not form.is_valid:
        return _page(request, form)
    try:
        return redirect(form.keep())
    except TooMuch as limit:
        return _page(request, form, status=429, problem=str(limit))
    except Refused as refusal:
        return _page(request, form, status=422, problem=str(refusal))


@require_POST
@login_required
def market_new_check(request: HttpRequest) -> HttpResponse:
    """What would be wrong with it now, as it is typed."""
    form = MarketForm(MarketRows.sent(request.POST.dict()), user=person(request))
    return render(request, "negotiations/_market_new_check.html", {"form": form, "oob": True})


def _changed(request: HttpRequest, wanted: str, user: User) -> HttpResponse:
    if wanted == "sample":
        return _page(request, MarketForm(sample_rows(), user=user), told=FILLED)
    rows = MarketRows.sent(request.POST.dict())
    if wanted == "check":
        return _page(request, MarketForm(rows, user=user, is_sent=True))
    problem = rows.change(wanted)
    return _page(request, MarketForm(rows, user=user), problem=problem)


def _page(request: HttpRequest, form: MarketForm, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "negotiations/market_new.html", {"form": form, **context}, status=status)
