"""Markets as a program sends them."""

from __future__ import annotations

from typing import Any

from django.test import Client

API = "/api/v1"


def need(**fields: Any) -> dict[str, Any]:
    return {"item": "Item 1", "quantity": 10, "low": 8, "high": 20} | fields


def stock(**fields: Any) -> dict[str, Any]:
    return {"item": "Item 1", "cost": 5, "least": 10.5, "selling": 25, "quantity": 15} | fields


def seller(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"name": f"Seller {number}", "stock": [stock()]} | fields


def market(**fields: Any) -> dict[str, Any]:
    body = {"name": "New office", "buyer_name": "Office team", "needs": [need()], "sellers": [seller()]}
    return body | fields


def office(n_items: int = 3, n_sellers: int = 5, **fields: Any) -> dict[str, Any]:
    """Each seller has enough of each item for one room."""
    items = [f"Item {number}" for number in range(1, n_items + 1)]
    sellers = [
        seller(number, stock=[stock(item=item, least=9 + number) for item in items])
        for number in range(1, n_sellers + 1)
    ]
    return market(needs=[need(item=item) for item in items], sellers=sellers, **fields)


def post(program: Client, path: str, body: Any = None) -> Any:
    return program.post(f"{API}{path}", body, content_type="application/json")
