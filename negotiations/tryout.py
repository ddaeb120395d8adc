"""A short look at a negotiator before it is kept: a process of its own plays it, no web process loads NegMAS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from negotiations.exceptions import TooMuch

SECONDS = 30
WAIT = 10
_one_at_a_time = threading.BoundedSemaphore(1)


@dataclass(frozen=True)
class Tried:
    """`how` it failed, empty where it did not; `parties` it played with, of two and three."""

    how: str
    parties: int


def try_out(kind: str, parameters: dict[str, Any]) -> Tried:
    """Play it with two and with three parties. Raises TooMuch where others are being tried."""
    if not _one_at_a_time.acquire(timeout=WAIT):
        raise TooMuch("Other negotiators are being tried. Nothing was saved. Save it again in some seconds.")
    try:
        return _run(json.dumps({"type": kind, "parameters": parameters}))
    finally:
        _one_at_a_time.release()


def _run(asked: str) -> Tried:
    command = [sys.executable, "-W", "ignore", "-m", "negotiations.engine.trials"]
    try:
        done = subprocess.run(
            command,
            input=asked,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=settings.BASE_DIR,
            env=os.environ | {"PYTHONHASHSEED": "0"},
            check=False,
        )
        told = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return Tried(f"It was not done after {SECONDS} s.", 0)
    except (IndexError, ValueError):
        return Tried("Its process ended without a result.", 0)
    return Tried(str(told["how"]), int(told["parties"]))
