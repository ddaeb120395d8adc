from __future__ import annotations

from negotiations.models.jobs import Job, JobProgress, Kind, Status
from negotiations.models.offers import Offer
from negotiations.models.scenarios import Negotiator, Scenario, ScenarioImport
from negotiations.models.sessions import Party, Seat, Session

__all__ = [
    "Job", "JobProgress", "Kind", "Negotiator", "Offer", "Party", "Scenario", "ScenarioImport", "Seat",
    "Session", "Status",
]  # fmt: skip
