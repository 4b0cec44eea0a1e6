"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    name = "crm_core.parties"
    label = "crm_parties"
    verbose_name = _("Customers")

    def ready(self) -> None:
        """Tells the engine what processes can be about here, and what they can do."""
        from crm_core.parties import registrations

        registrations.register()
