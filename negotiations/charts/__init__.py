"""Offers as SVG paths: fixed axes, utilities 0 to 1 and steps 0 to the last, so that nothing moves while it grows."""

from __future__ import annotations

from negotiations.charts.frames import PLANE, SPARK, TIMELINE, Frame, Tick
from negotiations.charts.planes import TAIL, Plane, Trail, plane, planes_of
from negotiations.charts.timelines import LABEL, LETTER, Line, Spark, Timeline, spark, timeline, timelines_of

__all__ = [
    "LABEL", "LETTER", "PLANE", "POINTS", "SPARK", "SPARK_POINTS", "TAIL", "TIMELINE",
    "Frame", "Line", "Plane", "Spark", "Tick", "Timeline", "Trail", "plane", "planes_of", "spark", "timeline", "timelines_of",
]  # fmt: skip

# Rows a chart reads, whatever the length of the session: 400 points for each of two parties.
POINTS = 800
SPARK_POINTS = 120
