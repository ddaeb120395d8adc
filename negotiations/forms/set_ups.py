"""What the form of a new session begins with: a fresh one, a session's set-up, or a preset."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User

from negotiations.forms.mechanism import rules_of
from negotiations.models import Preset, Session

Given = Mapping[str, Any]

FIRST = {"n_steps": "100", "pace_ms": "0", "offering_is_accepting": "on"}
BOXES = ("offering_is_accepting", "one_offer_per_step")
PRESETS_SHOWN = 6


def defaults(user: User, given: Given) -> dict[str, Any]:
    """What a new form begins with, under what the address gives: `again`, `preset`, `scenario`, `negotiator`, fields."""
    began = (
        _of_session(user, given.get("again")) or _of_preset(user, given.get("preset")) or _fresh(user, given)
    )
    if (
        "n_steps" in given
    ):  # the form itself was sent to be shown anew: an unticked box is not among its values
        for box in BOXES:
            began.pop(box, None)
    return began | {name: given[name] for name in given}


def _fresh(user: User, given: Given) -> dict[str, Any]:
    """With the limits and the pace of this person's last session (P-15); what it is about is chosen each time."""
    began = {**FIRST, "seed": str(new_seed())}
    last = (
        Session.objects.filter(job__owner=user).newest_first().only("n_steps", "pace_ms", "mechanism").first()
    )
    if last:
        began |= {"n_steps": str(last.n_steps), "pace_ms": str(last.pace_ms)} | rules_of(last.mechanism)
    if chosen := given.get("negotiator"):
        began["party-0-negotiator"] = chosen
    return began


def session_seen_by(user: User, pk: Any) -> Session | None:
    if not pk:
        return None
    try:
        found: Session | None = (
            Session.objects.visible_to(user).select_related("job", "scenario").filter(pk=pk).first()
        )
    except (ValueError, forms.ValidationError):
        return None
    return found


def _of_session(user: User, pk: Any) -> dict[str, Any]:
    """The fields of a session that is to be run again; nothing where it cannot be seen."""
    session = session_seen_by(user, pk)
    if session is None:
        return {}
    began = {
        "scenario": str(session.scenario_id), "n_steps": str(session.n_steps), "seed": str(session.seed),
        "pace_ms": str(session.pace_ms), "turn_seconds": str(session.turn_seconds or ""), "group": str(session.job.group_id or ""),
        "tags": ", ".join(tag.name for tag in session.tags.all()),
    }  # fmt: skip
    began |= rules_of(session.mechanism)
    for party in session.parties.all():
        began |= _of_seat(party.index, party.key, party.parameters, party.n_steps)
    return began


def preset_seen_by(user: User, pk: Any) -> Preset | None:
    if not pk:
        return None
    try:
        found: Preset | None = (
            Preset.objects.visible_to(user).filter(pk=forms.IntegerField().clean(pk)).first()
        )
    except (OverflowError, forms.ValidationError):
        return None
    return found


def _of_preset(user: User, pk: Any) -> dict[str, Any]:
    """Its fields with a new seed; nothing where it cannot be seen."""
    preset = preset_seen_by(user, pk)
    if preset is None:
        return {}
    began = {
        "scenario": str(preset.scenario_id or ""), "n_steps": str(preset.n_steps), "pace_ms": str(preset.pace_ms),
        "seed": str(new_seed()), "turn_seconds": str(preset.turn_seconds or ""),
    }  # fmt: skip
    began |= rules_of(preset.mechanism)
    for index, seat in enumerate(preset.seats):
        began |= _of_seat(
            index,
            seat.get("person") or seat.get("negotiator"),
            seat.get("parameters") or {},
            seat.get("n_steps"),
        )
    return began


def _of_seat(
    index: int, negotiator: int | str | None, parameters: Given, n_steps: int | None
) -> dict[str, str]:
    prefix = f"party-{index}"
    fields = {f"{prefix}-p-{name}": "" if value is None else str(value) for name, value in parameters.items()}
    fields[f"{prefix}-negotiator"] = str(negotiator or "")
    fields[f"{prefix}-n_steps"] = str(n_steps or "")
    return fields


def presets_of(user: User) -> list[Preset]:
    """Those to begin with: a person's own and those that are shared with them, the newest first."""
    return list(Preset.objects.visible_to(user).order_by("-pk").only("name", "owner")[:PRESETS_SHOWN])


def new_seed() -> int:
    return secrets.randbelow(1_000_000)
