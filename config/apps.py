from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

from config.checks import check_language_model, check_production, check_queue


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(check_queue)
        register(check_language_model)
        register(check_production, deploy=True)
