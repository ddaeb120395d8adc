"""How items cross from a child that ran other people's code: plain values in frames, and no name is ever imported."""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from negotiations.engine import specs

HEADER = 4
MAX_FRAME = 64 * 2**20
"""No scenario or transcript comes near; a longer length is a lie of the child."""

C = TypeVar("C", bound=type)

_carried: dict[str, type[Any]] = {}


class WireError(Exception):
    """What the child sent is no item."""


def carried(kind: C) -> C:
    """Class decorator: this frozen dataclass may cross from a child to its parent."""
    _carried[kind.__name__] = kind
    return kind


for _name in ("Action", "Result", "IssueSpec", "PreferenceSpec", "ScenarioSpec", "ParameterSpec", "NegotiatorSpec"):
    carried(getattr(specs, _name))

_FLAT = (str, int, float, bool, type(None))


def encode(item: Any) -> bytes:
    """The item as a frame: a length and a pickle that holds nothing but plain values."""
    body = pickle.dumps(_packed(item), protocol=4)
    return len(body).to_bytes(HEADER, "big") + body


def decode(body: bytes | memoryview) -> Any:
    try:
        return _unpacked(_Plain(io.BytesIO(body)).load())
    except WireError:
        raise
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise WireError(f"an item cannot be read: {error}") from error


def frames(buffer: bytearray) -> Iterator[memoryview]:
    """Every whole frame's body; what is left of the buffer afterwards is a torn tail."""
    start, whole = 0, memoryview(bytes(buffer))
    while len(whole) - start >= HEADER:
        size = int.from_bytes(whole[start : start + HEADER], "big")
        if size > MAX_FRAME:
            raise WireError(f"an item of {size} bytes")
        if len(whole) - start - HEADER < size:
            break
        yield whole[start + HEADER : start + HEADER + size]
        start += HEADER + size
    del buffer[:start]


class _Plain(pickle.Unpickler):
    """Plain values only: whatever would import, call or build an object is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise WireError(f"an item names {module}.{name}")


def _packed(item: Any) -> Any:
    if type(item) in _FLAT:
        return item
    if type(item) is specs.Action:  # the one kind there are thousands of
        return ("Action", item.seq, item.step, item.relative_time, item.party, item.response, item.outcome, item.utilities, item.text)
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
    if type(item) in _FLAT:
        return item
    if isinstance(item, dict):
        return {key: _unpacked(value) for key, value in item.items()}
    if isinstance(item[0], list):
        values = [_unpacked(value) for value in item[0]]
        return tuple(values) if item[1] else values
    if item[0] == "Action":
        return specs.Action(*item[1:])
    return _carried[item[0]](*(_unpacked(value) for value in item[1:]))
