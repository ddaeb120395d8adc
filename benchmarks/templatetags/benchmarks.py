"""What the pages of benchmarks say with one word: scores, differences, probabilities, heat."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from negotiations.engine.specs import EndReason
from negotiations.templatetags.parley import duration, hue, party, utility

if TYPE_CHECKING:
    from benchmarks.views.benchmark_grid import GridCell
    from benchmarks.views.match_rows import MatchRow

register = template.Library()

# What every second negotiator of NegMAS is called in the end says nothing in a narrow column.
ENDINGS = re.compile(r"(?<=.)(TB)?Negotiator(?=$|[ (])")


ENDS: dict[str, str] = {
    EndReason.AGREEMENT: "agreement",
    EndReason.STEPS: "all steps used",
    EndReason.SECONDS: "time over",
    EndReason.ENDED: "ended by a party",
    EndReason.ERROR: "error",
    EndReason.ACTION_LIMIT: "too slow to answer",
    EndReason.SESSION_LIMIT: "too long",
    EndReason.MEMORY_LIMIT: "too much memory",
    EndReason.EXITED: "process ended",
}


@register.filter
def end_word(reason: str) -> str:
    """How a match ended, in words."""
    return ENDS.get(reason, reason)


@register.filter
def score(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace("-", "−")


@register.filter
def signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}".replace("-", "−")


@register.filter
def probability(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


@register.filter
def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


@register.filter
def brief(seconds: float) -> str:
    """12 ms, 3.4 s: what one match takes."""
    return duration(seconds) if seconds >= 1 else f"{1000 * seconds:.{0 if seconds >= 0.001 else 1}f} ms"


@register.filter
def heat(share: float | None) -> str:
    """The class of a share's colour; its number stands in the cell."""
    return "none" if share is None else f"q{min(9, max(0, int(share * 10)))}"


@register.filter
def short(name: str) -> str:
    """A competitor's name without the words that many have; the whole one stands in the title."""
    return ENDINGS.sub("", name)


@register.filter
def lower_first(text: str) -> str:
    """Within a sentence; names of people stay as they are."""
    return text if text.split(" ")[0] in ("Nash", "Kalai", "Kalai-Smorodinsky", "Pareto") else text.lower()


@register.filter
def add_px(value: float, more: float) -> float:
    return round(float(value) + float(more), 1)


@register.filter
def lower_word(value: bool | None) -> str:
    """`true`, `false` or `null`, as scripts read it."""
    return {True: "true", False: "false", None: "null"}[value]


# --- What a poll makes by the hundred: a template takes ten times as long ------------------------------------------------

CELL = '<td class="{}"><a href="{}?competitor={}{}#matches" title="{}">{}{}</a></td>'
ROW = (
    '<tr role="row" data-seq="{}" data-match="{}" data-success="{}" data-score="{}">'
    '<td role="cell" class="m1"><svg class="stamp" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="4"/>{}{}</svg></td>'
    '<td role="cell" class="word {}">{}</td>'
    '<td role="cell" class="m2 scn-name" title="{}"><span class="scn"><a href="{}">{}</a> <span class="muted xs">#{}</span></span></td>'
    '<td role="cell" class="m4"><span class="parties">{}</span></td>'
    '<td role="cell" class="soft why"{}>{}</td>'
    '<td role="cell" class="m3 num"><span class="upairs">{}</span></td>'
    '<td role="cell" class="num muted opt">{}</td></tr>'
)
SPACE = '<image href="{}" width="32" height="32"/>'
LANDED, NOWHERE = '<circle cx="{}" cy="{}" r="3"/>', '<path class="none" d="M11 11l10 10M21 11l-10 10"/>'
MOST_OF_ERROR = 300


@register.simple_tag
def heat_cell(cell: GridCell, path: str) -> SafeString:
    """A cell of a grid: its value, its heat, the way to its matches."""
    if not cell.planned:
        return format_html('<td class="{}" title="{}"></td>', cell.css, cell.title)
    some = f"<small>{cell.done}/{cell.planned}</small>" if cell.is_partial else ""
    title = escape(cell.title)  # of all that it says the only text that people write
    return mark_safe(
        CELL.format(cell.css, path, cell.competitor, cell.query, title, utility(cell.mean), some)
    )


@register.simple_tag
def tick_lines(ticks: Sequence[tuple[float, str]]) -> SafeString:
    """The lines of a leaderboard's axis: the same in every row."""
    return mark_safe("".join(f'<line class="g" x1="{x}%" x2="{x}%" y2="20"/>' for x, _ in ticks))


@functools.lru_cache(maxsize=1000)
def _seated(place: int, name: str) -> SafeString:
    return party(place, short(name))


@register.simple_tag
def match_row(row: MatchRow) -> SafeString:
    """A match in the list of its benchmark."""
    match = row.match
    told = (
        row.seq, match.index, lower_word(row.success), utility(row.score),
        SPACE.format(row.stamp) if row.stamp else "", LANDED.format(*row.place) if row.place else NOWHERE,
        row.css, row.word, escape(row.scenario), row.url, escape(row.scenario), match.index,
        "".join(_seated(place, name) for place, name in enumerate(row.names)),
        f' title="{escape(match.error[:MOST_OF_ERROR])}"' if match.error else "",
        escape(row.why),
        "".join(f'<b class="t{hue(place)}">{utility(value)}</b>' for place, value in enumerate(match.utilities)),
        match.steps,
    )  # fmt: skip
    return mark_safe(ROW.format(*told))
