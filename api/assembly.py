"""The API as routers are added to it: who may ask, what refuses, how bodies are read and written, what its document says."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import Field

from api.answers import Refusal, to_json
from api.auth import CHALLENGE, NOT_SIGNED_IN, Cookie, PerMinute, Token
from api.document import with_refusals

PARTS = {"body", "query", "path", "header", "cookie", "form"}
TAGS = {"bool", "int", "float", "str", "list[float]", "constrained-int", "constrained-str"}
"""What pydantic puts behind a field that may be of several types: no part of its path."""
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
UNREAD = "The body cannot be read. Send JSON in UTF-8, without NUL characters and NaN."


class Error(Schema):
    """The body of whatever is refused."""

    error: str = Field(description="One word for programs, such as VALIDATION_ERROR.")
    message: str = Field(description="What happened, what it means, what to do.")
    details: dict[str, Any] = Field(description="By field where fields are wrong.")
    timestamp: str = Field(description="ISO 8601.")


class StrictJson(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return to_json(data)


class CleanText(Parser):
    """JSON and queries without what no database stores: NUL, half a surrogate pair, NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        told = json.loads(request.body.decode(), parse_constant=_refused)
        _check(told)
        return told

    def parse_querydict(
        self, data: MultiValueDict[str, str], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        if wrong := [name for name, texts in data.lists() if any("\0" in text for text in texts)]:
            told = {name: ["Leave out the NUL character."] for name in wrong}
            raise Refusal(400, "VALIDATION_ERROR", "The query cannot be understood.", told)
        return super().parse_querydict(data, list_fields, request)


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _check(told: Any, path: tuple[str, ...] = ()) -> None:
    """Refuse a text that cannot be stored, with the field in which it stands."""
    if isinstance(told, str):
        if UNSTORABLE.search(told):
            wrong = ["Leave out the NUL character, and half a pair of surrogates."]
            raise Refusal(400, "VALIDATION_ERROR", UNREAD, {".".join(path) or "body": wrong})
    elif isinstance(told, dict):
        for name, value in told.items():
            _check(name, path)
            _check(value, (*path, name))
    elif isinstance(told, list):
        for number, value in enumerate(told):
            _check(value, (*path, str(number)))


class Api(NinjaAPI):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            auth=[Token(), Cookie()],
            throttle=PerMinute(),
            renderer=StrictJson(),
            parser=CleanText(),
            docs_url=None,
            **kwargs,
        )

    def set_default_exception_handlers(self) -> None:
        for kind, handler in HANDLERS.items():
            self.add_exception_handler(kind, handler)

    def create_response(self, request: HttpRequest, data: Any, **kwargs: Any) -> HttpResponse:
        response = super().create_response(request, data, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        return with_refusals(super().get_openapi_schema(**kwargs), Error)


def _invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    details: dict[str, list[str]] = {}
    for wrong in exc.errors:
        details.setdefault(_field(wrong["loc"]), []).append(f"{wrong['msg'].removeprefix('Value error, ')}.")
    told = "Something of the request is not right; the details name each field."
    return Refusal(400, "VALIDATION_ERROR", told, details).to_response()


def _field(path: tuple[str | int, ...]) -> str:
    """`parties.0.negotiator`: without where it stands, and without the argument's name that a body has in our code."""
    parts = [str(part) for place, part in enumerate(path) if place < 3 or part not in TAGS]
    if parts[:1] == ["body"]:
        return ".".join(parts[2:]) or "body"
    return ".".join(parts[1:]) if parts[0] in PARTS else ".".join(parts)


def _unread(request: HttpRequest, exc: HttpError) -> HttpResponse:
    """A body that is no JSON, or has what cannot be stored: all that the routers refuse are refusals."""
    if isinstance(exc.__cause__, Refusal):
        return exc.__cause__.to_response()
    return Refusal(exc.status_code, "VALIDATION_ERROR", UNREAD, {"body": [UNREAD]}).to_response()


def _refuse(request: HttpRequest, exc: Refusal) -> HttpResponse:
    return exc.to_response()


def _unsigned(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
    return Refusal(401, "NOT_SIGNED_IN", NOT_SIGNED_IN, headers=CHALLENGE).to_response()


def _too_often(request: HttpRequest, exc: Throttled) -> HttpResponse:
    told = (
        "You asked more often than a person may in a minute (API_PER_MINUTE). Retry-After says when to go on."
    )
    return Refusal(429, "TOO_MANY_REQUESTS", told).to_response()


def _broken(request: HttpRequest, exc: Exception) -> NoReturn:
    """To Django, which logs it and answers 500 in every way of serving."""
    raise exc


HANDLERS: dict[type[Exception], Any] = {
    Exception: _broken,
    Refusal: _refuse,
    ValidationError: _invalid,
    HttpError: _unread,
    AuthenticationError: _unsigned,
    Throttled: _too_often,
}
