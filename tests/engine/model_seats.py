"""A seat for a language model to speak for, and ways to ask one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from negotiations.engine.language_models import LanguageModel
from negotiations.engine.model_settings import ModelSettings
from negotiations.engine.room_specs import BUYER, ModelAnswer, ModelFailed, Priority, Said, SeatView
from tests.engine.model_server import MODEL, Behaviour, ModelServer

KEY = "sk-never-to-be-shown-4711"
VIEW = SeatView(
    seat=1,
    item="chairs",
    quantity=10,
    buyer="Ada",
    sellers=("Anna", "Boris"),
    round=2,
    max_rounds=10,
    min_rounds=2,
    messages=(Said(1, BUYER, "Your price?"), Said(1, 1, "38 each.", 38.0, 10), Said(2, BUYER, "Too dear.")),
    cost=21.37,
    least=25.11,
    selling=40.0,
    stock=873,
    priority=Priority.BALANCE,
)
BUYING = SeatView(
    seat=BUYER,
    item="chairs",
    quantity=10,
    buyer="Ada",
    sellers=("Anna", "Boris"),
    round=3,
    max_rounds=10,
    min_rounds=2,
    messages=(
        Said(1, BUYER, "Your price?"),
        Said(1, 0, "39 each.", 39.0, 10),
        Said(1, 1, "38 each.", 38.0, 10),
    ),
    low=20.0,
    high=41.13,
    budget=4567.89,
)
OFFER = 'We can do better.\n{"price": 39.5, "quantity": 10}'


def settings(server: ModelServer, **kwargs: Any) -> ModelSettings:
    return replace(ModelSettings(server.url, MODEL, KEY, seconds=5, pause=0.01), **kwargs)


def answer(server: ModelServer, *behaviours: Behaviour, view: SeatView = VIEW) -> ModelAnswer:
    server.will(*behaviours)
    return LanguageModel(settings(server))(view)


def failure(server: ModelServer, *behaviours: Behaviour, **kwargs: Any) -> ModelFailed:
    server.will(*behaviours)
    with pytest.raises(ModelFailed) as caught:
        LanguageModel(settings(server, **kwargs))(VIEW)
    return caught.value
