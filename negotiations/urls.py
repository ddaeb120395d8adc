from __future__ import annotations

from django.urls import path

from negotiations.models.job_states import Verb
from negotiations.views import (
    api,
    api_jobs,
    home,
    job_detail,
    job_log,
    jobs,
    negotiators,
    scenarios,
    session_detail,
    session_new,
    sessions,
    workers,
)

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
    path(
        "sessions/<uuid:pk>/cancel/", session_detail.session_change, {"verb": "cancel"}, name="session-cancel"
    ),
    path("sessions/<uuid:pk>/pause/", session_detail.session_change, {"verb": "pause"}, name="session-pause"),
    path(
        "sessions/<uuid:pk>/resume/", session_detail.session_change, {"verb": "resume"}, name="session-resume"
    ),
    path("sessions/<uuid:pk>/again/", session_detail.session_again, name="session-again"),
    path("api/negotiation/<str:pk>", api.api_negotiation, name="api-negotiation"),
]

# /jobs/, /workers/
job_urls = [
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/live/", jobs.job_list_live, name="job-list-live"),
    path("jobs/bulk/", jobs.job_bulk, name="job-bulk"),
    path("jobs/<uuid:pk>/", job_detail.job_detail, name="job-detail"),
    path("jobs/<uuid:pk>/live/", job_detail.job_live, name="job-live"),
    path("jobs/<uuid:pk>/log/", job_log.job_log, name="job-log"),
    path("jobs/<uuid:pk>/log.txt", job_log.job_log_text, name="job-log-text"),
    *[
        path(f"jobs/<uuid:pk>/{verb}/", job_detail.job_change, {"verb": verb}, name=f"job-{verb}")
        for verb in Verb.values
    ],
    path("workers/", workers.worker_list, name="worker-list"),
    path("workers/live/", workers.worker_list_live, name="worker-list-live"),
    path("api/jobs/<str:pk>", api_jobs.api_job, name="api-job"),
    path("api/jobs/<str:pk>/result", api_jobs.api_job_result, name="api-job-result"),
    *[
        path(f"api/jobs/<str:pk>/{verb}", api_jobs.api_job_change, {"verb": verb}, name=f"api-job-{verb}")
        for verb in Verb.values
    ],
]

urlpatterns = home_urls + scenario_urls + negotiator_urls + session_urls + job_urls
