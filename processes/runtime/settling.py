"""What can only be said once all tokens of a step rest: joins, scopes, conditions, the end of the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from viewflow.workflow.status import PROCESS, STATUS

from processes.runtime.failures import Failure
from processes.runtime.models import OPEN, Outbox, ProcessInstance, Task
from processes.runtime.nodes.complex_gateway import ComplexGateway
from processes.runtime.nodes.gateways import InclusiveGateway, Join, ParallelGateway
from processes.runtime.nodes.waiting import WaitingNode
from processes.runtime.store import TASKS
from processes.spoken import gettext as _
from processes.spoken import named

if TYPE_CHECKING:
    from processes.runtime.step import Step


def settle(step: Step) -> bool:
    """See to everything that rests; true when tokens move again."""
    if step.instance.status != PROCESS.NEW:
        return False
    if step.signals:
        _signals(step)
        if step.queue:
            return True
    if step.variables_changed:
        step.variables_changed = False
        _conditions(step)
        if step.queue:
            return True
    for scope in list(step.stirred):
        body = step.row(scope)
        if body is None or not body.is_body:  # runs of a multi-instance activity know nothing of each other
            step.load(scope)
    joins = _joins(step)
    for node, parent in joins:
        if isinstance(node, InclusiveGateway):
            tokens = node.may_fire(step, parent)
            if tokens:
                node.fire(step, list(tokens.values()), next(reversed(tokens.values())))
                return True
        elif isinstance(node, ComplexGateway) and node.looks(step, parent):
            return True
    for node, parent in joins:
        if isinstance(node, ParallelGateway) and _withdrawn(step, node, parent):
            return True
    for row in _holders(step):
        if _settles(step, row):
            return True
    if not step.tokens(None):
        step.end(ProcessInstance.Outcome.COMPLETED)
        return bool(step.queue)
    for node, parent in joins:
        _report_deadlock(step, node, parent)
    return False


def _signals(step: Step) -> None:
    """Let the signals that were thrown in this step happen to those of this instance that wait for them."""
    thrown, step.signals = step.signals, []
    step.load_all()
    for key, data in thrown:
        for row in list(step.rows.values()):
            node = step.node(row)
            if row.event_key == key and row.status == STATUS.STARTED and isinstance(node, WaitingNode):
                row.event_key = ""
                step.touch(row, "event_key")
                node.trigger(step, row, data)


def _joins(step: Step) -> list[tuple[Join, Task | None]]:
    """The joins at which tokens wait, each with the scope they wait in."""
    found: dict[tuple[str, Any], tuple[Join, Task | None]] = {}
    for row in step.rows.values():
        if row.status == STATUS.STARTED and row.kind.endswith("Gateway"):
            node = step.node(row)
            if isinstance(node, Join):
                found[row.node_id, row.parent_id] = (node, step.parent_of(row))
    return list(found.values())


def _holders(step: Step) -> list[Task]:
    """Open rows that hold tokens (sub-processes, compensations) in which something moved in this step."""
    rows = [step.row(row_id) for row_id in step.stirred if row_id is not None]
    return [
        row
        for row in rows
        if row is not None and row.status == STATUS.STARTED and not row.is_body and step.node(row).holds_tokens
    ]


def _settles(step: Step, row: Task) -> bool:
    act = step.node(row).activation(step, row)
    try:
        return act.settled()
    except Failure as failure:
        row.data["settling"] = True
        step.touch(row, "data")
        act.fail(failure)
        return True


def _conditions(step: Step) -> None:
    """Variables or the record changed: ask the conditional events that are armed."""
    if not step.flow._has_conditions:
        return
    step.load_all()
    for row in list(step.rows.values()):
        if row.status not in OPEN or row.status == STATUS.ERROR or row.is_body:
            continue
        node = step.node(row)
        if isinstance(node, WaitingNode):
            definition = node.definition_of(row)
            if definition is not None and definition.kind == "conditional":
                try:
                    node.ask(step, row)
                except Failure as failure:
                    node.activation(step, row).fail(failure)


def _can_come(step: Step, node: Join, parent: Task | None, flow: str) -> bool:
    reach = step.flow._model.reaches_flow(flow, node.node_id)
    return any(token.node_id in reach for token in step.tokens(parent))


def _withdrawn(step: Step, node: ParallelGateway, parent: Task | None) -> bool:
    """Fire a parallel join for which the missing tokens were taken away by a person.

    A branch taken away counts as arrived, once, at a join that no token can reach by that flow any more.
    """
    found = node.first_by_flow(node.waiting(step, parent))
    missing = [flow for flow in node.incoming_flows if flow not in found]
    if not found or not missing or any(_can_come(step, node, parent, flow) for flow in missing):
        return False
    taken_away = _taken_away(step, parent)
    standing_in: dict[str, Task] = {}
    for flow in missing:
        reach = step.flow._model.reaches_flow(flow, node.node_id)
        for row in taken_away:
            if row.node_id in reach and flow not in row.data.get("counted", []):
                standing_in[flow] = row
                break
        else:
            return False
    for flow, row in standing_in.items():
        row.data.setdefault("counted", []).append(flow)
        step.touch(row, "data")
        arrival = node.new_row(step, prev=row, parent=parent, flow=flow, data={"instead_of": str(row.pk)})
        act = node.activation(step, arrival)
        act.begin()
        act.complete()
    node.fire(step, list(found.values()), next(reversed(found.values())))
    return True


def _taken_away(step: Step, parent: Task | None) -> list[Task]:
    stored = TASKS.select("process_id = %s AND status = 'CANCELED'", [step.instance.pk]) if not step.is_new else []
    rows = {row.pk: row for row in (step.adopt(row) for row in stored)}
    rows.update({row.pk: row for row in step.rows.values() if row.status == STATUS.CANCELED})
    key = parent.pk if parent is not None else None
    return [row for row in rows.values() if row.parent_id == key and row.data.get("withdrawn")]


def _report_deadlock(step: Step, node: Join, parent: Task | None) -> None:
    """A token that waits for one that can never come is an incident, not a silence."""
    if not isinstance(node, ParallelGateway | ComplexGateway):
        return
    waiting = node.waiting(step, parent)
    found = node.first_by_flow(waiting)
    missing = [flow for flow in node.incoming_flows if flow not in found]
    if not waiting or any(_can_come(step, node, parent, flow) for flow in missing):
        return
    if isinstance(node, ComplexGateway):
        sentence = _("“%(name)s” waits for more than can still come. Skip it to go on with what has arrived.")
    elif missing:
        sentence = _("“%(name)s” waits for a branch that can no longer come. Skip it to go on with what has arrived.")
    else:
        return
    failure = Failure(
        "deadlock", sentence % {"name": named(node.labels, node.node_id)}, place=missing[0] if missing else node.node_id
    )
    node.activation(step, waiting[0]).fail(failure)


def tell_parent(step: Step) -> None:
    """A called instance has ended: tell the row that called it.

    In the caller's own step it is told at once. Otherwise through the outbox, since the locks of two
    instances are taken parent first, and here the child's is held.
    """
    instance = step.instance
    if instance.parent_task_id is None or instance.outcome == ProcessInstance.Outcome.CANCELLED:
        return
    if getattr(step, "caller", None) is not None:
        return
    step.outbox.append(
        Outbox(kind="child", name=str(instance.pk), task_id=instance.parent_task_id, instance_id=instance.pk,
               payload={"escalates": step.flow._escalates}, created=step.now, next_attempt_at=step.now)
    )  # fmt: skip
