"""What language models took in a run of a room, counted as it goes (B-25)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from negotiations.engine.room_specs import Said
from negotiations.model_money import ModelUse, TokenPrices, use_of


class ModelMeter(models.Model):
    """The prices are those for which a million tokens were read and written as the run began: later ones change nothing."""

    tokens = models.PositiveBigIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    model_seconds = models.FloatField(default=0)
    input_price = models.DecimalField(max_digits=13, decimal_places=6, default=Decimal(0))
    output_price = models.DecimalField(max_digits=13, decimal_places=6, default=Decimal(0))
    currency = models.CharField(max_length=8, blank=True)

    class Meta:
        abstract = True

    @property
    def token_prices(self) -> TokenPrices:
        return TokenPrices(self.input_price, self.output_price, self.currency)

    @property
    def model_use(self) -> ModelUse | None:
        """None where no language model was asked."""
        return use_of([self])

    def counted(self, said: Said) -> dict[str, Any]:
        """What it stands at with a message more."""
        return {
            "tokens": self.tokens + said.tokens,
            "input_tokens": self.input_tokens + said.input_tokens,
            "model_seconds": self.model_seconds + said.seconds,
        }
