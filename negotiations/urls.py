from __future__ import annotations

from django.urls import path

from negotiations.views import api, home, negotiators, scenarios, session_detail, session_new, sessions

app_name = "negotiations"

# /home/
home_urls = [
    path("home/sessions/", home.home_sessions, name="home-sessions"),
    path("home/example/", home.start_example_session, name="start-example"),
]

# /scenarios/
scenario_urls = [
    path("scenarios/", scenarios.scenario_list, name="scenario-list"),
    path("scenarios/upload/", scenarios.scenario_upload, name="scenario-upload"),
    path("scenarios/imports/<uuid:pk>/", scenarios.scenario_import, name="scenario-import"),
    path(
        "scenarios/imports/<uuid:pk>/report/", scenarios.scenario_import_report, name="scenario-import-report"
    ),
    path("scenarios/<int:pk>/", scenarios.scenario_detail, name="scenario-detail"),
]

# /negotiators/
negotiator_urls = [
    path("negotiators/", negotiators.negotiator_list, name="negotiator-list"),
    path("negotiators/<int:pk>/", negotiators.negotiator_detail, name="negotiator-detail"),
]

# /sessions/
session_urls = [
    path("sessions/", sessions.session_list, name="session-list"),
    path("sessions/live/", sessions.session_list_live, name="session-list-live"),
    path("sessions/new/", session_new.session_new, name="session-new"),
    path("sessions/new/parties/", session_new.session_new_parties, name="session-new-parties"),
    path("sessions/new/check/", session_new.session_new_check, name="session-new-check"),
    path("sessions/<uuid:pk>/", session_detail.session_detail, name="session-detail"),
    path("sessions/<uuid:pk>/live/", session_detail.session_live, name="session-live"),
    path("sessions/<uuid:pk>/offers/", session_detail.session_offers, name="session-offers"),
    path("sessions/<uuid:pk>/cancel/", session_detail.session_cancel, name="session-cancel"),
    path("sessions/<uuid:pk>/again/", session_detail.session_again, name="session-again"),
    path("api/negotiation/<str:pk>", api.api_negotiation, name="api-negotiation"),
]

urlpatterns = home_urls + scenario_urls + negotiator_urls + session_urls
