"""What a record's page says about processes: those that run about it, and those that could be started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from processes import api


@dataclass(frozen=True, slots=True)
class ProcessesOf:
    """Running and startable processes of one record, as the person may know them."""

    subject_type: str
    subject_id: int
    running: list[Any]
    startable: list[Any]


def processes_of(user: Any, subject_type: str, subject_id: Any) -> ProcessesOf | None:
    """The processes about a record; None for a kind of record that processes are not about."""
    if not subject_type or not str(subject_id).isdecimal():
        return None
    subject = api.Subject(subject_type, int(subject_id))
    running = [instance for instance in api.instances_of_subject(user, subject) if instance.is_open]
    startable = [
        definition
        for definition in api.definitions(user, figures=False)
        if definition.subject_type == subject_type and api.may_start(user, definition.key, subject)
    ]
    return ProcessesOf(subject_type, int(subject_id), running[:20], startable)
