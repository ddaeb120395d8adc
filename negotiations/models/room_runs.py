"""A run of a room: one job, its messages and how it ended. A room that came to no deal may be run again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Self, cast

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from negotiations.engine.disclosures import Secret, disclosed
from negotiations.engine.room_specs import BUYER, RoomDecision, Said, Verdict
from negotiations.exceptions import LostLease, Refused, Unsuitable
from negotiations.model_money import ModelUse, use_of
from negotiations.models.job_states import Status
from negotiations.models.jobs import Job
from negotiations.models.markets import Market
from negotiations.models.model_meters import ModelMeter
from negotiations.models.room_messages import RoomMessage, as_money
from negotiations.models.room_news import lock_inboxes, tell_of_end
from negotiations.models.room_turns import TurnsOfPeople
from negotiations.models.rooms import Room


class RunEnd(models.TextChoices):
    """How a run ended."""

    DEAL = "deal"
    NO_DEAL = "no_deal", "no deal, as was decided"
    ROUNDS = "rounds", "all rounds used"
    NO_OFFER = "no_offer", "nothing could be bought"
    TIME = "time", "the time was over"
    STOPPED = "stopped"
    FAILED = "failed"


class RoomRunQuerySet(models.QuerySet[Any]):
    def locked(self, pk: Any) -> RoomRun:
        """Until the end of the transaction, with its room, market and job as they are now."""
        found = self.select_for_update(of=("self",)).select_related("job", "room__market__owner")
        return cast("RoomRun", found.get(pk=pk))

    def hold(self, room: Any) -> RoomRun | None:
        """The open run of a room, with its job and its market: locked in the order of whoever works on it."""
        pk = self.filter(room=room, end_reason="").values_list("pk", flat=True).first()
        return self.hold_run(pk) if pk else None

    def hold_run(self, pk: Any) -> RoomRun | None:
        """The same of a run; None where it is over."""
        active = Job.objects.active().select_for_update(no_key=True)
        if active.filter(pk=pk).values_list("pk").first() is None:
            return None
        return self._lock_market_and_run(pk)

    def _lock_market_and_run(self, pk: Any) -> RoomRun | None:
        market = self.filter(pk=pk).values_list("room__market", flat=True).get()
        Market.objects.locked(market)
        run = self.locked(pk)
        return None if run.end_reason else run

    def waiting(self) -> Self:
        """Those that no worker looks at now, and that are not paused."""
        return self.filter(job__status=Status.QUEUED, job__hold=False, end_reason="")

    def overdue(self) -> Self:
        """Those of them whose time is over: a worker would see to that itself."""
        return self.waiting().filter(deadline__lt=timezone.now())

    def awaiting_in_time(self) -> Self:
        """Those that wait for people who have a limited time to answer."""
        return self.waiting().filter(
            job__awaits_since__isnull=False, room__market__turn_seconds__isnull=False
        )

    def model_use(self) -> ModelUse | None:
        """What language models took in all of them; None where none was asked."""
        return use_of(self)

    def look_at_clocks(self) -> None:
        """End the rooms whose time is over, and go on where a person did not answer in time."""
        for run in self.overdue():
            run.end_in_time()
        for run in self.awaiting_in_time().select_related("job", "room__market"):
            if run.is_turn_over:
                run.pass_turn()


DECIDED = (RunEnd.DEAL, RunEnd.NO_DEAL)
"""By whoever may; any other end is none that somebody wanted."""


class RoomRun(TurnsOfPeople, ModelMeter):
    """Owner, group and status are its job's; nothing of a run is known to the next one (M-29)."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="room_run")
    room = models.ForeignKey(Room, models.CASCADE, related_name="runs", db_index=False)
    number = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(
        default=0, help_text="The round that is open; 0 before the first."
    )
    n_messages = models.PositiveIntegerField(default=0)
    conditions = models.JSONField(
        default=dict, blank=True, help_text="The budget and the stock that were left as the round opened."
    )
    seconds_left = models.FloatField(default=1800)
    deadline = models.DateTimeField(null=True, blank=True, help_text="While its time runs.")
    awaits = models.JSONField(default=list, blank=True, help_text="The seats of persons whose turn it is.")
    end_reason = models.CharField(max_length=10, choices=RunEnd, blank=True)

    objects = RoomRunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["room", "number"]
        verbose_name = "room run"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "number"], name="room_run_once"),
            # Two clicks, two workers: the database lets one run of a room be open.
            models.UniqueConstraint(
                fields=["room"], condition=Q(end_reason=""), name="room_runs_one_at_a_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["deadline"], condition=Q(deadline__isnull=False), name="room_run_by_deadline"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room}, run {self.number}"

    def get_absolute_url(self) -> str:
        return self.room.get_absolute_url()

    # --- What a job runs ------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"{self.room.item} ({self.room.market})"

    @property
    def is_decided(self) -> bool:
        return self.end_reason in DECIDED

    @property
    def most_seconds(self) -> float:
        """That a worker may work on it at a stretch: while it waits for people none does."""
        return float(self.room.market.room_seconds)

    def close(self, status: str) -> None:
        """The end of its room, with that of its job: in one transaction, whoever ended it."""
        Market.objects.locked(self.room.market_id)
        run = RoomRun.objects.locked(self.pk)
        if not run.end_reason:
            run.end(RunEnd.STOPPED if status == Status.CANCELLED else RunEnd.FAILED)
        lock_inboxes(run)
        run.room.close(run.is_decided)
        tell_of_end(run)

    def again(self, by: User) -> RoomRun:
        """Another run of its room, if that came to no deal. Unsuitable where it cannot be."""
        try:
            return cast("RoomRun", self.room.start(by, retry_of=self.job))
        except Refused as refusal:
            raise Unsuitable(str(refusal)) from refusal

    # --- What is written in it: for who holds the lock of its row ---------------------------------------------

    def say(self, said: Said, by: User | None = None) -> RoomMessage:
        """The next message."""
        message = RoomMessage.of(said, run=self, seq=self.n_messages + 1, by=by)
        message.disclosed = self._secrets_in(said)
        message.save(force_insert=True)
        self.set(n_messages=message.seq, **self.counted(said))
        return message

    def _secrets_in(self, said: Said) -> list[str]:
        if said.seat == BUYER:
            return list(disclosed(said.text, self._secrets_of_buyer()))
        stock = self.room.places.select_related("stock").get(seat=said.seat).stock
        secrets = {"cost": float(stock.cost), "least": float(stock.least)} if stock else {}
        return list(disclosed(said.text, secrets))

    def _secrets_of_buyer(self) -> dict[str, Secret]:
        """What is left of its budget, and what that lets it pay for one, are as secret as the whole."""
        room, high, budget = self.room, float(self.room.high), self.room.market.budget
        if budget is None:
            return {"high": high}
        left = float(self.conditions.get("budget", room.market.left))
        return {"high": (high, min(high, left / room.quantity)), "budget": (float(budget), left)}

    def stop_clock(self) -> None:
        """While it is paused its time does not run."""
        if self.deadline is not None:
            left = (self.deadline - timezone.now()).total_seconds()
            self.set(deadline=None, seconds_left=max(1.0, left))

    def set(self, **fields: Any) -> None:
        RoomRun.objects.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)

    def let_go_on(self, message: str) -> None:
        """Nobody is waited for any more."""
        self.set(awaits=[])
        self.job.people_answered(message)

    # --- Its end ----------------------------------------------------------------------------------------------

    def end(self, reason: str, decision: Any = None, forced_by: User | None = None, told: str = "") -> Any:
        """Write how it ended, with the decision; the job's own end belongs into the same transaction."""
        self.set(end_reason=reason, deadline=None, awaits=[])
        deal = decision is not None and decision.verdict == Verdict.DEAL
        return self.room.decisions.create(
            run=self,
            verdict=Verdict.DEAL if deal else Verdict.NO_DEAL,
            seller=self.room.places.get(seat=decision.seller).seller if deal else None,
            price=as_money(decision.price) if deal else None,
            quantity=decision.quantity if deal else None,
            round=self.round,
            reason=(told or RunEnd(reason).label.capitalize())[:500],
            forced_by=forced_by,
        )

    def end_by_person(
        self, by: User, verdict: str, seat: int | None, price: Decimal | None, quantity: int | None
    ) -> Any:
        """As somebody decided, whoever works on it: that worker's next write finds that the job is over."""
        decision = RoomDecision(self.round, verdict, seat, None if price is None else float(price), quantity)
        reason = RunEnd.DEAL if verdict == Verdict.DEAL else RunEnd.NO_DEAL
        written = self.end(reason, decision, forced_by=by, told=f"Decided by {by}.")
        self._complete(f"{written.told} Decided by {by}.")
        return written

    def _complete(self, message: str) -> None:
        rows = Job.objects.filter(pk=self.pk)
        if not self.job.move(rows, Status.COMPLETED, message, percentage=100):
            raise LostLease

    def end_in_time(self) -> bool:
        """Its time was over while it waited. False where somebody was quicker."""
        with transaction.atomic():
            run = RoomRun.objects.hold_run(self.pk)
            if run is None or not RoomRun.objects.overdue().filter(pk=run.pk).exists():
                return False
            run.end_of_time(run.told_of_time())
            return True

    def end_of_time(self, told: str) -> None:
        self.end(RunEnd.TIME, told=told)
        self._complete(told)

    def told_of_time(self) -> str:
        return f"No deal: the {self.room.market.room_seconds / 60:,.4g} minutes of a room are over."
