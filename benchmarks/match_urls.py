from __future__ import annotations

from django.urls import path

from benchmarks.views import benchmark_compare, exports, matches, results_import

ONE = "<uuid:pk>/matches/<int:index>/"

urlpatterns = [
    path("compare/", benchmark_compare.benchmark_compare, name="benchmark-compare"),
    path(
        "compare/export.csv",
        benchmark_compare.benchmark_compare_export,
        {"kind": "csv"},
        name="benchmark-compare-csv",
    ),
    path(
        "compare/export.json",
        benchmark_compare.benchmark_compare_export,
        {"kind": "json"},
        name="benchmark-compare-json",
    ),
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
