"""What a poll of a benchmark's page brings: each match once, parts that changed, at a cost that does not grow."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from statistics import median
from time import process_time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from benchmarks.models import Benchmark, Match, MatchStatus
from negotiations.models import Job
from tests.benchmarks.benchmark_pages import (
    address,
    ended,
    matches_in,
    parts_in,
    poll,
    read,
    running,
    scored,
    sent_by,
)
from tests.factory import finish_matches, make_result
from tests.negotiations.job_rows import add_lines, make_worker

pytestmark = pytest.mark.django_db
CLOSED = "benchmark-tests.benchmark-wins.benchmark-by-scenario.benchmark-jobs"


@pytest.fixture
def benchmark(owner: User) -> Benchmark:
    return running(owner, done=3)


def test_nothing_new_is_no_answer(as_owner: Client, benchmark: Benchmark) -> None:
    """B-03"""
    page = read(as_owner, benchmark)
    assert poll(as_owner, benchmark, page) == ""


def test_a_worker_that_plays_a_long_match_is_heard_of_now_and_then(
    as_owner: Client, benchmark: Benchmark
) -> None:
    """B-06: often enough not to be held for lost, and not with each poll."""
    page = read(as_owner, benchmark)
    heard = Job.objects.get(pk=benchmark.job_id).updated_at
    answers = []
    for seconds in (0, 20, 40):
        Job.objects.filter(pk=benchmark.job_id).update(updated_at=heard + timedelta(seconds=seconds))
        answers.append(poll(as_owner, benchmark, page))
    assert answers[0] == ""
    assert 'data-lease-age="0"' in answers[1]
    assert answers[2]


def test_each_match_comes_once_the_newest_first(as_owner: Client, benchmark: Benchmark) -> None:
    """B-08"""
    page = read(as_owner, benchmark)
    finish_matches(benchmark, make_result(3), make_result(4))
    answer = poll(as_owner, benchmark, page)
    assert matches_in(answer) == [4, 3]
    assert 'hx-swap-oob="afterbegin:#benchmark-matches"' in answer
    assert matches_in(poll(as_owner, benchmark, page, **sent_by(answer))) == []


def test_the_last_match_comes_with_the_end(as_owner: Client, benchmark: Benchmark) -> None:
    """B-08: and the page goes back to the feed of all pages."""
    page = read(as_owner, benchmark)
    finish_matches(benchmark)
    ended(benchmark)
    answer = poll(as_owner, benchmark, page)
    assert matches_in(answer) == [7, 6, 5, 4, 3]
    assert "Completed</span>" in answer
    assert 'hx-get="/live/"' in answer


def test_with_a_filter_only_its_matches_come_and_the_cursor_moves_past_the_others(
    as_owner: Client, benchmark: Benchmark
) -> None:
    page = read(as_owner, benchmark, result="fail")
    finish_matches(benchmark, make_result(3), make_result(4, end_reason="error", error="x", failed_party=0))
    answer = poll(as_owner, benchmark, page, result="fail")
    assert matches_in(answer) == [4]
    assert sent_by(answer)["after"] == "5"


def test_older_pages_stand_still(as_owner: Client, benchmark: Benchmark) -> None:
    page = read(as_owner, benchmark, page=2)
    finish_matches(benchmark, make_result(3))
    assert matches_in(poll(as_owner, benchmark, page, page=2)) == []


def test_scores_come_as_soon_as_they_are_made_and_in_the_order_that_is_shown(
    as_owner: Client, benchmark: Benchmark
) -> None:
    page = read(as_owner, benchmark)
    assert "benchmark-leaderboard" not in poll(as_owner, benchmark, page)
    finish_matches(benchmark, make_result(3))
    scored(benchmark)
    answer = poll(as_owner, benchmark, page, order="1.0", closed=CLOSED)
    assert {"benchmark-leaderboard", "benchmark-grid", "benchmark-figures"} <= parts_in(answer)
    board = answer[answer.index('id="benchmark-leaderboard"') :]
    assert board.index('data-competitor="1"') < board.index('data-competitor="0"')
    answer = poll(as_owner, benchmark, page, order="0.1.77.x", closed=CLOSED)
    board = answer[answer.index('id="benchmark-leaderboard"') :]
    assert board.index('data-competitor="0"') < board.index('data-competitor="1"')


def test_the_end_puts_the_rows_in_their_order(as_owner: Client, benchmark: Benchmark) -> None:
    page = read(as_owner, benchmark)
    finish_matches(benchmark)
    told = scored(benchmark).leaderboard.data["rows"]
    ended(benchmark)
    wrong = ".".join(str(row["competitor"]) for row in reversed(told))
    answer = poll(as_owner, benchmark, page, order=wrong, closed=CLOSED)
    board = re.findall(r'data-competitor="(\d)"', answer)
    assert board == [str(row["competitor"]) for row in told]


def test_the_way_to_older_ones_comes_with_the_hundred_and_first(
    as_owner: Client, benchmark: Benchmark
) -> None:
    page = read(as_owner, benchmark)
    assert 'rel="next"' not in page
    grow(benchmark, 101)
    answer = poll(as_owner, benchmark, page)
    assert 'rel="next"' in answer
    assert "benchmark-match-pages" not in poll(as_owner, benchmark, page, **sent_by(answer))


def test_closed_folds_are_left_out(as_owner: Client, benchmark: Benchmark) -> None:
    """B-22"""
    page = read(as_owner, benchmark)
    finish_matches(benchmark, make_result(3))
    scored(benchmark)
    assert {"benchmark-tests", "benchmark-wins"} <= parts_in(poll(as_owner, benchmark, page))
    assert not parts_in(poll(as_owner, benchmark, page, closed=CLOSED)) & set(CLOSED.split("."))


def test_the_log_and_the_workers_come_only_while_they_are_open(
    as_owner: Client, benchmark: Benchmark
) -> None:
    """B-22"""
    page = read(as_owner, benchmark)
    add_lines(Job.objects.get(pk=benchmark.job_id), 2)
    make_worker()
    assert "line 1 of info" not in poll(as_owner, benchmark, page)
    answer = poll(as_owner, benchmark, page, log="0", level="info", **{"v-worker-table": "x"})
    assert "line 1 of info" in answer
    assert 'id="worker-table"' in answer


@pytest.mark.parametrize("after", ["-1", "x", "9" * 30])
def test_a_cursor_that_is_no_number_is_refused(as_owner: Client, benchmark: Benchmark, after: str) -> None:
    assert as_owner.get(address(benchmark, "live/"), {"after": after}).status_code == 400


# --- What it costs ----------------------------------------------------------------------------------------------------


def grow(benchmark: Benchmark, many: int) -> None:
    """So many matches that are over, written at once."""
    first = benchmark.matches.filter(status=MatchStatus.COMPLETED).latest("finished_seq")
    start = first.finished_seq or 0
    rows = []
    for number in range(start + 1, many + 1):
        fields = {field.attname: getattr(first, field.attname) for field in Match._meta.concrete_fields}
        fields |= {
            "id": None,
            "index": 10_000 + number,
            "repetition": 10_000 + number,
            "finished_seq": number,
        }
        rows.append(Match(**fields))
    Match.objects.bulk_create(rows, batch_size=500)
    Benchmark.objects.filter(pk=benchmark.pk).update(
        last_seq=many, n_completed=many, n_agreed=many, n_matches=many + 5
    )


def cost(client: Client, benchmark: Benchmark, query: dict[str, Any]) -> float:
    begun = process_time()
    response = client.get(address(benchmark, "live/"), query)
    assert response.status_code in (200, 204)
    return process_time() - begun


def test_a_poll_asks_the_same_at_a_hundred_and_at_a_thousand_matches(
    as_owner: Client, benchmark: Benchmark, django_assert_num_queries: Any
) -> None:
    """B-27"""
    seconds: dict[int, list[float]] = {}
    for many in (100, 1_000):
        grow(benchmark, many)
        scored(benchmark)
        query = sent_by(read(as_owner, benchmark)) | {"closed": CLOSED}
        with django_assert_num_queries(6):
            assert as_owner.get(address(benchmark, "live/"), query).status_code == 204
        busy = query | {"after": str(many - 20), "v-benchmark-figures": "x", "v-benchmark-leaderboard": "x"}
        with django_assert_num_queries(10):
            assert len(matches_in(as_owner.get(address(benchmark, "live/"), busy).content.decode())) == 20
        seconds[many] = [cost(as_owner, benchmark, busy) for _ in range(15)]
    assert median(seconds[1_000]) < 2 * median(seconds[100])


def test_the_fullest_answer_fits_into_30_kb(as_owner: Client, benchmark: Benchmark) -> None:
    grow(benchmark, 1_000)
    scored(benchmark)
    response = as_owner.get(address(benchmark, "live/"), {"after": 500}, headers={"Accept-Encoding": "gzip"})
    assert len(matches_in(gzip.decompress(response.content).decode())) == 100
    assert len(response.content) <= 30_000
