from __future__ import annotations

from django.urls import path

from negotiations.models.job_states import Verb
from negotiations.views import (
    api,
    api_jobs,
    configured,
    home,
    job_detail,
    job_log,
    jobs,
    market_detail,
    market_new,
    market_receipt,
    markets,
    negotiators,
    presets,
    room_seat,
    rooms,
    scenario_cards,
    scenario_files,
    scenario_making,
    scenarios,
    session_bulk,
    session_charts,
    session_compare,
    session_detail,
    session_exports,
    session_fork,
    session_new,
    session_seat,
    session_variants,
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
    path("scenarios/live/", scenario_cards.scenario_list_live, name="scenario-list-live"),
    path("scenarios/upload/", scenarios.scenario_upload, name="scenario-upload"),
    path("scenarios/imports/<uuid:pk>/", scenarios.scenario_import, name="scenario-import"),
    path(
        "scenarios/imports/<uuid:pk>/report/", scenarios.scenario_import_report, name="scenario-import-report"
    ),
    path("scenarios/<int:pk>/", scenarios.scenario_detail, name="scenario-detail"),
    path("scenarios/<int:pk>/sessions/", scenarios.scenario_sessions, name="scenario-sessions"),
    path("scenarios/<int:pk>/live/", scenarios.scenario_live, name="scenario-live"),
    path("scenarios/plot/", scenarios.scenario_plot, name="scenario-plot"),
    path("scenarios/plot/live/", scenario_cards.scenario_plot_live, name="scenario-plot-live"),
    path("scenarios/new/", scenario_making.scenario_new, name="scenario-new"),
    path("scenarios/generate/", scenario_making.scenario_generate, name="scenario-generate"),
    path("scenarios/<int:pk>/picture.svg", scenario_files.scenario_picture, name="scenario-picture"),
    path("scenarios/<int:pk>/stamp.svg", scenario_files.scenario_stamp, name="scenario-stamp"),
    *[
        path(
            f"scenarios/<int:pk>/export/{kind}/",
            scenario_files.scenario_export,
            {"kind": kind},
            name=f"scenario-export-{kind}",
        )
        for kind in ("genius", "yaml", "yaml1")
    ],
]

# /negotiators/
negotiator_urls = [
    path("negotiators/", negotiators.negotiator_list, name="negotiator-list"),
    path("negotiators/<int:pk>/", negotiators.negotiator_detail, name="negotiator-detail"),
    path("negotiators/own/new/", configured.configured_new, name="configured-new"),
    path("negotiators/own/seat/", configured.configured_from_seat, name="configured-from-seat"),
    path("negotiators/own/<int:pk>/", configured.configured_detail, name="configured-detail"),
    path("negotiators/own/<int:pk>/edit/", configured.configured_edit, name="configured-edit"),
    path("negotiators/own/<int:pk>/delete/", configured.configured_delete, name="configured-delete"),
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
    path("sessions/<uuid:pk>/tables/", session_charts.session_tables, name="session-tables"),
    path("sessions/<uuid:pk>/replay/", session_charts.session_replay, name="session-replay"),
    path("sessions/<uuid:pk>/chart.json", session_charts.session_chart, name="session-chart"),
    path("sessions/<uuid:pk>/space.json", session_charts.session_space, name="session-space"),
    path("sessions/<uuid:pk>/cloud.png", session_charts.session_cloud, name="session-cloud"),
    path(
        "sessions/<uuid:pk>/cancel/", session_detail.session_change, {"verb": "cancel"}, name="session-cancel"
    ),
    path("sessions/<uuid:pk>/pause/", session_detail.session_change, {"verb": "pause"}, name="session-pause"),
    path(
        "sessions/<uuid:pk>/resume/", session_detail.session_change, {"verb": "resume"}, name="session-resume"
    ),
    path("sessions/<uuid:pk>/seat/", session_seat.session_seat, name="session-seat"),
    path("sessions/<uuid:pk>/seat/live/", session_seat.session_seat_live, name="session-seat-live"),
    path("sessions/<uuid:pk>/seat/utility/", session_seat.session_seat_utility, name="session-seat-utility"),
    path("sessions/<uuid:pk>/again/", session_variants.session_again, name="session-again"),
    path("sessions/<uuid:pk>/fork/", session_fork.session_fork, name="session-fork"),
    path("sessions/compare/", session_compare.session_compare, name="session-compare"),
    path("sessions/compare/live/", session_compare.session_compare_live, name="session-compare-live"),
    path("sessions/bulk/", session_bulk.session_bulk, name="session-bulk"),
    path("sessions/every/", session_bulk.sessions_every, name="sessions-every"),
    path("sessions/delete/", session_bulk.sessions_delete, name="sessions-delete"),
    path("sessions/<uuid:pk>/delete/", session_bulk.session_delete, name="session-delete"),
    path("sessions/<uuid:pk>/tags/", session_variants.session_tags, name="session-tags"),
    path("sessions/<uuid:pk>/swap/", session_variants.session_swap, name="session-swap"),
    path("sessions/<uuid:pk>/preset/", presets.preset_of, name="preset-of"),
    *[
        path(
            f"sessions/<uuid:pk>/export.{kind}",
            session_exports.session_export,
            {"kind": kind},
            name=f"session-export-{kind}",
        )
        for kind in ("json", "csv")
    ],
    path("sessions/presets/", presets.preset_list, name="preset-list"),
    path("sessions/presets/new/", presets.preset_new, name="preset-new"),
    path("sessions/presets/<int:pk>/change/", presets.preset_change, name="preset-change"),
    path("sessions/presets/<int:pk>/delete/", presets.preset_delete, name="preset-delete"),
    path("api/negotiation/<str:pk>", api.api_negotiation, name="api-negotiation"),
]

# /markets/, and their rooms
room = "markets/<uuid:market_pk>/rooms/<uuid:pk>/"
market_urls = [
    path("markets/", markets.market_list, name="market-list"),
    path("markets/live/", markets.market_list_live, name="market-list-live"),
    path("markets/new/", market_new.market_new, name="market-new"),
    path("markets/new/check/", market_new.market_new_check, name="market-new-check"),
    path("markets/<uuid:pk>/", market_detail.market_detail, name="market-detail"),
    path("markets/<uuid:pk>/live/", market_detail.market_live, name="market-live"),
    path("markets/<uuid:pk>/start/", market_detail.market_start, name="market-start"),
    path("markets/<uuid:pk>/again/", market_detail.market_again, name="market-again"),
    path("markets/<uuid:pk>/delete/", market_detail.market_delete, name="market-delete"),
    path("markets/<uuid:pk>/receipt/", market_receipt.market_receipt, name="market-receipt"),
    *[
        path(
            f"markets/<uuid:pk>/export.{kind}",
            market_receipt.market_export,
            {"kind": kind},
            name=f"market-export-{kind}",
        )
        for kind in ("json", "csv")
    ],
    path(room, rooms.room_detail, name="room-detail"),
    path(f"{room}live/", rooms.room_live, name="room-live"),
    path(f"{room}start/", rooms.room_change, {"verb": "start"}, name="room-start"),
    path(f"{room}stop/", rooms.room_change, {"verb": "stop"}, name="room-stop"),
    path(f"{room}message/", rooms.room_message, name="room-message"),
    path(f"{room}decide/", rooms.room_decide, name="room-decide"),
    path(f"{room}log.json", market_receipt.room_log, name="room-log"),
    path(f"{room}seat/buyer/write/", room_seat.room_write, name="room-write"),
    path(f"{room}seat/buyer/buy/", room_seat.room_buy, name="room-buy"),
    path(f"{room}seat/<str:seat>/", room_seat.room_seat, name="room-seat"),
    path(f"{room}seat/<str:seat>/live/", room_seat.room_seat_live, name="room-seat-live"),
    path(f"{room}seat/<str:seat>/answer/", room_seat.room_answer_as_seller, name="room-answer"),
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

urlpatterns = home_urls + scenario_urls + negotiator_urls + session_urls + market_urls + job_urls
