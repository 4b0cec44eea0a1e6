"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "crm_core.demo"
    label = "crm_demo"
    verbose_name = _("Demo company")

    def ready(self) -> None:
        from crm_core.rehearsing.port import RehearsingPort
        from processes import ports

        ports.install(rehearsing=RehearsingPort())
