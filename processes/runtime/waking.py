"""What falls due: timers, jobs to run or to run again, outbox rows, timer starts.

The dispatcher asks in a loop; tests and driven history ask through `drain`. Every row is taken under a lock or by
a conditional update, so several may ask at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q
from viewflow.workflow.status import PROCESS, STATUS

from processes import ports
from processes.bpmn.nodes import Event
from processes.errors import LockTimeout, ProcessError
from processes.runtime import jobs, outbox, starting
from processes.runtime.delivery import REDELIVERY, jobs_are_queued, push_job
from processes.runtime.flow import NotRunnable, flow_of
from processes.runtime.models import Outbox, StartSubscription, Task, is_running
from processes.runtime.nodes.events import WaitingNode
from processes.runtime.nodes.work import ActionTask, retry_inline
from processes.runtime.step import step
from processes.runtime.timing import next_start

log = logging.getLogger(__name__)

BATCH = 200
_SLEEPING = Q(
    status__in=[STATUS.SCHEDULED, STATUS.STARTED], next_attempt_at__isnull=False, process__suspended=False,
    process__status=PROCESS.NEW,
)  # fmt: skip
_UNSENT = Q(state__in=[Outbox.State.PENDING, Outbox.State.WAITING])


def next_due() -> datetime | None:
    """The next moment at which something falls due; None when nothing ever will."""
    moments = (
        Task.objects.filter(_SLEEPING).aggregate(at=Min("next_attempt_at"))["at"],
        Outbox.objects.filter(_UNSENT).aggregate(at=Min("next_attempt_at"))["at"],
        StartSubscription.objects.filter(active=True).aggregate(at=Min("next_due"))["at"],
    )
    return min((at for at in moments if at is not None), default=None)


def drain(*, most: int = 100_000) -> int:
    """Do everything that is due by the clock in use, until nothing is left; gives how many things were done."""
    done = 0
    while done < most:
        now = sweep()
        if not now:
            break
        done += now
    return done


def sweep() -> int:
    """One round over all that is due; gives how many things moved on."""
    now = ports.now()
    moved = 0
    sent = Outbox.objects.filter(_UNSENT, next_attempt_at__lte=now).order_by("next_attempt_at", "id")
    for pk in list(sent.values_list("pk", flat=True)[:BATCH]):
        moved += outbox.deliver_quietly(pk)
    asleep = Task.objects.filter(_SLEEPING, next_attempt_at__lte=now).order_by("next_attempt_at", "id")
    for pk, instance_id in list(asleep.values_list("pk", "process_id")[:BATCH]):
        moved += _quietly(pk, lambda pk=pk, instance_id=instance_id: wake(pk, instance_id, now))
    starts = StartSubscription.objects.filter(active=True, next_due__lte=now).order_by("next_due")
    for pk in list(starts.values_list("pk", flat=True)[:BATCH]):
        moved += _quietly(pk, lambda pk=pk: begin(pk))
    return moved


def _quietly(pk: UUID, act: Callable[[], bool]) -> bool:
    """Do one thing; what goes wrong with it holds up nothing else."""
    try:
        return act()
    except LockTimeout:
        return False
    except NotRunnable as error:
        log.error("A row that is due cannot be looked at: %s", error.sentence)
    except ProcessError as error:
        log.warning("A row that is due could not be moved (%s): %s", pk, error.sentence)
    return False


def wake(task_id: UUID, instance_id: UUID, now: datetime) -> bool:
    """Look at one row that is due: a timer fires, a job runs, an attempt is repeated."""
    work: UUID | None = None
    attempt = 0
    with step(instance_id, task=task_id, skip_locked=True, ended_is_fine=True) as current:
        if current is None or not is_running(current.instance):
            return False
        row = current.row(task_id)
        if row is None or row.next_attempt_at is None or row.next_attempt_at > now:
            return False
        if row.status not in (STATUS.SCHEDULED, STATUS.STARTED):
            return False
        if row.parent_id is not None:
            current.load(row.parent_id)
        node = current.node(row)
        if isinstance(node, WaitingNode) and not row.is_body:
            row.next_attempt_at = None
            current.touch(row, "next_attempt_at")
            node.trigger(current, row)
            return True
        if not isinstance(node, ActionTask):
            row.next_attempt_at = None
            current.touch(row, "next_attempt_at")
            return True
        action = node.action()
        if not action.background:
            retry_inline(current, row)
            return True
        row.status, row.next_attempt_at = STATUS.SCHEDULED, now + REDELIVERY
        current.touch(row, "status", "next_attempt_at")
        if jobs_are_queued():
            push_job(row.pk, row.attempts)
            return True
        work, attempt = row.pk, row.attempts
    return work is not None and jobs.run_task(str(work), attempt)


def begin(subscription_id: UUID) -> bool:
    """Start what a timer start event is due for; each moment once."""
    with transaction.atomic():
        found = (
            StartSubscription.objects.select_for_update(of=("self",)).select_related("version__definition")
            .filter(pk=subscription_id, active=True).first()
        )  # fmt: skip
        now = ports.now()
        if found is None or found.next_due is None or found.next_due > now:
            return False
        due = found.next_due
        node = flow_of(found.version_id).node_of(found.node_id)
        definition = node.element.definition if isinstance(node.element, Event) else None
        found.next_due, found.remaining = next_start(definition, due, found.remaining)
        found.active = found.next_due is not None
        found.save(update_fields=["next_due", "remaining", "active"])
        starting.start_version(
            found.version, event=found.node_id, idempotency_key=f"timer:{found.pk}:{due.isoformat()}"[:200]
        )
        return True
