"""Messages, signals and ends of called instances: written with the step that sends them, delivered after it.

A delivery is one transaction that takes the outbox row and moves whoever waits for it, so it happens once
however often it is tried. Nobody waits: a message starts the processes it is meant for, else it is kept for a
while. Locks are taken in one order: outbox row, parent instance, child instance.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q

from processes import feel, ports
from processes.errors import LockTimeout, ProcessError
from processes.ports import Subject
from processes.prepared import Prepared
from processes.runtime import starting, ticking
from processes.runtime.correlation import correlation_text, message_key, signal_key, subject_key
from processes.runtime.delivery import deliver_soon, jobs_are_queued
from processes.runtime.failures import Failure
from processes.runtime.flow import version_of
from processes.runtime.indexed import KEPT as KEPT_ROWS
from processes.runtime.indexed import UNDELIVERED, WAITING_FOR_EVENT
from processes.runtime.models import Outbox, ProcessInstance, StartSubscription, Task, is_running
from processes.runtime.nodes.calls import child_ended
from processes.runtime.nodes.outward import escalated_below
from processes.runtime.nodes.waiting import WaitingNode
from processes.runtime.piloting import choose_at
from processes.runtime.queueing import queue
from processes.runtime.step import Step, step
from processes.runtime.store import INSTANCES, OUTBOX
from processes.spoken import gettext as _
from processes.spoken import kept

log = logging.getLogger(__name__)

KEPT = timedelta(days=1)
"""How long a message that nobody waits for is kept."""

SECOND_LOOK, LOOKS = timedelta(seconds=2), 4
"""When a kept message is looked at again, five times later each time: whoever began to wait in the very same
moment could not see it. After so many looks no such moment is left; who begins to wait later wakes it."""

ATTEMPTS = 8
BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = BACKOFF * 2**8
CALL_LEASE = timedelta(minutes=6)
"""How long a background call may take before its worker counts as dead; workers end it sooner themselves."""
_UNDELIVERED = (Outbox.State.PENDING, Outbox.State.WAITING)


class NotNow(Exception):
    """The receiver cannot take it at the moment (locked or suspended)."""


# --- sending -----------------------------------------------------------------------------------------------
def send_message(
    *,
    name: str,
    correlation: Any = None,
    subject: Subject | tuple[str, int] | None = None,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> None:
    """Write a message in the caller's transaction; see `processes.api.message`."""
    about = starting.subject_of(subject)
    payload: dict[str, Any] = {"data": {n: feel.to_json(v) for n, v in (data or {}).items()}}
    if about is not None:
        payload["subject"] = [about.type, about.id]
    if correlation is not None:
        payload["correlation"] = correlation_text(correlation)
    _put(Outbox(kind="message", name=name, event_key=message_key(name, correlation), payload=payload, key=key))


def send_signal(*, name: str, data: Mapping[str, Any] | None = None, key: str | None = None) -> None:
    """Write a signal in the caller's transaction; see `processes.api.signal`."""
    payload = {"data": {n: feel.to_json(v) for n, v in (data or {}).items()}}
    _put(Outbox(kind="signal", name=name, event_key=signal_key(name), payload=payload, key=key))


def record_changed(record: Any) -> None:
    """A record was changed in the caller's transaction; see `processes.api.record_changed`."""
    kind = ports.subjects().of(type(record))
    if kind is None:
        return
    key = subject_key(kind.key, record.pk)
    if Task.objects.filter(WAITING_FOR_EVENT, event_key=key).exists():
        _put(Outbox(kind="subject", name=kind.key, event_key=key))


def _put(row: Outbox, at: datetime | None = None) -> None:
    """Write a row once, to be delivered now or at a moment; one with a key that is there already changes nothing."""
    now = ports.now()
    row.created, row.next_attempt_at = now, now if at is None else max(at, now)
    if row.key is not None:
        row.key = row.key[:200]
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if Outbox.objects.filter(key=row.key).exists():
                return
            raise
    else:
        row.save(force_insert=True)
    if row.next_attempt_at <= now:
        deliver_soon([row.pk])


# --- delivering --------------------------------------------------------------------------------------------
def deliver_quietly(row_id: UUID) -> bool:
    """Deliver one row; what goes wrong is noted on the row and tried again later. True when it moved on."""
    try:
        return deliver(row_id)
    except (NotNow, LockTimeout, OperationalError):
        later(row_id, None)
    except (ProcessError, Failure) as error:
        later(row_id, error.sentence)
    except Exception as error:
        log.exception("Delivery of %s failed", row_id)
        later(row_id, technical_sentence(error))
    return False


_TO_DELIVER: Prepared[Outbox] = Prepared(
    lambda pk: Outbox.objects.select_for_update(skip_locked=True).filter(pk=pk, state__in=_UNDELIVERED), UUID
)
_WAITING: Prepared[tuple[UUID]] = Prepared(
    lambda event_key: Task.objects.stored().filter(WAITING_FOR_EVENT, event_key=event_key)
    .order_by("created", "id").values_list("pk")[:20],
    str,
)  # fmt: skip
_STARTED_BY: Prepared[StartSubscription] = Prepared(
    lambda kind, name: StartSubscription.objects.filter(active=True, kind=kind, name=name).order_by("id"), str, str
)


def deliver(row_id: UUID) -> bool:
    """Deliver one row in one transaction; false when another process has done it or is about to."""
    with transaction.atomic():
        row = _TO_DELIVER.first(row_id)
        if row is None:
            return False
        row.state, row.delivered_at, row.next_attempt_at = Outbox.State.DELIVERED, ports.now(), None
        OUTBOX.update(row, ("state", "delivered_at", "next_attempt_at"))
        _KINDS[row.kind](row)
        return True


def technical_sentence(error: BaseException) -> str:
    """What is told of an exception that nobody foresaw; messages of libraries quote values."""
    return _("Technical error (%(kind)s); the log tells more.") % {"kind": type(error).__name__}


def later(row_id: UUID, sentence: str | None, *, counted: bool = False) -> None:
    """Try a row again after a growing pause, or, after the last attempt that failed with a sentence, no more.

    `counted`: this attempt stands in the row already.
    """
    with transaction.atomic():
        row = Outbox.objects.select_for_update().filter(pk=row_id, state__in=_UNDELIVERED).first()
        if row is None:
            return
        now = ports.now()
        row.attempts += not counted
        row.next_attempt_at = now + BACKOFF * 2 ** min(row.attempts - 1, 8)
        if sentence is not None:
            row.error = {**kept(sentence), "at": now.isoformat()}
            if row.attempts >= ATTEMPTS:
                row.state, row.next_attempt_at = Outbox.State.DEAD, None
                log.error("A %s (%s) could not be delivered: %s", row.kind, row.name, sentence)
        row.save(update_fields=["attempts", "next_attempt_at", "error", "state"])


def _message(row: Outbox) -> None:
    """To the instance that has waited longest for it, else to the processes that it starts, else it waits. Clocks that
    stand still until it comes run again in any case."""
    if not row.payload.get("looks"):
        parts = ticking.parts_for(row)
        if parts:
            Outbox.objects.bulk_create(parts)
            deliver_soon([part.pk for part in parts])
    for (task_id,) in _WAITING.all(row.event_key):
        if _trigger(task_id, row):
            return
    if _start(row, StartSubscription.Kind.MESSAGE):
        return
    _keep(row)


def _keep(row: Outbox) -> None:
    now = ports.now()
    expires = row.expires_at or now + KEPT
    looks = int(row.payload.get("looks", 0))
    if now >= expires:
        row.state, row.next_attempt_at = Outbox.State.EXPIRED, None
    else:
        soon = now + SECOND_LOOK * 5**looks if looks < LOOKS else expires
        row.state, row.next_attempt_at = Outbox.State.WAITING, min(soon, expires)
    row.expires_at, row.delivered_at = expires, None
    row.payload["looks"] = looks + 1
    row.save(update_fields=["state", "next_attempt_at", "expires_at", "delivered_at", "payload"])


def _trigger(task_id: UUID, row: Outbox) -> bool:
    """Let what a row waits for happen; false when it does not wait for it any more."""
    with step(task=task_id, ended_is_fine=True) as current:
        if current is None:
            return False
        if not is_running(current.instance):
            raise NotNow
        task = current.row(task_id)
        if task is None or not task.is_open or task.event_key != row.event_key:
            return False
        current.load_beside(task)
        node = current.node(task)
        if not isinstance(node, WaitingNode):
            return False
        task.event_key = ""
        current.touch(task, "event_key")
        node.trigger(current, task, row.payload.get("data", {}))
        return True


def _signal(row: Outbox) -> None:
    """To everybody who waits: each gets a row of its own, so that one who cannot take it holds up nobody. The
    instance that threw it has got it in its own step."""
    now = ports.now()
    waiting = Task.objects.stored().filter(WAITING_FOR_EVENT, event_key=row.event_key)
    if row.instance_id is not None:
        waiting = waiting.exclude(process=row.instance_id)
    parts = [
        Outbox(kind="signal_to", name=row.name, event_key=row.event_key, task_id=pk, key=f"{row.pk}:{pk}",
               payload={"data": row.payload.get("data", {})}, created=now, next_attempt_at=now)
        for pk in waiting.values_list("pk", flat=True)
    ]  # fmt: skip
    Outbox.objects.bulk_create(parts, batch_size=500)
    deliver_soon([part.pk for part in parts])
    _start(row, StartSubscription.Kind.SIGNAL)


def _signal_to(row: Outbox) -> None:
    if row.task_id is not None:
        _trigger(row.task_id, row)


def _subject(row: Outbox) -> None:
    """A record was changed: every instance with a condition on it is asked, each by a row of its own."""
    now = ports.now()
    waiting = Task.objects.stored().filter(WAITING_FOR_EVENT, event_key=row.event_key)
    one_each = dict(waiting.values_list("process_id", "pk"))
    parts = [
        Outbox(kind="ask", task_id=pk, instance_id=instance_id, created=now, next_attempt_at=now)
        for instance_id, pk in one_each.items()
    ]
    Outbox.objects.bulk_create(parts, batch_size=500)
    deliver_soon([part.pk for part in parts])


def _ask(row: Outbox) -> None:
    """Ask the conditions of an instance by what its record says now."""
    if row.task_id is None:
        return
    with step(task=row.task_id, ended_is_fine=True) as current:
        if current is None:
            return
        if not is_running(current.instance):
            raise NotNow
        current.forget_subject()


def _start(row: Outbox, kind: str) -> bool:
    """Start the processes whose start event has the name and takes this kind of record."""
    given = row.payload.get("subject")
    subject = Subject(given[0], int(given[1])) if given else None
    data = {name: feel.from_json(value) for name, value in row.payload.get("data", {}).items()}
    started = False
    for found in _STARTED_BY.all(str(kind), row.name):
        if found.subject_type and (subject is None or subject.type != found.subject_type):
            continue
        version = version_of(found.version_id)
        chosen, event = choose_at(version, found.node_id, subject=subject, data=data, by=str(row.pk))
        starting.start_version(
            chosen.version, chosen=chosen, subject=subject, data=data, event=event,
            idempotency_key=f"outbox:{row.pk}:{version.definition_id}"[:200],
        )  # fmt: skip
        started = True
    return started


def _child(row: Outbox) -> None:
    """A called instance has ended: its caller goes on, once it knows of every escalation that was thrown before."""
    if row.payload.get("escalates"):
        _deliver_escalations(row)
    _tell_caller(row, child_ended)


def _deliver_escalations(row: Outbox) -> None:
    near = Q(state=Outbox.State.PENDING, next_attempt_at__lte=ports.now() + LONGEST_BACKOFF)  # passes over kept messages
    before = Outbox.objects.filter(UNDELIVERED, near, kind="escalation", instance=row.instance_id)
    for pk in before.order_by("created", "id").values_list("pk", flat=True):
        if not deliver(pk):
            raise NotNow


def _escalation(row: Outbox) -> None:
    """A called instance has thrown an escalation that nobody took there."""
    _tell_caller(row, lambda current, task, _child: escalated_below(current, task, row.name, row.payload["message"]))


def _tell_caller(row: Outbox, tell: Callable[[Step, Task, ProcessInstance], None]) -> None:
    if row.task_id is None:
        return
    with step(task=row.task_id, ended_is_fine=True) as current:
        if current is None:
            return
        if not is_running(current.instance):
            raise NotNow
        task = current.row(row.task_id)
        children = INSTANCES.select("id = %s", [row.instance_id])
        if task is None or not children:
            return
        current.load_beside(task)
        tell(current, task, children[0])


def _call(row: Outbox) -> None:
    """A background call: made here and now where nobody else works, else handed to a worker in this
    transaction. Then the row stays until the worker says that it is done."""
    from processes.runtime import jobs

    if not jobs_are_queued():
        jobs.call(row.name, row.payload.get("args", []))
        return
    if row.attempts >= ATTEMPTS:
        raise ProcessError(_("The worker died each time it tried."), code="worker_died")
    row.state, row.delivered_at, row.next_attempt_at = Outbox.State.PENDING, None, ports.now() + CALL_LEASE
    row.save(update_fields=["state", "delivered_at", "next_attempt_at"])
    queue("processes.runtime.jobs.run_call", str(row.pk), row.attempts)


_KINDS = {
    "message": _message, "signal": _signal, "signal_to": _signal_to, "child": _child, "escalation": _escalation,
    "call": _call, "subject": _subject, "ask": _ask, "clock": ticking.resume_by_message,
}  # fmt: skip


def put_call(path: str, args: list[Any], key: str | None, at: datetime | None = None) -> None:
    """Write a background call, to be made now or at a moment; with a key once only."""
    _put(Outbox(kind="call", name=path, payload={"args": args}, key=f"call:{key}" if key else None), at)


def wake_kept(event_keys: list[str]) -> None:
    """Somebody has begun to wait: messages that were kept for it are delivered after this transaction.

    A row that somebody is delivering just now is passed over, since its delivery may wait for the lock of the
    instance that is held here; it is looked at again anyway.
    """
    kept = list(
        Outbox.objects.select_for_update(skip_locked=True)
        .filter(KEPT_ROWS, event_key__in=event_keys)
        .order_by("created", "id").values_list("pk", flat=True)
    )  # fmt: skip
    if kept:
        Outbox.objects.filter(pk__in=kept).update(next_attempt_at=ports.now())
        deliver_soon(kept)


def wake_for(instance_id: UUID) -> None:
    """An instance was resumed: what could not be delivered to it meanwhile is tried at once."""
    rows = Task.objects.open().filter(process=instance_id)
    waits_for = list(rows.exclude(event_key="").values_list("event_key", flat=True).distinct())
    held = Outbox.objects.filter(UNDELIVERED, state=Outbox.State.PENDING, attempts__gt=0).filter(
        Q(task__in=rows.values("pk")) | Q(event_key__in=waits_for)
    )
    held.update(next_attempt_at=ports.now())


__all__ = [
    "NotNow", "deliver", "deliver_quietly", "later", "put_call", "record_changed", "send_message", "send_signal", "technical_sentence",
    "wake_for", "wake_kept",
]  # fmt: skip
