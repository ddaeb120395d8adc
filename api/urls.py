from __future__ import annotations

from django.urls import path

from api import views

app_name = "api"
urlpatterns = [
    path("api/v1/docs", views.reference, name="reference"),
    path("tokens/", views.token_list, name="token-list"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token-revoke"),
]
