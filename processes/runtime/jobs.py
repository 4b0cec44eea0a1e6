"""Background work: service tasks outside the instance's lock, and calls asked for by the floors above.

A job runs at least once. What it works on is taken by one conditional update with a lease; when a worker dies,
the lease ends and the job is run again with the same idempotency key. Its result lands under the lock.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.module_loading import import_string
from viewflow.workflow.status import STATUS

from processes import feel, ports
from processes.errors import BpmnError, ProcessError
from processes.prepared import Prepared
from processes.runtime import outbox
from processes.runtime.failures import Failure
from processes.runtime.flow import flow_of, version_of
from processes.runtime.models import Outbox, Task
from processes.runtime.nodes.events import raise_error
from processes.runtime.nodes.work import RETRIES_IN_BACKGROUND, ActionActivation, ActionTask
from processes.runtime.step import Step, step
from processes.runtime.store import TASKS

log = logging.getLogger(__name__)

CALLABLE = ("processes.", "crm_core.", "admin_ext.")
"""Only functions of this product are called in the background."""


_SCHEDULED: Prepared[Task] = Prepared(
    lambda pk: Task.objects.select_related("process__definition", "process__last_actor")
    .defer("flow_task", "process__flow_class").filter(pk=pk, status__literally=STATUS.SCHEDULED),
    UUID,
)  # fmt: skip


def enqueue(path: str, *args: Any, key: str | None = None, at: datetime | None = None) -> None:
    """Call a function after this transaction, or at a moment, at least once; `args` must be JSON. With a key it is
    asked for once only, however often this is called."""
    if not path.startswith(CALLABLE):
        raise ValueError(f"“{path}” is no function of this product.")
    outbox.put_call(path, list(args), key, at)


def call(path: str, args: list[Any]) -> None:
    """Make a call that was asked for with `enqueue`."""
    if not path.startswith(CALLABLE):
        raise ProcessError(f"“{path}” is no function of this product.", code="unknown_call")
    import_string(path)(*args)


def run_call(row_id: str, attempt: int) -> bool:
    """Make a background call that `attempt` attempts were made at; false when another worker has it. It is
    made again when this process dies or the function fails."""
    pk = UUID(row_id)
    now = ports.now()
    taken = Outbox.objects.filter(pk=pk, state=Outbox.State.PENDING, attempts=attempt).update(
        attempts=attempt + 1, next_attempt_at=now + outbox.CALL_LEASE
    )
    if not taken:
        return False
    row = Outbox.objects.get(pk=pk)
    try:
        call(row.name, row.payload.get("args", []))
    except ProcessError as error:
        outbox.later(pk, error.sentence, counted=True)
    except Exception as error:
        log.exception("The background call %s failed", row.name)
        outbox.later(pk, outbox.technical_sentence(error), counted=True)
    else:
        Outbox.objects.filter(pk=pk, attempts=attempt + 1).update(
            state=Outbox.State.DELIVERED, delivered_at=ports.now(), next_attempt_at=None
        )
    return True


def run_task(task_id: str, attempt: int) -> bool:
    """Run the action of a service task that `attempt` attempts were made at; false when there is nothing to do
    any more (it was done, taken away, or another worker has it)."""
    pk = UUID(task_id)
    task = _SCHEDULED.first(pk)
    if task is None or task.attempts != attempt or task.process.suspended or not task.process.is_open:
        return False
    node = flow_of(task.process.version_id).node_of(task.node_id)
    if not isinstance(node, ActionTask):
        return False
    task.process._state.fields_cache["version"] = version_of(task.process.version_id)
    now = ports.now()
    begun = {"status": STATUS.STARTED, "started": now, "attempts": attempt + 1, "next_attempt_at": now + node.lease}
    where = " AND status = 'SCHEDULED' AND attempts = %s"
    if TASKS.change(pk, begun, where=where, params=[attempt], gives="attempts") is None:
        return False
    task.attempts, task.status = attempt + 1, STATUS.STARTED
    _act(node, task)
    return True


def _act(node: ActionTask, task: Task) -> None:
    """Call the action and land what came of it."""
    reading = Step(task.process, flow_of(task.process.version_id))
    reading.adopt(task)
    act = ActionActivation(task, reading)
    value, error = None, None
    try:
        action = node.action()
        inputs = {name: feel.from_json(stored) for name, stored in task.data.get("inputs", {}).items()}
        value = action.run(act.call(inputs))
    except Exception as raised:
        error = raised
    with step(task.process_id, task=task.pk, ended_is_fine=True) as current:
        if current is None:
            return
        row = current.row(task.pk)
        if row is None or row.status != STATUS.STARTED or row.attempts != task.attempts:
            return  # taken away meanwhile, or the lease ended and another worker has it
        current.load_beside(row)
        landing = ActionActivation(row, current)
        if error is None:
            landing.land(action, value)
        elif isinstance(error, BpmnError):
            raise_error(current, row, error.code, error.message, node=node)
        elif isinstance(error, Failure):
            landing.fail(error)
        else:
            landing.failed(error, retries=node.retries(RETRIES_IN_BACKGROUND))
