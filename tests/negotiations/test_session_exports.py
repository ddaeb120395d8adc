"""P-03, X-01: what is exported is what is stored, and what is stored is what a replay gives."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations import exports
from negotiations.engine.sessions import play
from negotiations.engine.specs import Action, MechanismSpec, PartySpec, SessionSpec
from negotiations.models import Offer, Session, SessionTag
from negotiations.models.forks import Change, Fork
from negotiations.tasks import run_job
from tests.factory import (
    ISSUES,
    NegotiatorFactory,
    OfferFactory,
    PartyFactory,
    ScenarioFactory,
    SessionFactory,
)
from tests.negotiations.session_rows import add_offers, make_session

pytestmark = pytest.mark.django_db

WANDERER = "tests.engine.wanderer.Wanderer"


def body(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def as_json(client: Client, session: Session) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    text = body(client.get(f"/sessions/{session.pk}/export.json")).decode()
    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def as_rows(client: Client, session: Session) -> list[list[str]]:
    text = body(client.get(f"/sessions/{session.pk}/export.csv")).decode()
    return list(csv.reader(io.StringIO(text)))


def played(owner: User, parties: int = 2) -> Session:
    session: Session = SessionFactory(types=[WANDERER] * parties, seed=11, job__owner=owner)
    run_job(str(session.pk))
    over: Session = Session.objects.select_related("job", "scenario").get(pk=session.pk)
    assert over.job.status == "completed"
    return over


def to_action(row: dict[str, Any]) -> Action:
    outcome = None if row["outcome"] is None else tuple(row["outcome"])
    return Action(**row | {"outcome": outcome, "utilities": tuple(row["utilities"])})


def test_exported_stored_and_replayed_are_the_same(as_owner: Client, owner: User) -> None:
    """X-01: the file alone is enough to play it again."""
    session = played(owner)
    stored = [offer.to_action() for offer in session.offers.order_by("seq")]
    assert len(stored) == 40
    found = as_json(as_owner, session)
    assert [to_action(row) for row in found["actions"]] == stored
    parties = [
        PartySpec(one["name"], one["type"], one["parameters"], one["n_steps"]) for one in found["parties"]
    ]
    spec = SessionSpec(
        scenario=found["scenario"]["document"],
        parties=tuple(parties),
        mechanism=MechanismSpec(n_steps=found["settings"]["n_steps"], **found["settings"]["mechanism"]),
        seed=found["seed"],
    )
    assert [item for item in play(spec) if isinstance(item, Action)] == stored
    head, *rows = as_rows(as_owner, session)
    assert head[6:8] == ["price", "lock"]
    for row, action in zip(rows, stored, strict=True):
        given = dict(zip(head, row, strict=True))
        assert (int(given["seq"]), int(given["step"]), int(given["party"])) == (
            action.seq,
            action.step,
            action.party,
        )
        assert float(given["relative_time"]) == action.relative_time
        assert (given["response"], given["text"]) == (action.response, action.text)
        assert [given["price"], given["lock"]] == list(action.outcome or ("", ""))
        assert [float(given[f"utility of party {index}"]) for index in range(2)] == list(action.utilities)


def test_settings_result_versions_and_seed_are_in_it(as_owner: Client, owner: User) -> None:
    session = played(owner)
    SessionTag.objects.add([session.pk], ["pilot"])
    found = as_json(as_owner, session)
    assert (found["format"], found["format_version"], found["id"]) == ("parley-session", 1, str(session.pk))
    assert (found["status"], found["seed"], found["tags"]) == ("completed", 11, ["pilot"])
    assert found["settings"]["n_steps"] == 20
    assert set(found["versions"]) == {"engine", "negmas", "numpy", "python"}
    assert found["result"]["end_reason"] == "steps"
    assert found["result"]["n_offers"] == len(found["actions"]) == 40


def test_a_fork_says_what_was_changed(as_owner: Client, owner: User) -> None:
    """X-03"""
    session = played(owner)
    session.parties.update(negotiator=NegotiatorFactory(type=WANDERER, short_name="Wanderer"))
    fork = Fork.objects.start(session, 5, Change(response="end"), owner=owner)
    found = as_json(as_owner, fork)
    assert (found["forked_from"], found["forked_seq"]) == (str(session.pk), 5)
    assert found["fork"]["actions"] == [{"seq": 5, "party": 0, "response": "end", "outcome": None}]
    assert as_json(as_owner, session)["fork"] is None


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_any_number_of_parties(parties: int, as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=0, job__owner=owner)
    for index in range(2, parties):
        PartyFactory(session=session, index=index)
    add_offers(session, 2 * parties, parties=parties)
    head, *rows = as_rows(as_owner, session)
    assert [name for name in head if name.startswith("utility")] == [
        f"utility of party {i}" for i in range(parties)
    ]
    assert {len(row) for row in rows} == {len(head)}
    assert len(as_json(as_owner, session)["actions"]) == 2 * parties


def test_it_can_be_exported_before_the_first_offer_and_while_it_runs(as_owner: Client, owner: User) -> None:
    pending = make_session("pending", job__owner=owner)
    assert as_json(as_owner, pending)["actions"] == []
    assert len(as_rows(as_owner, pending)) == 1
    running = make_session("running", offers=5, job__owner=owner)
    assert len(as_rows(as_owner, running)) == 6


def test_it_is_read_by_the_page_and_sent_as_it_comes(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(exports, "ROWS", 10)
    session = make_session("failed", offers=35, job__owner=owner)
    response: Any = as_owner.get(f"/sessions/{session.pk}/export.csv")
    assert response.streaming
    with django_assert_max_num_queries(6):
        assert len(list(response.streaming_content)) == 36


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|cmd", "%0A=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_text_begins_like_a_formula(text: str, as_owner: Client, owner: User) -> None:
    issues = [{**ISSUES[0], "name": text}, ISSUES[1]]
    session = make_session("running", offers=0, job__owner=owner, scenario=ScenarioFactory(issues=issues))
    session.parties.update(name=text)
    OfferFactory(session=session, seq=1, outcome=[text, "yes"], utilities=[-0.5, 0.25], text=text)
    head, row = as_rows(as_owner, session)
    assert head[6] == row[4] == row[6] == row[-1] == f"'{text}"
    assert row[8] == "-0.5", "a number is no formula"


def test_cells_keep_quotes_commas_and_lines(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=0, job__owner=owner)
    OfferFactory(session=session, seq=1, outcome=None, utilities=[None, 0.5], text='a "b", c\nd')
    _, row = as_rows(as_owner, session)
    assert row[-1] == 'a "b", c\nd'
    assert row[6:10] == ["", "", "", "0.5"]


def test_an_issue_may_be_called_like_a_column() -> None:
    assert exports.header(["seq", "price", "text"], 1)[6:9] == ["issue seq", "price", "issue text"]


def test_what_is_no_number_becomes_nothing() -> None:
    assert exports.strict({"a": [math.nan, math.inf, 1.5]}) == '{"a": [null, null, 1.5]}'
    assert exports.cell(math.inf) == ""


def test_who_gets_it(
    as_owner: Client,
    as_colleague: Client,
    as_stranger: Client,
    as_superuser: Client,
    owner: User,
    group: Group,
) -> None:
    hidden = ScenarioFactory(owner=owner)
    session = make_session("completed", job__owner=owner, job__group=group, scenario=hidden)
    for kind in ("json", "csv"):
        url = f"/sessions/{session.pk}/export.{kind}"
        codes = [
            client.get(url).status_code for client in (as_owner, as_colleague, as_superuser, as_stranger)
        ]
        assert codes == [200, 200, 200, 404]
        assert Client().get(url).status_code == 302
    assert "document" in as_json(as_owner, session)["scenario"]
    assert "document" not in as_json(as_colleague, session)["scenario"], "its scenario is not theirs to see"


def test_the_files_name_holds_nothing_of_a_strangers(as_owner: Client, owner: User) -> None:
    odd = ScenarioFactory(name='a"; filename=x.exe\r\n../ü')
    session = make_session("completed", job__owner=owner, scenario=odd)
    response = as_owner.get(f"/sessions/{session.pk}/export.json")
    assert response["Content-Disposition"] == f'attachment; filename="a-filenamexexe-u-{session.pk}.json"'


def test_many_come_as_a_zip_with_two_files_each(as_owner: Client, owner: User, stranger: User) -> None:
    sessions = [make_session("completed", job__owner=owner) for _ in range(3)]
    foreign = make_session("completed", job__owner=stranger)
    ids = [str(session.pk) for session in (*sessions, foreign)]
    response = as_owner.post("/sessions/bulk/", {"ids": ids, "change": "export"})
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(body(response))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == 6
        assert not any(str(foreign.pk) in name for name in names)
        told = json.loads(archive.read(next(name for name in names if str(sessions[0].pk) in name)))
    assert len(told["actions"]) == Offer.objects.filter(session=sessions[0]).count()
