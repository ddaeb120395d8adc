"""What people are told in which words: the one place that has them. A kind is what can be muted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_TITLE, MOST_TEXT = 200, 1000


@dataclass(frozen=True)
class Message:
    """`title` and `text` with the names of their words in braces; `many` for several alike; `label` for the choice to mute."""

    level: str
    title: str
    text: str
    many: str
    label: str

    def title_with(self, words: Mapping[str, Any]) -> str:
        return _fill(self.title, words, MOST_TITLE)

    def text_with(self, words: Mapping[str, Any]) -> str:
        return _fill(self.text, words, MOST_TEXT)


def _fill(pattern: str, words: Mapping[str, Any], most: int) -> str:
    """The values are people's and programs' own words: no more of them than fits, and nothing that a database refuses."""
    told = pattern.format_map({name: str(value) for name, value in words.items()})
    told = told.replace("\0", "").encode("utf-8", "replace").decode()
    return told if len(told) <= most else f"{told[: most - 1]}…"


MESSAGES = {
    "session_completed": Message(
        "success", "{name} completed", "{told}", "{n} sessions completed", "Sessions that are completed"
    ),
    "session_failed": Message(
        "error", "{name} failed", "{told}", "{n} sessions failed", "Sessions that fail"
    ),
    "session_cancelled": Message(
        "info", "{name} cancelled", "{told}", "{n} sessions cancelled", "Sessions that are cancelled"
    ),
    "session_turn": Message(
        "info", "Your turn in {name}", "{told}", "Your turn in {n} sessions", "Sessions that wait for you"
    ),
    "room_run_completed": Message(
        "success", "{name} decided", "{told}", "{n} rooms decided", "Rooms that are decided"
    ),
    "room_run_failed": Message("error", "{name} failed", "{told}", "{n} rooms failed", "Rooms that fail"),
    "room_run_cancelled": Message(
        "info", "{name} stopped", "{told}", "{n} rooms stopped", "Rooms that are stopped"
    ),
    "room_turn": Message(
        "info", "Your turn: {name}", "{told}", "Your turn in {n} rooms", "Rooms that wait for you"
    ),
    "room_over": Message(
        "info",
        "{name} is over",
        "{told}",
        "{n} rooms of yours are over",
        "Rooms with a seat of yours that end",
    ),
    "market_completed": Message(
        "success", "{name} completed", "{told}", "{n} markets completed", "Markets that are completed"
    ),
    "scenario_import_completed": Message(
        "success", "{name} read", "{told}", "{n} uploads read", "Uploads that are read"
    ),
    "scenario_import_failed": Message(
        "error", "{name} could not be read", "{told}", "{n} uploads could not be read", "Uploads that fail"
    ),
    "scenario_import_cancelled": Message(
        "info", "{name} cancelled", "{told}", "{n} uploads cancelled", "Uploads that are cancelled"
    ),
    "deletion_completed": Message(
        "success", "{name} deleted", "{told}", "{n} deletions completed", "Deletions that are completed"
    ),
    "deletion_failed": Message(
        "error", "{name} could not all be deleted", "{told}", "{n} deletions failed", "Deletions that fail"
    ),
    "deletion_cancelled": Message(
        "info",
        "Deletion of {name} cancelled",
        "{told}",
        "{n} deletions cancelled",
        "Deletions that are cancelled",
    ),
    "benchmark_completed": Message(
        "success",
        "{name} completed",
        "{told}",
        "{n} benchmarks completed",
        "Benchmarks that are completed",
    ),
    "benchmark_failed": Message(
        "error", "{name} failed", "{told}", "{n} benchmarks failed", "Benchmarks that fail"
    ),
    "benchmark_cancelled": Message(
        "info", "{name} cancelled", "{told}", "{n} benchmarks cancelled", "Benchmarks that are cancelled"
    ),
    "benchmark_deletion_completed": Message(
        "success", "{name} deleted", "{told}", "{n} benchmarks deleted", "Benchmarks that are deleted"
    ),
    "benchmark_deletion_failed": Message(
        "error",
        "{name} could not be deleted",
        "{told}",
        "{n} benchmarks could not be deleted",
        "Deletions of benchmarks that fail",
    ),
    "benchmark_deletion_cancelled": Message(
        "info",
        "Deletion of {name} cancelled",
        "{told}",
        "{n} deletions of benchmarks cancelled",
        "Deletions of benchmarks that are cancelled",
    ),
}
