"""`/api/v1`: the routers of all apps in one API. Another one is a line here."""

from __future__ import annotations

from api import api as me
from api.assembly import Api
from benchmarks.api import benchmark_new, matches
from negotiations.api import (
    about,
    jobs,
    language_models,
    markets,
    negotiators,
    room_moves,
    scenarios,
    session_new,
)
from notifications import api as notifications

v1 = Api(
    title="Parley",
    version="1",
    description="Run automated negotiations, follow them, read what came of them. docs/api.md tells how to begin.",
    urls_namespace="v1",
)
v1.add_router("", me.router, tags=["about"])
v1.add_router("", about.router, tags=["about"])
v1.add_router("", session_new.router, tags=["sessions"])
v1.add_router("", markets.router, tags=["markets"])
v1.add_router("", room_moves.router, tags=["rooms"])
v1.add_router("", language_models.router, tags=["rooms"])
v1.add_router("", scenarios.router, tags=["scenarios"])
v1.add_router("", negotiators.router, tags=["negotiators"])
v1.add_router("", benchmark_new.router, tags=["benchmarks"])
v1.add_router("", matches.router, tags=["benchmarks"])
v1.add_router("", jobs.router, tags=["jobs"])
v1.add_router("", notifications.router, tags=["notifications"])
