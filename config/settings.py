"""One file for every installation: SQLite and the ORM broker by default, the environment scales it out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url

from config.env import (
    envbool,
    envcurrency,
    envint,
    envlist,
    envnumber,
    envprice,
    envurl,
    redis_url,
    secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("PARLEY_DATA") or BASE_DIR / "var")

DEBUG = envbool("DEBUG", False)
SECRET_KEY = secret_key(DATA_DIR / "secret_key")
ALLOWED_HOSTS = envlist("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = envlist("CSRF_TRUSTED_ORIGINS", "")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_q",
    "django_filters",
    "crispy_forms",
    "crispy_bootstrap5",
    "axes",
    "csp",
    "lucide",
    "ninja",
    "config.apps.ConfigConfig",
    "api.apps.ApiConfig",
    "notifications.apps.NotificationsConfig",
    "negotiations.apps.NegotiationsConfig",
    "benchmarks.apps.BenchmarksConfig",
]

MIDDLEWARE = [
    "config.middleware.without_body",
    "api.middleware.one_body_for_errors",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Database ---------------------------------------------------------------------------------------------
# BEGIN IMMEDIATE is what cures "database is locked": a deferred transaction that reads before it writes
# fails at once under WAL, whatever the timeout. Never combine it with ATOMIC_REQUESTS.
SQLITE_OPTIONS: dict[str, Any] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
        "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-16000;"
    ),
}


def database(url: str) -> dict[str, Any]:
    options: dict[str, Any] = {**dj_database_url.parse(url)}
    if options["ENGINE"] == "django.db.backends.sqlite3":
        # The ORM broker closes old connections at each poll: on SQLite keep them open (343 against 2,262 enqueues/s).
        return options | {"CONN_MAX_AGE": None, "OPTIONS": SQLITE_OPTIONS}
    # Without limits a server that is switched off, or vanishes from the network, holds whoever asks it for minutes.
    limits: dict[str, Any] = {"connect_timeout": 5, "tcp_user_timeout": 10_000}  # seconds, milliseconds
    # Compiling a query of many joins takes PostgreSQL nearly two seconds where it takes it for a long one: running it, 20 ms.
    options["OPTIONS"] = limits | {"options": "-c jit=off"} | options.get("OPTIONS", {})
    return options | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


DATABASES = {
    "default": database(os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'parley.sqlite3'}")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache ------------------------------------------------------------------------------------------------
# What the API counts requests with. All web processes have to see each other's counts: those of several machines by
# the Redis that they share, those of one machine by files.
REDIS_URL = redis_url("REDIS_URL")
COUNTS_IN_REDIS: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.redis.RedisCache",
    "LOCATION": [REDIS_URL],
    "KEY_PREFIX": "parley-api",
}
COUNTS_IN_FILES: dict[str, Any] = {
    "BACKEND": "api.counts.CountsInFiles",
    "LOCATION": DATA_DIR / "cache",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "api": COUNTS_IN_REDIS if REDIS_URL else COUNTS_IN_FILES,
}

# --- Queue ------------------------------------------------------------------------------------------------
# The message is only a doorbell and the row the truth, so a short `retry` is right: what a dead cluster had
# fetched comes back in a minute, and a duplicate is a no-op that acknowledges itself.
BATCH_CLUSTER = os.environ.get("BATCH_CLUSTER", "")
WORKERS = envint("WORKERS", (os.cpu_count() or 1) + 4, least=1)
Q_CLUSTER: dict[str, Any] = {
    "name": "parley",
    "label": "Queue",
    "workers": WORKERS,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 55,
    "retry": 60,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": 0,
    "recycle": 500,
    "catch_up": False,
    "guard_cycle": 0.5,
    "scheduler": False,  # nothing is scheduled, and its look would hold up the guard of the workers
    "ALT_CLUSTERS": {
        BATCH_CLUSTER or "batch": {"workers": envint("BATCH_WORKERS", os.cpu_count() or 1, least=1)}
    },
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}
CLUSTERS = {"live": "parley", "batch": BATCH_CLUSTER or "parley"}
"""Which cluster's workers serve a job's queue."""
SERVE_CLUSTERS = envlist("SERVE_CLUSTERS", "parley")

# --- Limits of a session, each with its reason in docs/settings.md --------------------------------------------
LEASE_SECONDS = envnumber("LEASE_SECONDS", 30, least=3)
ACTION_SECONDS = envnumber("ACTION_SECONDS", 30, least=0.1)
SESSION_SECONDS = envnumber("SESSION_SECONDS", 900, least=1)
IMPORT_SECONDS = envnumber("IMPORT_SECONDS", 600, least=1)
CHILD_MEMORY_MB = envint("CHILD_MEMORY_MB", 2048, least=64)
PACED_SESSIONS = envint("PACED_SESSIONS", 4, least=1)
# What one benchmark may have, and how long a lane plays before others of the queue have their turn.
BENCHMARK_MATCHES = envint("BENCHMARK_MATCHES", 100_000, least=1)
BENCHMARK_SLICE_SECONDS = envnumber("BENCHMARK_SLICE_SECONDS", 15, least=1)
# The work of apps above the negotiations, which know nothing of them: kind of job to its task.
JOB_TASKS = {
    "benchmark": "benchmarks.tasks.run_benchmark",
    "lane": "benchmarks.tasks.run_lane",
    "benchmark deletion": "benchmarks.tasks.run_deletion",
}
BATCH_SLOTS = envint("BATCH_SLOTS", os.cpu_count() or 1, least=1)
ACTIVE_JOBS = envint("ACTIVE_JOBS", 50, least=1)
# Rooms that one market may have, and how long the logs of a deleted one are kept.
MARKET_ROOMS = envint("MARKET_ROOMS", 100, least=1)
MARKET_LOG_DAYS = envnumber("MARKET_LOG_DAYS", 7)
STORAGE_MB = envint("STORAGE_MB", 2000, least=1)
UPLOAD_MB = envint("UPLOAD_MB", 20, least=1)
LIVE_UPDATES = envbool("LIVE_UPDATES", True)
LIVE_SECONDS = min(30, max(1, envint("LIVE_SECONDS", 5)))

# Requests of one person to the API in a minute of the clock.
API_PER_MINUTE = envint("API_PER_MINUTE", 600, least=1)

# --- Language models: off until somebody switches them on. Their key is no setting: negotiations/language_models.py reads it.
LLM_ENABLED = envbool("LLM_ENABLED", False)
LLM_URL = envurl("LLM_URL", "http://127.0.0.1:1234/v1")
LLM_MODEL = os.environ.get("LLM_MODEL", "")
LLM_SECONDS = envnumber("LLM_SECONDS", 30, least=1)
LLM_TOKENS = envint("LLM_TOKENS", 1000, least=50)
# What a million tokens cost; 0 for both is unknown, and no money is told.
LLM_INPUT_PRICE = envprice("LLM_INPUT_PRICE")
LLM_OUTPUT_PRICE = envprice("LLM_OUTPUT_PRICE")
LLM_CURRENCY = envcurrency("LLM_CURRENCY", "USD")

# --- How long what `manage.py prune` removes is kept; the reasons are in docs/settings.md ---------------------
KEEP_TASKS_DAYS = envnumber("KEEP_TASKS_DAYS", 1)
KEEP_FAILURES_DAYS = envnumber("KEEP_FAILURES_DAYS", 30)
KEEP_LOGS_DAYS = envnumber("KEEP_LOGS_DAYS", 90)
KEEP_ARCHIVES_DAYS = envnumber("KEEP_ARCHIVES_DAYS", 7)
KEEP_NOTIFICATIONS_DAYS = envnumber("KEEP_NOTIFICATIONS_DAYS", 90, least=1)
KEEP_SIGN_INS_DAYS = envnumber("KEEP_SIGN_INS_DAYS", 30)

DATA_UPLOAD_MAX_MEMORY_SIZE = (UPLOAD_MB + 1) * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["negotiations.uploads.CappedUploadHandler"]

# --- Sign-in ----------------------------------------------------------------------------------------------
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "notifications.backends.InboxBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# --- Security ---------------------------------------------------------------------------------------------
HTTPS = envbool("HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# A load balancer asks this machine, not the public name, and follows no redirect.
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if envbool("BEHIND_PROXY", False) else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        # The hash of nothing: Plotly fills an empty <style> through the CSSOM. It lets no injected text in.
        "style-src": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Language, static files, log ----------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.finders.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": os.environ.get("STATIC_STORAGE", "whitenoise.storage.CompressedManifestStaticFilesStorage")
    },
}

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

LINE = "{asctime} {levelname} {name}: {message}"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": LINE, "style": "{"},
        "one line": {"()": "config.log.OneLine", "fmt": LINE, "style": "{"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "strangers": {"class": "logging.StreamHandler", "formatter": "one line"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "negotiations": {"level": os.environ.get("LOG_LEVEL", "INFO")},
        "django-q": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # Wrong hosts and the like: one line each, and no second one for the answer they got. An answer of 4xx is
        # no fault of ours; the proxy's access log has them all.
        "django.security": {"handlers": ["strangers"], "propagate": False},
        "django.request": {"level": "ERROR"},
    },
}
