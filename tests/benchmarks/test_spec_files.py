"""A benchmark written as a file: what is right becomes a benchmark, what is wrong is said with its key and value."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User

from benchmarks.spec_files import MOST_BYTES, SpecRefused, read_spec
from negotiations.models import Negotiator
from tests.factory import ConfiguredFactory, NegotiatorFactory, ScenarioFactory, UserFactory

pytestmark = pytest.mark.django_db

EXPONENT = {"name": "exponent", "kind": "float", "default": 1.0, "low": 0.0, "high": 9.0}


@pytest.fixture(autouse=True)
def library(db: None) -> None:
    NegotiatorFactory(type="negmas.A", short_name="MiCRONegotiator", parameters=[])
    NegotiatorFactory(type="negmas.B", short_name="BoulwareTBNegotiator", parameters=[EXPONENT])
    ScenarioFactory(name="Camera", source="anac", tags=["bilateral"])
    ScenarioFactory(name="Laptop", source="anac", tags=["bilateral", "small"])
    ScenarioFactory(name="Trip", source="mine")


def toml(**changed: str) -> str:
    lines = {
        "name": '"Cup"',
        "competitors": '["MiCRONegotiator", "BoulwareTBNegotiator"]',
        "scenarios": '["Camera"]',
    }
    return "\n".join(f"{key} = {value}" for key, value in (lines | changed).items())


def refused(user: User, text: str | bytes) -> str:
    with pytest.raises(SpecRefused) as caught:
        read_spec(text, user)
    return " ".join(caught.value.errors)


def test_a_file_with_every_key_becomes_a_benchmark_with_all_of_it(owner: User) -> None:
    text = toml(
        competitors='["MiCRONegotiator", {type = "BoulwareTBNegotiator", params = {exponent = 4.0}, name = "Slow"}]',
        opponents='["negmas/BoulwareTBNegotiator"]', scenarios='["anac/Laptop", "Camera"]', repetitions="3",
        steps="[10, 50]", seconds="2.5", rotate="false", self_play="false", seed="42", metric='"utility"',
        statistic='"median"', lanes="2", early_stop="true", ignore_reserved="true",
    )  # fmt: skip
    benchmark = read_spec(text, owner).start(owner, ring=False)
    benchmark.refresh_from_db()
    assert [each.name for each in benchmark.competitors.all()] == [
        "MiCRONegotiator",
        "Slow",
        "BoulwareTBNegotiator",
    ]
    assert [each.is_opponent for each in benchmark.competitors.all()] == [False, False, True]
    assert benchmark.competitors.get(name="Slow").parameters == {"exponent": 4.0}
    assert {each.name for each in benchmark.scenarios.all()} == {"Laptop", "Camera"}
    assert (benchmark.repetitions, benchmark.seed, benchmark.n_lanes) == (3, 42, 2)
    assert (benchmark.steps_low, benchmark.steps_high, benchmark.seconds_low) == (10, 50, 2.5)
    assert (benchmark.metric, benchmark.statistic) == ("utility", "median")
    assert (benchmark.rotate, benchmark.self_play, benchmark.early_stop, benchmark.ignore_reserved) == (
        False, False, True, True,
    )  # fmt: skip


def test_json_says_the_same_as_toml(owner: User) -> None:
    told = {"name": "Cup", "competitors": ["MiCRONegotiator"], "scenarios": ["Camera"], "steps": 7}
    spec = read_spec(json.dumps(told), owner)
    assert (spec.name, spec.options["steps_high"]) == ("Cup", 7)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ('["anac/*"]', ["Camera", "Laptop"]),
        ('["tag:small"]', ["Laptop"]),
        ('["Trip", "*"]', ["Trip", "Camera", "Laptop"]),
        ('["C?mera", "Camera"]', ["Camera"]),
    ],
)
def test_scenarios_are_named_by_patterns_and_tags_each_once(
    owner: User, wanted: str, found: list[str]
) -> None:
    assert [row.name for row in read_spec(toml(scenarios=wanted), owner).scenarios] == found


def test_with_seconds_alone_steps_are_not_limited(owner: User) -> None:
    options = read_spec(toml(seconds="[1, 2]"), owner).options
    assert (options["steps_low"], options["seconds_low"], options["seconds_high"]) == (None, 1.0, 2.0)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"competetors": "[]"}, "'competetors' is no key of a benchmark. Did you mean competitors?"),
        ({"steps": "0"}, "steps = 0: has to be a whole number from 1 to 1,000,000."),
        ({"steps": "[9, 3]"}, "steps = [9, 3]: has the least after the most"),
        ({"steps": "true"}, "steps = true"),
        ({"repetitions": "99999999999999999999999"}, "from 1 to 10,000"),
        ({"seconds": "nan"}, "seconds = NaN"),
        ({"rotate": '"yes"'}, 'rotate = "yes": has to be true or false.'),
        ({"metric": '"luck"'}, "has to be one of advantage, utility"),
        ({"statistic": "1979-05-27"}, "has to be one of mean"),
        ({"lanes": "0"}, "lanes = 0"),
        ({"name": '"a\\u0000b"'}, "one line"),
        ({"name": '""'}, "1 to 120 characters"),
        ({"scenarios": '["Kamera"]'}, "There is no scenario called 'Kamera'. Did you mean anac/Camera?"),
        ({"scenarios": '["tag:nope"]'}, "There is no tag called 'nope'. There are bilateral, small."),
        ({"scenarios": "[]"}, "has to be a list of names"),
        ({"competitors": '["MicroNegotiator"]'}, "Did you mean MiCRONegotiator"),
        ({"competitors": '[{type = "BoulwareTBNegotiator", params = {exponant = 1}}]'}, "has no parameter 'exponant'"),
        ({"competitors": '[{type = "BoulwareTBNegotiator", params = {exponent = 99.0}}]'}, "exponent of Boulware"),
        ({"competitors": '[{type = "BoulwareTBNegotiator", parms = {}}]'}, "there are type, params and name"),
        ({"competitors": "[3]"}, "number 1 has to be a name"),
        ({"opponents": '["os.system"]'}, "There is no negotiator called 'os.system'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_key_and_what_would_be_right(
    owner: User, changed: dict[str, str], told: str
) -> None:
    assert told in refused(owner, toml(**changed))


def test_everything_that_is_wrong_is_said_at_once(owner: User) -> None:
    told = refused(owner, 'steps = 0\nseed = -1\ncompetitors = ["MiCRONegotiator"]')
    assert all(key in told for key in ("name is missing", "scenarios is missing", "steps = 0", "seed = -1"))


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff\xfe\x00", "name = ", "{" * 3, "a = " + "[" * 50_000, '{"name": ' + "[" * 50_000, "x" * (MOST_BYTES + 1),
        '{"name": "\ud800"}', b"\0", "a = " + "9" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_and_harms_nobody(owner: User, hostile: str | bytes) -> None:
    assert refused(owner, hostile)


def test_a_scenario_that_is_not_theirs_is_not_found(owner: User) -> None:
    ScenarioFactory(name="Secret", source="hers", owner=UserFactory())
    assert "There is no scenario called 'Secret'" in refused(owner, toml(scenarios='["Secret"]'))


def test_a_configured_negotiator_brings_its_parameters_and_its_name(owner: User) -> None:
    boulware = Negotiator.objects.get(short_name="BoulwareTBNegotiator")
    ConfiguredFactory(owner=owner, name="Stubborn", negotiator=boulware, parameters={"exponent": 8.0})
    ConfiguredFactory(owner=UserFactory(), name="Hers", negotiator=boulware)
    (entrant,) = read_spec(toml(competitors='["Stubborn"]'), owner).entrants
    assert (entrant.negotiator, entrant.name, entrant.parameters) == (boulware, "Stubborn", {"exponent": 8.0})
    assert "There is no negotiator called 'Hers'" in refused(owner, toml(competitors='["Hers"]'))
