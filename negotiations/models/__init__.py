from __future__ import annotations

from negotiations.models.audit import AuditEntry, Deed
from negotiations.models.jobs import Job, JobProgress, Kind, Queue, Status
from negotiations.models.logs import JobLog, Level
from negotiations.models.offers import Offer
from negotiations.models.scenarios import Negotiator, Scenario, ScenarioImport
from negotiations.models.sessions import Party, Seat, Session
from negotiations.models.workers import Worker

__all__ = [
    "AuditEntry", "Deed", "Job", "JobLog", "JobProgress", "Kind", "Level", "Negotiator", "Offer", "Party", "Queue",
    "Scenario", "ScenarioImport", "Seat", "Session", "Status", "Worker",
]  # fmt: skip
