"""Scenario folders as strangers send them: which files count, and reading each format without trusting it."""

from __future__ import annotations

import functools
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from negmas.inout import Scenario

from negotiations.engine import scenario_documents as documents
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_texts import checked, is_space, is_ufun, one_line, parse, written_twice

T = TypeVar("T")

MAX_FILES = 24
"""A domain and a file for each party; a few scenarios of public collections have more than 12."""
MAX_BYTES = 2_000_000
"""A whole scenario of the public collections has some tens of kB."""

_FORMATS = {".xml": "xml", ".json": "json", ".yml": "yaml", ".yaml": "yaml"}
_SIDE_FILES = ("pareto.xml", "specials.json")
_DTD = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def scenario_files(folder: Path) -> list[Path]:
    """The files of a folder that may describe a scenario, in the order of their names; links are passed over."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in _FORMATS
        and not path.name.startswith((".", "_"))
        and not path.name.lower().endswith(_SIDE_FILES)
        and path.is_file()
        and not path.is_symlink()
    ]


def whole_files(folder: Path) -> list[Path]:
    """The files of a folder in which each is a scenario by itself (a YAML stream of its parts); none where it is one scenario."""
    files = scenario_files(folder)
    if len(files) < 2 or any(path.stat().st_size > MAX_BYTES for path in files):
        return []
    return files if all(_is_whole(path) for path in files) else []


def _is_whole(path: Path) -> bool:
    if _FORMATS[path.suffix.lower()] != "yaml":
        return False
    try:
        parts = parse(_text(path), path.name)
    except ScenarioRefused:
        return False
    return sum(map(is_space, parts)) == 1 and sum(map(is_ufun, parts)) >= 2


def read(files: list[Path]) -> tuple[Scenario, str]:
    """NegMAS's scenario of these files, and its format (xml, json or yaml). Raises ScenarioRefused."""
    if not files:
        raise ScenarioRefused(
            "There is no scenario file in it. Add Genius XML, GeniusWeb JSON or NegMAS YAML files."
        )
    if len(files) > MAX_FILES:
        raise ScenarioRefused(
            f"It has {len(files)} scenario files; at most {MAX_FILES} are read. Remove what is not needed."
        )
    size = sum(path.stat().st_size for path in files)
    if size > MAX_BYTES:
        raise ScenarioRefused(
            f"Its files have {size:,} bytes; at most {MAX_BYTES:,} are read. Make it smaller."
        )
    formats = {_FORMATS[path.suffix.lower()] for path in files}
    if len(formats) > 1:
        raise ScenarioRefused(
            f"It mixes {' and '.join(sorted(formats))} files. Keep the files of one format only."
        )
    format_ = formats.pop()
    return _READERS[format_]({path: _text(path) for path in files}), format_


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioRefused(f"{path.name} is not UTF-8 text. Save it again in UTF-8.") from error
    if "\0" in text:
        raise ScenarioRefused(f"{path.name} contains NUL characters. Save it again as plain text.")
    return text


def _one_domain(domains: list[Path]) -> Path:
    if not domains:
        raise ScenarioRefused(
            "No file describes the outcome space (the domain). Add the domain file beside the profiles."
        )
    if len(domains) > 1:
        names = ", ".join(path.name for path in domains)
        raise ScenarioRefused(f"Several files describe an outcome space: {names}. Keep one of them.")
    return domains[0]


def _read_xml(texts: dict[Path, str]) -> Scenario:
    roots = {path: _xml_root(path, text) for path, text in texts.items()}
    domain = _one_domain([path for path, root in roots.items() if root.tag == "negotiation_template"])
    ufuns = [path for path, root in roots.items() if root.tag == "utility_space"]
    for path in (domain, *ufuns):
        _check_xml_once(path, roots[path])
    for path in ufuns:
        _check_xml_names(path, roots[path], domain, roots[domain])
    return _loaded(lambda: Scenario.from_genius_files(domain, ufuns, safe_parsing=False))


def _xml_root(path: Path, text: str) -> ET.Element:
    if _DTD.search(text):
        raise ScenarioRefused(
            f"{path.name} contains a DTD (<!DOCTYPE> or <!ENTITY>), which is not allowed. Remove it."
        )
    try:
        return ET.fromstring(text.encode())
    except ET.ParseError as error:
        raise ScenarioRefused(
            f"{path.name} is not well-formed XML: {error}. Save it again from its program."
        ) from error


def _check_xml_once(path: Path, root: ET.Element) -> None:
    """NegMAS passes over what comes a second time, so that its utility would be lost without a word."""
    issues = list(root.iter("issue"))
    told = [("issue", [issue.get("name", "") for issue in issues])]
    for issue in issues:
        values = [item.get("value", "") for item in issue.iter("item")]
        told.append((f"value of the issue {issue.get('name', '')[:80]!r}", values))
    for what, names in told:
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ScenarioRefused(
                f"{path.name} has the {what} {twice[:80]!r} twice. Remove or rename one of them."
            )


def _check_xml_names(path: Path, root: ET.Element, domain: Path, domain_root: ET.Element) -> None:
    known = _xml_issues(domain_root)
    for name, values in _xml_issues(root).items():
        if name not in known:
            raise ScenarioRefused(
                f"{path.name} speaks of the issue {name!r}, which {domain.name} does not have. "
                f"Its issues are {', '.join(map(repr, known))}."
            )
        if known[name] and (unknown := values - known[name]):
            raise ScenarioRefused(
                f"{path.name} speaks of the value {min(unknown)!r} of the issue {name!r}, which {domain.name} does not have."
            )


def _xml_issues(root: ET.Element) -> dict[str, set[str]]:
    return {
        issue.get("name", ""): {item.get("value", "") for item in issue.iter("item")}
        for issue in root.iter("issue")
    }


def _read_json(texts: dict[Path, str]) -> Scenario:
    parsed = {path: _json(path, text) for path, text in texts.items()}
    if any("type" in data for data in parsed.values()):
        return _built(list(parsed.values()))
    domain = _one_domain([path for path, data in parsed.items() if "issuesValues" in data])
    ufuns = [path for path, data in parsed.items() if "LinearAdditiveUtilitySpace" in data]
    return _loaded(lambda: Scenario.from_geniusweb_files(domain, ufuns, safe_parsing=False))


def _json(path: Path, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text, object_pairs_hook=functools.partial(_once, path.name))
    except (ValueError, RecursionError) as error:
        raise ScenarioRefused(
            f"{path.name} is not valid JSON: {error}. Save it again from its program."
        ) from error
    return checked(data, path.name)


def _once(where: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise written_twice(
            where, next(key for key, _ in pairs if [each for each, _ in pairs].count(key) > 1)
        )
    return told


def _read_yaml(texts: dict[Path, str]) -> Scenario:
    return _built([part for path, text in texts.items() for part in parse(text, path.name)])


def _built(parts: list[dict[str, Any]]) -> Scenario:
    spaces = [part for part in parts if is_space(part)]
    if len(spaces) != 1:
        raise ScenarioRefused(f"{len(spaces)} of its files describe an outcome space. Exactly one has to.")
    ufuns = [part for part in parts if is_ufun(part)]
    return _loaded(lambda: documents.build(spaces[0], ufuns))


def guarded(read: Callable[[], T]) -> T:
    """What `read` gives; whatever NegMAS raises on a stranger's file becomes a refusal."""
    try:
        return read()
    except (MemoryError, ScenarioRefused):
        raise
    except Exception as error:
        told = one_line(error)
        raise ScenarioRefused(
            f"NegMAS cannot read it: {told}. Correct the files and send them again."
        ) from error


def _loaded(load: Callable[[], Scenario | None]) -> Scenario:
    scenario = guarded(load)
    if scenario is None:
        raise ScenarioRefused("NegMAS finds no scenario in its files. Check that they belong together.")
    return scenario


_READERS = {"xml": _read_xml, "json": _read_json, "yaml": _read_yaml}
