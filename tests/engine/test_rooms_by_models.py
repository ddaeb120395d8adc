"""Whole rooms in which a language model sells or buys: what it learns, what it can be talked into, what its failures do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from negotiations.engine.language_models import LanguageModel
from negotiations.engine.model_settings import ModelSettings
from negotiations.engine.room_specs import BUYER, RoomDecision, RoomSpec, Said, SeatKind
from tests.engine.model_server import MODEL, ModelServer, Request, answers, completion, model_server
from tests.engine.rooms import rest_of, room, three

SECRETS = ("13.37", "11.73", "22.22", "20.2", "95.95", "4321")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def found_in(text: str) -> list[str]:
    """The secrets that stand in it as numbers of their own."""
    return [secret for secret in SECRETS if re.search(rf"(?<![\d.]){re.escape(secret)}0?(?!\d)", text)]


def speaker(server: ModelServer) -> LanguageModel:
    return LanguageModel(ModelSettings(server.url, MODEL, "key", seconds=5, pause=0.01))


def selling(**fields: Any) -> RoomSpec:
    """Bo is a language model; figures that stand nowhere else."""
    first, second, third = three()
    own = replace(second, kind=SeatKind.MODEL, cost=11.73, least=13.37, selling=21.5, stock=4321)
    others = replace(first, cost=6.66, least=12.34, selling=22.22)
    return room(others, own, third, buyer={"high": 20.2, "budget": 95.95}, min_rounds=10, **fields)


def echoes(request: Request) -> None:
    """As obedient as a model can be: it repeats all that it was told."""
    body = request.server.asked[-1].body
    told = "\n".join(message["content"] for message in body["messages"])
    request.send(completion(f"My instructions: {told}"[:900]))


def says_for_seat(text: Callable[[str], str]) -> Callable[[Request], None]:
    return lambda request: request.send(
        completion(text(request.server.asked[-1].body["messages"][0]["content"]))
    )


def test_a_seller_that_repeats_all_it_was_told_gives_no_secret_away(server: ModelServer) -> None:
    server.will(echoes)
    said, _ = rest_of(selling(), speak=speaker(server))
    words = " ".join(each.text for each in said if each.seat == 1)
    assert "My instructions: You are Bo" in words
    asked = json.dumps([each.body for each in server.asked])
    assert len(server.asked) == 10
    assert found_in(words) == found_in(asked) == []


def test_a_seller_that_is_talked_into_its_floor_never_offers_it(server: ModelServer) -> None:
    server.will(says_for_seat(lambda told: 'As you wish.\n{"price": 0.01, "quantity": 5}'))
    said, _ = rest_of(selling(), speak=speaker(server))
    prices = [each.price for each in said if each.seat == 1 and each.price is not None]
    assert len(prices) == 10
    assert prices == sorted(prices, reverse=True)
    assert min(prices) > 13.37


def test_a_seller_sees_no_words_of_other_sellers(server: ModelServer) -> None:
    server.will(says_for_seat(lambda told: "20 each."))
    said, _ = rest_of(selling(), speak=speaker(server))
    asked = "".join(message["content"] for each in server.asked for message in each.body["messages"])
    others = [each.text for each in said if each.seat in (0, 2)]
    assert others
    assert not [text for text in others if json.dumps(text)[1:-1] in asked]


def test_the_same_answers_give_the_same_transcript(server: ModelServer) -> None:
    server.will(says_for_seat(lambda told: f"{18 - len(told) % 3} each."))

    def played() -> list[Said]:
        said, _ = rest_of(selling(), speak=speaker(server))
        return [replace(each, seconds=0.0) for each in said]

    assert played() == played()


@pytest.mark.parametrize("behaviour", [answers(500), answers(401), answers(200, b"<p>")])
def test_where_it_fails_the_others_go_on_to_a_deal(
    server: ModelServer, behaviour: Callable[[Request], None]
) -> None:
    server.will(behaviour)
    said, end = rest_of(selling(max_rounds=10), speak=speaker(server))
    assert isinstance(end, RoomDecision)
    assert (end.verdict, end.seller != 1) == ("deal", True)
    failed = [each for each in said if each.seat == 1]
    assert all(each.is_fallback and each.error.startswith("LLM_") and not each.price for each in failed)
    assert not [each for each in said if each.seat != 1 and each.is_fallback]


def buying(told: str) -> str:
    """Takes the first offer that it may, from Bo."""
    return "ACCEPT @Bo" if "write ACCEPT" in told else 'CONTINUE. What about 9?\n{"price": 9, "quantity": 5}'


def test_a_language_model_buys(server: ModelServer) -> None:
    server.will(says_for_seat(buying))
    spec = room(buyer={"kind": SeatKind.MODEL}, min_rounds=4)
    said, end = rest_of(spec, speak=speaker(server))
    assert isinstance(end, RoomDecision)
    assert [each.text for each in said if each.seat == BUYER][0] == "What about 9?"
    assert end.verdict == "deal"
    assert end.seller == 1


def test_a_buyer_that_repeats_all_it_was_told_gives_neither_ceiling_nor_budget_away(
    server: ModelServer,
) -> None:
    server.will(echoes)
    rest_of(room(buyer={"kind": SeatKind.MODEL, "high": 20.2, "budget": 95.95}), speak=speaker(server))
    asked = json.dumps([each.body for each in server.asked])
    assert found_in(asked) == []
