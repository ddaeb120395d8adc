"""Our rooms beside NegMAS's controllers for one agreement of many: the same markets, sellers, utilities and rounds."""

from __future__ import annotations

import json
import warnings
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from negotiations.engine.negmas_markets import Score, compare
from negotiations.management.plain import PlainCommand

MARKETS, MOST_MARKETS = 200, 10_000


class Command(PlainCommand):
    help = "Compare our buyer with NegMAS's stock controllers; exit code 1 where it is below the best or has another number of deals than it should."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--markets", type=int, default=MARKETS, help="Made-up markets of one room each.")
        parser.add_argument("--seed", type=int, default=1, help="The first market; the others follow.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(self, *args: Any, markets: int, seed: int, json: bool, **options: Any) -> None:
        if not 1 <= markets <= MOST_MARKETS:
            raise CommandError(f"--markets {markets}: write a whole number from 1 to {MOST_MARKETS:,}.")
        self.stdout.write(
            f"{markets:,} markets from seed {seed}. A deal is wrong that should not be, or is not there."
        )
        self.stdout.write(
            f"{'buyer':<42} {'utility':>8} {'none':>5} {'one':>5} {'more':>5} {'wrong':>6} {'rounds':>7} {'errors':>7} {'CPU s':>7}"
        )
        scores = []
        with warnings.catch_warnings(action="ignore"):  # NegMAS's own, of what its controllers do
            for score in compare(range(seed, seed + markets)):
                scores.append(score)
                self.stdout.write(_line(score))
        if json:
            self.stdout.write(_json(scores))
        _judge(scores)


def _line(score: Score) -> str:
    return (
        f"{score.name:<42} {score.utility:>8.4f} {score.none:>5} {score.one:>5} {score.more:>5} {score.wrong:>6}"
        f" {score.rounds:>7.1f} {score.errors:>7} {score.seconds:>7.2f}"
    )


def _json(scores: list[Score]) -> str:
    return json.dumps({"scores": [asdict(score) for score in scores]})


def _judge(scores: list[Score]) -> None:
    ours, best = scores[0], max(scores[1:], key=lambda score: score.utility)
    if ours.wrong:
        raise CommandError(f"In {ours.wrong:,} markets ours has another number of deals than it should.")
    if ours.utility < best.utility:
        raise CommandError(f"Ours reaches {ours.utility:.4f}, and {best.name} {best.utility:.4f}.")
