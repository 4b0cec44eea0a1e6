"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdminExtConfig(AppConfig):
    name = "admin_ext"
    label = "admin_ext"
    verbose_name = _("Redraw CRM")

    def ready(self) -> None:
        """Says what stands beside tasks about records that have pages of ours."""
        from admin_ext.studio import publication_beside

        publication_beside.register()
