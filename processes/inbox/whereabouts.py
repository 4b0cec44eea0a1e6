"""Where running instances stand: the steps their tokens rest on, with whom and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from processes import ports
from processes.inbox.clock_state import Standstill, standstill_of
from processes.runtime.models import STATUS, ProcessInstance, Task

MOST_STEPS = 1000


@dataclass(frozen=True)
class Place:
    """One token: at which element, since when, who has it, until when, and whether it failed or waits for a person.

    `task_id` is the work behind it when a person does it, `row_id` its row in any case.
    """

    node_id: str
    labels: Mapping[str, str]
    kind: str
    since: datetime
    who: str
    owner_id: int | None
    due_at: datetime | None
    started: datetime | None
    warn_at: datetime | None
    standstill: Standstill | None
    failed: bool
    task_id: UUID | None
    row_id: UUID


def whereabouts(instances: Iterable[ProcessInstance]) -> dict[UUID, list[Place]]:
    """By instance the places of its tokens, the oldest first. One query; instances that ended are left out."""
    wanted = [row.pk for row in instances if row.is_open]
    rows = (
        Task.objects.tokens().filter(process__in=wanted, is_body=False).select_related("owner")
        .defer("flow_task", "data", "draft", "error").order_by("created", "pk")[:MOST_STEPS]
    )  # fmt: skip
    found: dict[UUID, list[Place]] = {pk: [] for pk in wanted}
    for row in rows:
        found[row.process_id].append(_place(row))
    return found


def _place(row: Task) -> Place:
    who: Any = ports.people().display(row.owner) if row.owner is not None else ""
    return Place(
        node_id=row.node_id, labels=row.labels, kind=row.kind, since=row.created, who=who, owner_id=row.owner_id,
        due_at=row.due_at, started=row.limit_started_at, warn_at=row.warn_at,
        standstill=standstill_of(row), failed=row.status == STATUS.ERROR,
        task_id=row.pk if row.is_human else None, row_id=row.pk,
    )  # fmt: skip
