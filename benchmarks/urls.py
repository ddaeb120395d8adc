from __future__ import annotations

from django.urls import path

from benchmarks import match_urls
from benchmarks.views import benchmark_delete, benchmark_detail, benchmark_new, benchmarks

app_name = "benchmarks"
urlpatterns = [
    path("", benchmarks.benchmark_list, name="benchmark-list"),
    path("live/", benchmarks.benchmark_list_live, name="benchmark-list-live"),
    path("new/", benchmark_new.benchmark_new, name="benchmark-new"),
    path("new/check/", benchmark_new.benchmark_new_check, name="benchmark-new-check"),
    path("<uuid:pk>/", benchmark_detail.benchmark_detail, name="benchmark-detail"),
    path("<uuid:pk>/live/", benchmark_detail.benchmark_live, name="benchmark-live"),
    path("<uuid:pk>/workers/", benchmark_detail.benchmark_workers, name="benchmark-workers"),
    path("<uuid:pk>/pause/", benchmark_detail.benchmark_change, {"verb": "pause"}, name="benchmark-pause"),
    path("<uuid:pk>/resume/", benchmark_detail.benchmark_change, {"verb": "resume"}, name="benchmark-resume"),
    path("<uuid:pk>/cancel/", benchmark_detail.benchmark_change, {"verb": "cancel"}, name="benchmark-cancel"),
    path("<uuid:pk>/again/", benchmark_detail.benchmark_again, name="benchmark-again"),
    path("<uuid:pk>/delete/", benchmark_delete.benchmark_delete, name="benchmark-delete"),
]
urlpatterns += match_urls.urlpatterns
