"""Scenarios: read what strangers upload, store it as one document, load it again for a session."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from negmas.inout import Scenario

from negotiations.engine import scenario_documents as documents
from negotiations.engine import scenario_files, wire
from negotiations.engine.archives import find, unpack
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_documents import load
from negotiations.engine.scenario_exports import yaml_files
from negotiations.engine.scenario_specs import issues_of, preferences_of
from negotiations.engine.scenario_texts import checksum
from negotiations.engine.scenario_values import prepare, probes, same_chance
from negotiations.engine.specs import ScenarioSpec

__all__ = ["Read", "ScenarioRefused", "find", "load", "read_all", "read_folder", "unpack", "write_folder"]

SAME = 1e-9
MAX_REASON = 1_000


@wire.carried
@dataclass(frozen=True, slots=True)
class Read:
    """One folder of an upload: its scenario, or the reason why it is refused. `path` is relative to the upload."""

    path: str
    spec: ScenarioSpec | None
    reason: str = ""


def read_all(root: Path) -> Iterator[Read]:
    """Every scenario below a folder, one at a time; meant for a child, since the files are a stranger's."""
    for folder in find(root):
        path = folder.relative_to(root)
        whole = scenario_files.whole_files(folder)
        for file in whole:
            yield _read((path / file.name).as_posix(), [file], file.stem)
        if not whole:
            yield _read(path.as_posix(), scenario_files.scenario_files(folder), folder.name)


def _read(path: str, files: list[Path], name: str) -> Read:
    try:
        return Read(path, _read_files(files, name))
    except ScenarioRefused as refused:
        return Read(path, None, _short(refused.reason))


def _short(reason: str) -> str:
    """A reason may quote names of any length, and reports of thousands of scenarios are read as one page."""
    return reason if len(reason) <= MAX_REASON else f"{reason[:MAX_REASON]} …"


def read_folder(folder: Path) -> ScenarioSpec:
    """Read, check and normalise the scenario in a folder. Raises ScenarioRefused."""
    return _read_files(scenario_files.scenario_files(folder), folder.name)


def _read_files(files: list[Path], name: str) -> ScenarioSpec:
    with warnings.catch_warnings(), same_chance():
        warnings.simplefilter("ignore")  # NegMAS warns of what is checked here
        return scenario_files.guarded(lambda: _spec(files, name))


def _spec(files: list[Path], name: str) -> ScenarioSpec:
    scenario, format_ = scenario_files.read(files)
    told = prepare(scenario, reserved_in_unit=format_ == "xml")
    document = documents.written(scenario)
    stored = _stored(scenario, document)
    cardinality = stored.outcome_space.cardinality
    return ScenarioSpec(
        name=name,
        document=document,
        checksum=checksum(document),
        n_outcomes=int(cardinality) if math.isfinite(cardinality) else None,
        issues=issues_of(stored),
        preferences=preferences_of(stored),
        warnings=tuple(told),
    )


def _stored(scenario: Scenario, document: str) -> Scenario:
    """The scenario as it comes back out of its document; refused where that differs."""
    stored = load(document)
    for outcome in probes(scenario):
        for before, after in zip(scenario.ufuns, stored.ufuns, strict=True):
            if abs(float(before(outcome)) - float(after(outcome))) > SAME:
                raise ScenarioRefused(
                    "Its utilities change when it is stored. It uses something that cannot be kept."
                )
    return stored


def write_folder(document: str, folder: Path) -> None:
    """Write a stored scenario as NegMAS's YAML files, which `read_folder` and NegMAS read."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in yaml_files(document).items():
        (folder / name).write_text(text, encoding="utf-8")
