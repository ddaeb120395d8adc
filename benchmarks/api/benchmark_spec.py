"""What the document says of a benchmark's body: the same limits as `benchmarks.spec_files`, which does the checking."""

from __future__ import annotations

from typing import Any

from benchmarks.models import Metric, Statistic
from benchmarks.spec_files import MOST_COMPETITORS, MOST_LINES, NAME
from benchmarks.spec_values import SECONDS, STEPS

Schema = dict[str, Any]


def _text(most: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": r"^[!-~]([ -~]*[!-~])?$"}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _span(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}]}


def _list(items: Schema, most: int) -> Schema:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


ENTRANT: Schema = {
    "anyOf": [
        _text(2 * NAME),
        {
            "type": "object",
            "required": ["type"],
            "additionalProperties": False,
            "properties": {
                "type": _text(2 * NAME),
                "params": {"type": "object"},
                "name": _text(NAME - 10),
            },
        },
    ]
}
SPEC: Schema = {
    "type": "object",
    "examples": [
        {
            "name": "Autumn cup",
            "competitors": ["BoulwareTBNegotiator", "ConcederTBNegotiator"],
            "scenarios": ["Used bike"],
            "steps": 100,
        }
    ],
    "required": ["name", "competitors", "scenarios"],
    "additionalProperties": False,
    "properties": {
        "name": _text(NAME),
        "competitors": _list(ENTRANT, MOST_COMPETITORS),
        "opponents": _list(ENTRANT, MOST_COMPETITORS),
        "scenarios": _list(_text(3 * NAME), MOST_LINES),
        "repetitions": _whole(1, 10_000),
        "steps": _span(_whole(1, STEPS)),
        "seconds": _span({"type": "number", "exclusiveMinimum": 0, "maximum": SECONDS}),
        "rotate": {"type": "boolean"},
        "self_play": {"type": "boolean"},
        "ignore_reserved": {"type": "boolean"},
        "early_stop": {"type": "boolean"},
        "seed": _whole(0, 2**31 - 1),
        "metric": {"type": "string", "enum": list(Metric.values)},
        "statistic": {"type": "string", "enum": list(Statistic.values)},
        "lanes": _whole(1, 64),
    },
}
