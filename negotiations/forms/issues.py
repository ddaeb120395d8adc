"""A field for one issue of a scenario: its values, or its range."""

from __future__ import annotations

import math
from typing import Any

from django import forms

from negotiations.offer_rows import value_text

LONGEST = 200


class IssueField(forms.Field):
    """Text in, a value of the issue out. Where the values are listed, the text is a value's place among them."""

    def __init__(self, issue: dict[str, Any]) -> None:
        self.issue = issue
        self.values: list[Any] | None = issue["values"]
        self.low, self.high = issue.get("low"), issue.get("high")
        super().__init__(label=issue["name"], widget=self._widget())

    def _widget(self) -> forms.Widget:
        if self.values is None:
            return forms.TextInput(attrs={"autocomplete": "off", "inputmode": self._mode})
        return forms.Select(
            choices=[(str(place), value_text(value)) for place, value in enumerate(self.values)]
        )

    @property
    def _mode(self) -> str:
        return {"integer": "numeric", "continuous": "decimal"}.get(self.issue["kind"], "text")

    @property
    def help(self) -> str:
        if self.values is not None or self.low is None or self.high is None:
            return ""
        return f"From {self.low:,g} to {self.high:,g}."

    def shown(self, value: Any) -> str:
        """The text that means this value."""
        if self.values is None:
            return "" if value is None else str(value)
        return str(self.values.index(value)) if value in self.values else ""

    def clean(self, text: Any) -> Any:
        text = str(text if text is not None else "").strip()
        value = self._listed(text) if self.values is not None else self._given(text)
        if value is None:
            raise forms.ValidationError(self._wanted())
        return value

    def _listed(self, text: str) -> Any:
        values = self.values or []
        is_place = text.isascii() and text.isdigit() and len(text) < 10 and int(text) < len(values)
        return values[int(text)] if is_place else None

    def _given(self, text: str) -> Any:
        if self.issue["kind"] == "categorical":
            return text if 0 < len(text) <= LONGEST and "\0" not in text else None
        try:
            value = int(text) if self.issue["kind"] == "integer" else float(text)
        except ValueError:
            return None
        least, most = (
            (-math.inf if self.low is None else self.low),
            (math.inf if self.high is None else self.high),
        )
        return value if math.isfinite(value) and least <= value <= most else None

    def _wanted(self) -> str:
        if self.values is not None:
            return "This is not one of the values. Choose one."
        if self.issue["kind"] == "categorical":
            return f"Give one of its values, in at most {LONGEST} characters."
        kind = "whole number" if self.issue["kind"] == "integer" else "number"
        return f"Give a {kind}{f' from {self.low:,g} to {self.high:,g}' if self.low is not None else ''}."
