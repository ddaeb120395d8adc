"""The page of a benchmark: figures, leaderboard, grid, matches with filters in the address, and what its buttons do."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from benchmarks.models import Benchmark, Lane, Leaderboard, MatchStatus
from negotiations.models import Job, Scenario, Status
from tests.benchmarks.benchmark_pages import address, at_work, call, ended, matches_in, read, running, scored
from tests.conftest import client_of
from tests.factory import finish_matches, make_benchmark, make_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(owner: User) -> Benchmark:
    """All eight over: one broke, one ended without an agreement, six agreed."""
    benchmark = make_benchmark(owner)
    call(benchmark, 0, "Anna")
    call(benchmark, 1, "Bert")
    broken = make_result(
        5, end_reason="error", error="ValueError: no bid\nmore", failed_party=1, agreement=None
    )
    without = make_result(6, end_reason="steps", agreement=None, utilities=(0.1, 0.2))
    finish_matches(
        benchmark, *(make_result(index) for index in (0, 1, 2, 3, 4)), broken, without, make_result(7)
    )
    ended(benchmark)
    return scored(benchmark)


# --- In short ---------------------------------------------------------------------------------------------------------


def test_figures_are_the_servers(as_owner: Client, played: Benchmark) -> None:
    """B-07, B-09"""
    page = read(as_owner, played)
    assert re.search(r"<dt>Matches</dt><dd>8 <small>of 8</small>", page)
    assert re.search(r"<dt>Agreed</dt><dd>75.0<small> %</small>", page)
    assert re.search(r"<dt>Timed out</dt><dd>1</dd>", page)
    assert re.search(r'<dt>Failed</dt><dd><a class="plain text-bad" href="[^"]*result=fail[^"]*">1</a>', page)
    assert 'value="100" max="100"' in page


def test_steps_and_time_of_a_match_are_told_on_average(
    as_owner: Client, played: Benchmark, owner: User
) -> None:
    """B-24"""
    page = read(as_owner, played)
    assert re.search(r"<dt>On average</dt><dd[^>]*>2\.0 <small>steps, 10 ms</small></dd>", page)
    assert re.search(r"<dt>On average</dt><dd[^>]*>–</dd>", read(as_owner, make_benchmark(owner)))


def test_one_that_waits_has_the_whole_page(as_owner: Client, owner: User) -> None:
    page = read(as_owner, make_benchmark(owner))
    assert "No match is over yet" in page
    assert "It waits for a worker." in page
    assert "No scores yet" in page
    assert "Nothing has failed" in page


def test_a_simulated_one_says_so_loudly(as_owner: Client, owner: User) -> None:
    """B-26"""
    page = read(as_owner, make_benchmark(owner, is_simulated=True))
    assert "This benchmark is simulated" in page
    assert ">Simulated</span>" in page


def test_why_it_failed_stands_above(as_owner: Client, played: Benchmark) -> None:
    Job.objects.filter(pk=played.job_id).update(status=Status.FAILED, error="The disk is <full>.")
    page = read(as_owner, played)
    assert "The disk is &lt;full&gt;. 8 matches are kept." in page


# --- Scores -----------------------------------------------------------------------------------------------------------


def test_the_leaderboard_has_ranks_intervals_and_a_warning(as_owner: Client, played: Benchmark) -> None:
    """X-10"""
    page = read(as_owner, played)
    board = page[page.index('id="benchmark-leaderboard"') :]
    assert re.search(r'<tr data-competitor="\d"[^>]*><td class="rank">1(–2)?', board)
    assert "mean advantage, 95 % interval" in board
    assert "Only one scenario" in board
    assert ">Bert</a>" in board
    assert "1 failed</span>" in board


def test_a_range_of_ranks_and_moves_are_shown_as_they_are_stored(as_owner: Client, played: Benchmark) -> None:
    told = Leaderboard.objects.get().data
    told["rows"][0] |= {
        "rank": 1,
        "rank_low": 1,
        "rank_high": 2,
        "was": 2,
        "low": 0.3,
        "high": 0.9,
        "score": 0.6,
    }
    told["rows"][1] |= {
        "rank": 2,
        "rank_low": 1,
        "rank_high": 2,
        "was": 1,
        "low": None,
        "high": None,
        "score": None,
    }
    Leaderboard.objects.update(data=told)
    page = read(as_owner, played)
    assert (
        '<tr data-competitor="{}" class="tie"><td class="rank">1–2 <span class="up"'.format(
            told["rows"][0]["competitor"]
        )
        in page
    )
    assert 'aria-label="0.300 to 0.900"' in page
    assert "<b>0.600</b>" in page
    assert "±0.300" in page


def test_every_cell_of_the_grid_opens_its_matches(as_owner: Client, played: Benchmark) -> None:
    """P-13"""
    page = read(as_owner, played)
    cells = re.findall(
        r'<td class="[^"]*"><a href="(/benchmarks/[^"]*opponent=[^"]*)#matches" title="([^"]*)"', page
    )
    assert len(cells) == 4
    for url, title in cells:
        listed = matches_in(as_owner.get(url.replace("&amp;", "&")).content.decode())
        assert f"{len(listed)} of {len(listed)} matches over" in title, title


def test_every_row_and_column_opens_its_matches(as_owner: Client, owner: User) -> None:
    """P-13: of the grid, of the scenarios, of who beats whom; and each pair of the tests."""
    benchmark = make_benchmark(owner, n_scenarios=3)
    finish_matches(benchmark)
    scored(benchmark)
    heads = r'<th scope="(?:row|col)" title="[^"]*"><a href="([^"#]*)#matches">'
    pages = read(as_owner, benchmark), read(as_owner, benchmark, grid=1)
    found = {url.replace("&amp;", "&") for page in pages for url in re.findall(heads, page)}
    path = address(benchmark)
    for wanted in ("competitor=0", "opponent=1", "scenario=2", "competitor=1&scenario=1&grid=1"):
        assert f"{path}?{wanted}" in found
    assert all(matches_in(as_owner.get(url).content.decode()) for url in found)
    assert f'<a href="{path}?competitor=0&amp;opponent=1#matches">' in pages[0]
    assert re.search(rf'<a class="plain" href="{path}\?competitor=\d&amp;opponent=\d#matches">', pages[0])


def test_the_grid_shows_one_scenario_where_it_is_asked_for(as_owner: Client, owner: User) -> None:
    benchmark = running(owner, done=3, n_scenarios=2)
    assert 'value="1" selected' in read(as_owner, benchmark, grid=1)
    page = read(as_owner, benchmark, grid=1)
    assert "scenario=1&amp;grid=1#matches" in page
    assert "none is over; 0 of" in page
    assert "scenario=1&amp;grid=1#matches" not in read(as_owner, benchmark)


def test_a_cell_says_how_much_of_it_is_over(as_owner: Client, owner: User) -> None:
    page = read(as_owner, running(owner, done=3))
    assert "<small>1/2</small>" in page or "<small>1/4</small>" in page


def test_tests_and_wins_stand_in_folds(as_owner: Client, owner: User) -> None:
    benchmark = make_benchmark(owner, n_scenarios=3)
    finish_matches(benchmark)
    page = read(as_owner, scored(benchmark))
    assert "of 1 pairs are told apart" in page
    assert 'aria-label="Win matrix"' in page
    assert 'aria-label="Scores by scenario"' in page


def test_each_cause_of_failure_opens_its_matches(as_owner: Client, played: Benchmark) -> None:
    page = read(as_owner, played)
    causes = page[page.index('id="benchmark-errors"') :]
    url = re.search(r'<li><a class="plain" href="([^"#]*)', causes)
    assert url
    assert "ValueError: no bid" in causes
    assert matches_in(as_owner.get(url[1].replace("&amp;", "&")).content.decode()) == [5]


def test_history_and_events_tell_how_it_went(as_owner: Client, owner: User) -> None:
    benchmark = running(owner, done=3)
    finish_matches(
        benchmark, make_result(3), make_result(4, end_reason="error", error="Boom", failed_party=0)
    )
    page = read(as_owner, scored(benchmark))
    assert 'class="chart score-chart"' in page
    events = page[page.index('id="benchmark-events"') :]
    assert re.search(r"leads after \d matches", events)
    assert f'href="{address(benchmark, "matches/4/")}">Match 4 failed: Boom</a>' in events


def test_the_set_up_says_all_that_was_planned(as_owner: Client, owner: User) -> None:
    """P-12, X-07"""
    rules = {"one_offer_per_step": True}
    benchmark = make_benchmark(owner, steps_high=90, self_play=False, early_stop=True, mechanism=rules)
    benchmark.competitors.filter(index=0).update(parameters={"exponent": 9.0})
    page = read(as_owner, benchmark)
    told = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page[page.index('id="benchmark-set-up"') :]))
    assert told["Limits of a match"] == "20 to 90 steps"
    assert (told["Self-play"], told["One offer a step"], told["Offering is accepting"]) == (
        "no",
        "yes",
        "yes",
    )
    assert told["Stops early"] == "asked for, but it looks from 31 scenarios on only"
    assert "exponent = 9.0" in page
    assert "all by default" in page
    assert f">{benchmark.plan_hash}</span>" in page
    assert f"manage.py reproduce_benchmark {benchmark.pk}" in page


def test_the_set_up_leads_only_to_scenarios_that_its_reader_may_see(
    as_owner: Client, as_colleague: Client, owner: User, group: Group
) -> None:
    benchmark = make_benchmark(owner, group=group)
    Scenario.objects.update(owner=owner)
    link = f'href="{Scenario.objects.get().get_absolute_url()}"'
    assert link in read(as_owner, benchmark)
    assert link not in read(as_colleague, benchmark)


def test_what_was_played_elsewhere_has_no_rules_and_no_copy(as_owner: Client, owner: User) -> None:
    benchmark = make_benchmark(owner, is_imported=True)
    page = read(as_owner, benchmark)
    assert "Duplicate</a>" not in page
    assert "<dt>Self-play</dt>" not in page
    assert "Autumn cup again" not in as_owner.get(f"/benchmarks/new/?like={benchmark.pk}").content.decode()


# --- Jobs -------------------------------------------------------------------------------------------------------------


def test_all_lanes_at_work_are_counted_and_the_newest_jobs_listed(as_owner: Client, owner: User) -> None:
    """B-22"""
    benchmark = running(owner, n_lanes=8)
    for number in range(2, 9):
        Job.objects.filter(pk=Lane.objects.open(benchmark, number).pk).update(
            status=Status.PROCESSING, token=uuid.uuid4()
        )
    page = read(as_owner, benchmark)
    assert "<dt>Lanes</dt><dd>8 <small>of 8</small>" in page
    assert page.count('<tr role="row" id="job-') == 5


def test_the_panel_of_jobs_says_which_share_of_the_matches_agreed(
    as_owner: Client, played: Benchmark, owner: User
) -> None:
    """B-22"""
    assert "Of 8 matches that they ended 75.0 % agreed, and 1 failed." in read(as_owner, played)
    assert "None of them has ended a match yet." in read(as_owner, make_benchmark(owner))


# --- Matches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [7, 6, 5, 4, 3, 2, 1, 0]),
        ({"result": "ok"}, [7, 4, 3, 2, 1, 0]),
        ({"result": "fail"}, [5]),
        ({"result": "none"}, [6]),
        ({"reason": "steps"}, [6]),
        ({"reason": "error", "result": "ok"}, []),
        ({"scenario": 0, "competitor": 1, "opponent": 1}, [7, 3]),
        ({"competitor": 0, "opponent": 1}, [6, 5, 2, 1]),
        ({"error": "no bid"}, [5]),
        ({"scenario": 9}, []),
        ({"competitor": "x", "result": "'", "page": "-1", "grid": "9" * 40}, [7, 6, 5, 4, 3, 2, 1, 0]),
    ],
)
def test_filters_of_matches_stand_in_the_address(
    as_owner: Client, played: Benchmark, query: dict[str, Any], found: list[int]
) -> None:
    """B-24, P-13"""
    assert matches_in(read(as_owner, played, **query)) == found


def test_a_match_says_ok_fail_or_neither(as_owner: Client, played: Benchmark) -> None:
    """B-08, B-10"""
    page = read(as_owner, played)
    rows = dict(re.findall(r'data-match="(\d)" data-success="(\w+)"', page))
    assert rows == {
        "0": "true",
        "1": "true",
        "2": "true",
        "3": "true",
        "4": "true",
        "5": "false",
        "6": "null",
        "7": "true",
    }
    assert re.search(r'class="word bad">FAIL</td>', page)
    assert f'<a href="{address(played, "matches/7/")}">' in page


def test_a_stamp_shows_where_a_match_landed_to_who_may_see_the_scenario(
    as_owner: Client, as_colleague: Client, owner: User, group: Group
) -> None:
    benchmark = make_benchmark(owner, group=group)
    finish_matches(benchmark)
    Scenario.objects.update(owner=owner)
    stamp = f'<image href="/scenarios/{Scenario.objects.get().pk}/stamp.svg"'
    assert stamp in read(as_owner, benchmark)
    assert stamp not in read(as_colleague, benchmark)
    places = dict(re.findall(r'data-match="(\d)".*?<circle cx="([\d.]+)"', read(as_owner, benchmark)))
    assert float(places["0"]) > float(places["7"])  # there the utility functions stand the other way round


def test_more_than_a_hundred_are_on_further_pages(as_owner: Client, owner: User) -> None:
    """B-23"""
    benchmark = make_benchmark(owner, repetitions=13)
    finish_matches(benchmark)
    page = read(as_owner, benchmark)
    assert len(matches_in(page)) == 100
    older = read(as_owner, benchmark, page=2)
    assert matches_in(older) == [3, 2, 1, 0]
    assert 'data-append="rows"' in page
    assert 'data-append="rows"' not in older


def test_names_are_text_whatever_they_hold(as_owner: Client, played: Benchmark) -> None:
    call(played, 0, "<img src=x onerror=alert(1)>")
    played.scenarios.update(name="{} <b>{0}</b>")
    played.matches.filter(index=5).update(error="<script>{x}</script>")
    page = read(as_owner, played)
    assert "<img src=x" not in page
    assert "<b>{0}</b>" not in page
    assert "<script>{x}" not in page
    assert "&lt;img src=x" in page


# --- Who may what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["", "live/", "workers/"])
def test_a_stranger_finds_nothing_and_who_is_signed_out_signs_in(
    as_stranger: Client, played: Benchmark, rest: str
) -> None:
    assert as_stranger.get(address(played, rest)).status_code == 404
    assert Client().get(address(played, rest)).status_code == (401 if rest == "live/" else 302)


def test_pause_resume_and_cancel_are_asked_of_its_job(as_owner: Client, owner: User) -> None:
    """P-14"""
    benchmark = running(owner)
    page = read(as_owner, benchmark)
    assert "Pause</button>" in page
    assert "Resume</button>" not in page
    assert as_owner.post(address(benchmark, "pause/"))["Location"] == address(benchmark)
    assert "Resume</button>" in read(as_owner, benchmark)
    assert as_owner.post(address(benchmark, "pause/")).status_code == 409
    assert as_owner.post(address(benchmark, "resume/"), headers={"HX-Request": "true"}).status_code == 204
    as_owner.post(address(benchmark, "cancel/"))
    assert Job.objects.get(pk=benchmark.job_id).cancel_requested_at


def test_run_on_plays_failed_ones_again_and_keeps_the_others(as_owner: Client, played: Benchmark) -> None:
    """P-14"""
    assert "Retry failed</button>" in read(as_owner, played)
    as_owner.post(address(played, "again/"))
    again = Benchmark.objects.get()
    assert again.job_id != played.job_id
    assert again.job.status == Status.QUEUED
    assert list(again.matches.filter(status=MatchStatus.PENDING).values_list("index", flat=True)) == [5]
    assert as_owner.post(address(played, "again/")).status_code == 409


def test_who_looks_on_has_no_buttons_and_changes_nothing(owner: User, colleague: User, group: Group) -> None:
    benchmark = make_benchmark(owner, group=group)
    at_work(benchmark)
    looking = client_of(colleague)
    page = read(looking, benchmark)
    assert "Pause</button>" not in page
    assert "Duplicate</a>" in page
    for verb in ("pause", "resume", "cancel", "again"):
        assert looking.post(address(benchmark, f"{verb}/")).status_code == 403
    assert not Job.objects.get(pk=benchmark.job_id).hold


def test_the_panel_of_workers_is_asked_for_as_it_is_opened(as_owner: Client, played: Benchmark) -> None:
    assert "No worker runs" in as_owner.get(address(played, "workers/")).content.decode()
    assert "No worker runs" not in read(as_owner, played)
