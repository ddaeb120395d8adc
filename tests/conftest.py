"""Clients for the people of every page: owner, colleague, stranger, superuser and the anonymous one."""

from __future__ import annotations

import os

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.factory import GroupFactory, UserFactory

# The sync API of Playwright keeps an event loop in the test's thread; our ORM calls beside it are sound.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

TRIED_TWICE = ("browser", "workers", "slow")


@pytest.hookimpl(trylast=True)  # once the folders' own have marked theirs
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the build what leans on the clock is tried once more where it fails: its machine is shared and stops for seconds.

    Not all tests: two processes that keep count of tries take half as long again.
    """
    for item in items if os.environ.get("CI") else ():
        if any(item.get_closest_marker(mark) for mark in TRIED_TWICE):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture
def group(db: None) -> Group:
    return GroupFactory(name="lab")


@pytest.fixture
def owner(group: Group) -> User:
    user: User = UserFactory(username="owner")
    user.groups.add(group)
    return user


@pytest.fixture
def colleague(group: Group) -> User:
    user: User = UserFactory(username="colleague")
    user.groups.add(group)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    return UserFactory(username="stranger")


@pytest.fixture
def superuser(db: None) -> User:
    return UserFactory(username="root", is_staff=True, is_superuser=True)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_owner(owner: User) -> Client:
    return client_of(owner)


@pytest.fixture
def as_colleague(colleague: User) -> Client:
    return client_of(colleague)


@pytest.fixture
def as_stranger(stranger: User) -> Client:
    return client_of(stranger)


@pytest.fixture
def as_superuser(superuser: User) -> Client:
    return client_of(superuser)
