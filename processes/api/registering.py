"""What the floors above register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from processes import ports
from processes.ports import SubjectType

__all__ = [
    "enqueue",
    "register_choices",
    "register_subject",
]


def register_subject(kind: SubjectType) -> SubjectType:
    """Register a kind of record that processes can be about."""
    return ports.subjects().register(kind)


def register_choices(name: str, source: Any) -> None:
    """Register a source of choices for fields of forms: `source(argument, context)` gives (value, label) pairs."""
    from processes.inbox import choices

    choices.register(name, source)


def enqueue(dotted_path: str, *args: Any, key: str | None = None, at: datetime | None = None) -> None:
    """Call a function in the background once this transaction has happened, or at a moment; with a `key` once only."""
    from processes.runtime import jobs

    jobs.enqueue(dotted_path, *args, key=key, at=at)
