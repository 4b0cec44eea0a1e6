"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketingConfig(AppConfig):
    name = "crm_core.marketing"
    label = "crm_marketing"
    verbose_name = _("Marketing")

    def ready(self) -> None:
        """Tells the engine what processes can be about here, and what they can do."""
        from crm_core.marketing import registrations

        registrations.register()
