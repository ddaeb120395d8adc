"""Copies of NegMAS's state, as exact as its own and faster."""

from __future__ import annotations

from operator import attrgetter

from negmas.common import _copy_state_field
from negmas.sao import SAOState

_FIELDS = tuple(field.name for field in SAOState.__attrs_attrs__)
_READ = attrgetter(*_FIELDS)
_WRITE = tuple(getattr(SAOState, name).__set__ for name in _FIELDS)
_MUTABLE = tuple(
    name
    for name in ("agreement", "results", "threads", "left_negotiators", "current_offer", "new_offers")
    + ("new_offerer_agents", "current_data", "new_data")
    if name in _FIELDS
)
"""The fields of a state that may hold lists, sets and mappings; a test holds this against NegMAS's own copy."""


def copied(state: SAOState) -> SAOState:
    """What copy.copy(state) gives, in a third of the time; it is made eight times a step."""
    copied = SAOState.__new__(SAOState)
    for write, value in zip(_WRITE, _READ(state), strict=True):
        write(copied, value)
    return copied


def kept(state: SAOState) -> SAOState:
    """What copy.deepcopy(state) gives, faster: only what can change is copied in depth."""
    kept = copied(state)
    for name in _MUTABLE:
        value = getattr(kept, name)
        if value is not None:
            setattr(kept, name, _copy_state_field(value, {}))
    return kept
