from __future__ import annotations

import os
import secrets
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

NAME = "admin"


class Command(BaseCommand):
    help = "Create the account 'admin' where there is no superuser, with DJANGO_SUPERUSER_PASSWORD or one made up."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            self.stdout.write("There is an administrator already.")
            return
        if User.objects.filter(username=NAME).exists():
            raise CommandError(
                f"A user called {NAME!r} exists but is no active superuser. Run: manage.py createsuperuser"
            )
        given = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        password = given or secrets.token_urlsafe(12)
        User.objects.create_superuser(NAME, password=password)
        told = "the one in DJANGO_SUPERUSER_PASSWORD" if given else f"{password}   (shown this once)"
        self.stdout.write(f"Created the account {NAME}. Password: {told}")
