"""What the card beside a form says before the run, so that nobody has to learn it after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from negotiations.forms.seats import SeatForm
from negotiations.models import Scenario


@dataclass(frozen=True)
class Check:
    """`kind` is ok, note or bad; `fields` are the id and name of each field the text is about."""

    kind: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()


def fit_checks(scenario: Scenario, seats: Sequence[SeatForm]) -> list[Check]:
    misfits = [seat.misfit for seat in seats if seat.misfit]
    if misfits:
        return [Check("bad", text) for text in dict.fromkeys(misfits)]
    empty = sum(1 for seat in seats if seat.is_empty)
    if empty:
        return [Check("note", f"{empty} of {len(seats)} seats have no negotiator yet.")]
    if people := [seat.person for seat in seats if seat.person]:
        return _people_checks(scenario, people)
    who = "Both negotiators" if len(seats) == 2 else f"All {len(seats)} negotiators"
    return [Check("ok", f"{who} can work with {scenario.size} outcomes and {scenario.n_parties} parties.")]


def _people_checks(scenario: Scenario, people: Sequence[User]) -> list[Check]:
    """What a person at the table means for the run, and what they know beside their own seat."""
    checks = [Check("ok", f"It waits for {_all(people)} at each of their turns.")]
    if owner := [person for person in people if person.pk == scenario.owner_id]:
        told = f"{_all(owner)} brought {scenario} here, and sees what every party wants."
        checks.append(Check("note", told))
    others = [person for person in people if person not in owner and _may_see(person, scenario)]
    if others:
        told = f"Until it is over, {scenario} shows {_all(others)} what their own party wants, and no more. What they have looked up before, they know."
        checks.append(Check("note", told))
    return checks


def _may_see(person: User, scenario: Scenario) -> bool:
    return bool(Scenario.objects.known_to(person).filter(pk=scenario.pk).exists())


def _all(people: Sequence[User]) -> str:
    return " and ".join(map(str, people))


def length_checks(
    at_once: int, n_steps: int | None, pace_ms: int | None, seconds: int | None = None
) -> list[Check]:
    """`at_once` offers are made in a step."""
    if n_steps is None or pace_ms is None:
        return []
    offers = f"At most {n_steps * at_once:,} offers"
    if seconds:
        told = (
            "With a clock it is never the same twice: it cannot be paused, replayed after a stop, or forked."
        )
        return [Check("ok", f"{offers}, within {_span(seconds)}."), Check("note", told)]
    if not pace_ms:
        return [Check("ok", f"{offers}, as fast as the negotiators answer.")]
    return [Check("ok", f"{offers}, at {pace_ms:,} ms a step: {_span(n_steps * pace_ms / 1000)}.")]


def problem_checks(problems: Sequence[tuple[str, str]]) -> list[Check]:
    if not problems:
        return []
    text = "One field to correct:" if len(problems) == 1 else f"{len(problems)} fields to correct:"
    return [Check("bad", text, tuple(problems))]


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"
