"""What this domain registers at start-up."""

from __future__ import annotations

from crm_core.activities import process_actions, timeline_sources  # noqa: F401 - actions register on import


def register() -> None:
    """Called once from AppConfig.ready."""
    timeline_sources.register()
