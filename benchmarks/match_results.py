"""How a match ended, in figures and in words: what its result card says."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.models import Match, MatchStatus
from negotiations import endings
from negotiations.engine.specs import Action, EndReason, Response
from negotiations.offer_rows import value_text
from negotiations.results import Issue, Measure, Result, Standing, gain

SHARES = {
    "pareto_optimality": "Pareto optimality",
    "nash_optimality": "Nash optimality",
    "kalai_optimality": "Kalai optimality",
    "ks_optimality": "KS optimality",
    "max_welfare_optimality": "Welfare optimality",
}
HINT = "1 is as near as can be; without an agreement, of the reserved values"


def result_of(match: Match, names: Sequence[str], issues: Sequence[str], actions: Sequence[Action]) -> Result:
    agreed = match.end_reason == EndReason.AGREEMENT
    values = zip(issues, match.agreement or (), strict=False)
    return Result(
        title=_title(match),
        aside=f"in step {match.steps:,}" if agreed and match.steps else "",
        reason="" if agreed else _reason(match, names) + _best(actions),
        issues=tuple(Issue(name, value_text(value)) for name, value in values),
        standings=_standings(match, names, agreed),
        measures=_measures(match),
    )


def _title(match: Match) -> str:
    if match.status == MatchStatus.FAILED:
        return "The match failed"
    if not match.is_over:
        return "Not played yet" if match.status == MatchStatus.PENDING else "Not played"
    return "Agreement" if match.end_reason == EndReason.AGREEMENT else "No agreement"


def _reason(match: Match, names: Sequence[str]) -> str:
    if match.status == MatchStatus.FAILED:
        return _failure(match, names)
    if match.status == MatchStatus.SKIPPED:
        return "It was left out: the ranking was settled before."
    if not match.is_over:
        return "It waits for a lane."
    if match.end_reason == EndReason.STEPS:
        return f"All {match.steps:,} steps used."
    if match.end_reason == EndReason.SECONDS:
        return "All seconds used."
    return "A party ended the negotiation." if match.end_reason else "How it ended was not said."


def _failure(match: Match, names: Sequence[str]) -> str:
    """Who did what wrong; what took its process with it was put into words by the lane."""
    told = match.error.strip()
    whole = ("The match", "The log", endings.who(names, match.failed_seat))
    if told and (match.end_reason != EndReason.ERROR or told.startswith(whole)):
        return told
    text = endings.failed(names, match.end_reason, match.failed_seat, told or "nothing was said")
    return text.replace("The session", "The match", 1)


def _best(actions: Sequence[Action]) -> str:
    """The rejected offer that would have been best for all together."""
    made = [(each.utilities, each.step) for each in actions if each.response == Response.OFFER]
    known = [(sum(filter(None, worths)), step, worths) for worths, step in made if None not in worths]
    if not known:
        return ""
    _, step, worths = max(known, key=lambda each: each[0])
    told = " and ".join(f"{value:.2f}" for value in worths)
    return f" The best rejected offer, in step {step + 1:,}, was worth {told}."


def _standings(match: Match, names: Sequence[str], agreed: bool) -> tuple[Standing, ...]:
    reserved = match.reserved or [None] * len(names)
    rows = zip(names, match.utilities, reserved, strict=False)
    if len(names) == 1:  # of a log
        return tuple(Standing(seat, name, worth, "score") for seat, (name, worth, _) in enumerate(rows))
    return tuple(
        Standing(seat, name, worth, gain(worth, least) if agreed else "reserved value")
        for seat, (name, worth, least) in enumerate(rows)
    )


def _measures(match: Match) -> tuple[Measure, ...]:
    found = (
        [Measure("Welfare", f"{match.welfare:.2f}", "Mean utility of all")]
        if match.welfare is not None
        else []
    )
    for column, name in SHARES.items():
        share = getattr(match, column)
        if share is not None:
            found.append(Measure(name, f"{100 * share:.0f} %", HINT))
    if match.pareto_distance is not None:
        found.append(
            Measure("Pareto distance", f"{match.pareto_distance:.2f}", "To the nearest efficient outcome")
        )
    for seat, share in enumerate(match.advantages if len(match.best) > 1 else ()):
        if share is not None:
            found.append(
                Measure(f"Advantage of seat {seat + 1}", f"{share:.2f}", "Share of what it could gain")
            )
    return tuple(found)
