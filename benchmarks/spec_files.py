"""A benchmark as a file, TOML or JSON: read, checked key by key, and made into what `Benchmark.objects.start` takes."""

from __future__ import annotations

import fnmatch
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from benchmarks.models import Benchmark, Metric, Statistic
from benchmarks.models.line_ups import Entrant
from benchmarks.spec_values import (
    MOST_SHOWN,
    Wrong,
    one_of,
    seconds,
    shown,
    span,
    steps,
    text_of,
    true_or_false,
    whole,
)
from negotiations.engine.parameters import check_parameters
from negotiations.forms.set_ups import new_seed
from negotiations.models import ConfiguredNegotiator, Negotiator, Scenario
from negotiations.named import NotNamed, nearest, seatable_named, unknown

MOST_BYTES = 256 * 1024
MOST_COMPETITORS = 200
NAME = 120
MOST_LINES = 5_000


class SpecRefused(Exception):
    """The file is no benchmark; `wrong` has a sentence for each key that is wrong, under "" what concerns all of it."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(" ".join(wrong.values()))
        self.wrong = dict(wrong)

    @property
    def errors(self) -> list[str]:
        return list(self.wrong.values())


@dataclass
class BenchmarkSpec:
    """What a file asks for, found right for one person."""

    name: str
    entrants: list[Entrant]
    scenarios: list[Scenario]
    options: dict[str, Any] = field(default_factory=dict)

    def start(self, owner: User, **how: Any) -> Benchmark:
        """Raises Unsuitable and TooMuch, as `Benchmark.objects.start`."""
        options = {"seed": new_seed(), **self.options, **how}
        return Benchmark.objects.start(
            owner=owner, name=self.name, entrants=self.entrants, scenarios=self.scenarios, **options
        )


def read_spec(given: bytes | str, user: User) -> BenchmarkSpec:
    """Read a file for this person, who has to see its scenarios. Raises SpecRefused with all that is wrong."""
    told = parse(given)
    errors = dict(_misspelt(told))
    found: dict[str, Any] = {}
    for key, check in _checks(user).items():
        try:
            if key in told:
                found[key] = check(told[key])
            elif key in REQUIRED:
                errors[key] = f"{key} is missing: {REQUIRED[key]}"
        except Wrong as wrong:
            errors[key] = f"{key} = {shown(told[key])}: {wrong}"
    if errors:
        raise SpecRefused(errors)
    entrants = [*found["competitors"], *found.get("opponents", ())]
    return BenchmarkSpec(found["name"], entrants, found["scenarios"], _options(found))


def parse(given: bytes | str) -> dict[str, Any]:
    """The table of a TOML or JSON file. Raises SpecRefused."""
    data = given.encode(errors="surrogatepass") if isinstance(given, str) else given
    if len(data) > MOST_BYTES:
        raise SpecRefused({"": f"The file has {len(data):,} bytes; at most {MOST_BYTES:,} are read."})
    try:
        text = data.decode("utf-8-sig")
        told = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SpecRefused({"": "The file is no text in UTF-8. Save it as a TOML or JSON file."}) from error
    except (ValueError, RecursionError) as error:
        raise SpecRefused({"": f"The file is neither TOML nor JSON: {str(error)[:200]}."}) from error
    return dict(told)


REQUIRED = {
    "name": 'write name = "..."',
    "competitors": 'write competitors = ["MiCRONegotiator", ...]',
    "scenarios": 'write scenarios = ["a name", "source/*", "tag:..."]',
}


def _checks(user: User) -> dict[str, Callable[[Any], Any]]:
    """Every key that a file may have, with what makes its value ours."""
    return {
        "name": lambda value: text_of(value, NAME),
        "competitors": lambda value: _entrants(value, user, is_opponent=False),
        "opponents": lambda value: _entrants(value, user, is_opponent=True),
        "scenarios": lambda value: _scenarios(value, user),
        "repetitions": lambda value: whole(value, 1, 10_000),
        "steps": lambda value: span(value, steps),
        "seconds": lambda value: span(value, seconds),
        "rotate": true_or_false,
        "self_play": true_or_false,
        "ignore_reserved": true_or_false,
        "early_stop": true_or_false,
        "seed": lambda value: whole(value, 0, 2**31 - 1),
        "metric": lambda value: one_of(value, Metric.values),
        "statistic": lambda value: one_of(value, Statistic.values),
        "lanes": lambda value: whole(value, 1, 64),
    }


KEYS = tuple(_checks(User()))
COPIED = (
    "repetitions", "rotate", "self_play", "ignore_reserved", "early_stop", "seed", "metric", "statistic",
)  # fmt: skip


def _misspelt(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in told:
        if key not in KEYS:
            close = nearest(key, KEYS)
            hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(KEYS)}."
            yield key[:MOST_SHOWN], f"{key[:MOST_SHOWN]!r} is no key of a benchmark. {hint}"


def _options(found: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a Benchmark. With seconds and without steps only time is limited."""
    options = {name: found[name] for name in COPIED if name in found}
    if "lanes" in found:
        options["n_lanes"] = found["lanes"]
    if "seconds" in found:
        options["seconds_low"], options["seconds_high"] = found["seconds"]
        options |= {"steps_low": None, "steps_high": None}
    if "steps" in found:
        options["steps_low"], options["steps_high"] = found["steps"]
    return options


# --- Competitors --------------------------------------------------------------------------------------------------


def _entrants(value: Any, user: User, *, is_opponent: bool) -> list[Entrant]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_COMPETITORS:
        raise Wrong(f"has to be a list of 1 to {MOST_COMPETITORS} negotiators.")
    return [_entrant(each, number, user, is_opponent) for number, each in enumerate(value, start=1)]


def _entrant(told: Any, number: int, user: User, is_opponent: bool) -> Entrant:
    table = {"type": told} if isinstance(told, str) else told
    if not isinstance(table, dict) or not isinstance(table.get("type"), str):
        raise Wrong(f'number {number} has to be a name, or {{type = "...", params = {{...}}, name = "..."}}.')
    for key in table:
        if key not in ("type", "params", "name"):
            raise Wrong(f"number {number} has {str(key)[:MOST_SHOWN]!r}; there are type, params and name.")
    try:
        found = seatable_named(user, text_of(table["type"], 2 * NAME))
    except NotNamed as wrong:
        raise Wrong(str(wrong)) from wrong
    own = "" if isinstance(found, Negotiator) else found.name
    name = text_of(table["name"], NAME - 10) if "name" in table else own
    given = _parameters(found, table.get("params", {}))
    return Entrant(found.row, given, name, is_opponent)


def _parameters(negotiator: Negotiator | ConfiguredNegotiator, told: Any) -> dict[str, Any]:
    """What the file says, over what a configured negotiator brings."""
    if not isinstance(told, dict):
        raise Wrong(f"params of {negotiator} has to be a table: {{name = value}}.")
    given = {**negotiator.given, **told}
    for name, wrong in check_parameters(negotiator.parameter_specs(given), given).items():
        raise Wrong(f"{name[:MOST_SHOWN]} of {negotiator} = {shown(given[name])}: {wrong}")
    for parameter in negotiator.parameter_specs(given):
        if parameter.default is None and not parameter.optional and parameter.name not in given:
            raise Wrong(
                f"{negotiator} needs a value for {parameter.name}: params = {{{parameter.name} = ...}}."
            )
    return given


# --- Scenarios ----------------------------------------------------------------------------------------------------


def _scenarios(value: Any, user: User) -> list[Scenario]:
    """Names, source/name, patterns with * and ?, or "tag:..."; each scenario once, in the order of the file."""
    is_list = isinstance(value, list) and 0 < len(value) <= MOST_LINES
    if not is_list or not all(isinstance(each, str) and len(each) <= 3 * NAME for each in value):
        raise Wrong('has to be a list of names, "source/name", patterns like "anac/*", or "tag:...".')
    visible = list(
        Scenario.objects.visible_to(user).order_by("source", "name", "pk").defer("document", "issues")
    )
    chosen: dict[int, Scenario] = {}
    for each in value:
        chosen |= {row.pk: row for row in _matching(each, visible)}
    return list(chosen.values())


def _matching(wanted: str, visible: Sequence[Scenario]) -> list[Scenario]:
    kind, colon, word = wanted.partition(":")
    if colon and kind == "tag":
        found = [row for row in visible if word.strip() in row.tags]
        if not found:
            tags = sorted({tag for row in visible for tag in row.tags})
            raise Wrong(unknown("tag", word.strip()[:MOST_SHOWN], tags, "No scenario has any."))
    elif any(sign in wanted for sign in "*?["):
        found = [
            row for row in visible if fnmatch.fnmatchcase(_full(row) if "/" in wanted else row.name, wanted)
        ]
    else:
        found = [row for row in visible if wanted in (row.name, _full(row))]
        if len(found) > 1 and len({_full(row) for row in found}) > 1:
            called = ", ".join(_full(row) for row in found)
            raise Wrong(f"{len(found)} scenarios are called {wanted[:MOST_SHOWN]!r}. Name one of: {called}.")
    if not found:
        names = [_full(row) for row in visible]
        raise Wrong(unknown("scenario", wanted[:MOST_SHOWN], names, "Run: manage.py import_scenarios"))
    return found


def _full(row: Scenario) -> str:
    return f"{row.source}/{row.name}"
