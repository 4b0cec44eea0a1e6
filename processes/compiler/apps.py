"""App configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CompilerConfig(AppConfig):
    name = "processes.compiler"
    label = "process_compiler"
    verbose_name = _("Process compiler")
