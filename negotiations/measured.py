"""The facts about negotiators that come with Parley: measured by `measure_negotiators`, kept as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "measured.json"


def shipped(path: Path = FILE) -> dict[str, dict[str, Any]]:
    """Type to facts, each with the versions and the day of its measurement; none where there is no file."""
    if not path.exists():
        return {}
    facts: dict[str, dict[str, Any]] = json.loads(path.read_text())
    return facts


def ship(facts: dict[str, dict[str, Any]], path: Path = FILE) -> None:
    """A line for each type, so that a change shows which facts changed."""
    lines = (f"{json.dumps(kind)}: {json.dumps(facts[kind], sort_keys=True)}" for kind in sorted(facts))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
