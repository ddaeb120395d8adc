from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from negotiations.engine.language_models import LanguageModel, client
from negotiations.engine.room_specs import BUYER, ModelFailed, Said, SeatView
from negotiations.language_models import model_settings

TRIED = SeatView(
    seat=0,
    item="chairs",
    quantity=10,
    buyer="Buyer",
    sellers=("Seller",),
    round=1,
    max_rounds=10,
    min_rounds=2,
    messages=(Said(1, BUYER, "Good morning! What is your price for 10 chairs?"),),
    cost=20,
    least=25,
    selling=40,
    stock=12,
)


class Command(BaseCommand):
    help = "Ask the configured language model for one offer, and say what came back."
    requires_system_checks: list[str] = []  # it is asked because something is not set yet

    def handle(self, *args: Any, **options: Any) -> None:
        asked = model_settings()
        switch = "on" if settings.LLM_ENABLED else "off (LLM_ENABLED=1 switches it on)"
        self.stdout.write(f"Language models are {switch}. Asking {asked.place} ...")
        try:
            names = client().model_names(asked)
            self.stdout.write(f"Models there: {', '.join(names) or 'none'}.")
            answer = LanguageModel(asked)(TRIED)
        except ModelFailed as failed:
            raise CommandError(f"{failed.code}: {failed.whole}") from None
        offer = f"{answer.quantity} at {answer.price:.2f}" if answer.price is not None else "none found"
        self.stdout.write(
            f"{asked.model} said in {answer.seconds:.1f} s, {answer.tokens} tokens: {answer.text}"
        )
        self.stdout.write(f"Offer: {offer}.")
