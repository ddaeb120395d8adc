"""The catalogue lists what is installed and promises nothing that is not so."""

from __future__ import annotations

import json
from importlib import metadata

import pytest

from negotiations.engine import catalogue as catalogue_module
from negotiations.engine import negotiators
from negotiations.engine.catalogue import MAX_OUTCOMES, catalogue
from negotiations.engine.exceptions import UnknownNegotiator
from negotiations.engine.parameters import check_parameters
from negotiations.engine.specs import NegotiatorSpec, PartySpec
from tests.engine.scenes import natives, played, session

ALL = catalogue()
BY_NAME = {spec.short_name: spec for spec in ALL if spec.source == "negmas"}
GENIUS = [spec for spec in ALL if spec.source == "genius-agents"]


def test_negmas_has_forty_four_negotiators_and_thirty_four_of_them_run_alone() -> None:
    assert len(BY_NAME) == 44
    assert len(natives()) == 34
    assert not BY_NAME["UtilBasedNegotiator"].runs_alone
    assert not BY_NAME["RankerNegotiator"].runs_alone
    assert not BY_NAME["MeanMetaNegotiator"].runs_alone


def test_source_and_type_are_unique_and_sorted() -> None:
    keys = [(spec.source, spec.type) for spec in ALL]
    assert keys == sorted(set(keys))


def test_installed_agent_packages_are_listed_for_two_parties() -> None:
    assert len(GENIUS) == 146
    assert {spec.max_parties for spec in GENIUS} == {2}
    assert all(spec.runs_alone and not spec.deterministic for spec in GENIUS)
    assert "ANAC 2010" in {spec.family for spec in GENIUS}


def test_those_that_need_java_are_left_out() -> None:
    assert not any(".genius." in spec.type for spec in ALL)


def test_a_package_that_cannot_be_imported_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        metadata = {"Name": "negmas-broken"}

    monkeypatch.setattr("negotiations.engine.catalogue.metadata.distributions", lambda: [Broken])
    monkeypatch.setattr("negotiations.engine.catalogue.metadata.entry_points", lambda group: [])
    catalogue_module._import_packages()
    assert "The agent package negmas-broken cannot be imported" in caplog.text


def test_a_package_of_another_name_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def entry_points(group: str) -> list[metadata.EntryPoint]:
        asked.append(group)
        return [metadata.EntryPoint("agents", "tests.engine.no_such_agents", group)]

    monkeypatch.setattr("negotiations.engine.catalogue.metadata.entry_points", entry_points)
    assert catalogue_module._packages()[-1] == "tests.engine.no_such_agents"
    assert asked == ["parley.negotiators"]


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.short_name)
def test_every_type_leads_to_a_negotiator_with_the_parameters_it_lists(spec: NegotiatorSpec) -> None:
    """Each default is right by the check, and the constructor takes all of them at once."""
    defaults = {parameter.name: parameter.default for parameter in spec.parameters}
    assert check_parameters(spec.parameters, defaults) == {}
    if spec.runs_alone:
        made = negotiators.create(PartySpec("somebody", spec.type, defaults))
        assert made.name == "somebody"


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.short_name)
def test_no_parameter_names_a_class_or_a_function(spec: NegotiatorSpec) -> None:
    """Text is only taken from a closed list."""
    for parameter in spec.parameters:
        assert parameter.kind in ("int", "float", "bool", "choice", "number_or_choice", "numbers")
        assert isinstance(parameter.default, int | float | str | None)
        assert parameter.choices or not parameter.name.endswith(
            ("_type", "_types", "inverter", "selector", "_fun", "_class")
        )
        assert "choice" in parameter.kind or not parameter.choices
        assert all(choice.isidentifier() for choice in parameter.choices)


def test_specs_are_json() -> None:
    for spec in ALL:
        for parameter in spec.parameters:
            assert json.loads(json.dumps(parameter.default, allow_nan=False)) == parameter.default


def test_parameters_are_those_of_the_whole_line_of_bases() -> None:
    parameters = {parameter.name: parameter for parameter in BY_NAME["AspirationNegotiator"].parameters}
    assert parameters["aspiration_type"].choices == ("boulware", "conceder", "linear")
    assert (parameters["aspiration_type"].kind, parameters["aspiration_type"].default) == (
        "number_or_choice",
        "boulware",
    )
    assert parameters["max_aspiration"].kind == "float"
    assert parameters["presort"].kind == "bool"
    assert "ufun_inverter" not in parameters and "name" not in parameters


def test_parameters_that_a_class_fixes_are_not_offered() -> None:
    """Boulware writes its own curve over any other."""
    names = {parameter.name for parameter in BY_NAME["BoulwareTBNegotiator"].parameters}
    assert "starting_utility" in names
    assert not names & {"offering_curve", "stochastic"}


def test_only_four_do_without_listing_the_outcomes() -> None:
    assert {spec.short_name for spec in ALL if spec.max_outcomes is None} == {
        "NiceNegotiator",
        "RandomNegotiator",
        "RandomAlwaysAcceptingNegotiator",
        "LimitedOutcomesAcceptor",
    }
    assert {spec.max_outcomes for spec in ALL} == {None, MAX_OUTCOMES}


def test_one_of_negmas_does_not_propose() -> None:
    assert [spec.short_name for spec in ALL if not spec.proposes] == ["LimitedOutcomesAcceptor"]


def test_descriptions_are_short_plain_text() -> None:
    for spec in natives():
        assert spec.description and len(spec.description) <= 500
        assert "\n" not in spec.description and "`" not in spec.description
        assert spec.text and "`" not in spec.text and "Args:" not in spec.text


def test_parameters_have_the_words_of_their_class_and_the_bounds_in_them() -> None:
    parameters = {parameter.name: parameter for parameter in BY_NAME["AspirationNegotiator"].parameters}
    first = parameters["max_aspiration"]
    assert first.words.startswith("The aspiration level (relative utility in [0, 1])")
    assert (first.low, first.high) == (0.0, 1.0)
    told = [parameter.words for spec in ALL for parameter in spec.parameters]
    assert sum(map(bool, told)) / len(told) > 0.95


def test_what_no_form_can_give_is_named_with_its_type() -> None:
    assert "final_utility_ladder (tuple[tuple[float, float], ...])" in BY_NAME["HybridNegotiator"].not_given


def test_each_names_the_versions_it_depends_on() -> None:
    negmas = f"negmas {metadata.version('negmas')}"
    assert {spec.version for spec in BY_NAME.values()} == {negmas}
    assert all(spec.version.startswith("negmas-genius-agents ") and negmas in spec.version for spec in GENIUS)


@pytest.mark.parametrize(
    "spec",
    [spec for spec in ALL if not spec.runs_alone],
    ids=lambda spec: spec.short_name,
)
def test_what_is_said_not_to_run_alone_does_not(spec: NegotiatorSpec) -> None:
    _, result = played(session(spec.type, spec.type))
    assert result.end_reason == "error"


@pytest.mark.parametrize("spec", GENIUS[::10], ids=lambda spec: spec.short_name)
def test_agents_of_packages_play(spec: NegotiatorSpec) -> None:
    actions, result = played(session(spec.type, "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"))
    assert actions and result.end_reason in ("agreement", "steps", "ended")


@pytest.mark.parametrize(
    "name",
    [
        "os.system",
        "subprocess.Popen",
        "builtins.eval",
        "negmas.sao.SAOMechanism",
        "nothing",
        "",
        "no.such.Thing",
        ".x",
    ],
)
def test_a_type_that_is_no_negotiator_is_refused(name: str) -> None:
    with pytest.raises(UnknownNegotiator):
        negotiators.create(PartySpec("x", name))
