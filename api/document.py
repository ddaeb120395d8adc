"""What the OpenAPI document says of refusals: the same for every operation, so no router has to name them."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from ninja import Schema
from ninja.openapi.schema import OpenAPISchema

VERBS = {"get", "post", "put", "patch", "delete"}
TOLD = {
    400: "Something of the request is not right; `details` names each field.",
    401: "No token and no session, or one that no longer holds.",
    403: "The token may only read, the CSRF token is missing, or it is somebody else's to change.",
    404: "There is no such thing, or it is not shared with you.",
    413: "The body is too long.",
    415: "The body is no JSON.",
    429: "Asked too often, or a limit is reached.",
}


def with_refusals(document: OpenAPISchema, error: type[Schema]) -> OpenAPISchema:
    """The document, with every refusal that an operation may meet."""
    document["components"]["schemas"]["Error"] = error.json_schema()
    for path, verb, operation in operations(document):
        responses = operation["responses"]
        for status in _refusals(path, verb, operation):
            responses.setdefault(status, {"description": HTTPStatus(status).phrase})
        for status, response in responses.items():
            if int(status) >= 400 and "content" not in response:
                response["description"] = TOLD.get(int(status), response["description"])
                response["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        operation["responses"] = {str(status): responses[status] for status in sorted(responses)}
    return document


def operations(document: OpenAPISchema) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            if verb in VERBS:
                yield path, verb, operation


def _refusals(path: str, verb: str, operation: dict[str, Any]) -> Iterator[int]:
    if operation.get("parameters") or "requestBody" in operation:
        yield 400
    if operation.get("security"):
        yield from (401, 429)
    if "{" in path:
        yield 404
    if verb != "get":
        yield from (403, 413, 415)
