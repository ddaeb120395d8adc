"""Hostile uploads from the page to the rows: one row each, with what is answered, told, kept and left behind."""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from negotiations.models import Scenario, ScenarioImport, Status
from negotiations.tasks import run_job

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[1] / "data"
LAPTOP = {path.name: path.read_bytes() for path in (DATA / "laptop_xml").iterdir()}
TOUCH = "touched-by-an-upload"
POPEN = f"type: subprocess.Popen\nargs: [touch, {TOUCH}]\n".encode()
BOMB = b"type: CartesianOutcomeSpace\na: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n".encode()
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {name} "{f"&{before};" * 12}">'.encode()
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@dataclass(frozen=True)
class Upload:
    """What is sent, and what the page answers: text beside the field (200), or a report after a redirect (302)."""

    name: str
    files: dict[str, bytes]
    code: int
    text: str
    as_zip: bool = True
    kept: int = 0


TABLE = [
    Upload("nothing at all", {}, 200, "Choose a zip, or the files of one scenario.", as_zip=False),
    Upload(
        "YAML that names a class to call",
        {"a/domain.yml": POPEN},
        302,
        "domain.yml names the type 'subprocess.Popen', which is not allowed.",
    ),
    Upload(
        "the same beside valid XML",
        {f"a/{name}": content for name, content in LAPTOP.items()} | {"a/z.yml": POPEN},
        302,
        "It mixes xml and yaml files. Keep the files of one format only.",
    ),
    Upload(
        "the same in another folder",
        {f"a/{name}": content for name, content in LAPTOP.items()} | {"b/z.yml": POPEN},
        302,
        "z.yml names the type 'subprocess.Popen', which is not allowed.",
        kept=1,
    ),
    Upload("an XML bomb", {"a/domain.xml": ENTITIES + b"]><x>&i;</x>"}, 302, "contains a DTD"),
    Upload("an alias bomb", {"a/domain.yml": BOMB}, 302, "domain.yml uses YAML aliases (*name)"),
    Upload(
        "100 MB of zeros", {"a/domain.xml": bytes(100_000_000)}, 302, "unpacks to more than 50,000,000 bytes"
    ),
    Upload("a way out of the folder", {f"../{TOUCH}.xml": b"<x/>"}, 302, "points out of it"),
    Upload(
        "one utility function",
        {f"a/{name}": content for name, content in LAPTOP.items() if "seller" not in name},
        302,
        "has 1 utility functions and needs at least 2. Add a file for each party.",
    ),
    Upload(
        "no scenario file",
        {"a/readme.txt": b"hello"},
        302,
        "There is no scenario file in it. Upload Genius XML",
    ),
    Upload(
        "NUL bytes",
        {f"a/{name}": content.replace(b"Price", b"Pr\0ce") for name, content in LAPTOP.items()},
        302,
        "contains NUL characters.",
    ),
]


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("upload", TABLE, ids=lambda upload: upload.name)
def test_a_hostile_upload_is_told_of_and_leaves_nothing(
    upload: Upload, as_owner: Client, owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-02"""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sent = [SimpleUploadedFile("upload.zip", zipped(upload.files))] if upload.as_zip else []
    before = set(psutil.Process().children(recursive=True))  # a browser, where tests of one came first
    response = as_owner.post("/scenarios/upload/", {"documents": sent})
    assert response.status_code == upload.code
    page = response.content.decode()
    for row in ScenarioImport.objects.all():
        run_job(str(row.pk))
        row.job.refresh_from_db()
        assert row.job.status == (Status.COMPLETED if upload.kept else Status.FAILED)
        page = as_owner.get(response["Location"]).content.decode()
    assert upload.text in page.replace("&#x27;", "'").replace("&gt;", ">").replace("&lt;", "<")
    assert Scenario.objects.filter(owner=owner).count() == upload.kept
    assert not list(tmp_path.rglob("*"))
    assert not list(tmp_path.parent.rglob(f"{TOUCH}*"))
    assert not set(psutil.Process().children(recursive=True)) - before
