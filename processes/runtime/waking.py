"""What falls due: timers, jobs to run or to run again, outbox rows, timer starts, clocks of limits.

The dispatcher asks in a loop; tests and driven history ask through `drain`. Every row is taken under a lock or by
a conditional update, so several may ask at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from viewflow.workflow.status import PROCESS, STATUS

from processes import ports
from processes.bpmn.nodes import Event
from processes.errors import LockTimeout
from processes.prepared import Prepared, first_values
from processes.runtime import jobs, outbox, starting, ticking
from processes.runtime.delivery import REDELIVERY, jobs_are_queued, push_job
from processes.runtime.failures import Failure, technical
from processes.runtime.flow import NotRunnable, flow_of
from processes.runtime.indexed import ASLEEP, TICKING, TICKING_INSTANCES, UNDELIVERED
from processes.runtime.models import Outbox, ProcessInstance, StartSubscription, Task, is_running
from processes.runtime.nodes.waiting import WaitingNode
from processes.runtime.nodes.work import RETRIES_IN_BACKGROUND, ActionTask, retry_inline
from processes.runtime.piloting import choose_at
from processes.runtime.queueing import is_long as queue_is_long
from processes.runtime.step import step
from processes.runtime.timing import next_start
from processes.spoken import gettext as _
from processes.spoken import kept

log = logging.getLogger(__name__)

BATCH = 200
STUMBLES, STUMBLE_PAUSE = 5, timedelta(seconds=5)
"""How often a row that cannot be moved is tried before it is an incident, and the pause before the second time,
which doubles with every further one."""

JOB_KINDS = ("serviceTask", "sendTask")
_MOVING = Q(process__suspended=False, process__status=PROCESS.NEW)


_NEXT: tuple[Prepared[tuple[datetime]], ...] = (
    Prepared(lambda: _first(Outbox.objects.filter(UNDELIVERED, next_attempt_at__isnull=False), "next_attempt_at")),
    Prepared(lambda: _first(Task.objects.filter(ASLEEP, _MOVING), "next_attempt_at")),
    Prepared(lambda: _first(StartSubscription.objects.filter(active=True, next_due__isnull=False), "next_due")),
    Prepared(lambda: _first(Task.objects.filter(TICKING, _MOVING), "clock_at")),
    Prepared(lambda: _first(ProcessInstance.objects.filter(TICKING_INSTANCES, suspended=False), "clock_at")),
)


def _first(rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    return rows.order_by(column).values_list(column)[:1]


def next_due() -> datetime | None:
    """The next moment at which something falls due; None when nothing ever will."""
    return min((at for at in first_values(_NEXT) if at is not None), default=None)


def drain(*, most: int = 100_000) -> int:
    """Do everything that is due by the clock in use, until nothing is left; gives how many things were done."""
    done = 0
    while done < most:
        now = ports.now()
        moved = _sweep(now, *(at is not None and at <= now for at in first_values(_NEXT)))
        if not moved:
            break
        done += moved
    return done


def anything_due() -> bool:
    """Whether something is due: one query on the indexes of what is due."""
    now = ports.now()
    first, *others = (rows.values("pk") for rows in _due(now))
    return first.union(*others, all=True).exists()


def _due(now: datetime) -> tuple[QuerySet[Any], ...]:
    return (
        Task.objects.filter(ASLEEP, _MOVING, next_attempt_at__lte=now),
        Outbox.objects.filter(UNDELIVERED, next_attempt_at__lte=now),
        StartSubscription.objects.filter(active=True, next_due__lte=now),
        Task.objects.filter(TICKING, _MOVING, clock_at__lte=now),
        ProcessInstance.objects.filter(TICKING_INSTANCES, suspended=False, clock_at__lte=now),
    )


_ASLEEP: Prepared[tuple[UUID, UUID]] = Prepared(
    lambda now: _due(now)[0].order_by("next_attempt_at", "id").values_list("pk", "process_id")[:BATCH], datetime
)
_UNSENT: Prepared[tuple[UUID]] = Prepared(
    lambda now: _due(now)[1].order_by("next_attempt_at", "id").values_list("pk")[:BATCH], datetime
)
_STARTS: Prepared[tuple[UUID]] = Prepared(
    lambda now: _due(now)[2].order_by("next_due", "id").values_list("pk")[:BATCH], datetime
)


_CLOCKS: Prepared[tuple[UUID, UUID]] = Prepared(
    lambda now: _due(now)[3].order_by("clock_at", "id").values_list("pk", "process_id")[:BATCH], datetime
)
_INSTANCE_CLOCKS: Prepared[tuple[UUID]] = Prepared(
    lambda now: _due(now)[4].order_by("clock_at", "id").values_list("pk")[:BATCH], datetime
)


def sweep() -> int:
    """One round over all that is due; gives how many things moved on."""
    return _sweep(ports.now(), True, True, True, True, True)


def _sweep(now: datetime, unsent: bool, asleep: bool, starts: bool, clocks: bool, instance_clocks: bool) -> int:
    """One round over what is due of these kinds."""
    moved = 0
    for (pk,) in _UNSENT.all(now) if unsent else ():
        moved += outbox.deliver_quietly(pk)
    if asleep and jobs_are_queued() and queue_is_long(BATCH):
        _leave_to_the_workers(now)
    for pk, instance_id in _ASLEEP.all(now) if asleep else ():
        moved += _quietly(partial(wake, pk, instance_id, now), partial(stumbled, pk))
    for (pk,) in _STARTS.all(now) if starts else ():
        moved += _quietly(partial(begin, pk), partial(not_begun, pk))
    for pk, instance_id in _CLOCKS.all(now) if clocks else ():
        moved += _quietly(partial(ticking.look, instance_id, pk), partial(ticking.stumbled, Task, pk))
    for (pk,) in _INSTANCE_CLOCKS.all(now) if instance_clocks else ():
        moved += _quietly(partial(ticking.look, pk), partial(ticking.stumbled, ProcessInstance, pk))
    return moved


def _quietly(act: Callable[[], bool], note: Callable[[Exception], None]) -> bool:
    """Do one thing; what goes wrong with it is noted on its row and holds up nothing else."""
    try:
        return act()
    except LockTimeout:
        return False
    except Exception as error:
        if isinstance(error, DatabaseError) and not connection.is_usable():
            raise  # nothing else would get further
        note(error)
        return False


def _leave_to_the_workers(now: datetime) -> None:
    """The workers have more to do than they get done, so jobs that nobody has begun most likely lie at the broker still: look at
    them later, all at once. One by one it would take more than the work itself."""
    jobs_only = Q(kind__in=JOB_KINDS, data__has_key="inputs", status=STATUS.SCHEDULED)  # inline actions have no stored inputs
    Task.objects.filter(ASLEEP, jobs_only, next_attempt_at__lte=now).update(next_attempt_at=now + REDELIVERY)


def stumbled(task_id: UUID, error: Exception) -> None:
    """A row that is due could not be moved: later again, and after a few times it is an incident.

    One whose version does not run in this program waits for a program in which it does.
    """
    with transaction.atomic():
        row = (
            Task.objects.stored().select_for_update()
            .filter(pk=task_id, status__in=[STATUS.SCHEDULED, STATUS.STARTED]).first()
        )  # fmt: skip
        if row is None:
            return
        times = row.data["stumbles"] = row.data.get("stumbles", 0) + 1
        row.next_attempt_at = ports.now() + STUMBLE_PAUSE * 2 ** min(times - 1, 8)
        if isinstance(error, NotRunnable):
            log.error("A row that is due cannot be looked at: %s", error.sentence)
        elif isinstance(error, Failure) or times >= STUMBLES:
            failure = error if isinstance(error, Failure) else technical(error, place=row.node_id)
            row.status, row.error, row.next_attempt_at = STATUS.ERROR, failure.as_json(ports.now()), None
            log.error("A row that was due (%s) failed: %s", task_id, failure.sentence, exc_info=error)
        else:
            log.warning("A row that was due (%s) could not be moved; it is tried again.", task_id, exc_info=error)
        row.save(update_fields=["status", "error", "data", "next_attempt_at"])


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
        current.load_beside(row)
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
        if row.status == STATUS.STARTED and row.attempts > node.retries(RETRIES_IN_BACKGROUND):
            raise Failure(
                "action", _("The worker died or took too long each of the %(n)s times it tried.") % {"n": row.attempts},
                place=row.node_id,
            )  # fmt: skip
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
        due = datetime.fromisoformat(found.error["due"]) if found.error else found.next_due
        _go_on_after(found, due)
        key = f"timer:{found.pk}:{due.isoformat()}"[:200]
        chosen, event = choose_at(found.version, found.node_id, subject=None, by=key)
        starting.start_version(chosen.version, chosen=chosen, event=event, idempotency_key=key)
        return True


def not_begun(subscription_id: UUID, error: Exception) -> None:
    """A timer start failed: later again, and after a few times that moment is given up, the next one comes."""
    with transaction.atomic():
        found = (
            StartSubscription.objects.select_for_update(of=("self",)).select_related("version__definition")
            .filter(pk=subscription_id, active=True).first()
        )  # fmt: skip
        if found is None or found.next_due is None:
            return
        now = ports.now()
        due = found.error["due"] if found.error else found.next_due.isoformat()
        sentence = getattr(error, "sentence", "") or outbox.technical_sentence(error)
        log.error("%s could not be started by its timer: %s", found.version, sentence, exc_info=error)
        found.attempts += 1
        if found.attempts < STUMBLES:
            found.next_due = now + STUMBLE_PAUSE * 2 ** (found.attempts - 1)
            found.error = {**kept(sentence), "at": now.isoformat(), "due": due}
        else:
            _go_on_after(found, datetime.fromisoformat(due))
        found.save(update_fields=["next_due", "remaining", "active", "attempts", "error"])


def _go_on_after(found: StartSubscription, due: datetime) -> None:
    """Set a timer start to its moment after `due`; without one it is over."""
    try:
        element = flow_of(found.version_id).node_of(found.node_id).element
    except NotRunnable:
        element = None
    definition = element.definition if isinstance(element, Event) else None
    found.next_due, found.remaining = next_start(definition, due, found.remaining)
    found.active = found.next_due is not None
    found.attempts, found.error = 0, None
    found.save(update_fields=["next_due", "remaining", "active", "attempts", "error"])
