"""What became of a change that a person asked for of many sessions, in their words."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import User

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models import Deletion, Session, SessionTag
from negotiations.models.sessions import SessionQuerySet
from negotiations.models.tags import MOST_TAGS


def many(count: int) -> str:
    return "1 session" if count == 1 else f"{count or 'No'} sessions"


def foreign(count: int) -> str:
    """What to say of those that belong to others; nothing where there are none."""
    return f" {many(count)} {'is' if count == 1 else 'are'} not yours to change." if count else ""


def left(count: int, why: str) -> str:
    return f" {many(count)} left as {'it was' if count == 1 else 'they were'}: {why}." if count else ""


def cancel_all(asked: SessionQuerySet, by: User, count: int) -> tuple[str, bool]:
    own = list(asked.changeable_by(by).select_related("job"))
    active = [session for session in own if session.job.is_active]
    done = sum(session.job.cancel(by) for session in active)
    text = f"{many(done)} cancelled." + (
        " What waits ends at once, what runs within two seconds." if done else ""
    )
    text += left(len(own) - len(active), "over already") + foreign(count - len(own))
    return text, done == count


def run_all_again(asked: SessionQuerySet, by: User, count: int) -> tuple[str, bool]:
    """Each once more, as the asker's own: those that are shared with them, too."""
    done, refusals = 0, []
    for session in asked.select_related("job", "scenario").order_by("job__created_at"):
        try:
            session.again(by=by)
            done += 1
        except Unsuitable as refusal:
            refusals.append(str(refusal))
        except TooMuch as limit:
            refusals.append(str(limit).replace("Nothing was started.", "The others were not started."))
            break
    text = f"{many(done)} started again." + "".join(f" {each}" for each in dict.fromkeys(refusals))
    return text, done == count


def tag_all(asked: SessionQuerySet, by: User, count: int, tags: Sequence[str]) -> tuple[str, bool]:
    """Give them these tags beside those that they have, where there is room for all of them."""
    own = list(asked.changeable_by(by).prefetch_related("tags"))
    roomy = [one for one in own if len({tag.name for tag in one.tags.all()} | set(tags)) <= MOST_TAGS]
    SessionTag.objects.add([one.pk for one in roomy], tags)
    words = ", ".join(tags)
    text = f"{many(len(roomy))} tagged: {words}."
    text += left(len(own) - len(roomy), f"a session has at most {MOST_TAGS} tags")
    return text + foreign(count - len(own)), len(roomy) == count


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
