"""Rooms with real workers: fifty at once, and whatever is killed, each goes as if nothing had been."""

from __future__ import annotations

from typing import Any

import psutil
import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from negotiations.models import Job, Market, RoomRun
from tests.factory import UserFactory, make_market
from tests.workers.conftest import Starts, Storage, eventually
from tests.workers.test_market_races import holds, make

pytestmark = [pytest.mark.workers]

COLUMNS = ("seq", "round", "seat", "text", "price", "quantity", "to")


def begin() -> RoomRun:
    """Ten rounds with ten sellers, the same each time."""
    owner = User.objects.filter(username="runner").first() or UserFactory(username="runner")
    market = make_market(owner, n_items=1, n_sellers=8, min_rounds=10, seed=5)
    run: RoomRun = market.rooms.get().start(owner)
    return run


def ended(run: RoomRun, seconds: float = 60) -> RoomRun:
    eventually(lambda: Job.objects.get(pk=run.pk).is_over, seconds)
    over: RoomRun = RoomRun.objects.select_related("job", "room__market").get(pk=run.pk)
    return over


def told(run: RoomRun) -> list[tuple[Any, ...]]:
    decision = run.decision
    end = (decision.verdict, str(decision.seller), decision.price, decision.quantity)
    return [*run.messages.order_by("seq").values_list(*COLUMNS), end]


@pytest.fixture(scope="module")
def undisturbed(database: Storage, start_for_all: Starts) -> list[tuple[Any, ...]]:
    workers = start_for_all("qworkers")
    expected = told(ended(begin()))
    workers.stop()
    assert len(expected) > 20
    return expected


@pytest.mark.parametrize("victim", ["worker", "child"])
def test_a_room_goes_on_where_a_killed_process_left_it(
    undisturbed: list[tuple[Any, ...]], start: Starts, victim: str
) -> None:
    serve = start("serve", "--port", "0")
    run = begin()
    eventually(lambda: RoomRun.objects.get(pk=run.pk).n_messages >= 12)
    worker = psutil.Process(int(Job.objects.get(pk=run.pk).worker.rpartition(":")[2]))
    if victim == "worker":
        serve.kill(worker)
    else:
        eventually(worker.children)
        serve.kill(*worker.children())
    run = ended(run)
    assert told(run) == undisturbed
    assert run.n_messages == run.messages.count()
    # A child lives for a round: that one may have said all that it had to say.
    assert run.job.attempt == 2 or victim == "child"


def test_a_room_goes_on_after_its_whole_cluster(undisturbed: list[tuple[Any, ...]], start: Starts) -> None:
    first = start("qworkers")
    run = begin()
    eventually(lambda: RoomRun.objects.get(pk=run.pk).n_messages >= 12)
    first.stop()
    assert not Job.objects.get(pk=run.pk).is_over
    start("qworkers")
    run = ended(run)
    assert told(run) == undisturbed
    assert run.job.attempt == 1


def test_fifty_rooms_at_once_end_without_an_error_and_without_a_doubled_deal(
    database: Storage, start: Starts, settings: Settings
) -> None:
    settings.ACTIVE_JOBS = 50
    workers = start("qworkers", WORKERS="4", LEASE_SECONDS="30")  # the product's own: the machine is full
    market = make(50, 5, 40, 3000)
    assert len(market.start(market.owner)) == 50
    eventually(lambda: Market.objects.get(pk=market.pk).status == "completed", 110)
    assert holds(market)
    jobs = Job.objects.filter(room_run__room__market=market)
    assert set(jobs.values_list("status", "attempt")) == {("completed", 1)}
    deals = [room for room in market.rooms.all() if room.decisions.filter(verdict="deal").exists()]
    assert 10 <= len(deals) <= 20  # 40 in stock are four deals of ten, with each of five sellers
    workers.stop()
    assert workers.output()[1] == ""
