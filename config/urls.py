from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from config.api import v1
from config.on_site import on_site
from negotiations.views.health import health
from negotiations.views.home import home

admin_urls, *_ = admin.site.urls
to_site = "r/<path:content_type_id>/<path:object_id>/"  # before Django's own of that address
admin_urls = [path(to_site, admin.site.admin_view(on_site), name="view_on_site"), *admin_urls]

handler500 = "config.errors.broken"
urlpatterns = [
    path("", home, name="home"),
    path("health", health, name="health"),
    path("", include("api.urls")),
    path("api/v1/", v1.urls),
    path("", include("negotiations.urls")),
    path("", include("notifications.urls")),
    path("benchmarks/", include("benchmarks.urls")),
    path("sign-in/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("admin/", (admin_urls, "admin", admin.site.name)),
]
