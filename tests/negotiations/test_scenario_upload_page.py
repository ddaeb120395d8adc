"""Upload, and the report of what became of it (P-02). The files themselves are read by a worker."""

from __future__ import annotations

import io
import subprocess
import sys
import uuid
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_q.models import OrmQ

from negotiations.models import Job, Kind, ScenarioImport, Status
from tests.factory import ScenarioFactory, ScenarioImportFactory

URL = "/scenarios/upload/"


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def send(client: Client, *files: tuple[str, bytes], **fields: Any) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(URL, {"documents": sent, **fields})


def archive_of(upload: ScenarioImport) -> bytes:
    assert upload.archive is not None
    return bytes(upload.archive)


def error_of(response: Any) -> str:
    assert response.status_code == 200
    assert not ScenarioImport.objects.exists()
    return str(response.context["form"].errors["documents"][0])


@pytest.mark.django_db(transaction=True)
def test_a_zip_is_kept_as_it_came_and_rings_for_one_worker(
    as_owner: Client, owner: User, group: Group
) -> None:
    """J-01: the row is committed before the message is sent."""
    content = zipped(domain=b"x")
    response = send(as_owner, ("anac.zip", content), tags="anac, 2011,anac", group=group.pk)
    upload = ScenarioImport.objects.get()
    assert response["Location"] == f"/scenarios/imports/{upload.pk}/"
    assert archive_of(upload) == content
    assert (upload.filename, upload.tags) == ("anac.zip", ["anac", "2011"])
    assert (upload.job.kind, upload.job.status) == (Kind.SCENARIO_IMPORT, Status.QUEUED)
    assert (upload.job.owner, upload.job.group) == (owner, group)
    assert upload.job.history.get().message == "Queued"
    assert OrmQ.objects.count() == 1


def test_loose_files_of_one_scenario_are_zipped(as_owner: Client) -> None:
    send(as_owner, ("domain.xml", b"<a/>"), ("buyer.xml", b"<b/>"), ("seller.xml", b"<c/>"))
    upload = ScenarioImport.objects.get()
    assert upload.filename == "domain.xml and 2 more"
    with zipfile.ZipFile(io.BytesIO(archive_of(upload))) as archive:
        assert sorted(archive.namelist()) == ["buyer.xml", "domain.xml", "seller.xml"]
        assert archive.read("buyer.xml") == b"<b/>"


def test_one_loose_file_is_zipped_whatever_it_is_called(as_owner: Client) -> None:
    send(as_owner, ("scenario.zip", b"type: x"))
    with zipfile.ZipFile(io.BytesIO(archive_of(ScenarioImport.objects.get()))) as archive:
        assert archive.read("scenario.zip") == b"type: x"


def test_no_file_is_said_beside_the_field(as_owner: Client) -> None:
    response = as_owner.post(URL, {})
    assert error_of(response).startswith("No file was sent")
    assert "No file was sent" in response.content.decode()


def test_an_empty_file_is_refused(as_owner: Client) -> None:
    assert "empty" in error_of(send(as_owner, ("domain.xml", b"")))


def test_two_files_of_one_name_are_refused(as_owner: Client) -> None:
    assert "same name" in error_of(send(as_owner, ("a.xml", b"1"), ("a.xml", b"2")))


def test_a_zip_among_other_files_is_refused(as_owner: Client) -> None:
    assert "by itself" in error_of(send(as_owner, ("a.xml", b"1"), ("b.zip", zipped(x=b"1"))))


def test_very_many_loose_files_are_refused(as_owner: Client) -> None:
    assert "More than 50" in error_of(send(as_owner, *[(f"{n}.xml", b"1") for n in range(51)]))


def test_a_file_over_the_limit_is_refused_in_words(as_owner: Client, settings: Any) -> None:
    settings.UPLOAD_MB = 1
    assert "larger than 1 MB" in error_of(send(as_owner, ("a.xml", b"1" * 1024 * 1100)))


def test_what_announces_too_much_is_refused_before_it_is_stored(as_owner: Client, settings: Any) -> None:
    settings.UPLOAD_MB = 1
    response = send(as_owner, ("a.xml", b"1" * 3 * 1024 * 1024))
    assert response.status_code == 400
    assert "too large" in response.content.decode()
    assert not ScenarioImport.objects.exists()


def test_a_foreign_group_is_no_choice(as_owner: Client, stranger: User) -> None:
    theirs = Group.objects.create(name="theirs")
    stranger.groups.add(theirs)
    response = send(as_owner, ("a.xml", b"1"), group=theirs.pk)
    assert response.context["form"].errors["group"]
    assert not ScenarioImport.objects.exists()


def test_nul_characters_are_refused_at_the_door(as_owner: Client) -> None:
    assert send(as_owner, ("a.xml", b"1"), tags="a\0b").context["form"].errors["tags"]
    assert not ScenarioImport.objects.exists()


def test_last_uploads_are_those_that_the_visitor_may_see(
    as_owner: Client, as_stranger: Client, client: Client, owner: User
) -> None:
    ScenarioImportFactory(job__owner=owner, filename="mine.zip")
    assert "mine.zip" in as_owner.get(URL).content.decode()
    assert "mine.zip" not in as_stranger.get(URL).content.decode()
    assert client.get(URL).status_code == 302


def finished(owner: User, group: Group | None = None) -> ScenarioImport:
    scenario = ScenarioFactory(owner=owner)
    upload: ScenarioImport = ScenarioImportFactory(
        job__owner=owner,
        job__group=group,
        filename="anac.zip",
        report=[
            {"path": "good", "verdict": "accepted", "reason": "", "scenario": scenario.pk},
            {"path": "again", "verdict": "known", "reason": "Same as good.", "scenario": scenario.pk},
            {"path": "<b>evil</b>", "verdict": "refused", "reason": "It has a DTD.", "scenario": None},
        ],
    )
    Job.objects.filter(pk=upload.pk).update(status=Status.COMPLETED, percentage=100)
    return upload


def test_the_report_has_a_line_for_each_scenario(as_owner: Client, owner: User) -> None:
    upload = finished(owner)
    page = as_owner.get(f"/scenarios/imports/{upload.pk}/").content.decode()
    for text in (
        "Accepted",
        "Already there",
        "Refused",
        "It has a DTD.",
        "&lt;b&gt;evil",
        "3 scenarios read",
    ):
        assert text in page
    assert f"/scenarios/{upload.report[0]['scenario']}/" in page


@pytest.mark.parametrize("part", ["", "report/"])
def test_the_report_is_for_owner_and_colleagues(
    as_owner: Client, as_colleague: Client, as_superuser: Client, as_stranger: Client, client: Client, owner: User,
    group: Group, part: str,
) -> None:  # fmt: skip
    url = f"/scenarios/imports/{finished(owner, group).pk}/{part}"
    assert [c.get(url).status_code for c in (as_owner, as_colleague, as_superuser)] == [200] * 3
    assert as_stranger.get(url).status_code == 404
    assert client.get(url).status_code == (401 if part else 302)
    assert as_owner.get(f"/scenarios/imports/{uuid.uuid4()}/{part}").status_code == 404


def test_a_running_import_is_polled_every_three_seconds_and_a_finished_one_hardly(
    as_owner: Client, owner: User
) -> None:
    upload = ScenarioImportFactory(job__owner=owner)
    page = as_owner.get(f"/scenarios/imports/{upload.pk}/").content.decode()
    assert 'hx-trigger="every 3s, live:now"' in page
    assert "Waiting for a worker" in page
    Job.objects.filter(pk=upload.pk).update(status=Status.COMPLETED)
    body = as_owner.get(f"/scenarios/imports/{upload.pk}/report/", {"every": 3}).content.decode()
    assert 'hx-trigger="every 5s, live:now"' in body
    assert "No scenario was found" in body


def test_a_poll_of_the_report_without_news_is_a_204_in_one_query(
    as_owner: Client, owner: User, django_assert_num_queries: Any
) -> None:
    upload = finished(owner)
    version = as_owner.get(f"/scenarios/imports/{upload.pk}/").context["version"]
    with django_assert_num_queries(3):
        response = as_owner.get(
            f"/scenarios/imports/{upload.pk}/report/", {"every": 5, "v-scenario-import-report": version}
        )
    assert response.status_code == 204


def test_pages_never_read_the_bytes_of_an_archive(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    upload = ScenarioImportFactory(job__owner=owner, archive=b"x" * 1000)
    with django_assert_max_num_queries(4) as captured:
        as_owner.get(f"/scenarios/imports/{upload.pk}/")
    assert not any('"archive"' in query["sql"] for query in captured.captured_queries)


def test_a_failed_import_says_why(as_owner: Client, owner: User) -> None:
    upload = ScenarioImportFactory(job__owner=owner)
    Job.objects.filter(pk=upload.pk).update(status=Status.FAILED, error="The zip is damaged. Pack it again.")
    assert "The zip is damaged." in as_owner.get(f"/scenarios/imports/{upload.pk}/").content.decode()


def test_a_web_process_never_imports_negmas() -> None:
    """It costs seconds and 100 MB, and reads hostile files: only workers have it."""
    code = (
        "import os, sys, django\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "django.setup()\n"
        "from django.urls import get_resolver\n"
        "list(get_resolver().reverse_dict)\n"
        "import config.wsgi\n"
        "assert 'negmas' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
