from __future__ import annotations

from notifications.models.inboxes import Inbox
from notifications.models.live_minutes import LiveMinute
from notifications.models.notifications import Level, Notification, NotificationQuerySet

__all__ = ["Inbox", "Level", "LiveMinute", "Notification", "NotificationQuerySet"]
