"""What a class says of itself: its docstring as plain text, and its words for each parameter."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

MAX_TEXT = 6_000
MAX_WORDS = 400

_HEADER = re.compile(r"^(\w[\w ]*):\s*$")
_PARAMETERS = frozenset(["args", "arguments", "parameters", "attributes", "keyword args"])
_CODE = frozenset(["example", "examples", "usage", "returns", "raises", "yields", "methods", "see also"])
_PARAMETER = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_ITEM = re.compile(r"^(?:[-*•]|\d+[.)])\s+")
_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_BOUNDS = re.compile(
    r"[\[(](\d+(?:\.\d+)?)(?:-|, ?)(\d+(?:\.\d+)?)(?:[\])]|, or)|[Bb]etween (\d+) and (\d+)\b"
)


def text_of(docstring: str) -> str:
    """A docstring without its markup, its parameters and its code: one line for each paragraph and each item."""
    paragraphs: list[str] = []
    is_new = True
    for line in _prose(docstring):
        if line and not is_new and not _ITEM.match(line):
            paragraphs[-1] += f" {line}"
        elif line:
            paragraphs.append(line)
        is_new = not line
    return "\n".join(map(_plain, paragraphs))[:MAX_TEXT]


def words_of(kind: type[Any]) -> dict[str, str]:
    """What a class and its bases say of each parameter; the nearest class has the word."""
    found: dict[str, str] = {}
    for base in kind.__mro__[:-1]:
        for said in (base.__dict__.get("__doc__"), getattr(base.__dict__.get("__init__"), "__doc__", None)):
            if isinstance(said, str):
                found = dict(_parameters(said)) | found
    return found


def bounds_in(words: str) -> tuple[float, float] | None:
    """The range that words like "[0, 1]" or "between 0 and 1" name; None without one."""
    found = _BOUNDS.search(words)
    if found is None:
        return None
    low, high = (float(each) for each in found.groups() if each is not None)
    return (low, high) if low < high else None


def _prose(docstring: str) -> Iterator[str]:
    for title, line in _titled(docstring):
        if title not in _PARAMETERS | _CODE and not line.strip().startswith((">>>", "...")):
            yield line.strip()


def _titled(docstring: str) -> Iterator[tuple[str, str]]:
    """Each line with the section it is in, in small letters; a section ends where a line is not indented."""
    title = ""
    for line in inspect.cleandoc(docstring).splitlines():
        header = _HEADER.match(line)
        if header:
            title = header[1].lower()
        elif line and not line[0].isspace():
            title = ""
        if not (header and title in _PARAMETERS | _CODE):
            yield title, line


def _parameters(docstring: str) -> Iterator[tuple[str, str]]:
    lines = [line for title, line in _titled(docstring) if title in _PARAMETERS and line.strip()]
    least = min((_indent(line) for line in lines), default=0)
    name, words = "", ""
    for line in lines:
        found = _PARAMETER.match(line.strip()) if _indent(line) == least else None
        if found:
            yield name, _plain(words)[:MAX_WORDS]
            name, words = found[1], found[2]
        else:
            words += f" {line.strip()}"
    yield name, _plain(words)[:MAX_WORDS]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _plain(text: str) -> str:
    text = _ROLE.sub(r"\1", text).replace("`", "").replace("**", "")
    return " ".join(re.sub(r"(?<!\w)\*(\S[^*]*)\*(?!\w)", r"\1", text).split())
