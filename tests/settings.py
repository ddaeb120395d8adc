"""The settings of the tests: the product's own, with a quick hash, plain static files and a cache of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import CACHES, DATABASES, STORAGES

# A file, as in the product: in memory the browser's server and the test would share a cache, whose locks nobody waits for.
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["TEST"] = {
        "NAME": str(Path(tempfile.gettempdir()) / f"parley_test_{os.getpid()}.sqlite3")
    }

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = CACHES | {"api": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "api"}}
AXES_ENABLED = False
# Nothing is collected here: look for each file when it is asked for.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True  # as they are now, not as they were collected last
