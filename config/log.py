"""How lines of the log look."""

from __future__ import annotations

import logging


class OneLine(logging.Formatter):
    """Without tracebacks: what strangers send is their doing, and where it was noticed tells nothing."""

    def format(self, record: logging.LogRecord) -> str:
        bare = logging.makeLogRecord(
            record.__dict__ | {"exc_info": None, "exc_text": None, "stack_info": None}
        )
        return " ".join(super().format(bare).split())
