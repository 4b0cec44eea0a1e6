"""What this domain registers at start-up."""

from __future__ import annotations

from crm_core.sales.services.assignment import loads
from crm_core.service import imports, process_actions, subjects, timeline_sources  # noqa: F401 - register on import
from crm_core.service.selectors import load_of


def register() -> None:
    """Called once from AppConfig.ready."""
    subjects.register()
    timeline_sources.register()
    loads["case"] = load_of
