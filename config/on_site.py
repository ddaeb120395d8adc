"""The administration's way from a row to its page."""

from __future__ import annotations

from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase


def on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponseBase:
    """Django's own, which has no answer to a key that is no UUID."""
    try:
        return shortcut(request, content_type_id, object_id)
    except ValidationError as error:
        raise Http404 from error
