"""App configuration: installs what the engine asks of the CRM, and finds the policies."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "crm_core.kernel"
    label = "crm_kernel"
    verbose_name = _("Organisation and access")

    def ready(self) -> None:
        from crm_core.kernel import wiring

        autodiscover_modules("policies")
        wiring.connect()
