"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationConfig(AppConfig):
    name = "crm_core.integration"
    label = "crm_integration"
    verbose_name = _("Imports and connections")
