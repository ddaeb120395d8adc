"""Uploads are read by a job: every scenario kept or refused by name, whatever is in the archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from negotiations import heart
from negotiations.models import Job, Scenario, ScenarioImport
from negotiations.tasks import run_job
from tests.factory import ScenarioImportFactory

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[1] / "data"


def zipped(*folders: str, files: dict[str, bytes] | None = None) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for folder in folders:
            for path in sorted((DATA / folder).iterdir()):
                out.write(path, f"{folder}/{path.name}")
        for name, content in (files or {}).items():
            out.writestr(name, content)
    return archive.getvalue()


def imported(archive: bytes, **fields: Any) -> ScenarioImport:
    upload = ScenarioImportFactory(archive=archive, **fields)
    run_job(str(upload.pk))
    return over(upload)


def over(upload: ScenarioImport) -> ScenarioImport:
    row: ScenarioImport = ScenarioImport.objects.select_related("job").get(pk=upload.pk)
    return row


def verdicts(upload: ScenarioImport) -> dict[str, str]:
    return {entry["path"]: entry["verdict"] for entry in upload.report}


def test_each_scenario_of_an_archive_is_told_of() -> None:
    upload = imported(
        zipped(
            "laptop_xml",
            "trip_json",
            files={"broken/domain.yml": b"type: subprocess.Popen"},
        ),
        filename="mine.zip",
        tags=["course"],
    )
    assert verdicts(upload) == {"broken": "refused", "laptop_xml": "accepted", "trip_json": "accepted"}
    refused = next(entry for entry in upload.report if entry["verdict"] == "refused")
    assert refused["reason"]
    assert refused["scenario"] is None
    scenario = Scenario.objects.get(name__icontains="laptop")
    assert (scenario.owner, scenario.source, scenario.tags) == (upload.job.owner, "mine", ["course"])
    assert (upload.job.status, upload.job.message) == ("completed", "2 accepted, 0 known, 1 refused.")


def test_the_archive_is_gone_when_the_import_is_completed() -> None:
    assert imported(zipped("trip_json")).archive is None


def test_what_is_known_already_is_not_kept_twice() -> None:
    first = imported(zipped("trip_json"))
    again = imported(zipped("trip_json"), job__owner=first.job.owner)
    assert verdicts(again) == {"trip_json": "known"}
    assert again.report[0]["scenario"] == first.report[0]["scenario"]
    assert Scenario.objects.count() == 1


def test_what_a_dead_attempt_accepted_stays_accepted() -> None:
    first = imported(zipped("trip_json"))
    report = first.report
    again = imported(zipped("trip_json"), job__owner=first.job.owner, report=report)
    assert again.report == report


@pytest.mark.parametrize(
    "archive",
    [b"", b"PK\x03\x04 damaged", b"\x1f\x8b tar"],
    ids=["nothing", "damaged zip", "another archive"],
)
def test_an_archive_that_cannot_be_read_is_refused_with_the_reason(archive: bytes) -> None:
    upload = imported(archive)
    assert upload.job.status == "failed" and upload.archive is None
    assert upload.job.error == f"Nothing of it was taken. {upload.report[0]['reason']}"
    assert all(entry["verdict"] == "refused" and entry["reason"] for entry in upload.report)
    assert not Scenario.objects.exists()


def test_where_all_are_refused_nothing_is_said_to_have_gone_well() -> None:
    """P-02"""
    upload = imported(zipped(files={f"{name}/domain.yml": b"type: subprocess.Popen" for name in "ab"}))
    assert verdicts(upload) == {"a": "refused", "b": "refused"}
    assert upload.job.status == "failed"
    assert upload.job.error == "Nothing of it was taken. 2 refused; its report says why of each."


def test_an_import_that_takes_too_long_fails_with_what_to_do(settings: Settings) -> None:
    settings.IMPORT_SECONDS = 0.000001
    upload = imported(zipped("trip_json", "laptop_xml", "kitchen_yaml"))
    assert upload.job.status == "failed"
    assert upload.job.error.startswith("Reading took longer than 1e-06 s. Kept: ")
    assert upload.job.error.endswith("Split the archive, or leave the last one out.")
    assert upload.archive is not None  # for a retry


def test_a_cancelled_import_keeps_what_it_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heart, "LOOK_EVERY", 0)
    monkeypatch.setattr(heart, "FLUSH_EVERY", 0)
    keep = type(Scenario.objects.all()).keep

    def keep_and_cancel(self: Any, *args: Any, **fields: Any) -> Any:
        Job.objects.get(pk=upload.pk).cancel(None)
        return keep(self, *args, **fields)

    monkeypatch.setattr(type(Scenario.objects.all()), "keep", keep_and_cancel)
    upload: ScenarioImport = ScenarioImportFactory(archive=zipped("laptop_xml", "trip_json"))
    run_job(str(upload.pk))
    upload = over(upload)
    assert upload.job.status == "cancelled"
    assert verdicts(upload) == {"laptop_xml": "accepted"}
