"""What crosses the engine's border: frozen and JSON-able, free of NegMAS and of Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | int | float
ParameterValue = str | int | float | bool | Sequence[float] | None
Outcome = tuple[Value, ...]
Utilities = tuple[float | None, ...]

PERSON = "negotiations.engine.people.Person"
"""The type of a party whose seat a person has; no catalogue has it."""


class Response(StrEnum):
    """What a party did when it was its turn."""

    OFFER = "offer"
    ACCEPT = "accept"
    REJECT = "reject"
    END = "end"
    LEAVE = "leave"
    WAIT = "wait"
    NONE = "none"
    ERROR = "error"
    TIMEOUT = "timeout"


class EndReason(StrEnum):
    """Why a session is over. The first five are normal ends, the others fail the job; LATE: a person did not answer in time."""

    AGREEMENT = "agreement"
    STEPS = "steps"
    SECONDS = "seconds"
    ENDED = "ended"
    LATE = "late"
    ERROR = "error"
    ACTION_LIMIT = "action_limit"
    SESSION_LIMIT = "session_limit"
    MEMORY_LIMIT = "memory_limit"
    EXITED = "exited"
    MISMATCH = "mismatch"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class IssueSpec:
    """One issue; `values` in order, or None where it is a range too long to list or continuous."""

    name: str
    kind: str
    values: tuple[Value, ...] | None
    n_values: int | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PreferenceSpec:
    """One party's utility function as a reader wants to see it, normalised to [0, 1].

    `weights` and `values` (issue -> value -> utility in [0, 1]) are empty where the function is not additive.
    `reserved_value` is None where the party accepts anything rather than nothing (NegMAS: minus infinity).
    """

    name: str
    kind: str
    reserved_value: float | None
    weights: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScenarioSpec:
    """A scenario as it is stored: `document` is a YAML stream, the outcome space first, then a utility function a party."""

    name: str
    document: str
    checksum: str
    n_outcomes: int | None
    issues: tuple[IssueSpec, ...]
    preferences: tuple[PreferenceSpec, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartySpec:
    """Who sits where: `type` is a full type name that comes from a catalogue row, never from a person; or PERSON.

    `instead_of` is who sat there in the session that this one was forked from.
    """

    name: str
    type: str
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    n_steps: int | None = None
    instead_of: PartySpec | None = None


@dataclass(frozen=True, slots=True)
class MechanismSpec:
    """The stacked alternating offers protocol (NegMAS: SAOMechanism). `seconds` makes a session impossible to resume."""

    n_steps: int | None = 100
    seconds: float | None = None
    offering_is_accepting: bool = True
    one_offer_per_step: bool = False


@dataclass(frozen=True, slots=True)
class ScriptedAction:
    """What a party does at `seq`, whatever its negotiator says; `outcome` with an offer only."""

    seq: int
    party: int
    response: str
    outcome: Outcome | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """All that a run depends on: the same spec and versions give the same actions."""

    scenario: str
    parties: tuple[PartySpec, ...]
    mechanism: MechanismSpec
    seed: int
    scripted: tuple[ScriptedAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One action of one party. `seq` counts from 1, `party` and `step` from 0.

    `outcome` is what was offered, or accepted; `utilities` hold one number a party, empty without an outcome.
    """

    seq: int
    step: int
    relative_time: float
    party: int
    response: str
    outcome: Outcome | None
    utilities: Utilities
    text: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """How a session ended. Without agreement `utilities` are the reserved values."""

    end_reason: str
    steps: int
    agreement: Outcome | None
    utilities: Utilities
    party: int | None = None
    error: str = ""
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Awaiting:
    """It is a person's turn, and the script has no answer for action `seq`: all before it is played."""

    party: int
    seq: int
    step: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something said while a job works; `level` is one of info, warning, error. `detail` is a traceback, for staff."""

    level: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: seconds of wall time and bytes of address space; and how far it stands back for others."""

    action_seconds: float
    session_seconds: float
    memory_bytes: int
    nice: int = 0


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter of a constructor; `kind` is one of int, float, bool, choice, number_or_choice, numbers.

    `words` are what its class says of it, `low` and `high` the bounds that these words name.
    """

    name: str
    kind: str
    default: ParameterValue
    choices: tuple[str, ...] = ()
    optional: bool = True
    words: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class NegotiatorSpec:
    """One negotiator of the catalogue. `max_outcomes` is None where it does not enumerate the outcome space.

    `not_given` are the parameters that no form can give, each with its type; `version` is that of its package.
    """

    source: str
    type: str
    short_name: str
    family: str
    tags: tuple[str, ...]
    description: str
    parameters: tuple[ParameterSpec, ...]
    max_outcomes: int | None
    max_parties: int | None
    proposes: bool = True
    runs_alone: bool = True
    deterministic: bool = False
    text: str = ""
    not_given: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """A part that a negotiator is composed of; `slot` is one of offering, acceptance, model.

    `needs` is the kind of offering component that an acceptance component works with, empty for any.
    """

    slot: str
    name: str
    family: str
    description: str
    parameters: tuple[ParameterSpec, ...]
    needs: tuple[str, ...] = ()
