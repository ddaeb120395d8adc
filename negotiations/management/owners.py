"""Whose work a command starts."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.management.base import CommandError


def owner_named(name: str | None) -> User:
    """The active user of this name; without a name, the first superuser."""
    users = User.objects.filter(is_active=True)
    found = users.filter(username=name) if name else users.filter(is_superuser=True).order_by("pk")
    owner = found.first()
    if owner is None and name:
        raise CommandError(f"There is no active user called {name!r}.")
    if owner is None:
        raise CommandError("There is no superuser yet. Run: manage.py create_admin")
    return owner
