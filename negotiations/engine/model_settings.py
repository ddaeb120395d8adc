"""What a call of a language model needs to know, and how it may fail."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit


class ModelCode(StrEnum):
    """Why there is no answer of a language model, by its code (M-26)."""

    DISABLED = "LLM_DISABLED"
    MISSING = "LLM_NOT_INSTALLED"
    REFUSED = "LLM_REFUSED"
    BAD_RESPONSE = "LLM_BAD_RESPONSE"
    TIMEOUT = "LLM_TIMEOUT"
    UNAVAILABLE = "LLM_UNAVAILABLE"


STATUSES = {
    ModelCode.DISABLED: 400,
    ModelCode.MISSING: 503,
    ModelCode.REFUSED: 502,
    ModelCode.BAD_RESPONSE: 502,
    ModelCode.TIMEOUT: 503,
    ModelCode.UNAVAILABLE: 503,
}
"""What the JSON API answers where one of them is why nothing could be done."""

FOREVER = (ModelCode.DISABLED, ModelCode.MISSING, ModelCode.REFUSED)
"""The same request would be answered the same again."""


SLACK = 0.2
"""Seconds beyond its own limit after which a call is left behind."""
SHORTEST_KEY = 8
"""Characters; what is shorter is a word such as `none`, which a server without keys is sent, and no secret."""
KEY_LEFT_OUT = "(the key)"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where a language model is asked, and within which limits. The key shows in no `repr`."""

    url: str
    model: str = ""
    key: str = field(default="", repr=False)
    seconds: float = 30
    tries: int = 3
    pause: float = 2
    tokens: int = 1000
    most_bytes: int = 200_000

    @property
    def place(self) -> str:
        """The host and its port, for people: an address may carry more than they should read."""
        split = urlsplit(self.url)
        return f"{split.hostname}:{split.port}" if split.port else str(split.hostname)

    @property
    def is_near(self) -> bool:
        """Whether the URL leads to this machine or its own network, to which no proxy leads."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_private
        except ValueError:
            return "." not in host or host.endswith((".localhost", ".local"))

    def without_key(self, text: str) -> str:
        """For all that a server has written: it got the key, and may repeat it."""
        return text.replace(self.key, KEY_LEFT_OUT) if len(self.key) >= SHORTEST_KEY else text

    def within(self, seconds: float) -> ModelSettings:
        """For a look at the server that nobody waits longer for."""
        return replace(self, seconds=min(seconds, self.seconds))

    @property
    def longest(self) -> float:
        """Seconds that all tries and the pauses between them may take."""
        return self.tries * (self.seconds + SLACK) + sum(self.pauses)

    @property
    def pauses(self) -> tuple[float, ...]:
        return tuple(self.pause * 2**number for number in range(self.tries - 1))
