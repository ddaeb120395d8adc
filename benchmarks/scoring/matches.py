"""What scoring knows of a match that is over: plain data, neither rows of a database nor objects of NegMAS."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scored:
    """One match that is over. What is given per seat stands in the order of speaking."""

    index: int
    scenario: int
    rotation: int
    repetition: int
    #: Numbers of the competitors; the same twice where one meets itself.
    seats: tuple[int, ...]
    #: Utilities of the agreement; not looked at where there is none.
    utilities: tuple[float | None, ...]
    #: Reserved values; None or minus infinity for a party that has none.
    reserved: tuple[float | None, ...]
    #: The utility of each party's best outcome.
    best: tuple[float, ...]
    agreed: bool
    #: Who crashed or hung; None where nobody did or nobody knows.
    failed_seat: int | None
    is_failed: bool
    #: NegMAS's `step` when it was over.
    steps: int
    #: None where only time was limited.
    n_steps: int | None
    cpu_seconds: float
    #: The mean utility of all parties; None: made from the utilities.
    welfare: float | None = None
    #: Of the agreement; without one, of the point of disagreement.
    nash_optimality: float | None = None
    kalai_optimality: float | None = None
    ks_optimality: float | None = None
    max_welfare_optimality: float | None = None
    pareto_distance: float | None = None
    #: Every competitor in it gives the same actions in each repetition.
    deterministic: bool = False
    pareto_optimality: float | None = None
    #: NegMAS's `relative_time` when it was over; None: made from the steps.
    relative_time: float | None = None

    @property
    def outcome(self) -> tuple[object, ...]:
        """What is the same for two repetitions that went the same way."""
        ending = (self.n_steps, self.agreed, self.utilities, self.steps, self.is_failed, self.failed_seat)
        return (self.scenario, self.rotation, self.seats, *ending)
