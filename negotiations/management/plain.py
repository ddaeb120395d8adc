"""Commands whose failures are told as a person would tell them."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.db import DatabaseError


class PlainCommand(BaseCommand):
    """What goes wrong is one line on stderr and exit status 1, a misused option too."""

    _called_from_command_line = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = False  # so that it raises instead of writing how it is used
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        try:
            super().run_from_argv(argv)
        except CommandError as misuse:
            told = str(misuse).removeprefix("Error: ")
            self._end(f"{told[:1].upper()}{told[1:]}. Run: manage.py {argv[1]} --help")

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (CommandError, DatabaseError) as error:
            if (
                not self._called_from_command_line
                or options["traceback"]
                or isinstance(error, SystemCheckError)
            ):
                raise
            is_ours = isinstance(error, CommandError)
            self._end(
                str(error)
                if is_ours
                else f"The database cannot be used: {error} Look at DATABASE_URL, or run: manage.py prepare"
            )

    def _end(self, told: str) -> NoReturn:
        self.stderr.write(" ".join(told.split()))
        sys.exit(1)
