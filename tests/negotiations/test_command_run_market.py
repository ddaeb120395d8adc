"""`run_market` opens a market from a file, plays it and tells what was bought."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from negotiations import room_tasks
from negotiations.engine.rooms import play_round
from negotiations.models import Job, Market, Status

pytestmark = pytest.mark.django_db

STOCK = {"item": "Lamp", "cost": 5, "least": 9.5, "selling": 25, "quantity": 30}
MARKET = {
    "name": "Lamps",
    "buyer_name": "Office",
    "budget": 500,
    "seed": 3,
    "needs": [{"item": "Lamp", "quantity": 10, "low": 8, "high": 20}],
    "sellers": [
        {"name": "One", "priority": "profit", "style": "warm", "stock": [STOCK]},
        {"name": "Two", "stock": [{**STOCK, "least": 11}]},
    ],
}


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch, superuser: User) -> None:
    monkeypatch.setattr(room_tasks, "played", play_round)


def run(folder: Path, told: Any, *options: str) -> str:
    file = folder / "market.json"
    file.write_text(told if isinstance(told, str) else json.dumps(told))
    out = StringIO()
    call_command("run_market", str(file), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_market_is_played_to_its_summary(tmp_path: Path) -> None:
    summary = json.loads(run(tmp_path, MARKET, "--json").splitlines()[-1])
    assert (summary["status"], summary["completed_purchases"], summary["items_purchased"]) == (
        "completed",
        1,
        10,
    )
    market = Market.objects.get()
    assert float(market.spent) == summary["total_spent"] == summary["purchases"][0]["total"]
    assert not Job.objects.active().exists()


def test_the_same_file_is_the_same_market_again(tmp_path: Path) -> None:
    first, second = (json.loads(run(tmp_path, MARKET, "--json")) for _ in range(2))
    assert first["purchases"][0]["price"] == second["purchases"][0]["price"]


def test_people_are_told_in_lines(tmp_path: Path) -> None:
    lines = run(tmp_path, MARKET).splitlines()
    assert lines[0].endswith(": completed.")
    assert lines[1].startswith("  Lamp: 10 at ")
    assert lines[-1].startswith("Spent: ")


def test_workers_may_play_it(tmp_path: Path) -> None:
    summary = json.loads(run(tmp_path, MARKET, "--json", "--queue"))
    assert summary["status"] == "active"
    assert Job.objects.get().status == Status.QUEUED


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("{", "This is no JSON"),
        ("[]", "an object in braces"),
        ({**MARKET, "colour": "red"}, "colour: 'colour' is not known here"),
        ({**MARKET, "needs": {}}, "needs: This is to be a list"),
        ({**MARKET, "needs": [5]}, "needs.0: This is to be an object"),
        ({**MARKET, "name": 5}, "name: This is to be a text"),
        ({**MARKET, "seed": "x"}, "seed: This is to be a whole number"),
        ({**MARKET, "budget": "much"}, "budget: This is to be a number"),
        ({**MARKET, "budget": True}, "budget: This is to be a number"),
        ({**MARKET, "sellers": []}, "sellers: A market has 1 to 10 sellers"),
        ({**MARKET, "sellers": [{"name": "One", "kind": "person"}]}, "sellers.0.kind: People choose"),
        (
            {**MARKET, "sellers": [{"name": "One", "stock": [{**STOCK, "cost": 10}]}]},
            "sellers.0.stock.0.least: The least price is to be above the cost",
        ),
        (
            {**MARKET, "sellers": [{"name": "One", "stock": [{**STOCK, "quantity": 1}]}]},
            "sellers: No seller can serve any of these items",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path: Path, told: Any, message: str) -> None:
    with pytest.raises(CommandError) as error:
        run(tmp_path, told)
    assert message in str(error.value)
    assert Market.objects.count() == 0


def test_a_file_that_is_not_there_is_said_so() -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("run_market", "nowhere.json")
