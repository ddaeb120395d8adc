"""What the engine refuses, in words for people."""

from __future__ import annotations


class EngineError(Exception):
    """Its text is written for people and says all there is to say."""


class ScenarioRefused(EngineError):
    """A scenario or an archive cannot be taken; the text says what is wrong and what to do."""

    @property
    def reason(self) -> str:
        return str(self)


class UnknownNegotiator(EngineError):
    """A type name leads to no negotiator."""


class RoundFailed(Exception):
    """A callback of a negotiator raised within a round; the error is the cause."""


class NonsenseError(EngineError):
    """A negotiator answered something that is no answer."""


class Unseated(EngineError):
    """A session cannot start as it was asked for."""


class Awaited(Exception):
    """A round stops here: it is the turn of a person whose answer is not in the script."""


class Unscripted(EngineError):
    """An action of a script that cannot be played where it stands."""
