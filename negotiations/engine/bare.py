"""A session as NegMAS runs it by itself: what `measure_recording` compares ours with."""

from __future__ import annotations

import random
import time

import numpy as np
from negmas.sao import SAOMechanism

from negotiations.engine import negotiators, scenarios
from negotiations.engine.specs import SessionSpec


def run_bare(spec: SessionSpec) -> tuple[float, int]:
    """CPU seconds of `SAOMechanism.run()`, nothing around it counted, and the offers it made."""
    scenario = scenarios.load(spec.scenario)
    mechanism = SAOMechanism(outcome_space=scenario.outcome_space, n_steps=spec.mechanism.n_steps)
    for index, (party, ufun) in enumerate(zip(spec.parties, scenario.ufuns, strict=True)):
        mechanism.add(negotiators.create(party, identity=str(index)), preferences=ufun)
    random.seed(spec.seed)
    np.random.seed(spec.seed)
    begun = time.process_time()
    mechanism.run()
    return time.process_time() - begun, len(mechanism.extended_trace)
