"""What the knowledge base registers at start-up."""

from __future__ import annotations

from crm_core.knowledge import process_actions, subjects  # noqa: F401 - actions register on import


def register() -> None:
    """Called once from AppConfig.ready."""
    subjects.register()
