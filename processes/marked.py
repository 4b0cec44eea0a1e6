"""Texts of the pure packages, which know no gettext: marked here, translated by the floors above."""

from __future__ import annotations

BPMN = "BPMN"
"""The context of marked texts: a transaction of a drawing is none of a bank."""


def mark(text: str) -> str:
    """The text itself; the catalogues take it in, and whoever shows it translates it."""
    return text
