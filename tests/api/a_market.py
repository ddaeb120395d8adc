"""A plain client: it opens a market of 3 items and 5 sellers, plays it to its summary, and needs nothing but Python.

PARLEY_TOKEN=parley_... python tests/api/a_market.py http://127.0.0.1:8000
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

ITEMS = {"Desk": 200, "Chair": 90, "Lamp": 40}
PATIENCE = 60
"""Seconds for one room."""


class Parley:
    """An address and a token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._opener = build_opener(ProxyHandler({}))

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._url}{path}", data, self._headers, method=method)
        with self._opener.open(request, timeout=20) as response:
            told: dict[str, Any] = json.load(response)
        return told

    def follow(self, url: str) -> list[dict[str, Any]]:
        """The events of a room, until it is over."""
        events: list[dict[str, Any]] = []
        until = time.monotonic() + PATIENCE
        cursor = 0
        while time.monotonic() < until:
            told = self.ask("GET", f"{url.partition('?')[0]}?after={cursor}")
            events += [event for event in told["events"] if event["type"] != "heartbeat"]
            cursor = told["cursor"]
            if told["is_over"]:
                return events
            time.sleep(0.2)
        raise TimeoutError(f"The room is not over within {PATIENCE} s.")


def office() -> dict[str, Any]:
    sellers = [
        {
            "name": f"Seller {number}",
            "priority": ("profit", "balance", "customer")[number % 3],
            "stock": [
                {
                    "item": item,
                    "cost": high * 0.4,
                    "least": high * 0.5 + number,
                    "selling": high,
                    "quantity": 20,
                }
                for item, high in ITEMS.items()
            ],
        }
        for number in range(1, 6)
    ]
    needs = [{"item": item, "quantity": 10, "low": high * 0.3, "high": high} for item, high in ITEMS.items()]
    return {"name": "New office", "buyer_name": "Office team", "needs": needs, "sellers": sellers}


def play(parley: Parley, wanted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The summary of a market, and the events of its rooms."""
    market = parley.ask("POST", "/api/v1/simulation/initialize", wanted)
    rooms = [room["room_id"] for room in market["negotiation_rooms"]]
    started = {room: parley.ask("POST", f"/api/v1/negotiation/{room}/start") for room in rooms}
    events = {room: parley.follow(told["poll_url"]) for room, told in started.items()}
    return parley.ask("GET", f"/api/v1/simulation/{market['session_id']}/summary"), events


if __name__ == "__main__":
    summary, _ = play(Parley(sys.argv[1], os.environ["PARLEY_TOKEN"]), office())
    sys.stdout.write(f"{json.dumps(summary, indent=2)}\n")
