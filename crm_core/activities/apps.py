"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "crm_core.activities"
    label = "crm_activities"
    verbose_name = _("Activities")

    def ready(self) -> None:
        """Tells the engine what processes can be about here, and what they can do."""
        from crm_core.activities import registrations

        registrations.register()
