"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "processes.catalog"
    label = "process_catalog"
    verbose_name = _("Process catalogue")
