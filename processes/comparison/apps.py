"""App configuration: the command lives here, since it is told by every room of the engine."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComparisonConfig(AppConfig):
    name = "processes.comparison"
    label = "process_comparison"
    verbose_name = _("Comparison of process versions")
