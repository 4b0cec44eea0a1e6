"""How a step hands on what must happen after it: the outbox row just written, the job just made.

Both are rows already, so nothing is lost if this process dies now; the dispatcher finds them. What is done
here only makes them happen sooner.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)


def deliver_soon(ids: Sequence[UUID]) -> None:
    """Deliver outbox rows right after the commit, unless that is left to the dispatcher."""
    if not getattr(settings, "PROCESS_EAGER", True):
        return

    def deliver() -> None:
        from processes.runtime import outbox

        for row_id in ids:
            outbox.deliver_quietly(row_id)

    transaction.on_commit(deliver, robust=True)


def push_job(task_id: UUID) -> None:
    """Hand a task's job to the workers, in this transaction; run inline it waits for the dispatcher."""
    if settings.PROCESS_JOBS == "queue":
        from processes.runtime import jobs

        jobs.queue("processes.runtime.jobs.run_task", str(task_id))
