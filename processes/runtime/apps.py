"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RuntimeConfig(AppConfig):
    name = "processes.runtime"
    label = "process_runtime"
    verbose_name = _("Process runtime")

    def ready(self) -> None:
        from processes import actions
        from processes.runtime import identities

        actions.load_modules()
        identities.connect()
