"""A market to look at things with: three items, five sellers of five minds; made up, as its name says."""

from __future__ import annotations

from negotiations.forms.market_rows import DEFAULTS, STOCK, MarketRows, SellerRow

NEEDS = (
    ("Desk lamp", "40", "18", "34"),
    ("Office chair", "25", "90", "160"),
    ("Standing desk", "12", "220", "390"),
)
# Name, what they care for, how they speak; then item, cost, least price, selling price, quantity.
SELLERS = (
    ("Brightworks", "profit", "plain", (("Desk lamp", "16", "21", "33", "120"), ("Office chair", "84", "105", "168", "30"))),
    ("Nordlys", "balance", "warm", (("Desk lamp", "17.5", "20", "29.5", "60"), ("Standing desk", "205", "248", "379", "20"))),
    ("Sit & Co", "customer", "warm", (("Office chair", "79", "96", "149", "80"), ("Standing desk", "212", "240", "350", "8"))),
    ("Brisk Supply", "profit", "blunt", (("Desk lamp", "15", "24", "36", "200"), ("Office chair", "88", "112", "175", "200"), ("Standing desk", "310", "395", "450", "60"))),
    ("Fairfield", "balance", "plain", (("Office chair", "81", "101", "155", "40"), ("Standing desk", "209", "251", "365", "15"))),
)  # fmt: skip


def sample_rows() -> MarketRows:
    """Complete: it can be opened as it is."""
    texts = {
        **DEFAULTS,
        "name": "Sample: a new office",
        "buyer_name": "Office team",
        "budget": "9500",
        "seed": "7",
        "sample": "1",
    }
    needs = [dict(zip(("item", "quantity", "low", "high"), need, strict=True)) for need in NEEDS]
    sellers = [
        SellerRow(
            {"name": name, "priority": priority, "style": style, "seat": "negotiator"},
            [dict(zip(STOCK, line, strict=True)) for line in stock],
        )
        for name, priority, style, stock in SELLERS
    ]
    return MarketRows(texts, needs, sellers)
