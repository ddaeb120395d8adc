"""What can go wrong, in the words that people read."""

from __future__ import annotations


class LostLease(Exception):
    """Another worker has this job now."""


class Unsuitable(Exception):
    """A negotiator and a scenario that do not fit; the text says why and which would."""
