"""What is thrown outwards: errors and escalations look for the innermost scope that takes them.

From where it is thrown, outwards: the events on the border of an activity, then the event sub-processes of the
scope around it, then that scope's own border (BPMN 2.0.2, 13.5.3 and 13.5.4). Of several that would take it, one
that names the code comes before one for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from viewflow.workflow.status import STATUS

from processes.runtime.models import OPEN, Outbox, ProcessInstance, Task
from processes.spoken import kept

if TYPE_CHECKING:
    from processes.runtime.nodes.base import Node
    from processes.runtime.nodes.waiting import WaitingNode
    from processes.runtime.step import Step

Catch = Callable[[dict[str, Any]], None]


def first_that_catches(events: Iterable[WaitingNode], kind: str, code: str) -> Any:
    """The event that takes an error or escalation of a code: one that names it before one for all; or None."""
    found = [event for event in events if event.catches(kind, code)]
    found.sort(key=lambda event: not any(d.kind == kind and d.ref for d in event.definitions))
    return found[0] if found else None


def _catch(step: Step, row: Task, kind: str, code: str) -> tuple[WaitingNode, Catch] | None:
    """Who takes what is thrown at a row, and the call that makes it do so."""
    inner: Task | None = row
    while inner is not None:
        parent = step.parent_of(inner)
        if parent is not None and parent.is_body and parent.node_id == inner.node_id:
            inner = parent  # a single run: the events on the border belong to the whole activity
            continue
        host = step.node(inner)
        event = first_that_catches(getattr(host, "boundaries", ()), kind, code) if inner.status in OPEN else None
        if event is not None:
            return event, partial(event.catch, step, inner)
        if not getattr(host, "is_handler", False):
            handler = first_that_catches(step.handlers_of(parent), kind, code)
            if handler is not None:
                return handler, partial(handler.catch, step, parent, inner)
        inner = parent
    return None


def raise_error(step: Step, row: Task, code: str, message: str, *, node: Node) -> None:
    """Throw a business error from a row outwards; nobody takes it: the instance ends in the error, and its
    caller gets it."""
    found = _catch(step, row, "error", code)
    if found is not None:
        found[1]({"error_code": code, "error_message": message})
        return
    step.end(
        ProcessInstance.Outcome.ERROR, node=node,
        error={"type": "business", "code": code, **kept(message), "place": node.node_id},
    )  # fmt: skip


def escalate(step: Step, row: Task, code: str, message: str) -> bool:
    """Throw an escalation from a row outwards, across the call when nobody in this instance takes it; what
    nobody takes at all is nothing. True when who took it has interrupted the scope the row is in."""
    found = _catch(step, row, "escalation", code)
    if found is not None:
        found[1]({"escalation_code": code, "escalation_message": message})
        return found[0].interrupts
    instance = step.instance
    if step.caller is not None:
        step.caller.escalated.append((code, message))  # the call is being made just now, in the caller's own step
    elif instance.parent_task_id is not None:
        step.outbox.append(
            Outbox(kind="escalation", name=code[:300], task_id=instance.parent_task_id, instance_id=instance.pk,
                   payload={"message": message}, key=f"escalate:{row.pk}:{code}"[:200], created=step.now,
                   next_attempt_at=step.now)
        )  # fmt: skip
    return False


def escalated_below(step: Step, row: Task, code: str, message: str) -> None:
    """A called instance has thrown an escalation that nobody took there."""
    if row.status in OPEN and row.status != STATUS.ERROR:
        escalate(step, row, code, message)
