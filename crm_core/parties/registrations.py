"""What this domain registers at start-up."""

from __future__ import annotations

from crm_core.parties import subjects


def register() -> None:
    """Called once from AppConfig.ready."""
    subjects.register()
