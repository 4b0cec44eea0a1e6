"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RehearsalConfig(AppConfig):
    name = "processes.rehearsal"
    label = "process_rehearsal"
    verbose_name = _("Rehearsals")
