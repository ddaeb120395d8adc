"""The list's ticks, tags and filters, and the deletion of sessions, as pages do it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from negotiations import deletions
from negotiations.models import Deletion, Job, Session, SessionTag
from negotiations.models.tags import tidy
from tests.factory import NegotiatorFactory, ScenarioFactory
from tests.negotiations.session_rows import make_session

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROW = re.compile(r'id="row-([\w-]+)"')


def read(client: Client, **query: object) -> str:
    return html.unescape(client.get("/sessions/", query).content.decode())  # type: ignore[arg-type]


def rows(client: Client, **query: object) -> list[str]:
    return ROW.findall(read(client, **query))


def bulk(client: Client, change: str, *sessions: Session, query: str = "", **data: Any) -> str:
    """The text of the page that follows."""
    ids = [str(session.pk) for session in sessions]
    response = client.post(f"/sessions/bulk/{query}", {"change": change, "ids": ids, **data}, follow=True)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def over(owner: User, **fields: Any) -> Session:
    return make_session("completed", job__owner=owner, **fields)


# --- Filters ------------------------------------------------------------------------------------------------------


def test_each_filter_narrows_the_table(as_owner: Client, owner: User, colleague: User, group: Group) -> None:
    """P-11"""
    pier, boat = ScenarioFactory(name="Pier"), ScenarioFactory(name="Boat")
    micro = NegotiatorFactory(type="tests.Micro", short_name="MiCRO")
    mine, shared = over(owner, scenario=pier), over(colleague, scenario=boat, job__group=group)
    mine.parties.filter(index=1).update(negotiator=micro)
    SessionTag.objects.add([mine.pk], ["pilot study"])
    Job.objects.filter(pk=shared.pk).update(finished_at=timezone.now() - timedelta(days=3))
    only_mine, only_shared = [str(mine.pk)], [str(shared.pk)]
    assert rows(as_owner) == only_mine + only_shared
    assert rows(as_owner, scenario=pier.pk) == only_mine
    assert rows(as_owner, negotiator=micro.pk) == only_mine
    assert rows(as_owner, tag="Pilot  Study") == only_mine
    assert rows(as_owner, q="pilot") == only_mine
    assert rows(as_owner, whose="mine") == only_mine
    assert rows(as_owner, whose="shared") == only_shared
    assert rows(as_owner, period="day") == only_mine
    assert rows(as_owner, period="week") == only_mine + only_shared
    assert rows(as_owner, sort="oldest") == rows(as_owner, sort="scenario") == only_shared + only_mine
    assert "Agreement <small>1</small>" in read(as_owner, scenario=boat.pk)
    assert "No session matches" in read(as_owner, tag="nothing")


def test_filters_stay_in_every_address_of_the_page(as_owner: Client, owner: User) -> None:
    for _ in range(26):
        over(owner)
    page = read(as_owner, whose="mine", sort="offers", period="week")
    for address in (
        'hx-get="/sessions/live/?whose=mine&period=week&sort=offers"',
        'action="/sessions/bulk/?whose=mine&period=week&sort=offers"',
        'href="/sessions/?result=failed&whose=mine&period=week&sort=offers"',
        'href="/sessions/?whose=mine&period=week&sort=offers&page=2"',
    ):
        assert address in page
    assert '<details class="more-filters" open>' in page
    assert '<details class="more-filters">' in read(as_owner, q="a")


@pytest.mark.parametrize("name", ["scenario", "negotiator", "tag", "whose", "period", "sort", "page"])
@pytest.mark.parametrize("value", ["", "0", "-1", "x", "9" * 40, "\x00", "<script>"])
def test_what_cannot_be_understood_still_shows_the_list(
    name: str, value: str, as_owner: Client, owner: User
) -> None:
    session = over(owner)
    page = read(as_owner, **{name: value})
    if name not in ("scenario", "tag"):
        assert f'id="row-{session.pk}"' in page


# --- Ticks --------------------------------------------------------------------------------------------------------


def test_every_row_and_card_can_be_ticked(as_owner: Client, owner: User) -> None:
    for session in (over(owner), make_session("running", job__owner=owner)):
        assert f'form="session-bulk" name="ids" value="{session.pk}" id="tick-{session.pk}"' in read(as_owner)


def test_cancelling_says_what_became_of_each(
    as_owner: Client, owner: User, colleague: User, group: Group
) -> None:
    running, done = make_session("running", job__owner=owner), over(owner)
    foreign = make_session("running", job__owner=colleague, job__group=group)
    page = bulk(as_owner, "cancel", running, done, foreign)
    assert "1 session cancelled. What waits ends at once, what runs within two seconds." in page
    assert "1 session left as it was: over already. 1 session is not yours to change." in page
    assert Job.objects.get(pk=running.pk).cancel_requested_at
    assert Job.objects.get(pk=foreign.pk).cancel_requested_at is None


def test_running_again_starts_one_of_ones_own_for_each(
    as_owner: Client, owner: User, colleague: User, group: Group
) -> None:
    negotiator = NegotiatorFactory()
    old = [over(owner), over(colleague, job__group=group)]
    for session in old:
        session.parties.update(negotiator=negotiator)
    assert "2 sessions started again." in bulk(as_owner, "again", *old)
    new = Session.objects.in_progress()
    assert {session.job.owner for session in new} == {owner}
    assert {session.job.retry_of_id for session in new} == {session.pk for session in old}


def test_a_limit_in_the_midst_says_how_many_began(as_owner: Client, owner: User, settings: Settings) -> None:
    """J-18"""
    settings.ACTIVE_JOBS = 1
    negotiator = NegotiatorFactory()
    old = [over(owner), over(owner)]
    for session in old:
        session.parties.update(negotiator=negotiator)
    page = bulk(as_owner, "again", *old)
    assert "1 session started again. You have 1 active job" in page
    assert "The others were not started." in page


def test_comparing_leads_to_the_page_of_both(as_owner: Client, owner: User) -> None:
    one, two = over(owner), over(owner)
    ids = {"change": "compare", "ids": [str(one.pk), str(two.pk)]}
    assert as_owner.post("/sessions/bulk/", ids)["Location"] == f"/sessions/compare/?ids={one.pk},{two.pk}"
    assert "One session cannot be compared. Tick two or more." in bulk(as_owner, "compare", one)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"change": "delete"}, "No session was ticked."),
        ({"change": "delete", "ids": ["x"]}, "Those are not ids of sessions. Nothing was changed."),
        ({"change": "delete", "ids": ["\x00"]}, "Those are not ids of sessions."),
        ({"change": "delete", "ids": ["x"] * 101}, "At most 100 sessions can be changed at once."),
        ({"change": "odd", "ids": ["00000000-0000-0000-0000-000000000000"]}, "Select a valid choice."),
    ],
)
def test_a_sending_that_makes_no_sense_changes_nothing(data: Any, text: str, as_owner: Client) -> None:
    response = as_owner.post("/sessions/bulk/?whose=mine", data, follow=True)
    assert response.redirect_chain == [("/sessions/?whose=mine", 302)]
    assert text in html.unescape(response.content.decode())


def test_nobody_reaches_what_is_not_theirs(
    as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    session = over(owner, job__group=group)
    for client in (as_colleague, as_stranger):
        for change in ("cancel", "tag", "delete"):
            bulk(client, change, session, tags="theirs")
        client.post("/sessions/delete/", {"ids": [str(session.pk)]})
    assert Session.objects.filter(pk=session.pk).exists()
    assert not SessionTag.objects.exists()
    assert "No session exported." in bulk(as_stranger, "export", session)
    assert Client().post("/sessions/bulk/").status_code == 302


# --- Tags ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("  Pilot   study, PILOT study,,two ", ["pilot study", "two"]),
        ("\u200bhid\u00adden\u202e", ["hidden"]),
        ("ﬁne", ["fine"]),
        ("a\tb\nc", ["a b c"]),
        ("\x00\x07", []),
        ("<b>bold</b>", ["<b>bold</b>"]),
    ],
)
def test_two_spellings_of_a_tag_are_one(text: str, tags: list[str]) -> None:
    assert tidy(text) == tags


def test_tags_are_set_on_the_page_of_a_session(as_owner: Client, owner: User) -> None:
    session = over(owner)
    SessionTag.objects.add([session.pk], ["old", "kept"])
    page = as_owner.post(
        f"/sessions/{session.pk}/tags/", {"tags": "Kept, <i>new</i>"}, follow=True
    ).content.decode()
    assert set(session.tags.values_list("name", flat=True)) == {"kept", "<i>new</i>"}
    assert '<span class="tag">&lt;i&gt;new&lt;/i&gt;</span>' in page
    as_owner.post(f"/sessions/{session.pk}/tags/", {"tags": ""})
    assert not session.tags.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (",".join(f"t{n}" for n in range(11)), "11 tags are too many. A session has at most 10."),
        ("x" * 41, "is too long. A tag has at most 40 characters."),
    ],
)
def test_too_much_of_a_tag_is_refused(text: str, told: str, as_owner: Client, owner: User) -> None:
    session = over(owner)
    response = as_owner.post(f"/sessions/{session.pk}/tags/", {"tags": text}, follow=True)
    assert told in html.unescape(response.content.decode())
    assert not session.tags.exists()


def test_many_are_tagged_where_there_is_room(as_owner: Client, owner: User) -> None:
    roomy, full = over(owner), over(owner)
    SessionTag.objects.add([full.pk], [f"t{n}" for n in range(10)])
    page = bulk(as_owner, "tag", roomy, full, tags="Pilot, t1")
    assert "1 session tagged: pilot, t1. 1 session left as it was: a session has at most 10 tags." in page
    assert set(roomy.tags.values_list("name", flat=True)) == {"pilot", "t1"}
    assert f'href="/sessions/?tag=pilot">pilot</a>' in page  # noqa: F541
    assert "No tag was given." in bulk(as_owner, "tag", roomy)


def test_a_hostile_tag_stays_text(as_owner: Client, owner: User) -> None:
    session = over(owner)
    SessionTag.objects.add([session.pk], ['"><script>x</script>&tag='])
    page = as_owner.get("/sessions/").content.decode()
    assert "<script>x" not in page
    (href,) = re.findall(r'class="tag" href="([^"]+)"', page)
    assert ROW.findall(as_owner.get(html.unescape(href)).content.decode()) == [str(session.pk)]


# --- Deletion -----------------------------------------------------------------------------------------------------


def test_what_will_go_is_shown_before_it_goes(as_owner: Client, owner: User) -> None:
    done, running = over(owner), make_session("running", job__owner=owner)
    page = bulk(as_owner, "delete", done, running, query="?whose=mine")
    assert "Delete this session?" in page
    assert f'<input type="hidden" name="ids" value="{done.pk}">' in page
    assert f'name="ids" value="{running.pk}"' not in page
    assert "This one is in progress and stays. Cancel it first, then delete it:" in page
    assert f'action="/sessions/{running.pk}/cancel/"' in page
    assert Session.objects.count() == 2
    response = as_owner.post("/sessions/delete/?whose=mine", {"ids": [str(done.pk)]}, follow=True)
    assert response.redirect_chain == [("/sessions/?whose=mine", 302)]
    assert "1 session deleted." in response.content.decode()
    assert list(Session.objects.all()) == [running]


def test_one_is_deleted_from_its_page(
    as_owner: Client,
    as_colleague: Client,
    as_stranger: Client,
    as_superuser: Client,
    owner: User,
    group: Group,
) -> None:
    session = over(owner, job__group=group)
    url = f"/sessions/{session.pk}/delete/"
    codes = [client.get(url).status_code for client in (as_owner, as_superuser, as_colleague, as_stranger)]
    assert codes == [200, 200, 403, 404]
    assert f'href="{url}"' in as_owner.get(session.get_absolute_url()).content.decode()
    assert f'href="{url}"' not in as_colleague.get(session.get_absolute_url()).content.decode()
    as_superuser.post("/sessions/delete/", {"ids": [str(session.pk)]})
    assert not Session.objects.exists()
    assert as_owner.get(session.get_absolute_url()).status_code == 404


def test_what_is_in_progress_is_refused_though_its_id_is_sent(as_owner: Client, owner: User) -> None:
    running = make_session("running", job__owner=owner)
    page = as_owner.post("/sessions/delete/", {"ids": [str(running.pk)]}, follow=True).content.decode()
    assert "No sessions deleted. 1 session left as it was: in progress, not yours, or gone already." in page
    assert Session.objects.exists()


def test_much_is_left_to_a_worker_and_out_of_sight_at_once(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "MOST_SESSIONS", 1)
    sessions = [over(owner), over(owner)]
    assert "A worker does it; you are told when it is done." in bulk(as_owner, "delete", *sessions)
    ids = {"ids": [str(session.pk) for session in sessions]}
    page = as_owner.post("/sessions/delete/", ids, follow=True).content.decode()
    assert "2 sessions are being deleted. You are told when they are gone." in page
    assert ROW.findall(page) == []
    job = Deletion.objects.get().job
    told = as_owner.get(f"/jobs/{job.pk}/").content.decode()
    assert "Deletion of 2 sessions" in told
    assert as_owner.get(f"/api/jobs/{job.pk}").json()["kind"] == "deletion"


def test_a_page_of_a_hundred_to_delete_asks_no_query_a_row(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    sessions = [over(owner) for _ in range(30)]
    with django_assert_max_num_queries(8):
        bulk(as_owner, "delete", *sessions)
