"""Below `/api/` every error has the same body, whoever refused: also where no view was ever asked."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from api.answers import Refusal, error

ROOT, VERSIONED = "/api/", "/api/v1/"
MOST_BYTES = 1_000_000
"""Of a body. The longest that is of use, a benchmark with its lists, has a quarter of that."""
JSON = "application/json"
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")
WORDS = {
    400: ("VALIDATION_ERROR", "The request cannot be understood."),
    401: ("NOT_SIGNED_IN", "Send a token, or sign in."),
    403: ("NOT_ALLOWED", "This is not yours to do, or the CSRF token of the page is missing."),
    404: ("NOT_FOUND", "There is nothing at this address. /api/v1/docs lists what there is."),
    405: ("METHOD_NOT_ALLOWED", "This address does not know this method; the header Allow lists those it knows."),
    500: ("SERVER_ERROR", "Something broke on our side. The administrator finds it in the log; try again later."),
    503: ("DATABASE_AWAY", "The database did not answer, so this may not have been done. Ask again in some seconds."),
}  # fmt: skip
Answerer = Callable[[HttpRequest], HttpResponseBase]


def one_body_for_errors(get_response: Answerer) -> Answerer:
    def answered(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ROOT):
            return get_response(request)
        if refusal := _refusal(request):
            return refusal.to_response()
        response = _as_get(request, get_response)
        is_ours = response.status_code < 400 or response.headers.get("Content-Type", "").startswith(JSON)
        return response if is_ours else _worded(response)

    return answered


def _refusal(request: HttpRequest) -> Refusal | None:
    """Before anything reads the body: what is too long, and what a form of another site could send."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    n_bytes = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0
    if n_bytes > MOST_BYTES:
        told = f"The body has {n_bytes:,} bytes; at most {MOST_BYTES:,} are read."
        return Refusal(413, "TOO_LARGE", told)
    is_versioned = request.path_info.startswith(VERSIONED) and request.method not in SAFE
    if is_versioned and n_bytes and request.content_type != JSON:
        return Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"The body has to be JSON. Send Content-Type: {JSON}.")
    return None


def _as_get(request: HttpRequest, get_response: Answerer) -> HttpResponseBase:
    """HEAD is GET, whose body is taken away further out: no operation has to know of it."""
    is_head = request.method == "HEAD"
    request.method = "GET" if is_head else request.method
    response = get_response(request)
    request.method = "HEAD" if is_head else request.method
    return response


def _worded(response: HttpResponseBase) -> HttpResponseBase:
    status = response.status_code
    word, message = WORDS.get(status, WORDS[500 if status >= 500 else 400])
    worded = error(status, word, message)
    for name in KEPT:
        if name in response.headers:
            worded[name] = response.headers[name]
    return worded
