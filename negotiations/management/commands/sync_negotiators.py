from __future__ import annotations

import warnings
from typing import Any

from negotiations.engine.catalogue import catalogue
from negotiations.engine.composed import components
from negotiations.management.plain import PlainCommand
from negotiations.measured import shipped
from negotiations.models import Component, Negotiator


class Command(PlainCommand):
    help = "Make the catalogue of negotiators what NegMAS and the installed agent packages offer."

    def handle(self, *args: Any, **options: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # agents warn of the arguments they are tried with
            specs = catalogue()
            parts = components()
        new, gone = Negotiator.objects.synchronise(specs)
        Component.objects.synchronise(parts)
        Negotiator.objects.learn(shipped())
        told = f"{len(specs):,} negotiators: {new:,} new, {gone:,} no longer installed."
        self.stdout.write(told)
