"""What runs about some records, and where each of it stands: for the page of a customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from processes import ports
from processes.inbox.clock_state import Standstill, standstill_of
from processes.inbox.visibility import seen_instances
from processes.ports import Subject
from processes.runtime.models import PROCESS, Task

MOST = 50


@dataclass(frozen=True)
class Standing:
    """An instance and the most pressing of its steps; `step` is empty while no person has to do anything."""

    instance_id: UUID
    labels: Mapping[str, str]
    business_key: str
    title: str
    subject: Subject
    version: int
    suspended: bool
    step: Mapping[str, str]
    who: str
    due_at: datetime | None
    limit_started_at: datetime | None
    warn_at: datetime | None
    standstill: Standstill | None


def running_about(user: Any, subjects: Iterable[Subject]) -> list[Standing]:
    """The open instances about these records as far as the person may see them, the most pressing first.

    Two queries, however many records there are.
    """
    ids: dict[str, set[int]] = {}
    for subject in subjects:
        if subject.id is not None:
            ids.setdefault(subject.type, set()).add(subject.id)
    if not ids:
        return []
    about = Q()
    for kind, numbers in ids.items():
        about |= Q(subject_type=kind, subject_id__in=numbers)
    rows = list(
        seen_instances(user).filter(about, status=PROCESS.NEW).select_related("version").order_by("-created", "-pk")
        .defer("data", "version__bpmn", "version__forms")[:MOST]
    )  # fmt: skip
    steps: dict[UUID, Task] = {}
    waiting = Task.objects.stored().open().human().filter(process__in=[row.pk for row in rows])
    for task in waiting.select_related("owner").order_by(F("due_at").asc(nulls_last=True), "pk"):
        steps.setdefault(task.process_id, task)
    found = [_standing(row, steps.get(row.pk)) for row in rows]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at.timestamp() if one.due_at else 0.0))


def _standing(row: Any, task: Task | None) -> Standing:
    return Standing(
        instance_id=row.pk, labels=row.labels, business_key=row.business_key, title=row.title,
        subject=Subject(row.subject_type, row.subject_id), version=row.version.number, suspended=row.suspended,
        step=(task.labels or {"en": task.node_id}) if task is not None else {},
        who=ports.people().display(task.owner) if task is not None and task.owner is not None else "",
        due_at=task.due_at if task is not None else None,
        limit_started_at=task.limit_started_at if task is not None else None,
        warn_at=task.warn_at if task is not None else None,
        standstill=standstill_of(task) if task is not None else None,
    )  # fmt: skip
