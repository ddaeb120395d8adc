from __future__ import annotations

from django.urls import path

from benchmarks.views import exports, matches, results_import

ONE = "<uuid:pk>/matches/<int:index>/"

urlpatterns = [
    path("import/", results_import.results_import, name="results-import"),
    path("<uuid:pk>/export/<slug:kind>/", exports.benchmark_export, name="benchmark-export"),
    path(ONE, matches.match_detail, name="match-detail"),
    path(f"{ONE}offers/", matches.match_offers, name="match-offers"),
    path(f"{ONE}tables/", matches.match_tables, name="match-tables"),
    path(f"{ONE}chart/", matches.match_chart, name="match-chart"),
    path(f"{ONE}space/", matches.match_space, name="match-space"),
    path(f"{ONE}cloud.png", matches.match_cloud, name="match-cloud"),
    path(f"{ONE}replay/", matches.match_replay, name="match-replay"),
    path(f"{ONE}export.csv", matches.match_export, {"kind": "csv"}, name="match-export-csv"),
    path(f"{ONE}export.json", matches.match_export, {"kind": "json"}, name="match-export-json"),
]
