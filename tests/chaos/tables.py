"""The reports as tables in docs/chaos.md, between two marks that stay."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.plan import Breakage

PAGE = Path(__file__).parents[2] / "docs" / "chaos.md"
BEGIN, END = "<!-- report -->", "<!-- end of report -->"
Report = dict[str, Any]
FIGURES = {
    "jobs completed": "completed",
    "jobs cancelled": "cancelled by people",
    "jobs failed": "failed, all attempts lost",
    "claims": "claims",
    "claims that wrote rows": "claims that wrote rows",
    "released or handed back": "released or handed back, no attempt lost",
    "attempts lost": "attempts lost",
    "fenced": "workers fenced: their job was taken over, they wrote nothing",
    "rows compared": "rows compared with an undisturbed run",
    "benchmarks": "benchmarks among the batch jobs",
    "matches compared": "matches compared with an undisturbed run",
    "starts of a cluster's tree": "starts of the two trees",
}


def write_tables(reports: list[Report], page: Path = PAGE) -> None:
    """Put the reports where those of an earlier run stand; the rest of the page stays as it is."""
    text = page.read_text()
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{tables(reports)}{END}{after}")


def tables(reports: list[Report]) -> str:
    day = datetime.now(tz=UTC).date().isoformat()
    lines = [f"Run on {day}.", ""]
    lines += [_row("", [report["backend"] for report in reports]), _row("---", ["---:"] * len(reports))]
    lines += [_row(name, [_of(report) for report in reports]) for name, _of in ROWS.items()]
    lines += ["", _row("broken", [report["backend"] for report in reports])]
    lines += [_row("---", ["---:"] * len(reports))]
    lines += [_row(kind, [_broken(report, kind) for report in reports]) for kind in Breakage]
    return "\n".join(lines) + "\n"


def _row(name: str, cells: list[Any]) -> str:
    return f"| {' | '.join(map(str, [name, *cells]))} |"


def _broken(report: Report, kind: str) -> str:
    return f"{report['breakages'][kind]:,}" if kind in report["breakages"] else "-"


def _figure(name: str) -> Any:
    return lambda report: f"{report['figures'].get(name, 0):,}"


def _stops(report: Report) -> str:
    return f"{max(report['stops']):g} s" if report["stops"] else "-"


def _availability(report: Report) -> str:
    return f"{100 * (1 - report['unanswered'] / max(1, report['answers'])):.1f} %"


def _verdict(report: Report) -> str:
    return f"{len(report['findings'])} findings" if report["findings"] else "nothing lost, nothing twice"


ROWS: dict[str, Any] = {
    "seed": lambda report: report["seed"],
    "seconds of breakage": lambda report: f"{report['seconds']:g}",
    "sessions": lambda report: report["sessions"],
    "batch jobs": lambda report: report["batch_jobs"],
    "breakages": lambda report: f"{sum(report['breakages'].values()):,}",
    **{told: _figure(name) for name, told in FIGURES.items()},
    "cancelled, paused, resumed by a click": lambda report: ", ".join(
        str(report["clicks"].get(verb, 0)) for verb in ("cancel", "pause", "resume")
    ),
    "seconds until the last job was over": lambda report: f"{report['waited']:g}",
    "slowest stop of `serve`": _stops,
    "page looked at, once a second": lambda report: f"{report['answers']:,}",
    "web server answered": _availability,
    "findings": _verdict,
}
