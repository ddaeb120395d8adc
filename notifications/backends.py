"""Who is signed in, with their inbox in the same query: a poll that brings nothing new asks nothing else about it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User


class InboxBackend(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("inbox").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
