"""Whether a language model may take seats, by the settings, and how its server does."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.cache import cache

from negotiations.engine.language_models import LanguageModel, client
from negotiations.engine.model_settings import ModelCode, ModelSettings
from negotiations.engine.room_specs import ModelFailed
from negotiations.exceptions import Refused

KEPT_SECONDS = 30
LOOK_SECONDS = 1.5
"""A page may wait so long for the server of the language model."""

OFF = "No language model is switched on here. Give its seats to negotiators, or ask who runs Parley for one."
UNWELL = (
    "The language model that sits in this room cannot be asked now, so the room was not started. Try again later, "
    "or ask who runs Parley."
)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How the language model does: off, ready, or unavailable with a code. The message names hosts: it is for staff."""

    status: str
    model: str = ""
    code: str = ""
    message: str = ""

    def to_dict(self, *, details: bool) -> dict[str, Any]:
        told = asdict(self)
        return told if details else told | {"message": ""}


def is_on() -> bool:
    """Whether seats may be given to a language model. Asks nobody."""
    return settings.LLM_ENABLED and find_spec("openai") is not None


def model_settings() -> ModelSettings:
    """The key is read where it is needed: Django's settings are shown on pages of errors and by commands."""
    return ModelSettings(
        url=settings.LLM_URL,
        model=settings.LLM_MODEL,
        key=os.environ.get("LLM_API_KEY", "").strip(),
        seconds=settings.LLM_SECONDS,
        tokens=settings.LLM_TOKENS,
    )


def speaker() -> LanguageModel | None:
    """Who speaks for the seats of language models, None while they are off. Made before the fork: the import costs time."""
    return LanguageModel(model_settings()) if is_on() else None


def status() -> ModelStatus:
    """Asked at most every 30 s, and for at most 2 s."""
    if not settings.LLM_ENABLED:
        return ModelStatus("off", code=ModelCode.DISABLED.value, message=OFF)
    asked = f"language-model-{hash((settings.LLM_URL, settings.LLM_MODEL))}"
    found = cache.get(asked)
    if found is None:
        found = asdict(_look())
        cache.set(asked, found, KEPT_SECONDS)
    return ModelStatus(**found)


def must_be_ready() -> None:
    """Raises Refused where a language model cannot be asked now; which host is not well is for staff, in the status."""
    found = status()
    if found.status != "ready":
        raise Refused(found.code, OFF if found.status == "off" else UNWELL)


def _look() -> ModelStatus:
    asked = model_settings()
    try:
        names = client().model_names(asked.within(LOOK_SECONDS))
    except ModelFailed as failed:
        return ModelStatus("unavailable", asked.model, failed.code, failed.whole)
    if names and asked.model not in names:
        told = f"The language model at {asked.place} offers no {asked.model!r}, but {', '.join(names[:10])}. Set LLM_MODEL."
        return ModelStatus("unavailable", asked.model, ModelCode.REFUSED.value, told)
    return ModelStatus("ready", asked.model)
