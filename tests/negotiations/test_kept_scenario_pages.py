"""X-08: what is hidden from who sits at a table says so, from whom it is not hidden, and that it comes back with the end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.models import Benchmark, BenchmarkScenario, Lane
from negotiations.example import start_example
from negotiations.exceptions import Unsuitable
from negotiations.models import Job, JobLog, Scenario, Session
from negotiations.models.work import Work
from notifications.models import Notification
from tests.api.programs import program_of
from tests.conftest import client_of
from tests.factory import (
    NegotiatorFactory,
    ScenarioFactory,
    UserFactory,
    make_completed_session,
    make_seated_session,
)
from tests.negotiations.kept_scenarios import Table, laid

pytestmark = pytest.mark.django_db
WHY = "What the other parties want is hidden from you until it is."


@pytest.fixture
def author(group: Group) -> User:
    user: User = UserFactory(username="author")
    user.groups.add(group)
    return user


@pytest.fixture
def table(colleague: User, group: Group, author: User) -> Table:
    return laid(colleague, group, author)


@pytest.fixture
def seated(table: Table) -> Client:
    return client_of(table.person)


def text(response: Any, status: int) -> str:
    assert response.status_code == status
    return str(response.content.decode())


def over(table: Table) -> None:
    Job.objects.get(pk=table.session.pk).cancel(table.person)


# --- From whom, and how long ------------------------------------------------------------------------------------


def test_it_is_kept_from_who_sits_there_alone(table: Table, author: User, owner: User) -> None:
    for scenario in (table.scenario, table.copy):
        for user, is_seen in ((table.person, False), (author, True), (owner, True)):
            assert Scenario.objects.visible_to(user).filter(pk=scenario.pk).exists() == is_seen
            known = Scenario.objects.known_to(user).get(pk=scenario.pk)
            assert known.is_kept == (not is_seen)


def test_who_brought_it_here_goes_on_to_see_it(table: Table) -> None:
    """The file is theirs; so is a copy of their own, which may be what they know it from."""
    Scenario.objects.filter(pk=table.copy.pk).update(owner=table.person)
    assert Scenario.objects.visible_to(table.person).get(name="A copy").preferences[0]["weights"]
    assert not Scenario.objects.visible_to(table.person).filter(pk=table.scenario.pk).exists()


def test_what_one_negotiated_oneself_stays(table: Table) -> None:
    mine = make_completed_session(job__owner=table.person, scenario=table.scenario)
    assert Session.objects.visible_to(table.person).filter(pk=mine.pk).exists()
    assert Job.objects.visible_to(table.person).filter(pk=mine.pk).exists()
    assert not Session.objects.visible_to(table.person).filter(pk=table.other.pk).exists()


def test_with_the_end_all_of_it_comes_back(table: Table, seated: Client) -> None:
    over(table)
    assert "0.83" in text(seated.get(table.scenario.get_absolute_url()), 200)
    assert "0.68" in text(seated.get(reverse("negotiations:session-offers", args=[table.other.pk])), 200)
    text(seated.get(table.benchmark.get_absolute_url()), 200)


def test_another_seat_on_it_keeps_it_longer(table: Table, group: Group, author: User) -> None:
    make_seated_session(table.person, 1, job__owner=author, job__group=group, scenario=table.copy)
    over(table)
    assert Scenario.objects.known_to(table.person).get(pk=table.scenario.pk).is_kept


# --- What is said -----------------------------------------------------------------------------------------------


def test_files_and_pages_of_others_say_why_they_are_hidden(table: Table, seated: Client) -> None:
    urls = [
        reverse(f"negotiations:scenario-export-{kind}", args=[table.scenario.pk])
        for kind in ("genius", "yaml", "yaml1")
    ]
    for url in (*urls, table.other.get_absolute_url(), table.benchmark.get_absolute_url()):
        page = text(seated.get(url), 403)
        assert WHY in page
        assert table.session.seat_url() in page


def test_a_benchmark_with_two_that_are_kept_says_so_too(table: Table, seated: Client) -> None:
    BenchmarkScenario.objects.create(benchmark=table.benchmark, index=1, scenario=table.copy)
    assert WHY in text(seated.get(table.benchmark.get_absolute_url()), 403)


def test_what_negotiators_print_in_benchmarks_of_others_is_kept_too(
    table: Table, seated: Client, author: User
) -> None:
    jobs = [table.benchmark.job, Lane.objects.open(table.benchmark, 2).job]
    for job in jobs:
        JobLog.objects.say(job, "my floor is 0.4646")
    urls = [f"{reverse('negotiations:job-detail', args=[job.pk])}?log=0" for job in jobs]
    for url in urls:
        assert "my floor" not in text(seated.get(url), 200)
        assert "my floor" in text(client_of(author).get(url), 200)
    over(table)
    assert ["my floor" in text(seated.get(url), 200) for url in urls] == [True, True]


def test_the_administration_keeps_what_others_were_told(superuser: User, group: Group, author: User) -> None:
    """At what utilities their sessions ended, for one."""
    table, another = laid(superuser, group, author), UserFactory(is_staff=True, is_superuser=True)
    for user in (author, superuser):
        words = {"name": f"For {user}", "told": "Agreement at 0.68 and 0.32."}
        Notification.objects.add(user, "session_completed", words=words, context={}, dedupe_key=f"{user}")
    others = Notification.objects.get(user=author)
    urls = (
        reverse("admin:notifications_notification_changelist"),
        reverse("admin:notifications_notification_change", args=[others.pk]),
    )
    for url in urls:
        assert f"For {author}" not in text(client_of(superuser).get(url, follow=True), 200)
        assert f"For {author}" in text(client_of(another).get(url), 200)
    assert f"For {superuser}" in text(client_of(superuser).get(urls[0]), 200)
    over(table)
    assert f"For {author}" in text(client_of(superuser).get(urls[1]), 200)


def test_a_change_of_all_that_match_calls_the_scenario_of_the_filter_by_its_name(
    table: Table, seated: Client
) -> None:
    make_completed_session(job__owner=table.person, scenario=table.scenario)
    url = f"{reverse('negotiations:session-bulk')}?scenario={table.scenario.pk}"
    page = text(seated.post(url, {"change": "delete", "every": "1"}, follow=True), 200)
    assert f"<dd>{table.scenario.name}</dd>" in page


def test_the_page_keeps_a_row_for_the_others_without_a_number(table: Table, seated: Client) -> None:
    page = text(seated.get(table.scenario.get_absolute_url()), 200)
    for word in ("buyer", "seller", "additive", "hidden", "0.33", WHY):
        assert word in page
    assert "Copy and edit" not in page
    assert "scenario-live" not in page


def test_the_library_lists_it_as_hidden_and_sorts_it_as_unknown(table: Table, seated: Client) -> None:
    for query in ({}, {"view": "list"}, {"sort": "fierce"}):
        page = text(seated.get(reverse("negotiations:scenario-list"), query), 200)
        assert page.count("Hidden while you negotiate") == 2
    for query in ({"opposition": "high"}, {"least": "0.1"}):
        assert table.scenario.name not in text(seated.get(reverse("negotiations:scenario-list"), query), 200)
    assert table.scenario.name not in text(seated.get(reverse("negotiations:scenario-plot")), 200)


def test_a_list_asks_no_more_where_many_are_hidden(table: Table, seated: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(seated.get(reverse("negotiations:scenario-list")), 200)
        return len(queries)

    before = asked()
    for owner in UserFactory.create_batch(6):
        ScenarioFactory(owner=owner, group=table.copy.group, checksum=table.scenario.checksum)
    assert asked() == before


def test_the_seat_says_it_too(table: Table, seated: Client) -> None:
    told = "What the other parties want is hidden from you until it is over"
    assert told in text(seated.get(table.session.seat_url()), 200)
    Scenario.objects.filter(pk=table.scenario.pk).update(owner=table.person)
    assert told not in text(seated.get(table.session.seat_url()), 200)


def test_beside_the_seats_of_a_list_it_stands_once(
    table: Table, seated: Client, group: Group, author: User
) -> None:
    make_seated_session(table.person, 1, job__owner=author, job__group=group)
    told = "what others negotiate on the same scenario is hidden from you"
    for url in (reverse("negotiations:session-list"), reverse("home")):
        assert text(seated.get(url), 200).count(told) == 1
    Scenario.objects.exclude(pk=table.copy.pk).update(owner=table.person)
    assert told not in text(seated.get(reverse("negotiations:session-list")), 200)


def test_programs_are_told_in_words(table: Table) -> None:
    program = program_of(table.person)
    told = program.get(f"/api/v1/scenarios/{table.scenario.pk}").json()
    assert WHY in told["kept"]
    assert (told["analysis"], told["opposition"]) == ("kept", None)
    assert [each["weights"] for each in told["preferences"]] == [{}, {"price": 0.75, "lock": 0.25}]
    refused = program.get(f"/api/v1/scenarios/{table.scenario.pk}/document")
    assert (refused.status_code, refused.json()["error"]) == (403, "SCENARIO_KEPT")
    over(table)
    told = program.get(f"/api/v1/scenarios/{table.scenario.pk}").json()
    assert (told["kept"], told["analysis"]) == ("", "done")


# --- Nothing is started with it meanwhile -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_new_session_with_it_is_refused_beside_the_field(table: Table, seated: Client, verb: str) -> None:
    """It would show what every party wants."""
    url, fields = reverse("negotiations:session-new"), {"scenario": str(table.copy.pk)}
    page = text(getattr(seated, verb)(url, fields), 200)
    assert "Start another with it when it is, or choose another scenario." in page
    assert f'<option value="{table.copy.pk}"' not in page


def test_a_program_is_refused_likewise(table: Table) -> None:
    NegotiatorFactory()
    body = {"scenario": "A copy", "parties": [{"negotiator": "BoulwareTBNegotiator"}] * 2}
    refused = program_of(table.person).post("/api/v1/sessions", body, content_type="application/json")
    assert refused.status_code == 400
    assert "Start another with it when it is" in refused.json()["details"]["scenario"][0]


def test_nor_is_one_run_again(table: Table) -> None:
    mine = make_completed_session(job__owner=table.person, scenario=table.scenario)
    with pytest.raises(Unsuitable, match="Start another with it when it is"):
        mine.again(table.person)


def test_the_example_takes_another(table: Table) -> None:
    NegotiatorFactory()
    NegotiatorFactory(
        type="negmas.gb.negotiators.timebased.LinearTBNegotiator", short_name="LinearTBNegotiator"
    )
    ScenarioFactory()
    started = start_example(table.person)
    assert started is not None
    assert started.scenario not in (table.scenario, table.copy)


def test_no_benchmark_is_put_together_with_it(table: Table, seated: Client) -> None:
    assert table.scenario.name not in text(seated.get(reverse("benchmarks:benchmark-new")), 200)
    assert not Benchmark.objects.visible_to(table.person).exists()


# --- Counts and lists of the polls -------------------------------------------------------------------------------


def test_the_sql_of_the_polls_says_the_same(
    table: Table, author: User, superuser: User, owner: User, group: Group
) -> None:
    going_on = [
        make_completed_session(job__owner=author, job__group=group, scenario=table.copy) for _ in range(2)
    ]
    Job.objects.filter(pk__in=[each.pk for each in going_on]).update(status="queued")
    for user in (table.person, author, superuser, owner):
        sessions = Session.objects.visible_to(user).in_progress()
        assert sum(Work.of_sessions(user).words.values()) == sessions.count()
        jobs = Job.objects.visible_to(user).active()
        assert sum(Work.of_jobs(user).words.values()) == jobs.count()
        newest = Job.objects.newest(user, user.groups.values_list("pk", flat=True), 50)
        assert set(newest) == set(Job.objects.visible_to(user))
    assert Session.objects.visible_to(owner).in_progress().count() == 3


def test_ones_own_seat_keeps_its_job(table: Table) -> None:
    visible = Job.objects.visible_to(table.person)
    assert visible.filter(pk=table.session.pk).exists()
    assert not visible.filter(pk=table.other.pk).exists()


def test_a_poll_of_a_job_lists_no_sessions_of_the_scenario(table: Table) -> None:
    """A class may have played it thousands of times: what is asked of one job looks at the row of its session."""
    asked = str(Job.objects.visible_to(table.person).filter(pk=table.session.pk).query)
    assert re.search(
        r'FROM "negotiations_session" (\w+) .*?\1\."job_id" = \("negotiations_job"\."id"\)', asked
    )
