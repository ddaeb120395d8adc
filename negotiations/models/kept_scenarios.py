"""What a scenario keeps from whom: who sits at a table with it sees its issues and what their own party wants, until the end."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import ExpressionWrapper, Q

from negotiations.models.owned import Visitor
from negotiations.models.scenario_library import LibraryQuerySet

UNTOLD: dict[str, Any] = {"kind": "", "reserved_value": None, "weights": {}, "values": {}}


class KeptScenarioQuerySet(LibraryQuerySet):
    def visible_to(self, user: Visitor) -> Self:
        """Those of which this person may see all: what is shared with them, but for what is kept from them.

        Whoever asks for these alone shows nothing that has to stay a secret, whatever else they forget.
        """
        if not user.is_authenticated:
            return self.none()
        return self._shared_with(user).filter(~_kept_from(user))

    def known_to(self, user: Visitor) -> Self:
        """The same with what is kept from them: each says whether it `is_kept`, and a page of one has to `veil` it."""
        if not user.is_authenticated:
            return self.none()
        is_kept = ExpressionWrapper(_kept_from(user), output_field=models.BooleanField())
        return self._shared_with(user).annotate(is_kept=is_kept)

    def kept_from(self, user: Visitor) -> Self:
        """Of which they see no more than their own party's preferences while they sit in a session with it.

        Superusers, too, and the owner of the session; not who brought the scenario here, since the file is theirs. By
        what it says: a copy of it would tell the same.
        """
        return self.filter(_kept_from(user)) if user.is_authenticated else self.none()

    def _shared_with(self, user: Visitor) -> Self:
        """As everything that is owned, and the library of the installation, which has no owner."""
        if user.is_superuser:
            return self
        return self.filter(Q(owner=None) | Q(owner=user.pk) | Q(group__in=user.groups.all()))


def _kept_from(user: Visitor) -> Q:
    played = _seats(user).values("session__scenario__checksum")
    return Q(checksum__in=played) & ~Q(owner=user.pk)


def _seats(user: Visitor) -> Any:
    return apps.get_model("negotiations", "Party").objects.of(user).going_on()


class WithSecrets(models.Model):
    """What a scenario says to who sits at a table with it."""

    is_kept = False
    """From who asked: `known_to` says so."""

    class Meta:
        abstract = True

    @property
    def why_kept(self) -> str:
        return (
            f"You sit in a session with {self} that is not over. What the other parties want is hidden from you until "
            "it is."
        )

    @property
    def why_not_used(self) -> str:
        """A session of one's own would show what its parties want."""
        return f"You sit in a session with {self} that is not over. Start another with it when it is, or choose another scenario."

    def veil(self: Any, user: Visitor) -> None:
        """Forget what the others want, where that is kept from this person: no page can show what is not there."""
        if not self.is_kept:
            return
        mine = _seats(user).filter(session__scenario__checksum=self.checksum)
        seats = set(mine.values_list("index", flat=True))
        self.preferences = [
            told if index in seats else {"name": told["name"], **UNTOLD}
            for index, told in enumerate(self.preferences)
        ]
        self.document = ""
        self.warnings.clear()
