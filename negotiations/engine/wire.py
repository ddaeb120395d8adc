"""How items cross from a child that ran other people's code: plain values in frames, and no name is ever imported."""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, NoReturn, TypeVar

from negotiations.engine import specs

HEADER = 4
MAX_FRAME = 64 * 2**20
"""No scenario or transcript comes near; a longer length is a lie of the child."""

C = TypeVar("C", bound=type)

_carried: dict[str, type[Any]] = {}


class WireError(Exception):
    """What the child sent is no item. `before` are the items that it sent before, in the same gulp."""

    before: Sequence[Any] = ()


def carried(kind: C) -> C:
    """Class decorator: this frozen dataclass may cross from a child to its parent."""
    _carried[kind.__name__] = kind
    return kind


for _name in (
    "Action",
    "Result",
    "Awaiting",
    "IssueSpec",
    "PreferenceSpec",
    "ScenarioSpec",
    "ParameterSpec",
    "NegotiatorSpec",
    "ComponentSpec",
    "LogLine",
):
    carried(getattr(specs, _name))

_UNREADABLE = (
    MemoryError,
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
)
_FLAT = (str, int, float, bool, type(None))


def encode(item: Any) -> bytes:
    """The item as a frame: a length and a pickle that holds nothing but plain values."""
    body = pickle.dumps(_packed(item), protocol=4)
    return len(body).to_bytes(HEADER, "big") + body


def take(buffer: bytearray) -> list[Any]:
    """Every whole item of a buffer, which keeps the rest: half an item of a child that died, perhaps."""
    items: list[Any] = []
    try:
        del buffer[: _take(buffer, items)]
    except WireError as error:
        error.before = items
        raise
    return items


def _take(buffer: bytearray, items: list[Any]) -> int:
    """Where the last whole item ends."""
    source = io.BytesIO(buffer)
    start, end = 0, len(buffer)
    while end - start >= HEADER:
        size = int.from_bytes(source.read(HEADER), "big")
        if size > MAX_FRAME:
            raise WireError(f"an item of {size} bytes")
        if end - start - HEADER < size:
            break
        items.append(
            _read(_Plain(source))
        )  # a reader for each: its memory of strings must not reach the next
        start += HEADER + size
        if source.tell() != start:
            raise WireError("an item of another length than it said")
    return start


def _read(reader: _Plain) -> Any:
    try:
        return _unpacked(reader.load())
    except _UNREADABLE as error:
        raise WireError(f"an item that is none: {error}") from error


class _Plain(pickle.Unpickler):
    """Plain values only: whatever would import, call or build an object is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise WireError(f"an item names {module}.{name}")


_ACTION = attrgetter(*(field.name for field in dataclasses.fields(specs.Action)))


def _packed(item: Any) -> Any:
    if type(item) is specs.Action:  # the one kind there are thousands of, and all plain
        return "Action", _ACTION(item)
    if type(item) in _FLAT:
        return item
    if dataclasses.is_dataclass(item):
        values = (_packed(getattr(item, field.name)) for field in dataclasses.fields(item))
        return (type(item).__name__, *values)
    if isinstance(item, Mapping):
        return {key: _packed(value) for key, value in item.items()}
    if isinstance(item, tuple | list):
        return [_packed(value) for value in item], isinstance(item, tuple)
    if isinstance(item, str):
        return str(item)  # members of StrEnum
    raise TypeError(f"{type(item).__name__} cannot cross from a child")


def _unpacked(item: Any) -> Any:
    if type(item) is tuple and item[0] == "Action":
        return specs.Action(*item[1])
    if type(item) in _FLAT:
        return item
    if isinstance(item, dict):
        return {key: _unpacked(value) for key, value in item.items()}
    if isinstance(item[0], list):
        values = [_unpacked(value) for value in item[0]]
        return tuple(values) if item[1] else values
    return _carried[item[0]](*(_unpacked(value) for value in item[1:]))
