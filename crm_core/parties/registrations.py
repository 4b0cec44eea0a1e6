"""What this domain registers at start-up."""

from __future__ import annotations

from crm_core.parties import imports, subjects  # noqa: F401 - what can be imported registers on import


def register() -> None:
    """Called once from AppConfig.ready."""
    subjects.register()
