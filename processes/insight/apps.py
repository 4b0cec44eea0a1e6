"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    name = "processes.insight"
    label = "process_insight"
    verbose_name = _("Insight into processes")
