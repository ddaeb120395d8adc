"""What is written for the type of an array."""

from __future__ import annotations

from typing import Any, TypeAlias

Array: TypeAlias = Any
"""A numpy array; its own types are not checked, since they change from release to release."""
