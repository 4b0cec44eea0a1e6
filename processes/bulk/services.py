"""Work in bulk begun, carried on in the background part by part, and stopped.

Each instance is a transaction of its own, in the name of who began it and with that person's rights at the time: what one
instance cannot do keeps no other from it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from processes import ports
from processes.bulk.models import BulkItem, BulkRun
from processes.errors import AlreadyDone, Invalid, LockTimeout, NotFound, ProcessError
from processes.inbox import supervision
from processes.inbox.instances import Wanted, matching
from processes.inbox.visibility import seen_instances
from processes.runtime import jobs
from processes.runtime.failures import technical
from processes.runtime.models import PROCESS, ProcessInstance, Task
from processes.runtime.services import demand_reason
from processes.spoken import gettext as _
from processes.spoken import kept

log = logging.getLogger(__name__)

PART = 50
"""How many instances one background call works on."""
ATTEMPTS = 3
"""How often an instance is tried that somebody else works on at the time."""
MOST = 10_000
"""How many instances one run takes at most; it says so when more matched."""


class Nothing(Exception):
    """There is nothing to be done to an instance; the text says why."""


def begin(
    kind: str, *, user: Any, reason: str, instances: Iterable[UUID] | None = None, wanted: Wanted | None = None,
) -> BulkRun:  # fmt: skip
    """Do one thing to the `instances` named, or to all that are `wanted`, in the background.

    Only those the person may act on are taken. A reason must be given, but to try again. Raises Invalid when there are
    none, or for a kind there is not.
    """
    if kind not in BulkRun.Kind.values:
        raise Invalid(_("Choose what is to be done."))
    if kind != BulkRun.Kind.RETRY:
        reason = demand_reason(reason)
    rows = chosen(user, instances=instances, wanted=wanted)
    ids = list(rows.order_by("-created", "-pk").values_list("pk", flat=True)[: MOST + 1])
    if not ids:
        raise Invalid(_("Among those chosen is none that runs and that you may act on. Nothing was changed."))
    with ports.audit().acting(user=user, action=f"bulk.{kind}", reason=reason), transaction.atomic():
        run = BulkRun.objects.create(
            kind=kind, wanted=wanted.stored() if wanted is not None else {}, reason=reason.strip(), created_by=user,
            total=min(len(ids), MOST), capped=len(ids) > MOST,
        )  # fmt: skip
        BulkItem.objects.bulk_create((BulkItem(run=run, instance_id=pk) for pk in ids[:MOST]), batch_size=500)
        _next_part(run, 0)
    return run


def chosen(
    user: Any, *, instances: Iterable[UUID] | None = None, wanted: Wanted | None = None
) -> QuerySet[ProcessInstance]:
    """The running instances that are named or wanted, as far as the person may act on them."""
    rows = matching(user, wanted) if wanted is not None else seen_instances(user).filter(pk__in=list(instances or ()))
    return rows.filter(supervision.actable(user), status=PROCESS.NEW)


def _next_part(run: BulkRun, number: int) -> None:
    jobs.enqueue("processes.bulk.services.go_on", str(run.pk), number, key=f"bulk:{run.pk}:{number}")


def go_on(run_id: str, number: int) -> None:
    """Work on the next instances of a run and ask for the part after it. Called in the background, perhaps twice: what
    was done is known from its row."""
    run = BulkRun.objects.select_related("created_by").get(pk=UUID(run_id))
    if run.state != BulkRun.State.RUNNING:
        return
    waiting = run.items.filter(state=BulkItem.State.WAITING)
    for item in waiting.order_by("attempts", "pk")[:PART]:
        _one(item, run)
    with transaction.atomic():
        if waiting.exists():
            _next_part(run, number + 1)
        else:
            BulkRun.objects.filter(pk=run.pk, state=BulkRun.State.RUNNING).update(state=BulkRun.State.DONE, finished_at=ports.now())


def _one(item: BulkItem, run: BulkRun) -> None:
    """Do it to one instance and remember what became of it, in one transaction."""
    acting = ports.audit().acting(user=run.created_by, action=f"bulk.{run.kind}", instance=item.instance_id, reason=run.reason)
    try:
        with acting, transaction.atomic():
            locked = BulkItem.objects.select_for_update(skip_locked=True).filter(pk=item.pk, state=BulkItem.State.WAITING)
            if locked.first() is None:  # another worker has it
                return
            _do(run, item.instance_id)
            _note(item, BulkItem.State.DONE)
    except Nothing as nothing:
        _note(item, BulkItem.State.NOTHING, problem=kept(str(nothing)))
    except AlreadyDone as error:
        _note(item, BulkItem.State.NOTHING, problem=kept(error.sentence))
    except LockTimeout as error:
        if item.attempts + 1 < ATTEMPTS:
            BulkItem.objects.filter(pk=item.pk).update(attempts=item.attempts + 1)
        else:
            _note(item, BulkItem.State.REFUSED, problem=kept(error.sentence))
    except ProcessError as error:
        _note(item, BulkItem.State.REFUSED, problem=kept(error.sentence))
    except Exception as error:  # one instance that nobody foresaw must not keep the others
        log.exception("Work in bulk on the instance %s failed", item.instance_id)
        _note(item, BulkItem.State.REFUSED, problem=kept(technical(error).sentence))


def _do(run: BulkRun, instance_id: UUID) -> None:
    user = run.created_by
    if run.kind == BulkRun.Kind.CANCEL:
        supervision.cancel(instance_id=instance_id, user=user, reason=run.reason)
    elif run.kind == BulkRun.Kind.SUSPEND:
        supervision.suspend(instance_id=instance_id, user=user)
    elif run.kind == BulkRun.Kind.RESUME:
        supervision.resume(instance_id=instance_id, user=user)
    else:
        failed = list(Task.objects.incidents().filter(process=instance_id).order_by("created").values_list("pk", flat=True))
        if not failed:
            raise Nothing(_("No step of it has failed any more."))
        for task_id in failed:
            supervision.retry(task_id=task_id, user=user)


def _note(item: BulkItem, state: str, **values: Any) -> None:
    BulkItem.objects.filter(pk=item.pk, state=BulkItem.State.WAITING).update(state=state, at=ports.now(), **values)


def stop(run_id: UUID, *, user: Any) -> BulkRun:
    """Do it to no more instances; what was done stays. AlreadyDone when it has ended."""
    run = run_of(run_id, user=user)
    with ports.audit().acting(user=user, action="bulk.stop"):
        stopped = BulkRun.objects.filter(pk=run.pk, state=BulkRun.State.RUNNING).update(
            state=BulkRun.State.STOPPED, finished_at=ports.now()
        )
    if not stopped:
        raise AlreadyDone(_("This has ended already."))
    return run_of(run_id, user=user)


def run_of(run_id: UUID, *, user: Any) -> BulkRun:
    """A run, for who began it and for who may act on every instance. NotFound for anybody else."""
    allowed = Q() if supervision.supervises_all(user) else Q(created_by=user)
    found = BulkRun.objects.select_related("created_by").filter(allowed, pk=run_id).first()
    if found is None:
        raise NotFound(_("There is no such work in bulk, or it is none of yours."))
    return found
