"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from processes.catalog import guards


class CatalogConfig(AppConfig):
    name = "processes.catalog"
    label = "process_catalog"
    verbose_name = _("Process catalogue")

    def ready(self) -> None:
        post_migrate.connect(guards.install_after_migrate, sender=self, dispatch_uid="process_catalog_guards")
