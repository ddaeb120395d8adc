"""What the same actions depend on besides their spec."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import version

ENGINE = "1"
"""Raised whenever the engine would play the same spec in another way."""


@functools.cache  # reading what is installed takes milliseconds
def versions() -> dict[str, str]:
    return {
        "engine": ENGINE,
        "negmas": version("negmas"),
        "numpy": version("numpy"),
        "python": platform.python_version(),
    }
