from __future__ import annotations

from negotiations.models.analyses import ScenarioAnalysis, Variant
from negotiations.models.audit import AuditEntry, Deed
from negotiations.models.configured import ConfiguredNegotiator
from negotiations.models.deletions import Deletion
from negotiations.models.forks import Fork
from negotiations.models.jobs import Job, JobProgress, Kind, Queue, Status
from negotiations.models.logs import JobLog, Level
from negotiations.models.markets import Market, MarketStatus
from negotiations.models.moves import Move
from negotiations.models.negotiators import Component, Negotiator
from negotiations.models.offers import Offer
from negotiations.models.parties import Party, Seat
from negotiations.models.presets import Preset
from negotiations.models.room_decisions import RoomDecision
from negotiations.models.room_logs import RoomLog
from negotiations.models.room_messages import RoomMessage
from negotiations.models.room_runs import RoomRun, RunEnd
from negotiations.models.room_sellers import RoomSeller, SkipReason
from negotiations.models.rooms import Room, RoomStatus
from negotiations.models.scenarios import Scenario, ScenarioImport
from negotiations.models.sellers import Seller, Stock
from negotiations.models.sessions import Session
from negotiations.models.tags import SessionTag
from negotiations.models.workers import Worker

__all__ = [
    "AuditEntry", "Component", "ConfiguredNegotiator", "Deed", "Deletion", "Fork", "Job", "JobLog", "JobProgress",
    "Kind", "Level", "Market", "MarketStatus", "Move", "Negotiator", "Offer", "Party", "Preset", "Queue", "Room",
    "RoomDecision", "RoomLog", "RoomMessage", "RoomRun", "RoomSeller", "RoomStatus", "RunEnd", "Scenario",
    "ScenarioAnalysis", "ScenarioImport", "Seat", "Seller", "Session", "SessionTag", "SkipReason", "Status", "Stock",
    "Variant", "Worker",
]  # fmt: skip
