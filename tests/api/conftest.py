"""Nobody's requests count for the next test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import caches


@pytest.fixture(autouse=True)
def no_counts() -> Iterator[None]:
    yield
    caches["api"].clear()
