"""A session to look at, started in one click by somebody who knows nothing of the place yet."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import User

from negotiations.models import Negotiator, Scenario, Seat, Session

# Both concede from the start, so there is something to see; any two that fit do where these are missing.
PREFERRED = ("LinearTBNegotiator", "MiCRONegotiator")
STEPS, PACE_MS = 100, 100
# Enough outcomes for curves, and few enough for both to get somewhere within the steps.
LEAST_LOG10, MOST_LOG10 = 1.9, 2.8


def start_example(owner: User) -> Session | None:
    """A paced session on a scenario of the library; None where there is no scenario or no two negotiators."""
    scenario = _scenario(owner)
    if scenario is None:
        return None
    seats = _seats(scenario)
    if len(seats) < scenario.n_parties:
        return None
    return Session.objects.start(
        owner=owner,
        scenario=scenario,
        seats=seats,
        seed=secrets.randbelow(2**31),
        n_steps=STEPS,
        pace_ms=PACE_MS,
    )


def _scenario(owner: User) -> Scenario | None:
    library = (
        Scenario.objects.visible_to(owner).filter(owner=None, n_parties=2).order_by("log10_outcomes", "pk")
    )
    fitting = library.filter(log10_outcomes__gte=LEAST_LOG10, log10_outcomes__lte=MOST_LOG10)
    return fitting.first() or library.first()


def _seats(scenario: Scenario) -> list[Seat]:
    usable = [row for row in Negotiator.objects.usable().filter(proposes=True) if not row.misfit(scenario)]
    usable.sort(key=lambda row: row.short_name not in PREFERRED)
    return [Seat(negotiator) for negotiator in usable[: scenario.n_parties]]
