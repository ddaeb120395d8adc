"""Scenarios as files for other programs, out of what is stored of them. Without NegMAS, so pages may use it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

from negotiations.engine.exceptions import ScenarioRefused

_SPEECHLESS = re.compile("[\ufffe\uffff]")
"""What XML has no way to write, beside what no scenario may hold."""

Told = Mapping[str, Any]


def yaml_files(document: str) -> dict[str, str]:
    """NegMAS's YAML: the outcome space, and a file for each party."""
    space, *ufuns = document.split("---\n")
    return {
        "domain.yml": space,
        **{f"party{index:02}.yml": ufun for index, ufun in enumerate(ufuns, start=1)},
    }


def why_not_genius(issues: Sequence[Told], preferences: Sequence[Told]) -> str:
    """Why Genius XML cannot carry this scenario; empty where it can."""
    for party in preferences:
        if party["kind"] != "additive":
            return (
                f"The utility function of {party['name']} is made of {party['kind']}. Genius and NegMAS read the ends "
                "of such ranges differently, so the utilities would change on the way."
            )
    for issue in issues:
        if issue["kind"] == "continuous":
            return f"The issue {issue['name']} has real values, which Genius XML cannot give utilities to one by one."
        if issue["values"] is None or any(not party["values"].get(issue["name"]) for party in preferences):
            return f"The issue {issue['name']} is a range too long to list value by value."
    texts = [text for issue in issues for text in (issue["name"], *map(str, issue["values"]))]
    if any(_SPEECHLESS.search(text) for text in (*texts, *(party["name"] for party in preferences))):
        return "A name or a value holds a character that XML cannot write."
    return ""


def genius_files(name: str, issues: Sequence[Told], preferences: Sequence[Told]) -> dict[str, str]:
    """Genius XML: the domain, and a utility space for each party. Raises ScenarioRefused where it cannot carry it.

    Weights add up to 1 and the best value of each issue has the evaluation 1, so that Genius, which divides by the
    best, and NegMAS, which does not, come to the same utilities. Whole numbers become texts.
    """
    if reason := why_not_genius(issues, preferences):
        raise ScenarioRefused(reason)
    domain = ET.Element("negotiation_template")
    space = ET.SubElement(domain, "utility_space", number_of_issues=str(len(issues)))
    _issues(_objective(space, name), issues, None)
    parties = {
        f"party{index:02}.xml": _party(issues, party) for index, party in enumerate(preferences, start=1)
    }
    return {"domain.xml": _text(domain), **{file: _text(root) for file, root in parties.items()}}


def _objective(parent: ET.Element, name: str) -> ET.Element:
    told = {"index": "0", "etype": "objective", "type": "objective", "description": "", "name": name}
    return ET.SubElement(parent, "objective", told)


def _party(issues: Sequence[Told], party: Told) -> ET.Element:
    root = ET.Element("utility_space", number_of_issues=str(len(issues)))
    objective = _objective(root, party["name"])
    _issues(objective, issues, party["values"])
    for index, issue in enumerate(issues, start=1):
        ET.SubElement(objective, "weight", index=str(index), value=repr(party["weights"][issue["name"]]))
    ET.SubElement(root, "discount_factor", value="1.0")
    if party["reserved_value"] is not None:
        ET.SubElement(root, "reservation", value=repr(party["reserved_value"]))
    return root


def _issues(objective: ET.Element, issues: Sequence[Told], worths: Mapping[str, Told] | None) -> None:
    kinds = {"etype": "discrete", "type": "discrete", "vtype": "discrete"}
    for index, issue in enumerate(issues, start=1):
        told = ET.SubElement(objective, "issue", {"index": str(index), "name": issue["name"], **kinds})
        for place, value in enumerate(map(str, issue["values"]), start=1):
            item = ET.SubElement(told, "item", index=str(place), value=value, description="")
            if worths is not None:
                item.set("evaluation", repr(_evaluation(worths[issue["name"]], value)))


def _evaluation(worths: Told, value: str) -> float:
    """An issue that does not matter gets a best value too, since Genius divides by it."""
    return float(worths[value]) if any(worths.values()) else 1.0


def _text(root: ET.Element) -> str:
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
