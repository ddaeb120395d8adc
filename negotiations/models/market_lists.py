"""Markets by the many: who sees which, and how lists narrow them."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from negotiations.models.owned import OwnedQuerySet, Visitor


class ListedMarketQuerySet(OwnedQuerySet):
    def visible_to(self, user: Visitor) -> Self:
        """As everything that is owned, whole, with what every seat knows; so not to those who hold a seat themselves.

        Owners and superusers see all of a market even where they take a seat.
        """
        seen = super().visible_to(user)
        if user.is_superuser or not user.is_authenticated:
            return seen
        return seen.filter(Q(owner=user) | ~_held_by(user))

    def seated(self, user: Visitor) -> Self:
        """Those in which this person holds a seat: they see what that seat may see, whoever owns the market."""
        return self.filter(_held_by(user)) if user.is_authenticated else self.none()

    def kept_from(self, user: Visitor) -> Self:
        """Those of which they may see no more than their seats do, whatever else they may look at."""
        return self.none() if user.is_superuser else self.seated(user).exclude(owner=user.pk)

    def changeable_by(self, user: Visitor) -> Self:
        """A person's own, all for a superuser: those that are shared with a group are for the others to look at."""
        if user.is_superuser:
            return self
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "pk")

    def matching(self, words: str) -> Self:
        """Those with every word in their name, the buyer's, a seller's or an item's."""
        found = self
        for word in words.split():
            sellers = apps.get_model("negotiations", "Seller").objects.filter(name__icontains=word)
            rooms = apps.get_model("negotiations", "Room").objects.filter(item__icontains=word)
            found = found.filter(
                Q(name__icontains=word)
                | Q(buyer_name__icontains=word)
                | Exists(sellers.filter(market=OuterRef("pk")))
                | Exists(rooms.filter(market=OuterRef("pk")))
            )
        return found

    def narrowed(self, chosen: dict[str, Any]) -> Self:
        """By words and by a status; what is empty narrows nothing."""
        found = self.filter(status=chosen["status"]) if chosen.get("status") else self
        return found.matching(chosen.get("q", ""))


def _held_by(user: Visitor) -> Q:
    sellers = apps.get_model("negotiations", "Seller").objects.filter(market=OuterRef("pk"), person=user.pk)
    return Q(buyer_person=user.pk) | Q(Exists(sellers))
