"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class PublicationConfig(AppConfig):
    name = "processes.publication"
    label = "process_publication"
    verbose_name = _("Publication")

    def ready(self) -> None:
        from processes.publication.subject import register as register_subject
        from processes.publication.system_checks import versions_run

        register_subject()
        register(versions_run, Tags.database)
