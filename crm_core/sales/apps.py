"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesConfig(AppConfig):
    name = "crm_core.sales"
    label = "crm_sales"
    verbose_name = _("Sales")

    def ready(self) -> None:
        """Tells the engine what processes can be about here, and what they can do."""
        from crm_core.sales import registrations

        registrations.register()
