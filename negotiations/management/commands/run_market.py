from __future__ import annotations

import json as encoder
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.db import transaction

from negotiations.exceptions import Refused, TooMuch
from negotiations.management.commands.qworkers import fix_environment
from negotiations.management.owners import owner_named
from negotiations.management.plain import PlainCommand
from negotiations.market_files import draft_of
from negotiations.models import Job, Market, Queue, RoomStatus, Status
from negotiations.processes import worker_name
from negotiations.tasks import run_job

MOST_BYTES = 2**20


class Command(PlainCommand):
    help = "Open a market from a file, run its rooms here one after the other, and tell what was bought."

    def run_from_argv(self, argv: list[str]) -> None:
        fix_environment()
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="A market as JSON: see docs/markets.md.")
        parser.add_argument("--queue", action="store_true", help="Let workers run the rooms.")
        parser.add_argument("--owner", help="Whose market it is; by default the first superuser's.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(
        self, *args: Any, file: Path, queue: bool, owner: str | None, json: bool, **options: Any
    ) -> None:
        user = owner_named(owner)
        try:
            market = Market.objects.open(draft_of(_read(file)), user)
            if queue:
                market.start(user)
            else:
                self._play(market, user)
        except Refused as refusal:
            where = f"{refusal.field}: " if refusal.field else ""
            raise CommandError(f"{where}{refusal}") from refusal
        except TooMuch as limit:
            raise CommandError(str(limit)) from limit
        summary = Market.objects.get(pk=market.pk).summary()
        self.stdout.write(encoder.dumps(summary) if json else _told(summary))

    def _play(self, market: Market, owner: User) -> None:
        for room in market.rooms.filter(status=RoomStatus.PENDING):
            try:
                run = room.start(owner, queue=Queue.BATCH, ring=False)
            except Refused as refusal:  # bought up by the rooms before it
                self.stderr.write(str(refusal))
                continue
            try:
                run_job(str(run.pk))
            except KeyboardInterrupt:
                _cancel(Job.objects.get(pk=run.pk), owner)
                raise CommandError(f"Stopped by Ctrl-C in {room.item}. The market is kept.") from None


def _cancel(job: Job, by: User) -> None:
    """End at once what was played here."""
    with transaction.atomic():
        job.cancel(by)
        if job.status == Status.PROCESSING and job.worker == worker_name():
            job.stop_cancelled("Stopped by Ctrl-C. What was said is kept.")


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file} is larger than 1 MB, which no market is.")
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error


def _told(summary: dict[str, Any]) -> str:
    lines = [f"Market {summary['session_id']}: {summary['status']}."]
    for bought in summary["purchases"]:
        total = f"{bought['total']:,.2f}"
        lines.append(
            f"  {bought['item']}: {bought['quantity']:,} at {bought['price']:,.2f} from {bought['seller']}, {total} in all"
        )
    lines += [f"  {failed['item']}: not bought. {failed['reason']}" for failed in summary["failed_items"]]
    return "\n".join([*lines, f"Spent: {summary['total_spent']:,.2f}"])
