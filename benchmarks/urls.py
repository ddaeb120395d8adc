from __future__ import annotations

from django.urls import path

from benchmarks import match_urls
from benchmarks.views import benchmarks

app_name = "benchmarks"
urlpatterns = [
    path("<uuid:pk>/", benchmarks.benchmark_detail, name="benchmark-detail"),
]
urlpatterns += match_urls.urlpatterns
