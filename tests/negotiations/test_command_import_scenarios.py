"""`import_scenarios`: folders, zips and single files into the library (P-02)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from negotiations.management.commands import import_scenarios
from negotiations.management.commands.load_builtin_scenarios import FOLDER
from negotiations.models import Scenario
from tests.factory import DOCUMENT, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """trade/lamps/flea-market-lamp and garden-fence in a folder."""
    root = tmp_path / "collection"
    shutil.copytree(FOLDER / "flea-market-lamp", root / "trade" / "lamps" / "flea-market-lamp")
    shutil.copytree(FOLDER / "garden-fence", root / "garden-fence")
    return root


def zipped(tree: Path) -> Path:
    archive = tree.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as opened:
        for path in tree.rglob("*.yml"):
            opened.write(path, path.relative_to(tree))
    return archive


def imported(*args: Any, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("import_scenarios", *map(str, args), json=True, stdout=out, **options)
    report: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return report


def rows() -> set[tuple[str, str]]:
    return set(Scenario.objects.values_list("source", "name"))


def test_a_tree_is_read_whole_and_its_folders_are_the_sources(tree: Path) -> None:
    assert imported(tree) == {"accepted": 2, "known": 0, "refused": []}
    assert rows() == {("trade/lamps", "flea-market-lamp"), ("collection", "garden-fence")}


def test_a_zip_gives_what_its_folder_gives(tree: Path) -> None:
    assert imported(zipped(tree)) == {"accepted": 2, "known": 0, "refused": []}
    assert rows() == {("trade/lamps", "flea-market-lamp"), ("collection", "garden-fence")}


def test_a_scenario_by_itself_has_its_parents_name_as_source(tree: Path) -> None:
    imported(tree / "trade" / "lamps" / "flea-market-lamp")
    assert rows() == {("lamps", "flea-market-lamp")}


def test_a_single_file_can_hold_a_whole_scenario(tmp_path: Path) -> None:
    (tmp_path / "bike.yml").write_text(DOCUMENT)
    assert imported(tmp_path / "bike.yml")["accepted"] == 1
    assert rows() == {(tmp_path.name, "bike")}


def test_what_is_there_is_known(tree: Path) -> None:
    imported(tree)
    assert imported(tree) == {"accepted": 0, "known": 2, "refused": []}
    assert Scenario.objects.count() == 2


def test_the_library_has_no_owner_and_tags_are_kept(tree: Path) -> None:
    imported(tree, tags=["course", "2026"])
    assert {scenario.owner for scenario in Scenario.objects.all()} == {None}
    assert all(scenario.tags == ["course", "2026"] for scenario in Scenario.objects.all())


def test_an_owner_can_be_named(tree: Path) -> None:
    owner = UserFactory(username="ada")
    imported(tree, owner="ada")
    assert {scenario.owner for scenario in Scenario.objects.all()} == {owner}


def test_an_unknown_owner_is_an_error(tree: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no user called 'ada'\.$"):
        imported(tree, owner="ada")


def test_one_bad_scenario_does_not_keep_the_others_out(tree: Path) -> None:
    bad = tree / "bad"
    bad.mkdir()
    (bad / "domain.yml").write_text("type: subprocess.Popen\nargs: [touch, PWNED]\n")
    report = imported(tree)
    assert report["accepted"] == 2
    assert [entry["path"] for entry in report["refused"]] == [str(bad)]
    assert "type 'subprocess.Popen', which is not allowed" in report["refused"][0]["reason"]


def test_no_such_path_is_one_plain_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as raised:
        imported(tmp_path / "none")
    assert str(raised.value) == f"Nothing was accepted. {tmp_path / 'none'}: There is no such file or folder."


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No scenario was found"):
        imported(tmp_path)


HOSTILE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a zip of zeros": (
        "a.zip",
        lambda path: _zip(path, {"a/x.xml": b"\0" * 60_000_000}),
        "unpacks to more than",
    ),
    "a way out of the zip": ("a.zip", lambda path: _zip(path, {"../x.xml": b"<a/>"}), "points out of it"),
    "an alias": ("a.yml", lambda path: path.write_text("a: &a [1]\nb: *a\n"), "aliases"),
    "NUL bytes": ("a.yml", lambda path: path.write_bytes(b"type: \0\n"), "a.yml"),
    "no scenario": ("a.yml", lambda path: path.write_text("hello\n"), "no mapping"),
}


def _zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_in_a_line(case: str, tmp_path: Path) -> None:
    name, write, reason = HOSTILE[case]
    write(tmp_path / name)
    with pytest.raises(CommandError) as raised:
        imported(tmp_path / name)
    assert str(raised.value).startswith(f"Nothing was accepted. {tmp_path / name}")
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)
    assert Scenario.objects.count() == 0
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_what_hangs_over_a_file_is_killed(tree: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IMPORT_SECONDS = 0.2
    monkeypatch.setattr(import_scenarios, "read_all", lambda root: iter(lambda: time.sleep(1), 0))
    with pytest.raises(CommandError, match="Reading stopped here; what comes after was not read"):
        imported(tree)


def test_from_a_shell_it_exits_with_1_and_one_line_on_stderr(tmp_path: Path) -> None:
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "import_scenarios",
        str(tmp_path / "none"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
