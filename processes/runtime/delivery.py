"""How a step hands on what must happen after it: the outbox row just written, the job just made.

Both are rows already, so nothing is lost if this process dies now; the dispatcher finds them. What is done
here only makes them happen sooner.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from processes.runtime.queueing import queue

log = logging.getLogger(__name__)

REDELIVERY = timedelta(seconds=30)
"""When a job that was pushed but not begun is pushed once more: its worker may have died."""

DEEPEST = 10
"""How many deliveries may set off each other before the rest is left to the dispatcher: two processes that
send each other messages must not hold up the request that began it."""

_by_hand: ContextVar[bool] = ContextVar("redraw_by_hand", default=False)
_depth: ContextVar[int] = ContextVar("redraw_delivery_depth", default=0)


@contextmanager
def by_hand() -> Iterator[None]:
    """Leave deliveries and jobs of this thread to whoever calls `drain`: for tests and driven history."""
    token = _by_hand.set(True)
    try:
        yield
    finally:
        _by_hand.reset(token)


def jobs_are_queued() -> bool:
    """Whether background work goes to the workers; otherwise whoever drains does it."""
    return settings.PROCESS_JOBS == "queue" and not _by_hand.get()


def first_look(now: datetime) -> datetime:
    """When the dispatcher must look at a job just made."""
    return now + REDELIVERY if jobs_are_queued() else now


def deliver_soon(ids: Sequence[UUID]) -> None:
    """Deliver outbox rows right after the commit, unless that is left to the dispatcher."""
    depth = _depth.get()
    if _by_hand.get() or depth >= DEEPEST or not getattr(settings, "PROCESS_EAGER", True):
        return

    def deliver() -> None:
        from processes.runtime import outbox

        token = _depth.set(depth + 1)
        try:
            for row_id in ids:
                outbox.deliver_quietly(row_id)
        finally:
            _depth.reset(token)

    transaction.on_commit(deliver, robust=True)


def push_job(task_id: UUID, attempt: int) -> None:
    """Hand a task's job to the workers, in this transaction; else it waits for who drains. `attempt` is the
    number of attempts made so far: a job that was pushed twice runs once."""
    if jobs_are_queued():
        queue("processes.runtime.jobs.run_task", str(task_id), attempt)
