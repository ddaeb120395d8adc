"""The list of benchmarks: filters in the address, rows that change, polls that look at no match."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Job, Status
from tests.benchmarks.benchmark_pages import call, ended, running, scored, sent_by
from tests.factory import finish_matches, make_benchmark, make_result

pytestmark = pytest.mark.django_db
LIST, LIVE = "/benchmarks/", "/benchmarks/live/"


def read(client: Client, **query: str) -> str:
    return client.get(LIST, query).content.decode()


def shown(html: str) -> set[str]:
    return set(re.findall(r'id="benchmark-([0-9a-f-]{36})"', html))


def test_an_empty_list_says_what_a_benchmark_is(as_owner: Client) -> None:
    page = read(as_owner)
    assert "No benchmarks yet" in page
    assert "lets negotiators meet each other in many scenarios" in page
    assert 'href="/benchmarks/new/"' in page


def test_the_room_stands_in_the_navigation(as_owner: Client) -> None:
    assert '<a href="/benchmarks/" aria-current="page">Benchmarks</a>' in read(as_owner)


def test_a_row_says_how_far_it_is_and_who_leads(as_owner: Client, owner: User) -> None:
    benchmark = running(owner)
    finish_matches(
        benchmark, make_result(0), make_result(1, end_reason="error", error="Boom", failed_party=0)
    )
    call(benchmark, 0, "Anna")
    scored(benchmark)
    page = read(as_owner)
    assert "2 of 8" in page
    assert re.search(r'class="opt">(Anna|Conceder)</td>', page)
    assert '<td role="cell" class="num opt">1</td>' in page


@pytest.mark.parametrize("word", ["pending", "running", "paused", "completed", "failed", "cancelled"])
def test_each_status_has_its_word_and_its_filter(as_owner: Client, owner: User, word: str) -> None:
    """J-02"""
    made = {
        each: make_benchmark(owner, n_scenarios=1)
        for each in ("pending", "paused", "completed", "failed", "cancelled")
    }
    made["running"] = running(owner)
    Job.objects.filter(pk=made["paused"].job_id).update(hold=True)
    for status in (Status.COMPLETED, Status.FAILED, Status.CANCELLED):
        ended(made[str(status)], status)
    page = read(as_owner, status=word)
    assert shown(page) == {str(made[word].pk)}
    assert f"st-{word}" in page


def test_filters_narrow_together_and_nonsense_takes_all(as_owner: Client, owner: User) -> None:
    wanted, other = make_benchmark(owner, name="Winter cup"), make_benchmark(owner, name="Winter match")
    call(wanted, 0, "Anna")
    assert shown(read(as_owner, q="winter anna", whose="mine")) == {str(wanted.pk)}
    assert shown(read(as_owner, whose="shared")) == set()
    assert "No benchmark matches" in read(as_owner, whose="shared")
    assert shown(read(as_owner, status="\0", page="99999999999999", whose="'")) == {
        str(wanted.pk),
        str(other.pk),
    }


def test_others_see_what_is_shared_and_nothing_else(
    as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    benchmark = make_benchmark(owner, group=group)
    make_benchmark(owner)
    assert shown(read(as_colleague)) == {str(benchmark.pk)}
    assert shown(read(as_stranger)) == set()
    assert Client().get(LIST).status_code == 302


def test_a_name_is_text_whatever_it_holds(as_owner: Client, owner: User) -> None:
    make_benchmark(owner, name="<script>alert(1)</script>")
    page = read(as_owner)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_pages_of_25_lead_on(as_owner: Client, owner: User) -> None:
    for _ in range(26):
        make_benchmark(owner)
    assert len(shown(read(as_owner))) == 25
    assert len(shown(read(as_owner, page="2"))) == 1
    assert 'rel="next"' in read(as_owner)


def test_nothing_new_is_no_answer_and_a_change_brings_its_row_alone(as_owner: Client, owner: User) -> None:
    """B-03"""
    one, other = running(owner), make_benchmark(owner)
    query = sent_by(read(as_owner))
    assert as_owner.get(LIVE, query).status_code == 204
    finish_matches(one, make_result(0))
    answer = as_owner.get(LIVE, query).content.decode()
    assert shown(answer) == {str(one.pk)}
    assert str(other.pk) not in answer


def test_the_polls_cost_does_not_grow_with_matches(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    """B-27"""
    benchmark = running(owner)
    for _ in range(2):
        query = sent_by(read(as_owner))
        with django_assert_max_num_queries(4):
            assert as_owner.get(LIVE, query).status_code == 204
        finish_matches(benchmark)
