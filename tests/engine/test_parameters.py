"""What a person may write into a negotiator's parameters, and what is said of the rest."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from negotiations.engine.parameters import check_parameters
from negotiations.engine.specs import ParameterSpec

SPECS = (
    ParameterSpec("exponent", "float", 1.0),
    ParameterSpec("limit", "float", None),
    ParameterSpec("count", "int", 5),
    ParameterSpec("largest", "int", 10_000_000),
    ParameterSpec("stochastic", "bool", False),
    ParameterSpec("mode", "choice", "fast", ("fast", "slow")),
    ParameterSpec("curve", "number_or_choice", "boulware", ("boulware", "linear")),
    ParameterSpec("share", "float", 0.5, low=0.0, high=1.0),
    ParameterSpec("weights", "numbers", None),
)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"exponent": 0.5, "count": 3, "stochastic": True, "mode": "slow", "curve": "linear"},
        {"exponent": 2, "curve": 3.5, "limit": None},
        {"count": -1_000_000, "largest": 10_000_000},
        {"share": 1, "weights": [0.5, 2]},
        {"weights": None},
    ],
)
def test_what_fits_is_right(given: dict[str, Any]) -> None:
    assert check_parameters(SPECS, given) == {}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("exponent", float("nan"), "Has to be a finite number."),
        ("exponent", float("inf"), "Has to be a finite number."),
        ("exponent", "1.0", "Has to be a number."),
        ("exponent", True, "Has to be a number."),
        ("exponent", [1.0], "Has to be a number."),
        ("exponent", 1e9, "Has to lie between -1,000,000 and 1,000,000."),
        ("exponent", None, "Needs a value. Leave it out to use the default."),
        ("count", 10**9, "Has to lie between -1,000,000 and 1,000,000."),
        ("count", 10**400, "Has to lie between -1,000,000 and 1,000,000."),
        ("count", 2.0, "Has to be a whole number."),
        ("count", False, "Has to be a whole number."),
        ("largest", 10_000_001, "Has to lie between -10,000,000 and 10,000,000."),
        ("stochastic", 1, "Has to be true or false."),
        ("stochastic", "true", "Has to be true or false."),
        ("mode", "os.system", "Has to be one of fast, slow."),
        ("mode", 3, "Has to be one of fast, slow."),
        ("curve", "__import__('os')", "Has to be a number or one of boulware, linear."),
        ("curve", float("nan"), "Has to be a finite number."),
        ("curve", {"a": 1}, "Has to be a number."),
        ("share", 1.01, "Has to lie between 0 and 1."),
        ("weights", "0.5", "Has to be a list of at most 100 numbers."),
        ("weights", [0.5] * 101, "Has to be a list of at most 100 numbers."),
        ("weights", [0.5, "os.system"], "Has to be a number."),
        ("weights", [float("nan")], "Has to be a finite number."),
    ],
)
def test_what_does_not_fit_is_told_in_words(name: str, value: Any, text: str) -> None:
    assert check_parameters(SPECS, {name: value}) == {name: text}


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    errors = check_parameters(SPECS[:2], {"ufun_inverter": "os.system"})
    assert errors == {
        "ufun_inverter": "This negotiator has no parameter 'ufun_inverter'. It has exponent, limit."
    }
    assert check_parameters((), {"x": 1}) == {"x": "This negotiator has no parameter 'x'. It has none."}


def test_the_check_needs_neither_negmas_nor_django() -> None:
    code = (
        "import sys, negotiations.engine.parameters as p, negotiations.engine.turns\n"
        "assert not {'negmas', 'django', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_engine_does_without_django() -> None:
    code = "import sys, negotiations.engine.sessions, negotiations.engine.child\nassert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
