"""What waits: timers and their lag, messages that somebody waits for or that nobody wants, work in the background, what could
not be delivered. And what may be done about the last: deliver it again, or drop it with a reason.

Lists hold the first `MOST`, counts go no further than `COUNTED`; whatever the size, only indexed rows that are open are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from processes import ports
from processes.catalog.models import ProcessDefinition
from processes.errors import AlreadyDone, NotAllowed, NotFound
from processes.inbox.supervision import answers_for, supervises_all
from processes.inbox.visibility import NOBODY, oversees, seen_instances
from processes.runtime.delivery import deliver_soon
from processes.runtime.indexed import ASLEEP, DEAD, UNDELIVERED, WAITING_FOR_EVENT
from processes.runtime.models import PROCESS, STATUS, Outbox, ProcessInstance, Task
from processes.runtime.services import demand_reason
from processes.spoken import gettext as _

MOST, COUNTED = 25, 1000
LATE = timedelta(minutes=1)
"""A timer or job this long after its moment is behind: the dispatcher looks every second or two."""
MACHINES = ("serviceTask", "sendTask", "scriptTask", "businessRuleTask")


@dataclass(frozen=True, slots=True)
class Depth:
    """How many of a kind there are (counted to `COUNTED`; `more` says that there are more), how many are behind, and for how
    long the first of them has been."""

    n: int = 0
    more: bool = False
    behind: int = 0
    lag: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """A message that an instance waits for: its name and what tells it from others of the name."""

    task: Task
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits, as the person may see it. `letters` could not be delivered; `may_mend` are the ids of those that the
    person may deliver again or drop. `outbox` is None for who answers for no process."""

    timers: list[Task]
    timer_depth: Depth
    expected: list[Expected]
    jobs: Depth
    outbox: Depth | None
    kept: list[Outbox]
    letters: list[tuple[Outbox, ProcessInstance | None]]
    may_mend: frozenset[UUID]


def waiting(user: Any) -> Waiting:
    """What waits in the instances that the person may see, and in the outbox of the processes they answer for."""
    seen = Exists(seen_instances(user).filter(pk=OuterRef("process_id"), status=PROCESS.NEW, suspended=False))
    rows = Task.objects.stored().select_related("process__definition").defer("process__data", "process__flow_class", "data", "draft")
    asleep = rows.filter(ASLEEP).filter(seen)
    timers, jobs = asleep.filter(status__literally=STATUS.SCHEDULED, scheduled__isnull=False), asleep.filter(kind__in=MACHINES)
    awaited = rows.filter(WAITING_FOR_EVENT, event_key__startswith="message:").filter(seen).order_by("created", "pk")[:MOST]
    allowed = _outbox_of(user)
    letters = _told(Outbox.objects.filter(allowed).filter(DEAD).order_by("created", "pk"))
    return Waiting(
        timers=list(timers.exclude(kind__in=MACHINES).order_by("next_attempt_at", "pk")[:MOST]),
        timer_depth=_depth(timers.exclude(kind__in=MACHINES)), expected=[_expected(row) for row in awaited], jobs=_depth(jobs),
        outbox=_depth(Outbox.objects.filter(allowed).filter(UNDELIVERED, state=Outbox.State.PENDING)) if allowed != NOBODY else None,
        kept=list(Outbox.objects.filter(allowed).filter(UNDELIVERED, state=Outbox.State.WAITING).order_by("created", "pk")[:MOST]),
        letters=[(row, instance_of(row)) for row in letters], may_mend=frozenset(row.pk for row in letters if _may_mend(row, user)),
    )  # fmt: skip


def _told(rows: QuerySet[Outbox]) -> list[Outbox]:
    whole = rows.select_related("instance__definition", "task__process__definition").defer(
        "payload", "instance__data", "instance__flow_class", "task__process__data", "task__process__flow_class", "task__flow_task"
    )
    return list(whole[:MOST])


def _outbox_of(user: Any) -> Q:
    """Rows of the outbox the person may know of: all of them by role, else those of the processes they own."""
    if oversees(user):
        return ~NOBODY
    if user is None or not user.is_active:
        return NOBODY
    if not ProcessDefinition.objects.filter(owner=user).exists():
        return NOBODY
    return Q(instance__definition__owner=user) | Q(task__process__definition__owner=user)


def _depth(rows: QuerySet[Any]) -> Depth:
    """One short walk along an index: how many, how many are behind, since when the first is."""
    now = ports.now()
    moments = list(rows.order_by("next_attempt_at").values_list("next_attempt_at", flat=True)[: COUNTED + 1])
    behind = [moment for moment in moments if moment is not None and moment < now - LATE]
    return Depth(min(len(moments), COUNTED), len(moments) > COUNTED, len(behind), now - behind[0] if behind else None)


def _expected(row: Task) -> Expected:
    _kind, _colon, rest = row.event_key.partition(":")
    name, _colon, key = rest.partition(":")
    return Expected(row, name, key)


# --- what could not be delivered -----------------------------------------------------------------------------------
def instance_of(row: Outbox) -> ProcessInstance | None:
    """The instance that a row was sent by or is for; None where it came from outside."""
    if row.instance is not None:
        return row.instance
    return row.task.process if row.task is not None else None


def _may_mend(row: Outbox, user: Any) -> bool:
    if supervises_all(user):
        return True
    instance = instance_of(row)
    return instance is not None and answers_for(instance.definition, user)


def _dead(row_id: UUID, user: Any) -> Outbox:
    """A row that could not be delivered, locked, for who may do something about it."""
    row = (
        Outbox.objects.select_for_update(of=("self",)).select_related("instance__definition", "task__process__definition")
        .filter(_outbox_of(user), pk=row_id).first()
    )  # fmt: skip
    if row is None:
        raise NotFound(_("There is no such message, or it is none of yours."))
    if not _may_mend(row, user):
        raise NotAllowed(_("Only the owner of the process or an administrator may do this."))
    if row.state != Outbox.State.DEAD:
        raise AlreadyDone(_("Somebody has dealt with this message already."))
    return row


def deliver_again(*, row_id: UUID, user: Any) -> None:
    """Try to deliver what could not be delivered, with as many attempts as at first."""
    with transaction.atomic():
        row = _dead(row_id, user)
        row.state, row.attempts, row.next_attempt_at = Outbox.State.PENDING, 0, ports.now()
        row.save(update_fields=["state", "attempts", "next_attempt_at"])
        deliver_soon([row.pk])


def drop(*, row_id: UUID, user: Any, reason: str) -> None:
    """Give up what could not be delivered. The row stays, with who dropped it and why."""
    given = demand_reason(reason)
    with transaction.atomic():
        row = _dead(row_id, user)
        row.state = Outbox.State.DROPPED
        row.error = {**(row.error or {}), "dropped": {"by": user.pk, "reason": given, "at": ports.now().isoformat()}}
        row.save(update_fields=["state", "error"])
