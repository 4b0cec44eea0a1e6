"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "crm_core.knowledge"
    label = "crm_knowledge"
    verbose_name = _("Knowledge")

    def ready(self) -> None:
        """Tells the engine what processes can be about here, and what they can do."""
        from crm_core.knowledge import registrations

        registrations.register()
