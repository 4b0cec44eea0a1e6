"""What this domain registers at start-up."""

from __future__ import annotations


def register() -> None:
    """Called once from AppConfig.ready."""
