"""Lists that their polls keep up to date: what tells that one has changed, and the pieces of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from django.http import HttpRequest, HttpResponse

from negotiations.views.filtered import FilteredList
from notifications.live import Section, fragment, live_response, version_of


class LiveList(FilteredList):
    """Of `noun`s, with templates whose names begin with `templates`. A subclass gives rows that have an id and a version.

    `marks` is what the rows show and may change, the key first: it tells whether any changed without making one. `words`
    counts what is in progress of all that may be seen, by the words of `in_progress`.
    """

    noun: str
    templates: str
    in_progress: tuple[str, ...]
    statuses: tuple[tuple[str, str], ...]
    marks: list[Any]
    words: Any
    rows: Any

    @property
    def interval(self) -> int:
        """Seconds between polls."""
        raise NotImplementedError

    @property
    def keys(self) -> list[Any]:
        return [mark[0] for mark in self.marks]

    def changed(self, shown: dict[str, str]) -> Sequence[Any]:
        """The rows whose version is not among those shown already."""
        return [row for row in self.rows if shown.get(f"v-{row.id}") != row.version]

    @property
    def summary(self) -> str:
        """2 running, 1 pending."""
        parts = [f"{self.words[word]:,} {word}" for word in self.in_progress if self.words.get(word)]
        return ", ".join(parts) + "." if parts else "Nothing is in progress."

    @property
    def segments(self) -> list[tuple[str, str, int]]:
        """Value, word and, of what is in progress, the number."""
        return [(value, word, self.words.get(value, 0)) for value, word in self.statuses]

    @property
    def table_version(self) -> str:
        """Changes when a row comes or goes; what changes in a row has a version of its own."""
        return version_of(self.keys, self.has_older, self.chosen)

    @property
    def head_version(self) -> str:
        return version_of(sorted(self.words.items()))

    @cached_property
    def version(self) -> str:
        """Of all that can be seen without making a row."""
        return version_of(self.marks, sorted(self.words.items()), self.has_older, self.chosen)


def live_list(request: HttpRequest, shown: LiveList, *others: Section) -> HttpResponse:
    """The rows that changed, or the table where one came or went; and what else the page has."""
    is_same = request.GET.get(f"v-{shown.noun}-summary") == shown.version
    parts = () if is_same else (_summary, _segments, _table)
    sections: list[Section] = [*others, *(partial(part, shown) for part in parts)]
    return live_response(request, sections=sections, interval=shown.interval, url=shown.live_url)


def _summary(shown: LiveList, request: HttpRequest) -> str:
    return _part(shown, request, "summary", shown.version)


def _segments(shown: LiveList, request: HttpRequest) -> str:
    return _part(shown, request, "segments", shown.head_version)


def _table(shown: LiveList, request: HttpRequest) -> str:
    if request.GET.get(f"v-{shown.noun}-table") != shown.table_version:
        return _part(shown, request, "table", shown.table_version)
    template = f"{shown.templates}_row.html"
    changed = shown.changed(request.GET.dict())
    return "".join(
        fragment(request, template, {"list": shown, "row": row}, row.id, row.version) for row in changed
    )


def _part(shown: LiveList, request: HttpRequest, name: str, version: str) -> str:
    template = f"{shown.templates}_{name}.html"
    return fragment(request, template, {"list": shown}, f"{shown.noun}-{name}", version)
