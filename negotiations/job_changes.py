"""What became of a change that a person asked for, of one job or of many, in their words."""

from __future__ import annotations

from django.contrib.auth.models import User

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models import Job, Status
from negotiations.models.job_states import Verb
from negotiations.models.jobs import JobQuerySet

PAST = {Verb.PAUSE: "paused", Verb.RESUME: "resumed", Verb.CANCEL: "cancelled", Verb.RETRY: "retried"}
UNLIKE = {
    Verb.PAUSE: "only what is active, not paused and without a limit of seconds can be paused",
    Verb.RESUME: "only what is paused can be resumed",
    Verb.CANCEL: "over, or being cancelled already",
    Verb.RETRY: "only what failed or was cancelled can be retried",
}


def why_not(job: Job, verb: Verb, name: str = "This job") -> str:
    """Why a job cannot be changed so as it stands now: what it is, what that means, what to do."""
    if verb == Verb.RETRY:
        return f"{name} {_why_no_retry(job)}"
    if job.is_over:
        return f"{name} is over already. There is nothing left to {verb}."
    if job.cancel_requested_at:
        return f"{name} is being cancelled. There is nothing left to {verb}."
    if verb == Verb.PAUSE and job.has_clock:
        return (
            f"{name} has a limit of seconds, and what is stopped on its way cannot go on by the same clock. "
            "Let it go on, or cancel it and run it again."
        )
    if verb == Verb.PAUSE:
        return f"{name} is paused already. Resume it to let it go on."
    return f"{name} is not paused. It goes on by itself."


def _why_no_retry(job: Job) -> str:
    if job.is_active:
        return "is still in progress. It can be retried once it has failed or is cancelled."
    if job.status == Status.COMPLETED:
        return "is completed. There is nothing to retry."
    return "is being retried already, or what it ran is gone. Its page links all attempts."


def change_all(asked: JobQuerySet, verb: Verb, by: User, count: int) -> tuple[str, bool]:
    """Change what is `by`'s own of the `count` ticked jobs; what to say of it, and whether that was all of them."""
    own = asked.changeable_by(by)
    foreign = count - own.count()
    text, is_whole = outcome_of(own, verb, by, count - foreign)
    if foreign:
        text += f" {_jobs(foreign)} {_are(foreign)} not yours to change."
    return text, is_whole and not foreign


def outcome_of(jobs: JobQuerySet, verb: Verb, by: User, count: int) -> tuple[str, bool]:
    """Change all `count` jobs that can be; what to say of it, and whether that was all of them."""
    unlike = count - jobs.that_may(verb).count()
    try:
        done = getattr(jobs, f"{verb}_all")(by)
    except (TooMuch, Unsuitable) as refusal:
        return str(refusal), False
    told = [f"{_jobs(done)} {PAST[verb]}."]
    if verb == Verb.CANCEL and done:
        told.append("What waits ends at once, what runs within two seconds.")
    if unlike:
        told.append(f"{_jobs(unlike)} left as {'it was' if unlike == 1 else 'they were'}: {UNLIKE[verb]}.")
    if done < count - unlike:
        told.append(f"{_jobs(count - unlike - done)} changed meanwhile, or {_are(1)} being retried already.")
    return " ".join(told), done == count


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count or 'No'} jobs"
