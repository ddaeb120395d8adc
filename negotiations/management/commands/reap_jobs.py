"""Look after jobs that lost their worker or their message; `serve` does so by itself."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from negotiations.models import Job


class Command(BaseCommand):
    help = "Queue lost jobs again, or fail them after their last attempt."

    def handle(self, *args: Any, **options: Any) -> None:
        for job in Job.objects.reap():
            self.stdout.write(f"{job.pk} {job.error}")
