"""A scenario as files for others, which our own reader takes back (P-03)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.engine.scenarios import read_all, read_folder, unpack
from tests.factory import ScenarioFactory
from tests.negotiations.scenario_rows import generated


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("kind", ["genius", "yaml"])
def test_a_zip_comes_back_as_the_same_scenario(
    as_owner: Client, owner: User, tmp_path: Path, kind: str, parties: int
) -> None:
    scenario = generated(owner, name="Deal: é/2", parties=parties, opposition=0.5, analysed=False)
    answer = as_owner.get(f"/scenarios/{scenario.pk}/export/{kind}/")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="Deal-2-{kind}.zip"'
    (tmp_path / "out.zip").write_bytes(answer.content)
    unpack(tmp_path / "out.zip", tmp_path / "in")
    (read,) = read_all(tmp_path / "in")
    assert read.spec and read.path == "Deal-2"
    assert [issue.name for issue in read.spec.issues] == [issue["name"] for issue in scenario.issues]
    for ours, theirs in zip(scenario.preferences, read.spec.preferences, strict=True):
        assert theirs.weights == pytest.approx(ours["weights"])
        for issue, values in ours["values"].items():
            assert theirs.values[issue] == pytest.approx(values)


def test_one_file_is_the_stored_document(as_owner: Client, tmp_path: Path) -> None:
    scenario = generated()
    answer = as_owner.get(f"/scenarios/{scenario.pk}/export/yaml1/")
    assert answer["Content-Disposition"] == 'attachment; filename="Generated.yml"'
    (tmp_path / "Generated.yml").write_bytes(answer.content)
    assert read_folder(tmp_path).checksum == scenario.checksum


def test_a_name_of_nothing_but_odd_letters_has_a_file_name_too(as_owner: Client, owner: User) -> None:
    scenario = generated(owner, name='"/../é', analysed=False)
    answer = as_owner.get(f"/scenarios/{scenario.pk}/export/yaml/")
    assert answer["Content-Disposition"] == 'attachment; filename="scenario-yaml.zip"'
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist()[0] == "scenario/domain.yml"


def test_the_same_scenario_is_the_same_file(as_owner: Client, as_stranger: Client) -> None:
    url = f"/scenarios/{generated(analysed=False).pk}/export/genius/"
    assert as_owner.get(url).content == as_stranger.get(url).content


def test_what_genius_cannot_carry_is_refused_with_the_reason(as_owner: Client) -> None:
    preferences: list[dict[str, object]] = [
        {"name": "a", "kind": "hyper-rectangles", "reserved_value": None, "weights": {}, "values": {}}
    ]
    scenario = ScenarioFactory(preferences=preferences * 2)
    answer = as_owner.get(f"/scenarios/{scenario.pk}/export/genius/")
    assert answer.status_code == 409
    assert "NegMAS YAML can carry it" in answer.content.decode()
    assert as_owner.get(f"/scenarios/{scenario.pk}/export/yaml/").status_code == 200


@pytest.mark.parametrize("kind", ["genius", "yaml", "yaml1"])
def test_files_are_for_those_who_see_the_scenario(
    as_owner: Client,
    as_colleague: Client,
    as_stranger: Client,
    client: Client,
    owner: User,
    group: Group,
    kind: str,
) -> None:
    url = f"/scenarios/{generated(owner, group=group, analysed=False).pk}/export/{kind}/"
    codes = [each.get(url).status_code for each in (as_owner, as_colleague, as_stranger, client)]
    assert codes == [200, 200, 404, 302]


def test_there_is_no_other_format(as_owner: Client) -> None:
    assert as_owner.get(f"/scenarios/{generated(analysed=False).pk}/export/exe/").status_code == 404
