"""Clocks that have come to something: looked at by the dispatcher, each under the lock of its instance."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from processes import ports
from processes.runtime import clocks
from processes.runtime.clock_models import Clocked
from processes.runtime.models import ClockEvent, Outbox, is_running
from processes.runtime.step import step

log = logging.getLogger(__name__)

PAUSE = timedelta(minutes=1)
"""When a clock is looked at again that could not be moved; the pause doubles up to some hours."""


def look(instance_id: UUID, task_id: UUID | None = None) -> bool:
    """Do what a clock has come to: that of a step, or of the instance. False when there is nothing (any more)."""
    with step(instance_id, task=task_id, skip_locked=True, ended_is_fine=True) as current:
        if current is None or not is_running(current.instance):
            return False
        holder = current.row(task_id) if task_id is not None else current.instance
        if holder is None or not holder.is_open:
            return False
        return clocks.look(current, holder)


def stumbled(model: type[Clocked], pk: UUID, error: Exception) -> None:
    """A clock could not be moved: it is looked at again later, and holds up nothing meanwhile."""
    rows: Any = model._default_manager.filter(pk=pk)
    found = rows.values_list("clock", flat=True).first()
    if found is None:
        return
    times = int(found.get("stumbles", 0)) + 1
    log.error("The clock of %s %s could not be moved; it is tried again.", model.__name__, pk, exc_info=error)
    rows.update(clock={**found, "stumbles": times}, clock_at=ports.now() + PAUSE * 2 ** min(times - 1, 8))


def parts_for(row: Outbox) -> list[Outbox]:
    """For a message about a record: a row of its own for each clock that stands still until it comes."""
    about = row.payload.get("subject")
    if not about:
        return []
    key = clocks.awaited(row.name, about[0], int(about[1]))
    events = ClockEvent.objects.filter(awaits=key, at__lte=row.created).values_list("instance_id", "task_id")
    return [
        Outbox(kind="clock", name=row.name, event_key=key[:255], instance_id=instance_id, task_id=task_id,
               created=row.created, next_attempt_at=row.created)
        for instance_id, task_id in dict.fromkeys(events)
    ]  # fmt: skip


def resume_by_message(row: Outbox) -> None:
    """Let one clock run again because the message has come that it waited for."""
    with step(row.instance_id, task=row.task_id, ended_is_fine=True) as current:
        if current is None:
            return
        holder = current.row(row.task_id) if row.task_id is not None else current.instance
        if holder is None or not holder.is_open or holder.paused_at is None or holder.paused_at > row.created:
            return
        if str((holder.clock or {}).get("awaits", ""))[:255] == row.event_key:
            clocks.resume(current, holder, note=row.name)
