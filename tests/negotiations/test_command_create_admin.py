"""`create_admin`: somebody can sign in to a new installation, and nobody is changed in an old one."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.factory import UserFactory

pytestmark = pytest.mark.django_db


def create() -> str:
    out = StringIO()
    call_command("create_admin", stdout=out)
    return out.getvalue()


def test_a_password_is_made_up_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SUPERUSER_PASSWORD", raising=False)
    password = create().split("Password: ")[1].split()[0]
    assert len(password) >= 16
    assert User.objects.get(username="admin", is_superuser=True).check_password(password)
    assert password not in create()


def test_a_given_password_is_taken_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse")
    assert "correct horse" not in create()
    assert User.objects.get().check_password("correct horse")


def test_where_there_is_a_superuser_nothing_happens(superuser: User) -> None:
    assert "already" in create()
    assert list(User.objects.all()) == [superuser]


def test_a_mere_user_called_admin_is_not_raised() -> None:
    UserFactory(username="admin")
    with pytest.raises(CommandError, match="createsuperuser"):
        create()
    assert not User.objects.filter(is_superuser=True).exists()
