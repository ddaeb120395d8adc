"""Plain logs of tasks that passed or failed (B-11)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.result_values import ReadMatch, number, text
from negotiations.engine.specs import EndReason

MOST_LINE = 2_000
COMPETITOR = "Logged run"
_TASK = re.compile(r"\bTask\s+(\S.{0,199}?)\s+(completed successfully|failed)\b")
_RESULT = re.compile(r"\bResult:\s{0,9}(PASS|FAIL)(?:ED)?\b")
_SCORE = re.compile(r"\bScore:\s{0,9}([-+]?\d{1,15}(?:\.\d{0,15})?(?:[eE][-+]?\d{1,3})?)")


@dataclass
class _Task:
    """What was told of one so far."""

    name: str = ""
    passed: bool | None = None
    result: bool | None = None
    score: float | None = None

    @property
    def is_told(self) -> bool:
        return bool(self.name) or self.result is not None or self.score is not None

    @property
    def success(self) -> bool | None:
        """The stated result; without one what its own line says; a score alone says neither."""
        return self.passed if self.result is None else self.result


def read_log(lines: Iterable[str]) -> Iterator[ReadMatch]:
    """What stands next to a task's line is that task's; a second line of a kind begins the next."""
    task, n = _Task(), 0
    for line in lines:
        line = line[:MOST_LINE]
        found = _TASK.search(line)
        result, score = _RESULT.search(line), _SCORE.search(line)
        again = (
            (found and task.name)
            or (result and task.result is not None)
            or (score and task.score is not None)
        )
        if again:
            n += 1
            yield _match(task, n)
            task = _Task()
        if found:
            task.name, task.passed = text(found[1], 120), found[2] != "failed"
        if result:
            task.result = result[1] == "PASS"
        if score:
            task.score = number(score[1])
    if task.is_told:
        yield _match(task, n + 1)


def _match(task: _Task, number: int) -> ReadMatch:
    failed = task.success is False
    return ReadMatch(
        scenario=task.name or f"Task {number}",
        rotation=0,
        competitors=(COMPETITOR,),
        success=task.success,
        end_reason=EndReason.AGREEMENT.value if task.success else EndReason.ERROR.value if failed else "",
        error="The log says that it failed." if failed else "",
        failed_seat=0 if failed else None,
        utilities=(task.score,),
        # What is scored where nobody agreed: the stated score counts, whatever became of the task.
        reserved=(None if task.success else task.score,),
        best=(1.0,),
    )
