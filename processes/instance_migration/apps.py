"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InstanceMigrationConfig(AppConfig):
    name = "processes.instance_migration"
    label = "process_migration"
    verbose_name = _("Migration of process instances")
