"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BulkConfig(AppConfig):
    name = "processes.bulk"
    label = "process_bulk"
    verbose_name = _("Work in bulk")
