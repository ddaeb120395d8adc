from __future__ import annotations

from django.urls import path

from negotiations.views import home, negotiators, scenarios

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

urlpatterns = home_urls + scenario_urls + negotiator_urls
