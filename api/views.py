from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.forms import TokenForm
from api.models import ApiToken

TWICE = "You have a token of this name already. Revoke it, or choose another name."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_variables("secret")
def token_list(request: HttpRequest) -> HttpResponse:
    """A person's own. The answer to the form is the only one that ever has the secret: it is in no row and no session."""
    user = _person(request)
    form = TokenForm(request.POST or None, user=user)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    try:
        token, secret = form.make()
    except IntegrityError:  # pressed twice at once
        form.add_error("name", TWICE)
        return _page(request, form)
    return _page(request, TokenForm(user=user), {"made": token, "secret": secret})


@require_POST
@login_required
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    user = _person(request)
    token = get_object_or_404(ApiToken.objects.of(user), pk=pk)
    told = f"The token “{token}” is revoked. Programs that have it are refused from now on."
    messages.success(request, told if token.revoke(user) else f"The token “{token}” was revoked before.")
    return redirect("api:token-list")


@require_safe
@login_required
def reference(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document as a page to read and to try things on."""
    return render(request, "api/reference.html")


def _page(request: HttpRequest, form: TokenForm, made: dict[str, object] | None = None) -> HttpResponse:
    tokens = ApiToken.objects.of(_person(request)).unrevoked()
    return render(request, "api/token_list.html", {"form": form, "tokens": tokens, **(made or {})})


def _person(request: HttpRequest) -> User:
    assert request.user.is_authenticated  # as login_required saw to
    return request.user
