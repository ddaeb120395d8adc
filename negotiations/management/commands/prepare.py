from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("migrate", {"verbosity": 0}),
    ("load_builtin_scenarios", {}),
    ("analyse_scenarios", {}),
    ("sync_negotiators", {}),
    ("collectstatic", {"verbosity": 0, "interactive": False}),
    # Last, so that its password is not scrolled away.
    ("create_admin", {}),
)


class Command(BaseCommand):
    help = "Make everything ready to serve. Each step does nothing where nothing is to be done."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, arguments in STEPS:
            call_command(name, stdout=self.stdout, stderr=self.stderr, **arguments)
