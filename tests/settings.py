"""The settings of the tests: the product's own, with a quick hash, plain static files and a cache of its own."""

from __future__ import annotations

from config.settings import *  # noqa: F403
from config.settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AXES_ENABLED = False
# Nothing is collected here: look for each file when it is asked for.
WHITENOISE_AUTOREFRESH = True
