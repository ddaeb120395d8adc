"""What the engine refuses, in words for people."""

from __future__ import annotations


class ScenarioRefused(Exception):
    """A scenario or an archive cannot be taken; the text says what is wrong and what to do."""

    @property
    def reason(self) -> str:
        return str(self)


class UnknownNegotiator(Exception):
    """A type name leads to no negotiator."""
