"""The offers of sessions: one row an action, written in batches, read by live view, replay, export and audit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import connection, models
from django.db.models import OuterRef, Subquery

from negotiations.engine.specs import Action, Response

if TYPE_CHECKING:
    from negotiations.models.sessions import Session

to_json = json.JSONEncoder().encode
# Rows that a page may read to find one among them: some 60 ms.
LOOKED_THROUGH = 20_000


class OfferQuerySet(models.QuerySet[Any]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def sampled(self, last: int, most: int, parties: int) -> Self:
        """At most about `most` of the first `last`, in whole steps evenly apart, the newest always among them."""
        return self.filter(seq__in=evenly(last, most, parties)).order_by("seq")

    def best_for_all(self) -> Offer | None:
        """The offer with the greatest welfare. None where there is none, or too many to look through for a page."""
        made = self.filter(response=Response.OFFER).values_list("seq", "utilities")
        if made.count() > LOOKED_THROUGH:
            return None
        known = [(sum(worths), seq) for seq, worths in made if worths and None not in worths]
        return self.get(seq=max(known)[1]) if known else None

    def last_proposals(self, session: Session, before: int | None = None) -> dict[int, Offer]:
        """The newest offer of each party, by its index; only those with a smaller `seq` than `before` where given."""
        made = Offer.objects.filter(
            session=OuterRef("session"), party=OuterRef("index"), response=Response.OFFER
        )
        made = made if before is None else made.filter(seq__lt=before)
        newest = Subquery(made.order_by("-seq").values("seq")[:1])
        seats = session.parties.order_by().annotate(newest=newest)
        found = self.filter(session=session, seq__in=seats.values("newest"))
        return {offer.party: offer for offer in found}

    def on_table(self, party: int) -> Offer | None:
        """What this party can accept: the newest offer of another one, unless somebody has swept it away."""
        said = (Response.OFFER, Response.REJECT)
        last: Offer | None = self.filter(response__in=said).order_by("-seq").first()
        is_there = last is not None and last.response == Response.OFFER and last.party != party
        return last if is_there else None

    def append(self, session: Session, actions: Sequence[Action]) -> None:
        """Insert rows without building a model for each: a fifth of the time of bulk_create, and this is the hot path."""
        key = session._meta.pk.get_db_prep_value(session.pk, connection)
        with connection.cursor() as cursor:
            cursor.executemany(INSERT, [self._row(key, action) for action in actions])

    def _row(self, key: Any, action: Action) -> tuple[Any, ...]:
        outcome = None if action.outcome is None else to_json(action.outcome)
        # As json.dumps would, at a third of its cost: they are finite numbers or None.
        utilities = ", ".join("null" if worth is None else repr(worth) for worth in action.utilities)
        return (
            key, action.seq, action.step, action.relative_time, action.party, action.response,
            outcome, f"[{utilities}]", action.text,
        )  # fmt: skip


def evenly(last: int, most: int, parties: int) -> list[int]:
    """Numbers out of 1..last: `parties` neighbours, then a leap, so that no party is missed by rhythm."""
    if last <= most:
        return list(range(1, last + 1))
    leap = -(-last // most) * parties
    starts = range(last - parties + 1, 0, -leap)
    return sorted(number for start in starts for number in range(start, min(start + parties, last + 1)))


INSERT = (
    "INSERT INTO negotiations_offer"
    " (session_id, seq, step, relative_time, party, response, outcome, utilities, text)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class Offer(models.Model):
    """One action of one party, the accept included. `outcome` and `utilities` are lists in the scenario's order."""

    session = models.ForeignKey(
        "negotiations.Session", on_delete=models.CASCADE, related_name="offers", db_index=False
    )
    seq = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    relative_time = models.FloatField()
    party = models.PositiveSmallIntegerField()
    response = models.CharField(max_length=10)
    outcome = models.JSONField(null=True)
    utilities = models.JSONField(default=list)
    text = models.TextField(blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["session", "seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "seq"], name="offer_once")]

    def __str__(self) -> str:
        return f"{self.seq}: party {self.party} {self.response}"

    def to_action(self) -> Action:
        return Action(
            seq=self.seq,
            step=self.step,
            relative_time=self.relative_time,
            party=self.party,
            response=self.response,
            outcome=None if self.outcome is None else tuple(self.outcome),
            utilities=tuple(self.utilities),
            text=self.text,
        )


def to_actions(offers: Iterable[Offer]) -> list[Action]:
    return [offer.to_action() for offer in offers]
