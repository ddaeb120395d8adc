"""In what a session is set up otherwise than the one that it is based on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from negotiations.models import Party, Session


@dataclass(frozen=True)
class Difference:
    name: str
    before: str
    after: str


def differences(before: Session, after: Session) -> list[Difference]:
    pairs = [*_settings(before, after), *_seats(list(before.parties.all()), list(after.parties.all()))]
    return [Difference(name, _word(old), _word(new)) for name, old, new in pairs if old != new]


def _settings(before: Session, after: Session) -> Iterator[tuple[str, Any, Any]]:
    yield "Scenario", before.scenario.name, after.scenario.name
    for name, field in (("Steps", "n_steps"), ("Pace in ms", "pace_ms"), ("Seed", "seed")):
        yield name, getattr(before, field), getattr(after, field)
    for key in sorted({*before.mechanism, *after.mechanism}):
        yield key.replace("_", " ").capitalize(), before.mechanism.get(key), after.mechanism.get(key)


def _seats(before: list[Party], after: list[Party]) -> Iterator[tuple[str, Any, Any]]:
    """Seat by seat; parameters only where the same negotiator sits there: another has others anyway."""
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        party = f"Party {index + 1}"
        yield party, old.name, new.name
        yield f"{party}, own step limit", old.n_steps, new.n_steps
        if old.type == new.type:
            for key in sorted({*old.parameters, *new.parameters}):
                name = key.replace("_", " ")
                yield f"{party}, {name}", old.parameters.get(key), new.parameters.get(key)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "default" if value is None else str(value)
