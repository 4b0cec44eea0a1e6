"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServiceConfig(AppConfig):
    name = "crm_core.service"
    label = "crm_service"
    verbose_name = _("Service")

    def ready(self) -> None:
        """Tells the engine what processes can be about here, and what they can do."""
        from crm_core.service import registrations

        registrations.register()
