"""Results from elsewhere become a benchmark: by page and by command, read by a worker, marked, never guessed at."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from benchmarks.models import Benchmark, Leaderboard, ResultsUpload
from negotiations import drain
from negotiations.exceptions import Unsuitable
from negotiations.models import Job
from negotiations.tasks import run_job
from tests.benchmarks.test_result_files import AGREED, BROKEN, HEADER, LOG, TURNED, zipped

pytestmark = pytest.mark.django_db

CUP = zipped(details_csv=HEADER + AGREED + TURNED + BROKEN + AGREED)
PAGE = "/benchmarks/import/"


def sent(client: Client, content: bytes = CUP, filename: str = "cup.zip", **fields: Any) -> Any:
    return client.post(PAGE, {"file": SimpleUploadedFile(filename, content), **fields})


def imported(client: Client, **how: Any) -> Benchmark:
    assert sent(client, **how).status_code == 302
    benchmark = Benchmark.objects.get()
    run_job(str(benchmark.job_id))
    found: Benchmark = Benchmark.objects.select_related("job").get()
    return found


def test_an_upload_becomes_a_benchmark_once_a_worker_has_read_it(
    as_owner: Client, as_colleague: Client, as_stranger: Client, group: Group
) -> None:
    benchmark = imported(as_owner, name="From Osaka", group=str(group.pk))
    assert (benchmark.name, benchmark.is_imported, benchmark.status) == ("From Osaka", True, "completed")
    assert (benchmark.n_matches, benchmark.n_completed, benchmark.n_failed, benchmark.n_agreed) == (
        4,
        3,
        1,
        2,
    )
    assert [each.name for each in benchmark.competitors.all()] == ["A", "B"]
    assert [each.name for each in benchmark.scenarios.all()] == ["bike"]
    assert [match.repetition for match in benchmark.matches.all()] == [0, 0, 1, 2]
    assert not ResultsUpload.objects.exists()
    for client, code in ((as_owner, 200), (as_colleague, 200), (as_stranger, 404)):
        assert client.get(benchmark.get_absolute_url()).status_code == code
        assert client.get(benchmark.matches.get(index=0).get_absolute_url()).status_code == code


def test_its_scores_are_computed_as_of_any_other(as_owner: Client) -> None:
    benchmark = imported(as_owner)
    board = Leaderboard.objects.get(benchmark=benchmark)
    assert board.seq == 4
    assert {line["competitor"] for line in board.data["rows"]} == {0, 1}
    assert benchmark.name == "cup"


def test_what_has_no_result_never_counts_as_passed(as_owner: Client) -> None:
    log = b"Task a completed successfully\nTask b failed\nScore: 0.5\nScore: 0.9\n"
    benchmark = imported(as_owner, content=log, filename="run.log")
    ends = list(benchmark.matches.values_list("status", "end_reason"))
    assert ends == [("completed", "agreement"), ("failed", "error"), ("completed", "")]
    assert (benchmark.n_agreed, benchmark.n_failed) == (1, 1)
    assert benchmark.job.message == "3 matches: 1 passed or agreed, 1 failed, 1 neither."


def test_a_log_is_scored_by_its_scores(as_owner: Client) -> None:
    benchmark = imported(as_owner, content=LOG.encode(), filename="run.log")
    assert benchmark.metric == "utility"
    (line,) = Leaderboard.objects.get(benchmark=benchmark).data["rows"]
    assert line["score"] == pytest.approx((0.75 + 12 + 3) / 3)
    told = as_owner.get(benchmark.matches.get(index=1).get_absolute_url()).content.decode()
    assert (
        "The log says that it failed." in told
        and "stopped with an error" not in told
        and "reserved value" not in told
    )
    page = as_owner.get(benchmark.get_absolute_url())
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"nothing", "There is no match in it"),
        (zipped(readme="x"), "There are no results in it"),
        (zipped(details_csv="a,b\n1,2\n"), "without `partners`"),
    ],
)
def test_what_cannot_be_read_fails_with_the_reason(as_owner: Client, content: bytes, why: str) -> None:
    benchmark = imported(as_owner, content=content)
    assert benchmark.status == "failed"
    assert why in benchmark.job.error
    assert not benchmark.matches.exists() and not ResultsUpload.objects.exists()
    assert as_owner.get(benchmark.get_absolute_url()).status_code == 200


def test_reading_has_limits_of_time_and_of_matches(as_owner: Client, settings: Settings) -> None:
    settings.BENCHMARK_MATCHES = 2
    assert "more than 2 matches" in imported(as_owner).job.error
    Benchmark.objects.all().delete()
    settings.IMPORT_SECONDS = 0.001
    slow = HEADER + AGREED * 30_000
    assert (
        "Reading took longer than 0.001 s" in imported(as_owner, content=zipped(details_csv=slow)).job.error
    )


def test_a_second_attempt_begins_anew(as_owner: Client) -> None:
    sent(as_owner)
    benchmark = Benchmark.objects.get()
    benchmark.competitors.create(index=0, name="Left over")
    benchmark.scenarios.create(index=0, name="Left over")
    benchmark.matches.create(index=0, scenario=0, seats="0,0", seed=1)
    run_job(str(benchmark.job_id))
    assert [each.name for each in benchmark.competitors.all()] == ["A", "B"]
    assert benchmark.matches.count() == 4


def test_it_cannot_be_run_on(as_owner: Client, owner: User) -> None:
    benchmark = imported(as_owner)
    with pytest.raises(Unsuitable, match="played elsewhere"):
        benchmark.again(owner)


def test_the_form_says_what_is_wrong(as_owner: Client, client: Client, settings: Settings) -> None:
    assert client.get(PAGE).status_code == 302
    assert "No file was sent" in as_owner.post(PAGE, {}).content.decode()
    assert "The file is empty" in sent(as_owner, content=b"").content.decode()
    settings.UPLOAD_MB = 0
    assert "larger than 0 MB" in sent(as_owner).content.decode()
    settings.UPLOAD_MB, settings.ACTIVE_JOBS = 20, 0
    limited = sent(as_owner)
    assert limited.status_code == 429 and "ACTIVE_JOBS" in limited.content.decode()
    assert not Benchmark.objects.exists()


def test_hostile_names_are_shown_as_text(as_owner: Client) -> None:
    row = AGREED.replace("'A', 'B'", "'<script>alert(1)</script>', '=1+1'").replace("bike", "{{ x }}\0")
    benchmark = imported(as_owner, content=zipped(details_csv=HEADER + row), filename="<b>.zip")
    page = as_owner.get(benchmark.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    export = reverse("benchmarks:benchmark-export", args=[benchmark.pk, "csv"])
    assert "'=1+1" in b"".join(as_owner.get(export)).decode()


# --- The command --------------------------------------------------------------------------------------------------


def command(*args: str, **options: Any) -> str:
    out = StringIO()
    call_command("import_results", *args, stdout=out, **options)
    return out.getvalue()


def test_a_folder_is_imported_by_command(superuser: User, tmp_path: Path) -> None:
    folder = tmp_path / "osaka"
    folder.mkdir()
    (folder / "details.csv").write_text(HEADER + AGREED + TURNED)
    told = json.loads(command(str(folder), json=True).splitlines()[-1])
    assert (told["status"], told["matches"]) == ("completed", {"total": 2, "completed": 2, "failed": 0})
    benchmark = Benchmark.objects.get(pk=told["id"])
    assert (benchmark.name, benchmark.job.owner) == ("osaka", superuser)


def test_what_goes_wrong_is_one_sentence(superuser: User, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        command(str(tmp_path / "nowhere"))
    (tmp_path / "x.log").write_text("nothing")
    with pytest.raises(CommandError, match="There is no match in it"):
        command(str(tmp_path / "x.log"))
    assert Job.objects.get().status == "failed"
    with pytest.raises(CommandError, match="one line of at most 120"):
        command(str(tmp_path / "x.log"), name="a\nb")
    (tmp_path / "big.log").write_bytes(b"x" * (settings.UPLOAD_MB * 2**20 + 1))
    with pytest.raises(CommandError, match="larger than"):
        command(str(tmp_path / "big.log"))


def test_what_was_exported_for_negmas_is_imported_as_it_was(
    as_owner: Client, superuser: User, tmp_path: Path
) -> None:
    first = imported(as_owner)
    zip_file = tmp_path / "cup.zip"
    call_command("export_benchmark", str(first.pk), str(zip_file), format="negmas", stdout=StringIO())
    told = json.loads(command(str(zip_file), json=True))
    columns = (
        "scenario",
        "rotation",
        "seats",
        "repetition",
        "status",
        "end_reason",
        "utilities",
        "reserved",
        "agreement",
    )
    again = Benchmark.objects.get(pk=told["id"])
    assert list(again.matches.values_list(*columns)) == list(first.matches.values_list(*columns))


def test_ctrl_c_cancels_the_import(superuser: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "asked", lambda: True)
    (tmp_path / "run.log").write_text(LOG)
    with pytest.raises(CommandError, match="cancelled"):
        command(str(tmp_path / "run.log"))
    assert Job.objects.get().status == "cancelled"
    assert not ResultsUpload.objects.exists()
