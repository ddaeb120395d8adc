"""What a session page may cost a reader: measured in the browser, five times, the runs of each figure interleaved.

The page has 10,000 offers over a scenario of 390,625 outcomes, which is analysed (8 issues of 5 values, as ANAC's Energy
has); both charts are explored with Plotly.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

RUNS = 5
OFFERS = 10_000
ARRIVING = 100

# Name: limit, unit.
LIMITS = {
    "first paint, warm": (1000.0, "ms"),
    "live update, main thread": (150.0, "ms"),
    "poll answer of 100 offers": (30_000.0, "bytes"),
    "growth of the heap over 20 updates": (4_000_000.0, "bytes"),
    "fetches of Plotly": (1.0, ""),
}


@dataclass
class Budget:
    """Figures of several runs, and whether their medians keep within the limits."""

    runs: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        self.runs.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        return statistics.median(self.runs[name])

    def exceeded(self, slack: float = 1.0) -> list[str]:
        """What is above its limit; times may be `slack` times as long."""
        return [
            name
            for name in self.runs
            if self.median(name) > self._limit(name) * (slack if LIMITS[name][1] == "ms" else 1)
        ]

    def _limit(self, name: str) -> float:
        return LIMITS[name][0]

    def lines(self) -> list[str]:
        return [self._line(name) for name in self.runs]

    def _line(self, name: str) -> str:
        limit, unit = LIMITS[name]
        spread = f"{min(self.runs[name]):,.0f} to {max(self.runs[name]):,.0f}"
        return f"{name}: {self.median(name):,.0f} {unit} (limit {limit:,.0f}; {spread} in {len(self.runs[name])} runs)"


def first_paint(page: Page, url: str) -> float:
    """Of a page that this browser has seen before."""
    page.goto(url)
    page.wait_for_load_state("load")
    paint = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    page.wait_for_function(paint)
    return float(page.evaluate(paint))


class Thread:
    """The page's main thread as the browser's own meter sees it."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        # Time on the processor: what other programs of the machine take does not count.
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.session.send("HeapProfiler.enable")

    def read(self, name: str) -> float:
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == name))

    @property
    def busy_ms(self) -> float:
        return 1000 * self.read("TaskDuration")

    @property
    def heap(self) -> float:
        self.session.send("HeapProfiler.collectGarbage")
        return self.read("JSHeapUsedSize")


def live_update(page: Page, thread: Thread, arrive: Callable[[], int], answers: int = 4) -> float:
    """Main-thread time of one of several answers in a row, until all charts have caught up; a quiet page's time taken off."""
    before = thread.busy_ms
    page.wait_for_timeout(2000)
    quiet = (thread.busy_ms - before) / 2
    before, seconds = thread.busy_ms, answers + 1
    for _ in range(answers):
        bring(page, arrive)
        page.wait_for_timeout(700)
    page.wait_for_timeout(2000)
    return max(0.0, thread.busy_ms - before - quiet * seconds) / answers


def bring(page: Page, arrive: Callable[[], int]) -> None:
    """More offers, and the poll that fetches them."""
    last = arrive()
    page.evaluate("() => htmx.trigger('#live', 'live:now')")
    page.wait_for_selector(f"#offer-{last}", state="attached")


def explore(page: Page, names: tuple[str, ...] = ("space", "time")) -> None:
    for name in names:
        page.locator(f'[data-plot="{name}"]').hover()
        page.wait_for_selector(f'[data-plot="{name}"].is-live', timeout=30_000)
    page.mouse.move(2, 2)
    page.wait_for_timeout(500)


def measure(page: Page, url: str, arrive: Callable[[], int], runs: int = RUNS) -> Budget:
    """`arrive` writes ARRIVING more offers and gives the number of the last."""
    budget, fetched, polls = Budget(), [], []

    def note(response: Any) -> None:
        if "plotly" in response.url:
            fetched.append(response.url)
        brought = (
            response.body().count(b'id="offer-') if "/live/" in response.url and response.status == 200 else 0
        )
        if brought == ARRIVING:
            polls.append(response.request.sizes()["responseBodySize"])  # as it came over the wire

    first_paint(page, url)
    for _ in range(runs):
        budget.add("first paint, warm", first_paint(page, url))
        page.on("response", note)
        explore(page)
        budget.add("fetches of Plotly", len(fetched))
        budget.add("live update, main thread", live_update(page, Thread(page), arrive))
        page.remove_listener("response", note)
        fetched.clear()
    for size in polls:
        budget.add("poll answer of 100 offers", size)
    return budget


def heap_growth(page: Page, url: str, arrive: Callable[[], int], updates: int = 20) -> float:
    """How much more the page keeps after many updates than its offers themselves need."""
    page.goto(url)
    explore(page)
    thread = Thread(page)
    live_update(page, thread, arrive)
    before = thread.heap
    for _ in range(updates):
        bring(page, arrive)
    page.wait_for_timeout(1000)
    return thread.heap - before
