"""Nobody's requests count for the next test; and somebody who sits at a table of the owner's group."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import caches

from tests.factory import UserFactory


@pytest.fixture(autouse=True)
def no_counts() -> Iterator[None]:
    yield
    caches["api"].clear()


@pytest.fixture
def anna(group: Group) -> User:
    user: User = UserFactory(username="anna")
    user.groups.add(group)
    return user
