"""Compensation (BPMN 2.0.2, 13.5.5): undoing what was completed, last first.

What throws it holds a list of what is to be undone and takes one after another: each is an activity marked for
compensation, or an event sub-process that begins with a compensation event, run inside the row that throws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from viewflow.workflow.status import STATUS

from processes.bpmn.nodes import EventDefinition
from processes.runtime.failures import Failure
from processes.runtime.models import Task
from processes.runtime.store import TASKS
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.step import Step


def begin(step: Step, row: Task, definition: EventDefinition) -> None:
    """Make the list of what a row is to undo: one activity, or all that the scope around has completed."""
    row.data["undo"] = [str(done.pk) for done in _completed(step, _scope(step, row), only=definition.activity)]
    step.touch(row, "data")
    step.stirred.add(row.pk)


def go_on(step: Step, row: Task) -> bool:
    """Undo the next of a row's list; false when nothing is left."""
    while row.data.get("undo"):
        done = step.row(UUID(row.data["undo"].pop(0)))
        step.touch(row, "data")
        if done is None or done.data.get("compensated"):
            continue
        done.data["compensated"] = True
        step.touch(done, "data")
        node = step.node(done)
        row.data["local"] = step.local_variables(done)  # the handler sees the run that it undoes
        undoing = getattr(node, "compensation", None)
        if undoing is not None:
            step.send(undoing, prev=done, parent=row)
        else:
            handler = next(h for h in step.handlers_of(done) if h.element.trigger == "compensate")
            handler.scope.open(step, done, row, undoes=done)
        return True
    return False


def leave_transaction(step: Step, row: Task) -> None:
    """A transaction is cancelled, its work undone: the token goes on at its cancel event."""
    transaction = step.parent_of(row)
    node = step.node(transaction) if transaction is not None else None
    for event in getattr(node, "boundaries", ()):
        if event.element.trigger == "cancel" and transaction is not None:
            event.catch(step, transaction, {})
            return
    raise Failure("event", _("Nothing takes the cancel: draw a cancel event on the border of the transaction."))


def _scope(step: Step, row: Task) -> Task | None:
    """The row of the scope whose work is meant. From inside an event sub-process that is the scope around it,
    or, where it undoes a completed sub-process, that one."""
    scope = step.parent_of(row)
    while scope is not None:
        if "undoes" in scope.data:
            return step.row(UUID(scope.data["undoes"]))
        node = step.node(scope)
        if not getattr(node, "is_handler", False) and not scope.is_body and "undo" not in scope.data:
            break
        scope = step.parent_of(scope)
    return scope


def _completed(step: Step, scope: Task | None, only: str = "") -> list[Task]:
    """What was completed in a scope and can be undone, last first; a completed sub-process without a
    compensation of its own stands for what was completed in it."""
    rows = _done_in(step, scope)
    found: list[Task] = []
    for row in sorted(rows, key=lambda r: (r.finished or step.now, r.pk), reverse=True):
        node = step.flow._by_id.get(row.node_id)  # none: passed in a version that had an element the drawing has no more
        if (only and row.node_id != only) or row.data.get("compensated"):
            continue
        if row.is_body:
            found += _completed(step, row)
        elif getattr(node, "compensation", None) is not None or any(h.element.trigger == "compensate" for h in getattr(node, "handlers", ())):
            found.append(row)
        elif getattr(node, "handlers", None) is not None and not getattr(node, "is_handler", False):
            found += _completed(step, row)
    return found


def _done_in(step: Step, scope: Task | None) -> list[Task]:
    where = "process_id = %s AND status = 'DONE' AND parent_id "
    params = [step.instance.pk]
    if scope is None:
        where += "IS NULL"
    else:
        where += "= %s"
        params.append(scope.pk)
    stored = [] if step.is_new else [step.adopt(row) for row in TASKS.select(where, params)]
    key = scope.pk if scope is not None else None
    rows = {row.pk: row for row in stored if row.status == STATUS.DONE}
    rows.update({r.pk: r for r in step.rows.values() if r.parent_id == key and r.status == STATUS.DONE})
    return list(rows.values())
