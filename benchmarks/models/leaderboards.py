"""What pages show of a benchmark's scores: computed by a lane every few seconds, never by a poll."""

from __future__ import annotations

from typing import Any

from django.db import models

from benchmarks.models.benchmarks import Benchmark


class Leaderboard(models.Model):
    """`seq` is the last finished match that it counts; `data` is what `benchmarks.scoring` made of them."""

    benchmark = models.OneToOneField(Benchmark, models.CASCADE, primary_key=True, related_name="leaderboard")
    seq = models.PositiveIntegerField(default=0)
    data = models.JSONField(default=dict)
    computed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Leaderboard of {self.benchmark}"


def ranking(benchmark: Benchmark) -> list[dict[str, Any]]:
    """A line for each competitor as it was last computed, best first."""
    data = Leaderboard.objects.filter(benchmark=benchmark).values_list("data", flat=True).first() or {}
    names = dict(benchmark.competitors.values_list("index", "name"))
    columns = ("score", "low", "high", "matches")
    return [
        {
            "rank": line["rank"],
            "competitor": names[line["competitor"]],
            **{name: line[name] for name in columns},
        }
        for line in data.get("rows", [])
    ]
