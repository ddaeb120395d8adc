"""The drawings' sizes, margins and ticks: utilities 0 to 1 and steps 0 to the last, whatever was offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The drawing's size and margins in px; the plot lies inside."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def x0(self) -> float:
        return self.left

    @property
    def x1(self) -> float:
        return self.width - self.right

    @property
    def y0(self) -> float:
        return self.height - self.bottom

    @property
    def y1(self) -> float:
        return self.top

    @property
    def plot_width(self) -> float:
        return self.x1 - self.x0

    @property
    def plot_height(self) -> float:
        return self.y0 - self.y1

    def x(self, share: float) -> float:
        return round(self.x0 + min(max(share, 0.0), 1.0) * (self.x1 - self.x0), 1)

    def y(self, share: float) -> float:
        return round(self.y0 - min(max(share, 0.0), 1.0) * (self.y0 - self.y1), 1)

    def place(self, one: float, other: float) -> Place:
        return self.x(one), self.y(other)


@dataclass(frozen=True)
class Tick:
    at: float
    label: str
    anchor: str = "middle"


TIMELINE = {"wide": Frame(880, 146, 44, 14, 10, 22), "phone": Frame(366, 140, 34, 10, 8, 20)}
PLANE = {"wide": Frame(880, 410, 44, 14, 22, 40), "phone": Frame(366, 318, 34, 10, 22, 40)}
# From three parties on the choice of two, a row of marks and a line of names stand above it: the page keeps its height.
PLANE_OF_MANY = PLANE | {"wide": Frame(880, 358, 44, 14, 22, 40)}
SPARK = Frame(300, 48, 0, 0, 3, 3)


def path_of(points: Sequence[Place]) -> str:
    """`M1 2L3 4`: the script that lets the line grow appends to it."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) if points else ""


def step_ticks(frame: Frame, n_steps: int, most: int) -> tuple[Tick, ...]:
    """Round numbers of steps, at most about `most`, the first and the last always."""
    rough = max(1, n_steps // most)
    unit = 10 ** (len(str(rough)) - 1)
    apart = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    inner = [step for step in range(apart, n_steps, apart) if n_steps - step > apart * 0.6]
    ticks = [Tick(frame.x(step / n_steps), f"{step:,}") for step in inner]
    return Tick(frame.x0, "step 0", "start"), *ticks, Tick(frame.x1, f"{n_steps:,}", "end")
