"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "crm_core.kernel"
    label = "crm_kernel"
    verbose_name = _("Organisation and access")
