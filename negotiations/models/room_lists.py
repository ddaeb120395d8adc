"""Rooms by the many."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db import models

from negotiations.models.owned import Visitor


class RoomQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Visitor) -> Self:
        """Those of markets that this person sees as a whole."""
        return self.filter(market__in=_markets().visible_to(user).values("pk"))

    def seated(self, user: Visitor) -> Self:
        """Those at which this person sits: as the buyer all of a market, as a seller those that it is let into."""
        if not user.is_authenticated:
            return self.none()
        places = apps.get_model("negotiations", "RoomSeller").objects.filter(
            seller__person=user.pk, seat__isnull=False
        )
        mine = models.Q(market__buyer_person=user.pk) | models.Q(pk__in=places.values("room"))
        return self.filter(mine)

    def over(self) -> Self:
        return self.exclude(status__in=("pending", "active"))

    def unfinished(self) -> Self:
        return self.filter(status__in=("pending", "active"))

    def with_deals(self) -> Self:
        """In order, each with how its runs ended."""
        return self.prefetch_related("decisions__seller").order_by("index")


def _markets() -> Any:
    return apps.get_model("negotiations", "Market").objects
