from __future__ import annotations

from django.urls import path

from notifications.views import activity, api, live, live_report

app_name = "notifications"

# /activity/
activity_urls = [
    path("activity/", activity.activity, name="activity"),
    path("activity/live/", activity.activity_live, name="activity-live"),
    path("activity/seen/", activity.activity_seen, name="activity-seen"),
    path("activity/mute/", activity.activity_mute, name="activity-mute"),
    path("activity/<uuid:pk>/seen/", activity.notification_change, {"verb": "see"}, name="notification-seen"),
    path(
        "activity/<uuid:pk>/dismiss/",
        activity.notification_change,
        {"verb": "dismiss"},
        name="notification-dismiss",
    ),
    path("api/notifications", api.api_notifications, name="api-notifications"),
]

# /live-report/, for staff
report_urls = [
    path("live-report/", live_report.live_report, name="live-report"),
    path("live-report/live/", live_report.live_report_live, name="live-report-live"),
]

urlpatterns = [path("live/", live.live, name="live"), *activity_urls, *report_urls]
