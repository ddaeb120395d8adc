"""The form of a new market: rows more and less, nothing lost, errors beside their fields, sample data."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations import market_rules
from negotiations.forms.market_new import MarketForm
from negotiations.forms.market_rows import MarketRows
from negotiations.forms.market_sample import sample_rows
from negotiations.models import Market, Room
from tests.negotiations.market_rooms import opened

pytestmark = pytest.mark.django_db
URL = "/markets/new/"


def sample(**changes: str) -> dict[str, str]:
    """The sample as a browser sends it once nobody calls it one, with these fields changed."""
    return {name: text for name, text in sample_rows().cells() if name != "sample"} | changes


def fields(html: str) -> dict[str, str]:
    """What a page's form holds: its inputs and chosen options."""
    found = dict(
        re.findall(r'<input class="form-control[^>]*? name="([^"]+)" id="[^"]+" value="([^"]*)"', html)
    )
    for name, options in re.findall(
        r'<select class="form-select[^>]*? name="([^"]+)".*?>(.*?)</select>', html, re.S
    ):
        chosen = re.findall(r'value="([^"]*)" selected', options)
        found[name] = chosen[0] if chosen else ""
    return {name: unescape(text) for name, text in found.items()}


def errors(html: str) -> dict[str, str]:
    return dict(re.findall(r'<span class="invalid-feedback" id="([^"]+)-error">([^<]+)</span>', html))


def post(client: Client, data: dict[str, str]) -> tuple[int, str]:
    response = client.post(URL, data)
    return response.status_code, response.content.decode()


def test_an_empty_form_has_no_errors_yet(as_owner: Client) -> None:
    html = as_owner.get(URL).content.decode()
    assert errors(html) == {}
    assert "fields still to fill in" in html


def test_the_sample_fills_the_form_and_can_be_opened(as_owner: Client, owner: User) -> None:
    """M-32"""
    _, html = post(as_owner, {"change": "sample"})
    data = fields(html)
    assert (data["buyer_name"], data["sellers-4-name"], data["needs-2-item"]) == (
        "Office team",
        "Fairfield",
        "Standing desk",
    )
    assert '<input type="hidden" name="sample" value="1">' in html
    response = as_owner.post(URL, data | {"sample": "1"})
    market = Market.objects.get()
    assert market.is_sample
    assert (response.status_code, response["Location"]) == (302, market.get_absolute_url())
    assert (market.owner, market.rooms.count(), market.sellers.count()) == (owner, 3, 5)
    assert {room.status for room in market.rooms.all()} == {"pending"}


def test_the_sample_says_before_it_opens_who_will_be_at_which_table(as_owner: Client) -> None:
    _, html = post(as_owner, {"change": "sample"})
    assert "Desk lamp: Brightworks, Nordlys, Brisk Supply." in html
    assert "Standing desk: Nordlys, Fairfield." in html


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ("add-need", "needs-3-item"),
        ("add-seller", "sellers-5-name"),
        ("add-stock-0", "sellers-0-stock-2-item"),
    ],
)
def test_a_row_more_loses_nothing(as_owner: Client, change: str, more: str) -> None:
    before = sample(**{"sellers-1-name": "Half typ", "budget": "not yet"})
    _, html = post(as_owner, before | {"change": change})
    after = fields(html)
    assert more in after
    assert {name: after[name] for name in before if name in after} == before
    assert Market.objects.count() == 0


def test_a_new_seller_gets_a_line_for_each_item_that_is_needed(as_owner: Client) -> None:
    _, html = post(as_owner, sample(change="add-seller"))
    after = fields(html)
    assert [after[f"sellers-5-stock-{index}-item"] for index in range(3)] == [
        "Desk lamp",
        "Office chair",
        "Standing desk",
    ]


@pytest.mark.parametrize(
    ("change", "gone", "moved"),
    [
        ("drop-need-0", "needs-2-item", ("needs-0-item", "Office chair")),
        ("drop-seller-1", "sellers-4-name", ("sellers-1-name", "Sit & Co")),
        ("drop-stock-3-0", "sellers-3-stock-2-item", ("sellers-3-stock-0-item", "Office chair")),
    ],
)
def test_a_row_less_moves_the_others_up(
    as_owner: Client, change: str, gone: str, moved: tuple[str, str]
) -> None:
    _, html = post(as_owner, sample(change=change))
    after = fields(html)
    assert gone not in after
    assert after[moved[0]] == moved[1]


@pytest.mark.parametrize(
    "change",
    [
        "drop-need-0-0-0",
        "drop-stock-9-9",
        "add-stock-99",
        "drop-seller-x",
        "drop",
        "x",
        "add-need-" + "9" * 5,
    ],
)
def test_a_change_that_is_none_changes_nothing(as_owner: Client, change: str) -> None:
    before = sample()
    _, html = post(as_owner, before | {"change": change})
    assert "Nothing was changed." in html
    assert fields(html) == before


def test_the_last_need_and_the_last_seller_stay() -> None:
    rows = MarketRows.blank()
    assert "at least one item" in rows.change("drop-need-0")
    assert "at least one seller" in rows.change("drop-seller-0")


def test_no_more_than_ten_sellers_and_twenty_items() -> None:
    """M-15"""
    rows = MarketRows.blank()
    refused = [rows.change("add-seller") for _ in range(10)]
    assert (len(rows.sellers), refused[-1]) == (10, "A market has at most 10 sellers.")
    refused = [rows.change("add-need") for _ in range(20)]
    assert (len(rows.needs), bool(refused[-1])) == (20, True)


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("name", "", "Name the market."),
        ("buyer_name", "x" * 51, "At most 50 characters."),
        ("needs-0-item", " ", "Name the item."),
        ("needs-0-quantity", "0", "A quantity is from 1 to 1,000,000."),
        ("needs-0-quantity", "2.5", "Write a whole number, such as 12."),
        ("needs-0-low", "34", None),
        ("needs-1-high", "1e3x", "Write a number, such as 12.50."),
        ("needs-1-high", "12.345", "At most two digits after the point."),
        ("needs-1-low", "-1", "A price is from 0 to 1,000,000."),
        ("sellers-0-name", "nordlys", None),
        ("sellers-0-stock-0-least", "16", "The least price is to be above the cost."),
        ("sellers-0-stock-0-selling", "21", "The selling price is to be above the least price."),
        ("sellers-0-stock-0-quantity", "", "The quantity is missing."),
        ("sellers-0-stock-1-item", "desk  LAMP", "This seller has this item already."),
        ("sellers-0-priority", "greed", None),
        ("sellers-0-seat", "person-999999", "This is not one of the available choices. Choose another."),
        ("sellers-0-seat", "model", None),
        ("budget", "NaN", "Write a number, such as 12.50."),
        ("budget", "1e50", "A budget is above 0 and up to 1,000,000,000,000. Leave it empty for none."),
        ("max_rounds", "", "Write a whole number, such as 12."),
        ("min_rounds", "11", None),
        ("seed", "-1", None),
        ("room_minutes", "0", "Give more than 0 minutes and at most 43,200."),
        ("turn_minutes", "soon", "Write a number, such as 12.50."),
        ("group", "999", "This group is not one of the available choices. Choose one of yours, or nobody."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_all_that_was_typed_stays(
    as_owner: Client, field: str, text: str, why: str | None
) -> None:
    """M-15"""
    status, html = post(as_owner, sample(**{field: text}))
    told = errors(html)
    assert (status, Market.objects.count()) == (200, 0)
    assert len(told) == 1, told
    assert why is None or told[field if field in told else ""] == why
    assert fields(html).get("sellers-4-name") == "Fairfield"
    assert f'href="#{next(iter(told))}"' in html


def test_what_is_typed_is_checked_at_once(as_owner: Client) -> None:
    """M-15: for each field that is wrong a line, which the page puts beside it."""
    url = "/markets/new/check/"
    html = as_owner.post(url, sample(**{"sellers-2-stock-1-least": "900"})).content.decode()
    assert 'id="market-new-check"' in html
    assert '<li data-for="sellers-2-stock-1-selling">' in html
    assert "The selling price is to be above the least price." in html
    assert "data-for" not in as_owner.post(url, sample()).content.decode()
    assert Market.objects.count() == 0


def test_an_item_that_nobody_can_serve_is_said_before(as_owner: Client) -> None:
    html = as_owner.post("/markets/new/check/", sample(**{"needs-0-quantity": "5000"})).content.decode()
    assert "Desk lamp cannot be bought: nobody has enough, nobody has it." in html


@pytest.mark.parametrize(("low", "high"), [("1", "2"), ("900", "901")])
def test_prices_that_do_not_meet_are_said_before_whichever_are_the_higher(
    as_owner: Client, low: str, high: str
) -> None:
    """M-17"""
    data = sample(**{"needs-0-low": low, "needs-0-high": high})
    html = unescape(as_owner.post("/markets/new/check/", data).content.decode())
    assert "Desk lamp cannot be bought: no price range meets the buyer's, nobody has it." in html


def test_a_market_that_nobody_can_serve_is_not_opened(as_owner: Client) -> None:
    """M-13: INSUFFICIENT_INVENTORY"""
    nothing = {f"needs-{index}-quantity": "900000" for index in range(3)}
    status, html = post(as_owner, sample(**nothing))
    assert (status, Market.objects.count()) == (422, 0)
    assert "Nothing was opened" in html


def test_people_of_ones_groups_can_be_seated(
    as_owner: Client, colleague: User, stranger: User, group: Group
) -> None:
    html = as_owner.get(URL).content.decode()
    assert f'value="person-{colleague.pk}"' in html
    assert f'value="person-{stranger.pk}"' not in html
    seat = f"person-{colleague.pk}"
    as_owner.post(URL, sample(**{"sellers-0-seat": seat, "group": str(group.pk)}))
    seller = Market.objects.get().sellers.get(index=0)
    assert (seller.kind, seller.person) == ("person", colleague)


def test_who_may_not_see_the_market_is_not_seated(as_owner: Client, colleague: User) -> None:
    _, html = post(as_owner, sample(**{"sellers-0-seat": f"person-{colleague.pk}"}))
    assert "is not in the group that this market is shared with" in errors(html)["sellers-0-seat"]


def test_a_market_like_another_begins_with_its_rows(
    as_owner: Client, as_stranger: Client, owner: User
) -> None:
    market = opened(owner)
    after = fields(as_owner.get(URL, {"like": str(market.pk)}).content.decode())
    assert (after["name"], after["budget"]) == (market.name, "777.53")
    assert (after["sellers-2-stock-0-least"], after["needs-0-low"]) == ("12.37", "8.43")
    assert len(Room.objects.all()) == 1
    foreign = fields(as_stranger.get(URL, {"like": str(market.pk)}).content.decode())
    assert foreign["name"] == ""
    assert as_owner.get(URL, {"like": "x"}).status_code == 200


def test_language_models_are_a_choice_where_they_are_switched_on(
    as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Language model" not in as_owner.get(URL).content.decode()
    monkeypatch.setattr(market_rules, "has_models", lambda: True)
    assert '<option value="model">Language model</option>' in as_owner.get(URL).content.decode()
    as_owner.post(URL, sample(**{"sellers-0-seat": "model"}))
    assert Market.objects.get().sellers.get(index=0).kind == "model"


def test_a_form_that_was_cut_off_says_so(as_owner: Client) -> None:
    status, html = post(as_owner, {"name": "Half"})
    assert status == 200
    assert "The buyer needs at least one item." in html


def test_names_are_shown_as_text(owner: User) -> None:
    rows = sample_rows()
    rows.texts["name"] = '"><script>'
    assert MarketForm(rows, user=owner).fields["name"].text == '"><script>'


def test_the_form_is_escaped(as_owner: Client) -> None:
    _, html = post(as_owner, sample(name='"><script>', change="add-need"))
    assert "<script>" not in html.replace('<script src="', "")


def test_only_people_who_are_signed_in_open_markets() -> None:
    assert Client().post(URL, sample()).status_code == 302
    assert Market.objects.count() == 0
