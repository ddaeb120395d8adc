"""What goes wrong at a table, in plain data."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Self

from negotiations.engine.exceptions import EngineError


@dataclass(frozen=True, slots=True)
class Failure:
    """What a negotiator did wrong."""

    party: int | None
    error: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException, party: int | None) -> Self:
        told = traceback.TracebackException.from_exception(error)
        if isinstance(error, EngineError):
            return cls(party, clean(str(error)), "")
        return cls(party, clean("".join(told.format_exception_only()).strip()), clean("".join(told.format())))

    @classmethod
    def told(cls, party: int, trace: str) -> Self:
        """From the text that NegMAS keeps of an exception: the error follows the last place in the code."""
        lines = trace.strip("\n").splitlines()
        places = [number for number, line in enumerate(lines) if line.startswith("  File ")]
        after = [line for line in lines[places[-1] :] if not line.startswith("  ")] if places else lines
        return cls(party, clean(" ".join(after)), clean(trace))


def clean(text: str) -> str:
    """Without NUL and lone surrogates, which a database refuses."""
    return str.replace(text, "\0", "").encode("utf-8", "replace").decode()
