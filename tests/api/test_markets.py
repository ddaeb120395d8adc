"""`/simulation/`: a market opened, read, summed up and deleted by a program (M-01 to M-04, M-13, M-35)."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.models import Scope
from negotiations.models import AuditEntry, Market, RoomLog, RoomMessage, RoomStatus
from tests.api.market_bodies import API, market, need, office, post, seller, stock
from tests.api.programs import program_of
from tests.api.test_errors import refused
from tests.factory import UserFactory, make_market, make_message


@pytest.fixture
def program(owner: User) -> Client:
    return program_of(owner)


def opened(program: Client, body: dict[str, Any]) -> dict[str, Any]:
    response = post(program, "/simulation/initialize", body)
    assert response.status_code == 201, response.content
    told: dict[str, Any] = response.json()
    return told


def get(program: Client, path: str) -> Any:
    return program.get(f"{API}{path}")


# --- Opening (M-01) ------------------------------------------------------------------------------------------


def test_a_market_opens_with_a_room_for_each_item(program: Client, owner: User) -> None:
    told = opened(program, office())
    row = Market.objects.get()
    assert told["session_id"] == told["buyer_id"] == str(row.pk)
    assert row.owner == owner
    assert told["seller_ids"] == list(row.sellers.values_list("pk", flat=True))
    assert told["total_rooms"] == len(told["negotiation_rooms"]) == 3
    assert told["skipped_items"] == []
    room = told["negotiation_rooms"][0]
    assert (room["item_name"], room["status"]) == ("Item 1", "pending")
    assert room["buyer_constraints"]["quantity_needed"] == 10
    assert [each["seat"] for each in room["participating_sellers"]] == [0, 1, 2, 3, 4]
    assert datetime.fromisoformat(told["created_at"]) == row.created_at


def test_an_item_that_nobody_can_serve_is_told_with_the_reasons(program: Client) -> None:
    needs = [need(), need(item="Lamp"), need(item="Item 2", quantity=16), need(item="Item 3", high=10)]
    items = [stock(), stock(item="Item 2"), stock(item="Item 3")]
    told = opened(program, market(needs=needs, sellers=[seller(stock=items)]))
    assert told["total_rooms"] == 1
    reasons = {each["item_name"]: each["skipped_sellers"][0]["reason"] for each in told["skipped_items"]}
    assert reasons == {"Lamp": "no_inventory", "Item 2": "insufficient_quantity", "Item 3": "price_mismatch"}


def test_a_price_is_taken_as_it_is_written(program: Client) -> None:
    opened(program, market(sellers=[seller(stock=[stock(least=10.1, selling=19.99)])], budget=1234.56))
    row = Market.objects.get()
    stored = row.sellers.get().stocks.get()
    assert (str(stored.least), str(stored.selling), str(row.budget)) == ("10.10", "19.99", "1234.56")


def test_all_that_a_market_has_can_be_sent(program: Client, group: Group, colleague: User) -> None:
    sellers = [seller(kind="person", person="colleague", priority="profit", style="blunt")]
    body = market(
        sellers=sellers, group=group.pk, seed=7, max_rounds=6, min_rounds=3, turn_seconds=60, room_seconds=600
    )
    opened(program, body)
    row = Market.objects.get()
    assert (row.group, row.seed, row.max_rounds, row.min_rounds) == (group, 7, 6, 3)
    assert (row.turn_seconds, row.room_seconds) == (60, 600)
    only = row.sellers.get()
    assert (only.kind, only.person, only.priority, only.style) == ("person", colleague, "profit", "blunt")


def test_more_than_ten_sellers_are_too_many(program: Client) -> None:
    response = post(program, "/simulation/initialize", market(sellers=[seller(each) for each in range(11)]))
    assert "sellers" in refused(response, 422, "MAX_SELLERS_EXCEEDED")["details"]
    assert Market.objects.count() == 0


def test_a_market_in_which_nobody_would_meet_is_refused(program: Client) -> None:
    response = post(program, "/simulation/initialize", market(needs=[need(quantity=16)]))
    refused(response, 422, "INSUFFICIENT_INVENTORY")
    assert Market.objects.count() == 0


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": " "}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"buyer_name": "x" * 51}, "buyer_name"),
    ({"buyer_name": None}, "buyer_name"),
    ({"needs": []}, "needs"),
    ({"sellers": []}, "sellers"),
    ({"needs": [need(item="x" * 101)]}, "needs.0.item"),
    ({"needs": [need(quantity=0)]}, "needs.0.quantity"),
    ({"needs": [need(quantity=1.5)]}, "needs.0.quantity"),
    ({"needs": [need(quantity="10")]}, "needs.0.quantity"),
    ({"needs": [need(low=-1)]}, "needs.0.low"),
    ({"needs": [need(), need(item="Item 2", low=20)]}, "needs.1.high"),
    ({"needs": [need(high=1e300)]}, "needs.0.high"),
    ({"needs": [need(high=20.001)]}, "needs.0.high"),
    ({"sellers": [seller(), seller(2, name="seller-1")]}, "sellers.1.name"),
    ({"sellers": [seller(name="x" * 51)]}, "sellers.0.name"),
    ({"sellers": [seller(stock=[])]}, "sellers.0.stock"),
    ({"sellers": [seller(stock=[stock(cost=-0.01)])]}, "sellers.0.stock.0.cost"),
    ({"sellers": [seller(stock=[stock(cost=10.5)])]}, "sellers.0.stock.0.least"),
    ({"sellers": [seller(stock=[stock(selling=10.5)])]}, "sellers.0.stock.0.selling"),
    ({"sellers": [seller(stock=[stock(quantity=0)])]}, "sellers.0.stock.0.quantity"),
    ({"sellers": [seller(stock=[stock(), stock(item=" item 1")])]}, "sellers.0.stock.1.item"),
    ({"sellers": [seller(priority="greed")]}, "sellers.0.priority"),
    ({"sellers": [seller(kind="model")]}, "sellers.0.kind"),
    ({"sellers": [seller(kind="person")]}, "sellers.0.person"),
    ({"sellers": [seller(kind="person", person="stranger")]}, "sellers.0.person"),
    ({"sellers": [seller(kind="person", person="nobody at all")]}, "sellers.0.person"),
    ({"buyer_kind": "person", "buyer_person": "stranger"}, "buyer_person"),
    ({"budget": 0}, "budget"),
    ({"budget": 10.001}, "budget"),
    ({"budget": 1e300}, "budget"),
    ({"seed": -1}, "seed"),
    ({"max_rounds": 51}, "max_rounds"),
    ({"max_rounds": 3, "min_rounds": 4}, "min_rounds"),
    ({"group": 999_999}, "group"),
    ({"colour": "red"}, "colour"),
    ({"sellers": [seller(colour="red")]}, "sellers.0.colour"),
]


@pytest.mark.parametrize(("fields", "path"), WRONG)
def test_what_is_wrong_is_told_with_the_path_of_its_field(
    program: Client, stranger: User, fields: dict[str, Any], path: str
) -> None:
    response = post(program, "/simulation/initialize", market(**fields))
    assert path in refused(response, 400, "VALIDATION_ERROR")["details"]
    assert Market.objects.count() == 0


@pytest.mark.parametrize("body", ["", "[]", "7", "{", '{"name": NaN}', '{"name": "\\u0000"}', "\ud800"])
def test_a_body_that_is_no_market(program: Client, body: str) -> None:
    sent = body.encode("utf-8", "surrogatepass")
    response = program.post(f"{API}/simulation/initialize", sent, content_type="application/json")
    refused(response, 400, "VALIDATION_ERROR")


def test_who_is_no_neighbour_is_told_of_as_who_does_not_exist(program: Client, stranger: User) -> None:
    told = [
        post(program, "/simulation/initialize", market(sellers=[seller(kind="person", person=name)])).json()
        for name in ("stranger", "nobody")
    ]
    assert told[0]["details"] == told[1]["details"]


def test_a_person_who_has_stored_too_much_is_refused(program: Client, settings: Any) -> None:
    settings.STORAGE_MB = 0
    refused(post(program, "/simulation/initialize", market()), 429, "TOO_MUCH")


def test_a_token_that_may_read_only_opens_nothing(owner: User) -> None:
    refused(post(program_of(owner, Scope.READ), "/simulation/initialize", market()), 403, "SCOPE")


# --- Reading (M-02, M-04) ------------------------------------------------------------------------------------


def test_a_market_is_told_whole_to_its_owner_and_its_group(
    owner: User, colleague: User, group: Group
) -> None:
    row = make_market(owner, n_items=2, n_sellers=3, group=group, seed=5)
    told = [get(program_of(who), f"/simulation/{row.pk}").json() for who in (owner, colleague)]
    assert told[0] == told[1]
    assert (told[0]["name"], told[0]["status"], told[0]["seed"]) == ("New office", "draft", 5)
    assert [len(each["stock"]) for each in told[0]["sellers"]] == [2, 2, 2]
    assert told[0]["sellers"][0]["stock"][0]["least"] == 10
    assert len(told[0]["negotiation_rooms"]) == 2


def test_a_market_is_unknown_to_strangers_and_closed_to_nobody(
    client: Client, owner: User, stranger: User
) -> None:
    row = make_market(owner)
    for path in (f"/simulation/{row.pk}", f"/simulation/{row.pk}/summary"):
        refused(get(program_of(stranger), path), 404, "SESSION_NOT_FOUND")
        refused(get(client, path), 401, "NOT_SIGNED_IN")


@pytest.mark.parametrize("path", ["", "/summary"])
def test_an_unknown_market(program: Client, path: str) -> None:
    refused(get(program, f"/simulation/{uuid.uuid4()}{path}"), 404, "SESSION_NOT_FOUND")
    refused(get(program, f"/simulation/nonsense{path}"), 404, "NOT_FOUND")


def n_queries(program: Client, path: str) -> int:
    get(program, path)  # the token notes its use once a minute
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert get(program, path).status_code == 200
    return len(found)


@pytest.mark.parametrize("path", ["", "/summary"])
def test_a_large_market_costs_no_more_queries_than_a_small_one(
    program: Client, owner: User, path: str
) -> None:
    small, large = make_market(owner, 2, 2), make_market(owner, 6, 9)
    for row in (small, large):
        for room in row.rooms.all():
            room.start(owner)
            room.decide(owner, "no_deal")
    assert n_queries(program, f"/simulation/{small.pk}{path}") == n_queries(
        program, f"/simulation/{large.pk}{path}"
    )


def test_the_summary_says_what_was_bought_and_what_was_not(program: Client, owner: User) -> None:
    row = make_market(owner, n_items=3, n_sellers=2)
    first, second, _ = row.rooms.all()
    for room in (first, second):
        run = room.start(owner)
        make_message(run, 1, -1, "Who has some?")
        make_message(run, 1, 0, "12.50 each", price=12.5, quantity=10)
    first.decide(owner, "deal", 0, Decimal(12), 10)
    second.decide(owner, "no_deal")
    told = get(program, f"/simulation/{row.pk}/summary").json()
    assert (told["completed_purchases"], told["failed_purchases"], told["total_items_requested"]) == (1, 1, 3)
    assert (told["total_spent"], told["items_purchased"], told["average_savings"]) == (120, 10, 8)
    assert told["purchases"][0]["seller"] == "Seller 1"
    assert told["failed_items"][0]["item"] == "Item 2"
    assert told["total_messages"] == RoomMessage.objects.count() == 4


def listed(user: User, query: str = "") -> list[str]:
    items = get(program_of(user), f"/simulation{query}").json()["items"]
    return [each["name"] for each in items]


def test_markets_are_listed_for_those_who_see_them_or_sit_in_them(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    own = make_market(owner, 1, 1, name="Own")
    make_market(owner, 1, 1, group=group, name="Shared")
    stranger.groups.add(group)
    seated = {"buyer_kind": "person", "buyer_person": stranger}
    make_market(owner, 1, 1, group=group, name="Seated", **seated)
    stranger.groups.clear()
    assert listed(owner) == listed(superuser) == ["Seated", "Shared", "Own"]
    assert listed(colleague) == ["Seated", "Shared"]
    assert listed(stranger) == ["Seated"]
    own.rooms.get().start(owner)
    assert listed(owner, "?status=active") == ["Own"]
    assert listed(owner, "?limit=1") == ["Seated"]


def test_a_long_list_of_markets_is_turned_page_by_page(owner: User) -> None:
    names = [make_market(owner, 1, 1, name=f"Number {number}").name for number in range(3)]
    program, found, cursor = program_of(owner), [], ""
    while True:
        page = get(program, f"/simulation?limit=1&cursor={cursor}").json()
        found += [each["name"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == names[::-1]


# --- The same again (M-29) -----------------------------------------------------------------------------------


def test_a_market_is_run_again_and_knows_nothing_of_the_first(program: Client, owner: User) -> None:
    row = make_market(owner, n_items=2, n_sellers=3, seed=7)
    room = row.rooms.get(index=0)
    make_message(room.start(owner), 1, -1, "Who has some?")
    room.decide(owner, "deal", 0, Decimal(12), 10)
    response = post(program, f"/simulation/{row.pk}/again")
    told = response.json()
    assert response.status_code == 201
    again = Market.objects.get(pk=told["session_id"])
    assert (again.owner, again.based_on, again.status, again.seed) == (owner, row, "draft", 7)
    assert [each["status"] for each in told["negotiation_rooms"]] == ["pending", "pending"]
    assert (told["total_rooms"], len(told["seller_ids"])) == (2, 3)
    assert not set(told["seller_ids"]) & set(row.sellers.values_list("pk", flat=True))
    assert all(
        stock.remaining == stock.quantity for each in again.sellers.all() for stock in each.stocks.all()
    )
    state = get(program, f"/negotiation/{told['negotiation_rooms'][0]['room_id']}/state").json()
    assert (state["run_id"], state["conversation_history"]) == (None, [])


def test_who_sees_all_of_a_market_may_run_it_again_as_their_own(
    client: Client, owner: User, colleague: User, stranger: User, group: Group
) -> None:
    path = f"/simulation/{make_market(owner, group=group).pk}/again"
    refused(post(client, path), 401, "NOT_SIGNED_IN")
    refused(post(program_of(stranger), path), 404, "SESSION_NOT_FOUND")
    refused(post(program_of(colleague, Scope.READ), path), 403, "SCOPE")
    assert Market.objects.count() == 1
    told = post(program_of(colleague), path).json()
    assert Market.objects.get(pk=told["session_id"]).owner == colleague
    refused(post(program_of(owner), f"/simulation/{uuid.uuid4()}/again"), 404, "SESSION_NOT_FOUND")


def test_a_market_whose_people_have_left_is_not_run_again(
    program: Client, owner: User, colleague: User, group: Group
) -> None:
    row = make_market(owner, group=group, buyer_kind="person", buyer_person=colleague)
    colleague.groups.clear()
    response = post(program, f"/simulation/{row.pk}/again")
    assert "buyer_person" in refused(response, 400, "VALIDATION_ERROR")["details"]


def test_a_market_is_not_run_again_beyond_what_a_person_may_store(
    program: Client, owner: User, settings: Any
) -> None:
    row = make_market(owner)
    settings.STORAGE_MB = 0
    refused(post(program, f"/simulation/{row.pk}/again"), 429, "TOO_MUCH")


# --- Deleting (M-03) -----------------------------------------------------------------------------------------


def test_deleting_stops_what_runs_and_keeps_the_logs(program: Client, owner: User) -> None:
    row = make_market(owner)
    room = row.rooms.get(index=0)
    run = room.start(owner)
    make_message(run, 1, -1, "Who has some?")
    response = program.delete(f"{API}/simulation/{row.pk}")
    assert response.json() == {
        "deleted": True, "session_id": str(row.pk), "logs_saved": True, "n_logs": 1,
    }  # fmt: skip
    assert Market.objects.count() == 0
    assert RoomLog.objects.count() == 1
    log = get(program, f"/logs/{row.pk}/{room.pk}").json()
    assert log["conversation_history"][0]["message"] == "Who has some?"
    assert AuditEntry.objects.filter(by=owner, thing_id=str(row.pk)).exists()
    refused(program.delete(f"{API}/simulation/{row.pk}"), 404, "SESSION_NOT_FOUND")


def test_only_its_owner_deletes_a_market(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    row = make_market(owner, group=group)
    path = f"{API}/simulation/{row.pk}"
    refused(program_of(stranger).delete(path), 404, "SESSION_NOT_FOUND")
    refused(program_of(colleague).delete(path), 403, "NOT_ALLOWED")
    refused(program_of(owner, Scope.READ).delete(path), 403, "SCOPE")
    assert row.rooms.get(index=0).status == RoomStatus.PENDING
    assert program_of(superuser).delete(path).status_code == 200


def test_the_log_of_a_deleted_market_is_for_those_who_saw_it(
    program: Client, owner: User, stranger: User
) -> None:
    row = make_market(owner)
    room = row.rooms.get(index=0)
    room.start(owner)
    row.remove(owner)
    path = f"/logs/{row.pk}/{room.pk}"
    assert get(program, path).status_code == 200
    refused(get(program_of(stranger), path), 404, "LOG_NOT_FOUND")


def test_names_of_others_groups_share_nothing(program: Client, stranger: User) -> None:
    other = Group.objects.create(name="others")
    UserFactory().groups.add(other)
    response = post(program, "/simulation/initialize", market(group=other.pk))
    assert "group" in refused(response, 400, "VALIDATION_ERROR")["details"]
