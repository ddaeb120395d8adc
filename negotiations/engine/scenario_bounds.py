"""How much a scenario may hold. Its texts are stored with every offer and shown on every page."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from negotiations.engine.exceptions import ScenarioRefused

if TYPE_CHECKING:
    from negmas.inout import Scenario

MAX_PARTIES = 23
"""As many as have room beside a domain in the files of one scenario."""
MAX_ISSUES = 100
"""The public collections have 50 at most; each is a column of the offers' table."""
MAX_TEXT = 200
"""Characters of a name or a value; the longest of the public collections has some 50."""
MAX_DIGITS = 100
"""Of the number of outcomes."""
MAX_RECTANGLES = 200
"""Of one utility function; the public collections have 20. The search for the best outcome looks at each, often."""


def check_bounds(scenario: Scenario) -> None:
    """Raises ScenarioRefused where there is more than anybody can negotiate about, or what no page can show."""
    issues = scenario.outcome_space.issues
    if len(issues) > MAX_ISSUES:
        raise ScenarioRefused(
            f"It has {len(issues):,} issues; at most {MAX_ISSUES} are read. Leave some out."
        )
    if len(scenario.ufuns) > MAX_PARTIES:
        raise ScenarioRefused(
            f"It has {len(scenario.ufuns):,} utility functions; at most {MAX_PARTIES} are read. Leave some out."
        )
    if len({str(issue.name) for issue in issues}) < len(issues):
        raise ScenarioRefused("Two of its issues have the same name. Rename one of them.")
    for issue in issues:
        _check_issue(issue)
    for ufun in scenario.ufuns:
        _check_ufun(ufun)
    cardinality = scenario.outcome_space.cardinality
    if cardinality != math.inf and cardinality >= 10**MAX_DIGITS:
        raise ScenarioRefused(f"It has 10^{MAX_DIGITS} outcomes or more. Leave some issues out.")


def _check_issue(issue: Any) -> None:
    check_text(issue.name, "The name of an issue")
    _check_twice(issue)
    for value in _ends(issue):
        _check_value(value, f"A value of the issue {issue.name!r}")


def _check_twice(issue: Any) -> None:
    """By their texts, as which values are shown, exported and looked up."""
    written = [str(value) for value in issue.values] if isinstance(issue.values, list | tuple) else []
    if issue.is_numeric() or len(set(written)) == len(written):
        return
    twice = next(text for text in written if written.count(text) > 1)
    raise ScenarioRefused(
        f"The issue {issue.name!r} has the value {twice[:80]!r} twice. Remove or rename one of them."
    )


def _check_ufun(ufun: Any) -> None:
    check_text(ufun.name, "The name of a utility function")
    if len(rectangles := getattr(ufun, "outcome_ranges", None) or ()) > MAX_RECTANGLES:
        raise ScenarioRefused(
            f"The utility function {ufun.name!r} has {len(rectangles):,} hyper-rectangles; "
            f"at most {MAX_RECTANGLES} are read. Leave some out."
        )


def _ends(issue: Any) -> Iterator[Any]:
    """All values that are written out, and the two ends of a range."""
    if isinstance(issue.values, list | tuple):
        yield from issue.values
    if issue.is_numeric():
        yield from (issue.min_value, issue.max_value)


def _check_value(value: Any, what: str) -> None:
    if isinstance(value, str):
        check_text(value, what)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ScenarioRefused(f"{what} is {value}. Every number has to be finite.")


def check_text(text: Any, what: str) -> None:
    """Raises ScenarioRefused where a name or a value is too long, or holds what no page can show."""
    written = str(text)
    if len(written) > MAX_TEXT:
        raise ScenarioRefused(
            f"{what} has {len(written):,} characters; at most {MAX_TEXT} are read. Shorten it."
        )
    # Control characters (NUL among them) and halves of surrogate pairs: a database or a terminal breaks on them.
    if bad := [character for character in written if unicodedata.category(character) in ("Cc", "Cs")]:
        raise ScenarioRefused(f"{what} has the character {bad[0]!r} in it: {written!r:.80}. Take it out.")
