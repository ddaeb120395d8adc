"""The addresses of a list that is narrowed by filters and read by pages; they stand in its query string."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def address(pattern: str, chosen: dict[str, Any]) -> str:
    """Of the list with this choice of filters; what is not chosen, and the first page, go without saying."""
    query = {key: value for key, value in chosen.items() if value and (key, value) != ("page", 1)}
    return reverse(pattern) + (f"?{urlencode(query)}" if query else "")


class FilteredList:
    """`pattern` is the name of its own page; `chosen` are the filters, the number of the page among them."""

    pattern: str
    chosen: dict[str, Any]
    has_older: bool

    def url(self, **changes: Any) -> str:
        return address(self.pattern, self.chosen | changes)

    @property
    def live_url(self) -> str:
        return address(f"{self.pattern}-live", self.chosen)

    @property
    def newer(self) -> str:
        return self.url(page=self.chosen["page"] - 1) if self.chosen["page"] > 1 else ""

    @property
    def older(self) -> str:
        return self.url(page=self.chosen["page"] + 1) if self.has_older else ""

    @property
    def is_narrowed(self) -> bool:
        return any(value for name, value in self.chosen.items() if name != "page")
