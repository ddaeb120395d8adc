"""Files of results that ran elsewhere: what is read of them, and what hostile ones come to."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from benchmarks import result_files
from benchmarks.result_files import read_results
from benchmarks.result_values import NoResults, ReadMatch, numbers, outcome, sequence

HEADER = (
    "index,scenario,partners,utilities,reserved_values,max_utils,agreement,step,n_steps,has_error,error_details,"
    "erred_negotiator,negotiator_ids,timedout,broken,nash_optimality\n"
)
AGREED = "0,bike,\"['A', 'B']\",\"(0.4, 0.6)\",\"(0.1, 0.2)\",\"[1.0, 1.0]\",\"('steep', 'yes')\",10,20,False,,,\"['A@0', 'B@1']\",False,False,0.9\n"
TURNED = '1,bike-1,"[\'A\', \'B\']","(np.float64(0.1), nan)","(-inf, 0.2)","[1.0, 1.0]",,20,20,False,,,"[\'A@0\', \'B@1\']",True,False,\n'
BROKEN = '2,bike,"[\'A\', \'B\']","(0.1, 0.2)","(0.1, 0.2)","[1.0, 1.0]",,3,20,True,boom,B@1,"[\'A@0\', \'B@1\']",False,False,\n'


def zipped(**files: str | bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv").replace("_gz", ".gz"), text)
    return sink.getvalue()


def read(content: bytes, filename: str = "results.zip") -> list[ReadMatch]:
    return list(read_results(content, filename))


def test_a_row_of_details_is_a_match() -> None:
    agreed, turned, broken = read(zipped(cup__details_csv=HEADER + AGREED + TURNED + BROKEN))
    assert (agreed.scenario, agreed.rotation, agreed.competitors) == ("bike", 0, ("A", "B"))
    assert (agreed.success, agreed.end_reason, agreed.agreement) == (True, "agreement", ("steep", "yes"))
    assert (agreed.utilities, agreed.reserved, agreed.nash_optimality) == ((0.4, 0.6), (0.1, 0.2), 0.9)
    assert (turned.scenario, turned.rotation, turned.success, turned.end_reason) == ("bike", 1, None, "steps")
    assert (turned.utilities, turned.reserved) == ((0.1, None), (None, 0.2))
    assert (broken.success, broken.error, broken.failed_seat) == (False, "boom", 1)


def test_a_table_may_come_packed_or_alone() -> None:
    text = HEADER + AGREED
    assert len(read(zipped(details_csv_gz=gzip.compress(text.encode())))) == 1
    assert len(read(text.encode(), "details.csv")) == 1


def test_without_details_scores_are_read_and_nobody_guesses_how_it_ended() -> None:
    text = (
        "index,strategy,utility,reserved_value,advantage,scenario,partners,has_error,self_error\n"
        "0,A,0.4,0.1,0.333333,bike,B,False,False\n1,B,0.6,0.2,0.5,bike,A,False,False\n"
        "2,A,0.1,0.1,0,bike,B,True,True\n3,B,0.2,0.2,0,bike,A,True,False\n"
    )
    told, broken = read(zipped(all_scores_csv=text))
    assert (told.competitors, told.utilities, told.success, told.end_reason) == (
        ("A", "B"),
        (0.4, 0.6),
        None,
        "",
    )
    assert told.best == pytest.approx((1.0, 1.0), abs=1e-5)
    assert (broken.success, broken.failed_seat) == (False, 0)


LOG = """
2026-01-01 Task login completed successfully
Score: 0.75
Task pay now failed
Result: FAIL
Score: 12
Score: 3
nothing here
Result: PASS
"""


def test_a_log_tells_of_tasks_their_results_and_scores() -> None:
    found = [(each.scenario, each.success, each.utilities[0]) for each in read(LOG.encode(), "run.log")]
    assert found == [("login", True, 0.75), ("pay now", False, 12.0), ("Task 3", True, 3.0)]


def test_a_result_goes_over_what_the_task_says_and_a_score_alone_is_no_pass() -> None:
    found = read(b"Result: FAIL\nTask a completed successfully\nScore: 1\nScore: 2\n", "x.txt")
    assert [each.success for each in found] == [False, None]


BOMB = HEADER + AGREED * 400_000


@pytest.mark.parametrize(
    ("content", "filename", "why"),
    [
        (b"", "x.zip", ""),
        (b"PK\x03\x04 not really", "x.zip", ""),
        (zipped(readme="nothing"), "x.zip", "There are no results in it"),
        (b"PAR1 no PAR1", "details.parquet", "damaged"),
        (b"\x1f\x8b broken", "details.csv.gz", "cannot be read"),
        (b"a,b\n1,2\n", "details.csv", "without `partners`"),
        (b"a,b\n1,2\n", "all_scores.csv", "without `partners`"),
        (b"\xff\xfe\xff", "details.csv", "damaged"),
        (zipped(details_csv=BOMB), "x.zip", "unpacks to more than"),
        (zipped(details_csv_gz=gzip.compress(BOMB.encode())), "x.zip", "unpacks to more than"),
        (b"scenario,partners\n" + b'x,"' + b"(" * 9_000 + b'"\n', "details.csv", "without `partners`"),
        (b"scenario,partners\nx," + b"y" * 2_000_000, "details.csv", "cannot be read"),
    ],
)
def test_what_is_hostile_or_something_else_is_refused_in_words(
    content: bytes, filename: str, why: str
) -> None:
    if not why:
        assert read(content, filename) == []  # a log that speaks of no task
        return
    with pytest.raises(NoResults, match=why):
        read(content, filename)


def test_a_table_has_a_limit_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_files, "MOST_ROWS", 2)
    with pytest.raises(NoResults, match="more than 2 rows"):
        read(zipped(details_csv=HEADER + AGREED * 3))


@pytest.mark.parametrize("cell", ["__import__('os').system('x')", "[1, 2", "{" * 50, "9" * 20_000, None, 3])
def test_a_cell_that_is_no_list_is_none(cell: object) -> None:
    assert sequence(cell) == ()


def test_numbers_are_finite_and_text_has_no_nul() -> None:
    assert numbers("(1e400, nan, -inf, 0.5, 'x', 1e300)") == (None, None, None, 0.5, None, None)
    assert outcome("('a\\x00b', 3, 2.5)") == ("ab", 3, 2.5)
