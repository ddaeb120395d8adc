"""Which benchmark a command is about."""

from __future__ import annotations

from django.core.management.base import CommandError

from benchmarks.models import Benchmark

FEWEST = 4
"""Letters of an id that name a benchmark, if no other begins so."""


def benchmark_called(key: str) -> Benchmark:
    """By its id, or how that begins."""
    wanted = key.replace("-", "").lower()
    is_hex = all(sign in "0123456789abcdef" for sign in wanted)
    if not is_hex or not FEWEST <= len(wanted) <= 32:
        raise CommandError(f"{key[:60]!r} is no id of a benchmark: it stands in the address of its page.")
    low, high = wanted.ljust(32, "0"), wanted.ljust(32, "f")
    rows = Benchmark.objects.select_related("job__owner").filter(deletion=None)
    found = list(rows.filter(pk__range=(low, high))[:2])
    if not found:
        raise CommandError(f"There is no benchmark {key}.")
    if len(found) > 1:
        raise CommandError(f"More than one benchmark begins with {key}. Write more of its id.")
    benchmark: Benchmark = found[0]
    return benchmark
