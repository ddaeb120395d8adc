"""Seats that people have in sessions: what they may see, whose turn it is, and what becomes of an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from negotiations.engine.specs import Awaiting, Outcome, Response
from negotiations.exceptions import OutOfTurn
from negotiations.models.jobs import Job
from negotiations.models.moves import Move
from negotiations.models.owned import Visitor
from negotiations.models.session_lists import ListedSessionQuerySet
from notifications.models import Notification

MOST_SEATS = 30


class SeatedSessionQuerySet(ListedSessionQuerySet):
    def seated(self, user: Visitor) -> Self:
        """Those in which this person has a seat, over or not, with its `seat_index`."""
        if not user.is_authenticated:
            return self.none()
        mine = self.filter(deletion=None, parties__person=user)
        return mine.annotate(seat_index=models.F("parties__index"))

    def seats_to_show(self, user: Visitor) -> Self:
        """A person's seats in what goes on, as lists show them: no query a row."""
        mine = self.seated(user).in_progress().select_related("job", "scenario").prefetch_related("parties")
        light = mine.defer("scenario__document", "scenario__issues", "scenario__preferences")
        return light.order_by("-job__created_at")[:MOST_SEATS]

    def overdue(self) -> list[Any]:
        """Those whose person did not answer in time."""
        timed = self.filter(turn_seconds__isnull=False, job__hold=False, deletion=None)
        awaiting = timed.filter(job__in=Job.objects.awaiting()).select_related("job", "scenario")
        now = timezone.now()
        return [session for session in awaiting if session.awaits_until and session.awaits_until < now]


class WithSeats(models.Model):
    """What a session has and does where people sit in it. While its job awaits somebody, the two fields tell whom."""

    turn_seconds = models.PositiveIntegerField(
        null=True, blank=True, help_text="Time that a person has for a turn; empty for any."
    )
    awaits_party = models.PositiveSmallIntegerField(null=True, blank=True)
    awaits_seq = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    # --- Questions --------------------------------------------------------------------------------------------

    def seat_of(self: Any, user: Visitor) -> Any:
        """The party of this person; None where they have no seat."""
        return next((party for party in self.parties.all() if party.person_id == user.pk), None)

    def others(self: Any) -> list[User]:
        """Whom else its end concerns: all who sit in it but for its owner."""
        seats = self.parties.exclude(person=None).exclude(person=self.job.owner_id).select_related("person")
        return [party.person for party in seats]

    @property
    def awaits_until(self: Any) -> datetime | None:
        """When the time of the turn is over; None where there is no end to it, or it is nobody's turn."""
        since = self.job.awaits_since
        return since + timedelta(seconds=self.turn_seconds) if since and self.turn_seconds else None

    def seat_url(self: Any) -> str:
        return reverse("negotiations:session-seat", args=[self.pk])

    # --- Moves --------------------------------------------------------------------------------------------------

    def await_person(self: Any, turn: Awaiting) -> None:
        """Give the job back until the person whose turn it is has answered, and tell them."""
        party = self.parties.select_related("person").get(index=turn.party)
        told = f"Action {turn.seq:,}, in step {turn.step + 1:,} of {self.n_steps:,}."
        with transaction.atomic():
            self.job.wait_for_people(f"Waits for {party} to answer.")
            self._await(turn.party, turn.seq)
            if self.job.is_active:
                Notification.objects.add(
                    party.person,
                    "session_turn",
                    words={"name": self.name, "told": told},
                    context={"session_id": str(self.pk), "job_id": str(self.pk), "href": self.seat_url()},
                    dedupe_key=self._told(turn.seq),
                )

    def answer(
        self: Any, by: User, seq: int, response: str, outcome: Outcome | None = None, text: str = ""
    ) -> Move:
        """Take a person's answer to action `seq`, and let the session go on. Raises OutOfTurn, and nothing is changed."""
        with transaction.atomic():
            party = self._party_on_turn(by, seq)
            if response == Response.ACCEPT and self.offers.on_table(party.index) is None:
                raise OutOfTurn("No offer of another party is on the table, so there is nothing to accept.")
            kept = list(outcome) if outcome is not None and response == Response.OFFER else None
            fields = {"response": response, "outcome": kept, "text": text}
            move: Move = self._keep(f"{party} answered.", party=party.index, by=by, **fields)
            # The last lock that is taken, as wherever somebody is told.
            Notification.objects.filter(user=by, dedupe_key=self._told(seq)).see(by)
            return move

    def give_up_turn(self: Any) -> Move | None:
        """The answer did not come in time: the person's seat ends the session. None where it came after all, or nobody is waited for."""
        with transaction.atomic():
            try:
                self._look()
            except ObjectDoesNotExist:  # deleted since it was found to be overdue
                return None
            is_waited_for = self.awaits_until and not self.job.is_over and not self.job.hold
            if not is_waited_for or self.awaits_until > timezone.now():
                return None
            party = self.parties.get(index=self.awaits_party)
            told = f"{party} did not answer within {spoken(self.turn_seconds)}."
            fields = {"response": Response.END, "text": told, "is_late": True}
            move: Move = self._keep(told, party=party.index, by=None, **fields)
            return move

    def _told(self: Any, seq: int) -> str:
        return f"turn:{self.pk}:{seq}"

    def _keep(self: Any, told: str, **fields: Any) -> Move:
        move = Move.objects.create(session=self, seq=self.awaits_seq, **fields)
        self._await(None, None)
        if not self.job.people_answered(told):
            raise OutOfTurn("It waits for nobody now. Nothing was sent.")
        return move

    def _party_on_turn(self: Any, by: User, seq: int) -> Any:
        self._look()
        party = self.seat_of(by)
        if party is None:
            raise OutOfTurn("You have no seat in this session. Nothing was sent.")
        if self.job.is_over:
            raise OutOfTurn(f"The session is {self.status}. Nothing was sent.")
        if self.moves.filter(seq=seq, party=party.index).exists():
            raise OutOfTurn(
                "You have answered this turn already. What you sent first counts, and this was not sent."
            )
        if self.awaits_party is None:
            raise OutOfTurn("It is not your turn now: the others are at it. Nothing was sent.")
        if self.awaits_party != party.index:
            other = self.parties.get(index=self.awaits_party)
            raise OutOfTurn(f"It is the turn of {other}, not yours. Nothing was sent.")
        if self.awaits_seq != seq:
            raise OutOfTurn(
                f"This was written for action {seq:,}, and the session is at action {self.awaits_seq:,}. Nothing was "
                "sent: look at the newest offer first."
            )
        return party

    def _look(self: Any) -> None:
        """See the rows as they are; that of the job stays locked until the end of the transaction."""
        locked = Job.objects.select_for_update(of=("self",))
        self.job = locked.get(pk=self.pk)
        self.refresh_from_db(fields=["awaits_party", "awaits_seq", "turn_seconds"])

    def _await(self: Any, party: int | None, seq: int | None) -> None:
        self.awaits_party, self.awaits_seq = party, seq
        sessions = apps.get_model("negotiations", "Session").objects
        sessions.filter(pk=self.pk).update(awaits_party=party, awaits_seq=seq)


UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def spoken(seconds: int) -> str:
    """2 days, 10 minutes, 90 seconds: in the largest unit that divides it."""
    word, size = next((word, size) for word, size in UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count:,} {word}{'' if count == 1 else 's'}"
