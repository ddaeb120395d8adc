"""Archives of strangers are unpacked within bounds or refused."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from negotiations.engine import archives, scenarios
from negotiations.engine.archives import find, unpack
from negotiations.engine.exceptions import ScenarioRefused
from tests.engine.scenes import DATA, scenario


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def refusal(data: bytes | Path, into: Path) -> str:
    with pytest.raises(ScenarioRefused) as refused:
        unpack(data, into)
    return refused.value.reason


def test_a_zip_of_several_scenarios_is_read_one_by_one(tmp_path: Path) -> None:
    files = {
        f"all/{path.parent.name}/{path.name}": path.read_bytes()
        for path in DATA.rglob("*.*")
        if path.parent != DATA
    }
    unpack(zipped(files | {"all/readme.txt": b"hello", "__MACOSX/._x.xml": b"junk"}), tmp_path)
    reads = {read.path: read.spec for read in scenarios.read_all(tmp_path)}
    for name in ("kitchen_yaml", "laptop_xml", "trip_json"):
        assert reads[f"all/{name}"] == scenario(name)
    assert not (tmp_path / "all/readme.txt").exists()


def test_an_archive_may_lie_on_the_disk(tmp_path: Path) -> None:
    packed = tmp_path / "upload.zip"
    packed.write_bytes(zipped({"a/domain.yml": b"x: 1"}))
    unpack(packed, tmp_path / "into")
    assert (tmp_path / "into/a/domain.yml").read_bytes() == b"x: 1"


@pytest.mark.parametrize(
    "name",
    [
        "../out.xml",
        "a/../../out.xml",
        "/etc/out.xml",
        "..\\out.xml",
        "C:\\out.xml",
        "C:out.xml",
        "x" * 1001 + ".xml",
    ],
)
def test_names_that_point_out_of_the_archive_are_refused(name: str, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    assert "points out of it. Pack it with relative names." in refusal(zipped({name: b"<x/>"}), into)
    assert not (tmp_path / "out.xml").exists()


def test_links_are_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("link.xml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert "symbolic link, 'link.xml'" in refusal(packed.getvalue(), tmp_path)


def test_archives_within_archives_are_refused(tmp_path: Path) -> None:
    assert "another archive in it, 'inner.zip'" in refusal(
        zipped({"inner.zip": zipped({"a.xml": b"x"})}), tmp_path
    )


def test_encrypted_archives_are_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.xml": b"<x/>"}))
    central = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, central + 8, 1)
    struct.pack_into("<H", data, 6, 1)
    assert refusal(bytes(data), tmp_path) == "The archive is encrypted. Pack it without a password."


def test_what_inflates_too_far_is_refused_whatever_its_header_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 100_000)
    honest = zipped({"a.xml": b" " * 90_000, "b.xml": b" " * 20_000})
    assert refusal(honest, tmp_path) == "The archive unpacks to more than 100,000 bytes. Split it."
    lying = bytearray(zipped({"c.xml": b" " * 500_000}))
    struct.pack_into("<I", lying, lying.rindex(b"PK\x01\x02") + 24, 10)
    with pytest.raises(ScenarioRefused):
        unpack(bytes(lying), tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.xml")) < 200_000


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 3)
    assert "has 4 entries; at most 3 are read" in refusal(
        zipped({f"{index}.xml": b"" for index in range(4)}), tmp_path
    )


def test_deep_folders_are_refused(tmp_path: Path) -> None:
    assert "nests folders deeper than 12 levels" in refusal(zipped({"a/" * 12 + "x.xml": b""}), tmp_path)


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    whole = zipped({"a.xml": bytes(range(256)) * 50})
    assert "damaged or no zip" in refusal(whole[:-40], tmp_path)
    broken = whole.replace(whole[40:60], b"\xff" * 20, 1)
    assert "cannot be read" in refusal(broken, tmp_path)
    assert "damaged or no zip" in refusal(b"Rar!\x1a\x07 something", tmp_path)


def test_other_kinds_of_archive_are_refused(tmp_path: Path) -> None:
    packed = tmp_path / "upload.tar"
    packed.write_bytes(b"anything")
    assert "Pack the scenario folders into a plain zip." in refusal(packed, tmp_path)


def test_one_yaml_file_may_hold_a_whole_scenario(tmp_path: Path) -> None:
    unpack(scenario("kitchen_yaml").document.encode(), tmp_path)
    (read,) = scenarios.read_all(tmp_path)
    assert read.spec is not None
    assert read.spec.checksum == scenario("kitchen_yaml").checksum


@pytest.mark.parametrize(
    ("content", "kind"), [(b"\xef\xbb\xbf <utility_space/>", "XML"), (b' {"a": 1}', "JSON")]
)
def test_one_file_of_another_format_is_only_a_part(content: bytes, kind: str, tmp_path: Path) -> None:
    assert refusal(content, tmp_path).startswith(f"One {kind} file holds only a part of a scenario.")


def test_finding_follows_no_links_and_skips_hidden_folders(tmp_path: Path) -> None:
    for name in ("a/x.xml", "b/c/y.YML", ".git/z.xml", "__MACOSX/w.xml", "empty/readme.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert find(tmp_path) == [tmp_path / "a", tmp_path / "b/c"]


def test_too_many_scenarios_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_SCENARIOS", 2)
    for name in "abc":
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.xml").write_text("")
    with pytest.raises(ScenarioRefused, match="more than 2 scenarios"):
        find(tmp_path)
