"""What became of a change that a person asked for of many sessions, in their words."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models import Deletion, Session, SessionTag
from negotiations.models.sessions import SessionQuerySet
from negotiations.models.tags import MOST_TAGS

MOST_STARTED = 200
"""At once: each is a transaction of some milliseconds."""
TAGGED = 1_000
"""Sessions in one transaction."""


def many(count: int) -> str:
    return "1 session" if count == 1 else f"{count:,} sessions" if count else "No sessions"


def foreign(count: int) -> str:
    """What to say of those that belong to others; nothing where there are none."""
    return f" {many(count)} {'is' if count == 1 else 'are'} not yours to change." if count else ""


def left(count: int, why: str) -> str:
    return f" {many(count)} left as {'it was' if count == 1 else 'they were'}: {why}." if count else ""


def cancel_all(asked: SessionQuerySet, by: User, count: int) -> tuple[str, bool]:
    own = list(asked.changeable_by(by).select_related("job"))
    active = [session for session in own if session.job.is_active]
    done = sum(session.job.cancel(by) for session in active)
    text, is_whole = told_of_cancelled(done, count)
    return text + left(len(own) - len(active), "over already") + foreign(count - len(own)), is_whole


def run_all_again(asked: SessionQuerySet, by: User, count: int) -> tuple[str, bool]:
    """Each once more, the oldest first, as the asker's own: those that are shared with them, too."""
    done, refusals = 0, []
    for session in asked.select_related("job", "scenario").order_by("job__created_at")[:MOST_STARTED]:
        try:
            session.again(by=by)
            done += 1
        except Unsuitable as refusal:
            refusals.append(str(refusal))
        except TooMuch as limit:
            refusals.append(str(limit).replace("Nothing was started.", "The others were not started."))
            break
    if count > MOST_STARTED and not refusals:
        refusals.append(f"At most {MOST_STARTED} are started at once; the others were not.")
    text = f"{many(done)} started again." + "".join(f" {each}" for each in dict.fromkeys(refusals))
    return text, done == count


def tag_all(asked: SessionQuerySet, by: User, count: int, tags: Sequence[str]) -> tuple[str, bool]:
    """Give them these tags beside those that they have, where there is room for all of them."""
    own = list(asked.changeable_by(by).values_list("pk", flat=True))
    known = SessionTag.objects.names_of(asked)
    roomy = [pk for pk in own if len(known[pk] | set(tags)) <= MOST_TAGS]
    for at in range(0, len(roomy), TAGGED):
        SessionTag.objects.add(roomy[at : at + TAGGED], tags)
    words = ", ".join(tags)
    text = f"{many(len(roomy))} tagged: {words}."
    text += left(len(own) - len(roomy), f"a session has at most {MOST_TAGS} tags")
    return text + foreign(count - len(own)), len(roomy) == count


def told_of_cancelled(done: int, count: int) -> tuple[str, bool]:
    when = " What waits ends at once, what runs within two seconds." if done else ""
    return f"{many(done)} cancelled.{when}", done == count


def told_of(deleted: int | Deletion, count: int) -> tuple[str, bool]:
    """What to say of a deletion of `count` ticked sessions, and whether that was all of them."""
    if isinstance(deleted, Deletion):
        text = f"{deleted.name.capitalize()} are being deleted. You are told when they are gone."
        return text, len(deleted.ids) == count
    text = f"{many(deleted)} deleted." + left(count - deleted, "in progress, not yours, or gone already")
    return text, deleted == count


def as_list(sessions: SessionQuerySet) -> list[Session]:
    """With all that a page says of them, without a query a row."""
    rows = sessions.with_parties().select_related("job__owner")
    return list(rows.defer("scenario__document", "scenario__issues", "scenario__preferences"))
