"""`run_session`: a session from the command line, here or by a worker."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connections
from django_q.models import OrmQ
from pytest_django import Settings

from negotiations import tasks
from negotiations.engine.scenarios import read_folder
from negotiations.management.commands import run_session
from negotiations.management.commands.load_builtin_scenarios import FOLDER
from negotiations.models import ConfiguredNegotiator, Job, Kind, Negotiator, Scenario, Session, Status
from negotiations.processes import ENVIRONMENT
from tests.factory import ConfiguredFactory, NegotiatorFactory, ScenarioFactory, UserFactory

pytestmark = pytest.mark.django_db

KEYS = ["id", "status", "end_reason", "agreement", "utilities", "steps", "offers", "seconds"]
EXPONENT = {
    "name": "aspiration_type",
    "kind": "number_or_choice",
    "default": "boulware",
    "choices": ["boulware", "linear", "conceder"],
    "optional": True,
}


@pytest.fixture(autouse=True)
def scenario(superuser: User) -> Scenario:
    scenario, _ = Scenario.objects.keep(read_folder(FOLDER / "garden-fence"), owner=None, source="builtin")
    return scenario


@pytest.fixture(autouse=True)
def negotiator() -> Negotiator:
    return NegotiatorFactory(
        type="negmas.sao.negotiators.timebased.AspirationNegotiator",
        short_name="AspirationNegotiator",
        parameters=[EXPONENT],
    )


def run(**options: Any) -> str:
    out = StringIO()
    given = {"scenario": "garden-fence", "negotiators": ["AspirationNegotiator"] * 2, "seed": "7"} | options
    call_command("run_session", stdout=out, **given)
    return out.getvalue()


def told(**options: Any) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(run(json=True, **options).splitlines()[-1])
    return line


def error(**options: Any) -> str:
    with pytest.raises(CommandError) as raised:
        run(**options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


# --- What runs --------------------------------------------------------------------------------------------


def test_it_plays_to_the_end_and_tells_it_as_json() -> None:
    line = told(steps="50")
    session = Session.objects.get(pk=line["id"])
    assert list(line) == KEYS
    assert (line["status"], line["end_reason"]) == ("completed", "agreement")
    assert line["agreement"] == session.agreement
    assert line["utilities"] == session.utilities
    assert line["offers"] == session.offers.count() > 0
    assert line["seconds"] > 0


def test_the_same_seed_gives_the_same_offers() -> None:
    first, second = (Session.objects.get(pk=told()["id"]) for _ in range(2))
    rows = ("seq", "step", "party", "response", "outcome", "utilities")
    assert list(first.offers.values_list(*rows)) == list(second.offers.values_list(*rows))


def test_nothing_is_sent_to_the_workers(django_capture_on_commit_callbacks: Any) -> None:
    """Who plays it here has it already; neither the bell nor the reaper gives it to a worker too."""
    with django_capture_on_commit_callbacks(execute=True):
        run()
    assert OrmQ.objects.count() == 0
    assert Job.objects.get().attempt == 1


def test_with_queue_a_worker_is_rung_for(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        line = told(queue=True)
    assert (line["status"], line["agreement"], line["seconds"]) == ("pending", None, None)
    assert OrmQ.objects.count() == 1
    assert Job.objects.get().status == Status.QUEUED


def test_parameters_reach_the_party() -> None:
    session = Session.objects.get(pk=told(params=["1.aspiration_type=linear"])["id"])
    assert [party.parameters for party in session.parties.all()] == [{}, {"aspiration_type": "linear"}]


def test_three_parties_are_seated() -> None:
    Scenario.objects.keep(read_folder(FOLDER / "weekend-trip"), owner=None, source="builtin")
    assert len(told(scenario="weekend-trip", negotiators=["AspirationNegotiator"] * 3)["utilities"]) == 3


def test_it_is_the_first_superusers_unless_another_is_named(superuser: User) -> None:
    ada = UserFactory(username="ada")
    told()
    told(owner="ada")
    assert [job.owner for job in Job.objects.order_by("created_at")] == [superuser, ada]


def test_people_read_the_agreement_by_issue() -> None:
    text = run(steps="50")
    assert "completed. Agreement" in text
    assert "  height: " in text
    assert "AspirationNegotiator: utility 0." in text


def test_a_session_that_fails_is_an_error_after_its_line(negotiator: Negotiator) -> None:
    Negotiator.objects.filter(pk=negotiator.pk).update(type="negmas.sao.negotiators.Gone")
    out = StringIO()
    names = ["AspirationNegotiator"] * 2
    with pytest.raises(CommandError, match="negmas.sao.negotiators.Gone"):
        call_command("run_session", scenario="garden-fence", negotiators=names, json=True, stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["status"] == "failed"


def test_ctrl_c_cancels_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(job: Job) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(tasks.RUNS, Kind.SESSION, interrupt)
    assert error() == "Cancelled by Ctrl-C at step 0."
    session = Session.objects.get()
    assert (session.status, session.end_reason) == ("cancelled", "cancelled")


# --- What is refused --------------------------------------------------------------------------------------

STEPS = "--steps: Give a whole number from 1 to 100,000."
SEED = "--seed: Give a whole number from 0 to 2,147,483,647."
EXAMPLE = "for example 0.aspiration_type=boulware."
NONSENSE = ["NaN", "inf", "-5", "abc", "null", ""]


@pytest.mark.parametrize("steps", [*NONSENSE, "0", "1000000000"])
def test_nonsense_as_steps_is_refused(steps: str) -> None:
    assert error(steps=steps) == STEPS


@pytest.mark.parametrize("seed", [*NONSENSE, "10000000000"])
def test_nonsense_as_seed_is_refused(seed: str) -> None:
    assert error(seed=seed) == SEED


@pytest.mark.parametrize("value", ["NaN", "inf", "1000000000", "abc", "null", "os.system"])
def test_nonsense_as_a_parameter_is_refused(value: str) -> None:
    assert error(params=[f"0.aspiration_type={value}"]).startswith("--param 0.aspiration_type: Has to ")


def test_an_unknown_parameter_names_those_there_are() -> None:
    text = "--param 0.speed: This negotiator has no parameter 'speed'. It has aspiration_type."
    assert error(params=["0.speed=1"]) == text


@pytest.mark.parametrize("param", ["2.x=1", "x=1", "0.x", "0.=1", "-1.x=1", "².x=1"])
def test_a_parameter_in_another_form_is_refused(param: str) -> None:
    assert (
        error(params=[param]) == f"--param {param}: write PARTY.NAME=VALUE with PARTY from 0 to 1, {EXAMPLE}"
    )


def test_an_unknown_scenario_lists_the_closest() -> None:
    text = "There is no scenario called 'garden-fense'. Did you mean builtin/garden-fence?"
    assert error(scenario="garden-fense") == text


def test_an_ambiguous_scenario_lists_its_sources() -> None:
    ScenarioFactory(name="garden-fence", source="course")
    text = "2 scenarios are called 'garden-fence'. Name one of: builtin/garden-fence, course/garden-fence."
    assert error() == text
    assert told(scenario="builtin/garden-fence")["status"] == "completed"


def test_somebody_elses_scenario_is_not_there() -> None:
    ada = UserFactory(username="ada")
    ScenarioFactory(name="secret", source="", owner=UserFactory())
    assert error(scenario="secret", owner=ada.username).startswith("There is no scenario called 'secret'.")


@pytest.mark.parametrize(
    "name", ["os.system", "subprocess.Popen", "negmas.sao.negotiators.timebased.AspirationNegotiator"]
)
def test_only_a_name_of_the_catalogue_is_a_negotiator(name: str) -> None:
    text = error(negotiators=[name, "AspirationNegotiator"])
    assert text.startswith(f"There is no negotiator called {name!r}.")


def test_an_unknown_negotiator_lists_the_closest() -> None:
    text = "There is no negotiator called 'AspirationNegotator'. Did you mean AspirationNegotiator?"
    assert error(negotiators=["AspirationNegotator"] * 2) == text


def test_an_ambiguous_negotiator_lists_its_sources() -> None:
    NegotiatorFactory(source="negmas-course", type="course.Aspiration", short_name="AspirationNegotiator")
    text = "negmas/AspirationNegotiator, negmas-course/AspirationNegotiator"
    assert text in error()
    assert told(negotiators=["negmas/AspirationNegotiator"] * 2)["status"] == "completed"


# --- Negotiators that people configured -------------------------------------------------------------------


def seated(**options: Any) -> list[tuple[str, dict[str, Any]]]:
    session = Session.objects.get(pk=told(**options)["id"])
    return [(party.name, party.parameters) for party in session.parties.all()]


@pytest.fixture
def patient(negotiator: Negotiator) -> ConfiguredNegotiator:
    kept: ConfiguredNegotiator = ConfiguredFactory(
        owner=UserFactory(username="ada"),
        name="Patient",
        negotiator=negotiator,
        parameters={"aspiration_type": "linear"},
    )
    return kept


@pytest.mark.parametrize("name", ["Patient", "own/Patient"])
def test_a_configured_negotiator_is_seated_by_its_name(patient: ConfiguredNegotiator, name: str) -> None:
    first, second = seated(negotiators=[name, "AspirationNegotiator"], owner="ada")
    assert first == ("Patient", {"aspiration_type": "linear"})
    assert second == ("AspirationNegotiator", {})


def test_its_parameters_give_way_to_those_of_the_command(patient: ConfiguredNegotiator) -> None:
    given = {"negotiators": ["Patient"] * 2, "owner": "ada", "params": ["1.aspiration_type=conceder"]}
    assert [parameters["aspiration_type"] for _, parameters in seated(**given)] == ["linear", "conceder"]


def test_somebody_elses_configured_negotiator_is_not_there(patient: ConfiguredNegotiator) -> None:
    UserFactory(username="bob")
    assert error(negotiators=["Patient"] * 2, owner="bob").startswith(
        "There is no negotiator called 'Patient'."
    )
    assert error(negotiators=["own/Patient"] * 2, owner="bob") == (
        "There is no configured negotiator yet. Save one in the library of negotiators."
    )


def test_one_that_is_called_as_one_of_the_catalogue_has_to_be_told_from_it(
    patient: ConfiguredNegotiator,
) -> None:
    ConfiguredNegotiator.objects.filter(pk=patient.pk).update(name="AspirationNegotiator")
    assert error(owner="ada") == (
        "2 negotiators are called 'AspirationNegotiator'. "
        "Name one of: negmas/AspirationNegotiator, own/AspirationNegotiator."
    )
    pair = ["own/AspirationNegotiator", "negmas/AspirationNegotiator"]
    assert [len(parameters) for _, parameters in seated(negotiators=pair, owner="ada")] == [1, 0]


def test_of_two_with_one_name_it_is_ones_own_and_else_the_key_that_tells(
    patient: ConfiguredNegotiator, superuser: User, negotiator: Negotiator
) -> None:
    other = ConfiguredFactory(owner=UserFactory(username="bob"), name="Patient", negotiator=negotiator)
    assert f"{patient.key} of ada, {other.key} of bob" in error(negotiators=["Patient"] * 2)
    assert seated(negotiators=[patient.key, other.key])[0][1] == {"aspiration_type": "linear"}
    ConfiguredFactory(
        owner=superuser, name="Patient", negotiator=negotiator, parameters={"aspiration_type": "conceder"}
    )
    assert seated(negotiators=["Patient"] * 2)[0][1] == {"aspiration_type": "conceder"}


def test_a_misspelt_own_name_lists_the_closest(patient: ConfiguredNegotiator) -> None:
    text = error(negotiators=["own/Patent"] * 2, owner="ada")
    assert text == "There is no configured negotiator called 'own/Patent'. Did you mean own/Patient?"


def test_a_negotiator_that_does_not_fit_is_told_before_the_run(negotiator: Negotiator) -> None:
    Negotiator.objects.filter(pk=negotiator.pk).update(max_outcomes=20)
    assert "AspirationNegotiator goes through all outcomes; 24 are too many." in error()
    assert Session.objects.count() == 0


def test_the_number_of_negotiators_has_to_be_right() -> None:
    assert error(negotiators=["AspirationNegotiator"]).startswith("garden-fence has 2 parties")


def test_without_a_superuser_it_says_how_to_make_one(superuser: User) -> None:
    superuser.delete()
    assert error() == "There is no superuser yet. Run: manage.py create_admin"


def test_a_limit_holds_for_what_workers_are_to_play(settings: Settings) -> None:
    """J-18; what is played here takes nobody a worker."""
    settings.ACTIVE_JOBS = 1
    run(queue=True)
    assert error(queue=True).startswith(
        "You have 1 active job, and a person may have 1 at once (ACTIVE_JOBS)"
    )
    assert told()["status"] == "completed"


# --- The shell --------------------------------------------------------------------------------------------


@pytest.fixture
def from_a_shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the command as `manage.py` does; its exit code, stdout and stderr."""
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def run(*args: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as raised:
            run_session.Command().run_from_argv(["manage.py", "run_session", *args])
        return raised.value.code, *capsys.readouterr()

    return run


def test_it_exits_with_1_and_one_plain_line_on_stderr(
    from_a_shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    line = "There is no scenario called 'x'. There are builtin/garden-fence.\n"
    assert from_a_shell("--scenario", "x") == (1, "", line)


def test_a_run_starts_anew_under_the_fixed_hash_seed(
    from_a_shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay in another process gives the same offers only where sets have the same order."""
    started: list[Any] = []
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    monkeypatch.setattr(os, "execv", lambda *args: started.append(os.environ["PYTHONHASHSEED"]))
    from_a_shell("--scenario", "x")
    assert started == ["0"]
