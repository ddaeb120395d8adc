"""What the client of Redis raises, where it is installed: it comes with the extra "scale"."""

from __future__ import annotations

try:
    from redis.exceptions import RedisError
except ImportError:  # then nothing is asked of a Redis that could raise it

    class RedisError(Exception):  # type: ignore[no-redef]
        """Never raised."""


__all__ = ["RedisError"]
