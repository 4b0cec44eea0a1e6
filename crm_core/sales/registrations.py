"""What this domain registers at start-up."""

from __future__ import annotations

from crm_core.sales import imports, process_actions, subjects, timeline_sources  # noqa: F401 - register on import


def register() -> None:
    """Called once from AppConfig.ready."""
    subjects.register()
    timeline_sources.register()
