"""A negotiator that takes its time, so that a session is long enough to be hit, and costs no more than a short one."""

from __future__ import annotations

import os
import time
from typing import Any

from tests.engine.wanderer import Wanderer

PAUSE = "CHAOS_DAWDLE"
TYPE = "tests.chaos.dawdler.Dawdler"


class Dawdler(Wanderer):
    """Offers what a Wanderer offers, some milliseconds later; in the judge's own process at once."""

    def propose(self, state: Any, dest: str | None = None) -> Any:
        time.sleep(float(os.environ.get(PAUSE, "0")))
        return super().propose(state, dest)
