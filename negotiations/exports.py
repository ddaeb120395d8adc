"""Sessions as files: JSON with all there is, CSV with one row an action; streamed, so that any length can be had."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.text import slugify

from negotiations.models import Offer, Session

FORMAT = 1
ROWS = 2_000
"""Actions that are in memory at once."""
# What spreadsheets take for the beginning of a formula, full-width forms and what they skip before it included.
FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ACTION = ("seq", "step", "relative_time", "party", "response", "outcome", "utilities", "text")
COLUMNS = ("seq", "step", "relative_time", "party", "negotiator", "response")


def actions_of(session: Session) -> Iterator[Offer]:
    """All that are stored by now, by the page: no long transaction, and no end that runs away while it is played."""
    last = session.offers.order_by("-seq").values_list("seq", flat=True).first() or 0
    seq = 0
    while page := list(session.offers.after(seq).filter(seq__lte=last)[:ROWS]):
        yield from page
        seq = page[-1].seq


# --- JSON -------------------------------------------------------------------------------------------------------


def json_of(session: Session, *, with_document: bool) -> Iterator[str]:
    """`with_document` for those who may see the scenario: then it is all that is needed to play it again."""
    head = strict(describe(session, with_document=with_document), indent=1)
    yield head[: head.rindex("}")].rstrip() + ',\n "actions": ['
    comma = "\n  "
    for offer in actions_of(session):
        yield comma + strict({name: getattr(offer, name) for name in ACTION})
        comma = ",\n  "
    yield "\n ]\n}\n"


def describe(session: Session, *, with_document: bool) -> dict[str, Any]:
    """Everything but the actions."""
    job = session.job
    settings = {"n_steps": session.n_steps, "pace_ms": session.pace_ms, "mechanism": session.mechanism}
    return {
        "format": "parley-session",
        "format_version": FORMAT,
        "id": str(session.pk),
        "owner": job.owner.username,
        "status": session.status,
        "error": job.error,
        "created_at": moment_text(job.created_at),
        "started_at": moment_text(job.started_at),
        "finished_at": moment_text(job.finished_at),
        "tags": [tag.name for tag in session.tags.all()],
        "forked_from": session.forked_from_id and str(session.forked_from_id),
        "forked_seq": session.forked_seq,
        "fork": _fork(session),
        "based_on": session.based_on_id and str(session.based_on_id),
        "scenario": _scenario(session, with_document),
        "parties": _parties(session),
        "settings": settings,
        "seed": session.seed,
        "versions": session.versions,
        "result": _result(session),
    }


def _scenario(session: Session, with_document: bool) -> dict[str, Any]:
    scenario = session.scenario
    told = {
        "name": scenario.name,
        "source": scenario.source,
        "checksum": scenario.checksum,
        "n_outcomes": scenario.n_outcomes,
        "issues": scenario.issues,
    }
    return told | ({"document": scenario.document} if with_document else {})


def _fork(session: Session) -> dict[str, Any] | None:
    """What was changed at the row `forked_seq`: without it a fork could not be played again."""
    names = ("what", "party", "step", "actions", "follows", "born")
    return {name: getattr(session.fork, name) for name in names} if session.forked_seq else None


def _parties(session: Session) -> list[dict[str, Any]]:
    names = ("index", "name", "type", "parameters", "n_steps", "reserved_value")
    return [{name: getattr(party, name) for name in names} for party in session.parties.all()]


def _result(session: Session) -> dict[str, Any]:
    names = ("end_reason", "ended_by", "steps", "n_offers", "agreement", "utilities")
    return {name: getattr(session, name) for name in names}


def moment_text(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def strict(value: Any, **how: Any) -> str:
    return json.dumps(_finite(value), allow_nan=False, ensure_ascii=False, **how)


def _finite(value: Any) -> Any:
    """NaN and the infinities are no JSON: nothing stands for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


# --- CSV --------------------------------------------------------------------------------------------------------


def csv_of(session: Session) -> Iterator[str]:
    """A header, then a row an action: a column an issue, and one for each party's utility."""
    parties = list(session.parties.all())
    issues = [issue["name"] for issue in session.scenario.issues]
    yield csv_line(header(issues, len(parties)))
    names = {party.index: party.name for party in parties}
    for offer in actions_of(session):
        yield csv_line(_row(offer, names, len(issues), len(parties)))


def header(issues: Sequence[str], parties: int) -> list[str]:
    utilities = [f"utility of party {index}" for index in range(parties)]
    taken = {*COLUMNS, *utilities, "text"}
    return [*COLUMNS, *(f"issue {name}" if name in taken else name for name in issues), *utilities, "text"]


def _row(offer: Offer, names: dict[int, str], issues: int, parties: int) -> list[Any]:
    first = [
        offer.seq,
        offer.step,
        offer.relative_time,
        offer.party,
        names.get(offer.party, ""),
        offer.response,
    ]
    return [*first, *filled(offer.outcome, issues), *filled(offer.utilities, parties), offer.text]


def filled(values: Sequence[Any] | None, count: int) -> list[Any]:
    """As many cells as there are columns."""
    given = list(values or ())[:count]
    return given + [None] * (count - len(given))


def csv_line(cells: Iterable[Any]) -> str:
    sink = io.StringIO()
    csv.writer(sink).writerow([cell(value) for value in cells])
    return sink.getvalue()


def cell(value: Any) -> Any:
    """Numbers as they are; of text what a spreadsheet would take for a formula gets an apostrophe before it."""
    value = _finite(value)
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


# --- Many, as a zip ---------------------------------------------------------------------------------------------


class Sink(io.RawIOBase):
    """What a zip writes, until it is sent on."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


def zip_of(sessions: Iterable[tuple[Session, bool]]) -> Iterator[bytes]:
    """A JSON and a CSV file of each; beside each session whether its scenario's document may be in it."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for session, with_document in sessions:
            name = filename(session)
            yield from packed(archive, sink, f"{name}.json", json_of(session, with_document=with_document))
            yield from packed(archive, sink, f"{name}.csv", csv_of(session))
    yield sink.take()


def packed(archive: zipfile.ZipFile, sink: Sink, name: str, texts: Iterator[str]) -> Iterator[bytes]:
    with archive.open(name, "w", force_zip64=True) as entry:
        for text in texts:
            entry.write(text.encode())
            if sink.parts:
                yield sink.take()
    yield sink.take()


def filename(session: Session) -> str:
    """Without an ending; nothing in it but letters, figures and hyphens, whatever the scenario is called."""
    return f"{slugify(session.scenario.name)[:60] or 'session'}-{session.pk}"
