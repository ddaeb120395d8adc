"""`/api/v1`: the routers of all apps in one API. Another app adds one line here."""

from __future__ import annotations

from api.api import router as about
from api.assembly import Api

v1 = Api(
    title="Parley",
    version="1",
    description="Run automated negotiations, follow them, read what came of them. docs/api.md tells how to begin.",
    urls_namespace="v1",
)
v1.add_router("", about, tags=["about"])
