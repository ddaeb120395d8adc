from __future__ import annotations

import json as encoder
from argparse import ArgumentParser
from typing import Any

from negotiations.leftovers import leftovers
from negotiations.management.plain import PlainCommand


class Command(PlainCommand):
    help = "Remove what is kept for a time only: records of tasks, old logs, sign-ins that ran out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count only; remove nothing.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(self, *args: Any, dry_run: bool, json: bool, **options: Any) -> None:
        found = {}
        for each in leftovers():
            found[each.name] = each.count() if dry_run else each.prune()
            verb = "would go" if dry_run else "removed"
            self.stdout.write(f"{found[each.name]:>9,} {verb}: {each.name}")
        if json:
            self.stdout.write(encoder.dumps({"dry_run": dry_run, "rows": found}))
