"""Forks: a session that goes as another one went, until a row where one thing is different (X-03)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import connection, models, transaction

from negotiations.engine.specs import PERSON, Action, Outcome, PartySpec, ScriptedAction, SessionSpec
from negotiations.engine.versions import versions
from negotiations.exceptions import Unsuitable
from negotiations.models.jobs import Job, Queue
from negotiations.models.offers import Offer
from negotiations.models.parties import Seat
from negotiations.models.sessions import Session

PAGE = 500


class What(models.TextChoices):
    """What is different from the fork's row on."""

    ACTION = "action", "One action"
    NEGOTIATOR = "negotiator", "One negotiator"
    STEPS = "steps", "The number of steps"


@dataclass(frozen=True)
class Change:
    """One of three: an action of the party whose turn it was, a negotiator for a seat, or a number of steps."""

    response: str = ""
    outcome: Outcome | None = None
    party: int | None = None
    seat: Seat | None = None
    n_steps: int | None = None

    @property
    def seats(self) -> dict[int, Seat]:
        return {self.party: self.seat} if self.seat and self.party is not None else {}

    @property
    def what(self) -> What:
        if self.response:
            return What.ACTION
        return What.NEGOTIATOR if self.seat else What.STEPS


def why_not_fork(session: Session) -> str:
    """Why no fork of this session can be played; empty where it can. It needs a replay, and a row to begin at."""
    if not session.can_resume:
        return (
            "It is limited by seconds, so how it goes depends on the clock and cannot be repeated. "
            "Run it with a number of steps alone, and fork that."
        )
    if session.job.is_active and session.parties.filter(type=PERSON).exists():
        return (
            "A person sits in it and it goes on, so a copy would tell them what they may not know yet. Fork it when "
            "it is over."
        )
    if not session.offers.exists():
        return (
            "It has no offers, so there is nothing to begin at. Wait for the first, or start a new session."
        )
    now = versions()
    changed = [
        f"{name} {session.versions.get(name, 'unknown')} is now {now[name]}"
        for name in now
        if session.versions.get(name) != now[name]
    ]
    if changed:
        told = ", ".join(changed)
        return f"What it ran with has changed ({told}), so it might not go the same way again. Run it again, and fork that."
    return ""


class ForkQuerySet(models.QuerySet[Any]):
    def start(self, of: Session, seq: int, change: Change, *, owner: User) -> Session:
        """Start a fork of a session at the row `seq`. Raises Unsuitable where it cannot be, TooMuch at a limit."""
        row = of.offers.filter(seq=seq).first()
        if row is None:
            raise Unsuitable(f"{of} has no offer {seq:,}. Choose one of its offers.")
        fork = Fork(what=change.what, step=row.step, **_script(of, row, change))
        return fork.begin(of, owner, change, seq=seq, forked_from=of)


def _script(of: Session, row: Offer, change: Change) -> dict[str, Any]:
    """What the script of the new fork holds: what is left of that of the old one, where that is a fork too, and this."""
    old = of.fork if of.forked_seq else Fork()
    party = row.party if change.response else change.party
    follows = {index: min(until, row.seq) for index, until in old.follows.items()}
    # What people answered is no more than a row of theirs now; from here on they answer anew.
    follows |= {str(seat.index): row.seq for seat in of.parties.filter(type=PERSON)}
    actions = [action for action in old.actions if action["seq"] < row.seq]
    born = dict(old.born)
    if change.response:
        outcome = None if change.outcome is None else list(change.outcome)
        actions.append({"seq": row.seq, "party": party, "response": change.response, "outcome": outcome})
    elif change.seat:
        seated = of.parties.get(index=cast("int", party))
        born.setdefault(str(party), {"type": seated.type, "parameters": seated.parameters})
        follows[str(party)] = row.seq
    else:
        follows = {str(seat.index): row.seq for seat in of.parties.all()}
    return {"party": party, "actions": actions, "follows": follows, "born": born}


class Fork(models.Model):
    """The script of a forked session. It needs nothing of the session that it was forked from, which may be deleted.

    The rows before `session.forked_seq` are copies, so that a replay is held against them as after any kill.
    """

    session = models.OneToOneField(Session, on_delete=models.CASCADE, primary_key=True, related_name="fork")
    what = models.CharField(max_length=10, choices=What)
    party = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Index of the party changed.")
    step = models.PositiveIntegerField(default=0, help_text="The step of the row that it was forked at.")
    actions = models.JSONField(default=list, blank=True, help_text="Actions in place of the negotiators'.")
    follows = models.JSONField(
        default=dict,
        blank=True,
        help_text="Seats that repeat their rows: index to the first row of their own.",
    )
    born = models.JSONField(
        default=dict,
        blank=True,
        help_text="Who sat there when the first one began: index to type, parameters.",
    )

    objects = ForkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Fork at {self.session.forked_seq}"

    def begin(
        self,
        of: Session,
        owner: User,
        change: Change,
        *,
        seq: int,
        forked_from: Session | None,
        retry_of: Job | None = None,
    ) -> Session:
        """Start the session of this fork, which is not yet stored, with the rows of `of` before `seq`."""
        if why := why_not_fork(of):
            raise Unsuitable(why)
        seats, n_steps = of.seats_for(owner, change.seats), change.n_steps or of.n_steps
        with transaction.atomic():
            session: Session = Session.objects.start(
                owner=owner,
                scenario=of.scenario,
                seats=seats,
                seed=of.seed,
                n_steps=n_steps,
                pace_ms=of.pace_ms,
                turn_seconds=of.turn_seconds,
                mechanism=of.mechanism,
                group=of.group_for(owner),
                queue=Queue(of.job.queue),
                retry_of=retry_of,
            )
            self.session = session
            self.save(force_insert=True)
            _copy_rows(of, session, seq)
            forked = {"forked_from": forked_from, "forked_seq": seq, "n_offers": seq - 1}
            Session.objects.filter(pk=session.pk).update(versions=of.versions, **forked)
        return session

    def again(self, by: User) -> Session:
        """The same fork once more, from its own copies of the rows."""
        session = self.session
        twin = Fork(what=self.what, party=self.party, step=self.step)
        twin.actions, twin.follows, twin.born = self.actions, self.follows, self.born
        seq = cast("int", session.forked_seq)
        return twin.begin(
            session, by, Change(), seq=seq, forked_from=session.forked_from, retry_of=session.job
        )

    def written_into(self, spec: SessionSpec) -> SessionSpec:
        """The spec with all that this fork makes of it."""
        parties = [self._seated(party, str(index)) for index, party in enumerate(spec.parties)]
        return replace(spec, parties=tuple(parties), scripted=self._scripted())

    def _seated(self, party: PartySpec, index: str) -> PartySpec:
        if index not in self.born:
            return party
        return replace(party, instead_of=PartySpec(party.name, **self.born[index]))

    def _scripted(self) -> tuple[ScriptedAction, ...]:
        """Where a seat repeats a row, and where somebody does what its negotiator did not say; by number."""
        scripted = {}
        for index, until in self.follows.items():
            for row in self.session.offers.filter(party=int(index), seq__lt=until).iterator(PAGE):
                scripted[row.seq] = _repeated(row.to_action())
        for action in self.actions:
            outcome = None if action["outcome"] is None else tuple(action["outcome"])
            scripted[action["seq"]] = ScriptedAction(**{**action, "outcome": outcome})
        return tuple(scripted[seq] for seq in sorted(scripted))


def _repeated(action: Action) -> ScriptedAction:
    return ScriptedAction(action.seq, action.party, action.response, action.outcome, action.text)


COLUMNS = "step, relative_time, party, response, outcome, utilities, text"
COPY = (
    f"INSERT INTO negotiations_offer (session_id, seq, {COLUMNS})"
    f" SELECT %s, seq, {COLUMNS} FROM negotiations_offer WHERE session_id = %s AND seq < %s"
)
# Databases round halves their own way: who compares these rows allows for the last digit.
NEW_TIME = "ROUND(CAST((step + 1.0) / (%s + 1.0) AS numeric), 6)"


def _copy_rows(of: Session, to: Session, before: int) -> None:
    """Give `to` the rows of `of` before this one; with another number of steps each stands at another relative time."""
    values = [each._meta.pk.get_db_prep_value(each.pk, connection) for each in (to, of)]
    statement = COPY
    if to.n_steps != of.n_steps:
        statement = COPY.replace("SELECT %s, seq, step, relative_time", f"SELECT %s, seq, step, {NEW_TIME}")
        values.insert(1, to.n_steps)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, before])
