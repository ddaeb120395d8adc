"""What is sent and answered: exactly the types and names of the document. What the values mean is checked by the forms of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from django import forms
from pydantic import BaseModel, ConfigDict, WithJsonSchema

from api.answers import Refusal

# To the microsecond, as everywhere: the encoder of a datetime would leave out the last three digits.
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class Body(BaseModel):
    """A name that is not known is refused: else a misspelt option would be left out without a word."""

    model_config = ConfigDict(strict=True, extra="forbid")


def field_errors(form: forms.BaseForm) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}


def invalid(details: Mapping[str, list[str]], told: str = "") -> Refusal:
    """400 with the texts that stand beside the fields of the page's form."""
    told = told or "Something of the request is not right; the details name each field."
    return Refusal(400, "VALIDATION_ERROR", told, dict(details))
