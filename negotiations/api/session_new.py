"""A session that a program starts: read by the form of the page, so that rules and words are the same."""

from __future__ import annotations

import re
from typing import Annotated, Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Status
from pydantic import ConfigDict, Field

from api.answers import Refusal
from api.bodies import Body, field_errors, invalid
from negotiations.api.session_bodies import session_dict
from negotiations.api.sessions import SessionOut, router
from negotiations.exceptions import TooMuch
from negotiations.forms.mechanism import SECONDS_MAX
from negotiations.forms.parameter_fields import shown
from negotiations.forms.seats import SeatForm
from negotiations.forms.session_filters import KEY_MAX
from negotiations.forms.session_new import PACE_MAX, SEED_MAX, STEPS_MAX, SessionForm
from negotiations.forms.set_ups import new_seed
from negotiations.models import Session
from negotiations.named import NotNamed, scenario_named, seatable_named

__all__ = ["router"]

MOST_PARTIES = 20
KEY = re.compile(r"[a-z]+-\d+", re.ASCII)
Key = Annotated[int, Field(ge=1, le=KEY_MAX)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Value = bool | int | float | str | list[float] | None

EXAMPLE: dict[str, Any] = {
    "scenario": "Used bike",
    "parties": [{"negotiator": "BoulwareTBNegotiator"}, {"negotiator": "ConcederTBNegotiator"}],
    "n_steps": 100,
}


class PartyIn(Body):
    negotiator: Key | Name = Field(
        description="Its number, its name, the name or key (own-7) of a configured one, or the key of a person."
    )
    parameters: dict[str, Value] = Field(
        {}, max_length=100, description="Those left out have their defaults."
    )
    n_steps: int | None = Field(None, ge=1, le=STEPS_MAX, description="Its own step limit.")


class SessionIn(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    scenario: Key | Name = Field(description="Its number, its name, or source/name.")
    parties: list[PartyIn] = Field(
        min_length=2, max_length=MOST_PARTIES, description="In the scenario's order."
    )
    n_steps: int = Field(100, ge=1, le=STEPS_MAX)
    pace_ms: int = Field(0, ge=0, le=PACE_MAX, description="Milliseconds between steps.")
    seed: int | None = Field(None, ge=0, le=SEED_MAX, description="Drawn by lot where it is left out.")
    seconds: int | None = Field(
        None, ge=1, le=SECONDS_MAX, description="Of all; with them it is never the same twice, nor forked."
    )
    offering_is_accepting: bool = True
    one_offer_per_step: bool = Field(False, description="A step is one party's offer, not a round of all.")
    turn_seconds: int | None = Field(None, ge=60, le=604_800, description="For each turn of a person.")
    group: Key | None = Field(None, description="The number of one of your groups, to share it with.")
    tags: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=100)


@router.post(
    "/sessions", response={201: SessionOut}, operation_id="create_session", summary="Start a session"
)
def session_create(request: HttpRequest, wanted: SessionIn) -> Status[dict[str, Any]]:
    """A worker plays it; follow it with the `id`."""
    user: Any = request.user
    form = SessionForm(_fields(wanted, user), user=user, is_sent=True)
    if details := _wrong(form, wanted):
        raise invalid(details)
    try:
        started = form.start(owner=user)
    except TooMuch as limit:
        raise Refusal(429, "TOO_MUCH", str(limit)) from limit
    return Status(201, session_dict(Session.objects.with_parties().get(pk=started.pk)))


def _fields(wanted: SessionIn, user: User) -> dict[str, str]:
    """As the form of the page would send it."""
    seed = new_seed() if wanted.seed is None else wanted.seed
    fields = {
        "scenario": _scenario(wanted.scenario, user),
        "n_steps": str(wanted.n_steps),
        "pace_ms": str(wanted.pace_ms),
        "seed": str(seed),
        "seconds": str(wanted.seconds or ""),
        "offering_is_accepting": "on" if wanted.offering_is_accepting else "",
        "one_offer_per_step": "on" if wanted.one_offer_per_step else "",
        "group": str(wanted.group or ""),
        "turn_seconds": str(wanted.turn_seconds or ""),
        "tags": ", ".join(wanted.tags),
    }
    for index, party in enumerate(wanted.parties):
        prefix = f"party-{index}-"
        given = {
            f"{prefix}p-{name}": shown(value) for name, value in party.parameters.items() if value is not None
        }
        fields |= given | {
            f"{prefix}n_steps": str(party.n_steps or ""),
            f"{prefix}negotiator": _key(party, user),
        }
    return fields


def _scenario(wanted: int | str, user: User) -> str:
    """Its number; refused where a name means none, or several."""
    if isinstance(wanted, int):
        return str(wanted)
    try:
        return str(scenario_named(user, wanted).pk)
    except NotNamed as wrong:
        raise invalid({"scenario": [str(wrong)]}) from wrong


def _key(party: PartyIn, user: User) -> str:
    """What the form calls it: a name becomes its key; what is no name may be a key, or the form refuses it."""
    if isinstance(party.negotiator, int):
        return str(party.negotiator)
    try:
        return seatable_named(user, party.negotiator).key
    except NotNamed:
        return party.negotiator


def _wrong(form: SessionForm, wanted: SessionIn) -> dict[str, list[str]]:
    """The form's texts, by the names of the body."""
    form.is_valid()
    wrong = field_errors(form)
    if form.chosen and len(wanted.parties) != len(form.seats):
        wrong["parties"] = [
            f"{form.chosen} has {len(form.seats)} parties, and you named {len(wanted.parties)}."
        ]
    for index, (seat, party) in enumerate(zip(form.seats, wanted.parties, strict=False)):
        wrong |= {
            f"parties.{index}.{name}": texts for name, texts in _wrong_seat(seat, party, form.user).items()
        }
    return wrong


def _wrong_seat(seat: SeatForm, party: PartyIn, user: User) -> dict[str, list[str]]:
    wrong = {_name(field): texts for field, texts in field_errors(seat).items()}
    if "negotiator" in wrong and seat.source is None and isinstance(party.negotiator, str):
        wrong["negotiator"] = _why_not_named(user, party.negotiator) or wrong["negotiator"]
    names = [each.name for each in seat.parameters]
    if unknown := sorted(set(party.parameters) - set(names)):
        there_are = ", ".join(names) or "none"
        told = (
            f"There is no {', '.join(unknown)[:200]} here. The parameters of {party.negotiator}: {there_are}."
        )
        wrong.setdefault("parameters", []).append(told)
    return wrong


def _name(field: str) -> str:
    return f"parameters.{field[2:]}" if field.startswith("p-") else field


def _why_not_named(user: User, name: str) -> list[str]:
    """Where it is no key, who is called nearly so."""
    try:
        seatable_named(user, name)
    except NotNamed as wrong:
        return [] if KEY.fullmatch(name) else [str(wrong)]
    return []
