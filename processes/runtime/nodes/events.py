"""Events (BPMN 2.0.2, 13.5): starts, ends, what is thrown and what is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes import feel
from processes.bpmn.nodes import Event, EventDefinition
from processes.bpmn.nodes import Task as TaskElement
from processes.runtime.correlation import message_key, signal_key
from processes.runtime.failures import Failure
from processes.runtime.models import OPEN, Outbox, ProcessInstance, Task
from processes.runtime.nodes.base import Activation, Node
from processes.runtime.scope import condition, evaluate_attribute
from processes.runtime.timing import due, following

if TYPE_CHECKING:
    from processes.runtime.step import Step

_status = ViewflowActivation.status


def payload_of(step: Step, node: Node, row: Task) -> dict[str, Any]:
    """What a thrown message or signal carries, as JSON."""
    values = {}
    for part in getattr(node.element, "payload", ()):
        place = f"{node.node_id}/payload/{part.name}"
        values[part.name] = feel.to_json(evaluate_attribute(step, part.value, row, place=place))
    return values


def throw_message(step: Step, node: Node, row: Task, name: str) -> None:
    """Put a message of the drawing into the outbox."""
    ext = getattr(node.element, "correlation", None)
    key = evaluate_attribute(step, ext.key, row, place=f"{node.node_id}/correlation") if ext and ext.key else None
    step.outbox.append(
        Outbox(
            kind="message", name=name, event_key=message_key(name, key), key=f"throw:{row.pk}",
            payload={"data": payload_of(step, node, row)}, instance_id=step.instance.pk, created=step.now,
            next_attempt_at=step.now,
        )
    )  # fmt: skip


def throw_signal(step: Step, node: Node, row: Task, name: str) -> None:
    """Put a signal of the drawing into the outbox: it is thrown only if this step is committed."""
    step.outbox.append(
        Outbox(
            kind="signal", name=name, event_key=signal_key(name), key=f"throw:{row.pk}:{name}",
            payload={"data": payload_of(step, node, row)}, instance_id=step.instance.pk, created=step.now,
            next_attempt_at=step.now,
        )
    )  # fmt: skip


# --- what passes at once -----------------------------------------------------------------------------------
class StartEvent(Node):
    """Where an instance or a sub-process begins; what it waited for has happened when a token comes."""

    task_type = "start"
    element: Event


class ThrowActivation(Activation):
    """Throws and goes on."""

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.node.throw(self.step, self.task)
        self.finish()


class ThrowEvent(Node):
    """An intermediate throw event: none, message, signal, link."""

    task_type = "throw"
    activation_class = ThrowActivation
    element: Event
    link_target: Node | None = None

    def throw(self, step: Step, row: Task) -> None:
        """Do what its definitions say."""
        for definition in self.element.definitions:
            if definition.kind == "message":
                throw_message(step, self, row, definition.name)
            elif definition.kind == "signal":
                throw_signal(step, self, row, definition.name)
            elif definition.kind == "link" and self.link_target is not None:
                step.send(self.link_target, prev=row, parent=step.parent_of(row))


class EndActivation(Activation):
    """A token ends here; some ends end more than the token."""

    node: EndEvent

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        node, step, row = self.node, self.step, self.task
        node.throw(step, row)
        self.complete()
        if row.parent_id is None:
            step.end_event(node)
        kinds = {definition.kind: definition for definition in node.element.definitions}
        if "error" in kinds:
            node.end_in_error(step, row, kinds["error"])
        elif "terminate" in kinds:
            node.terminate(step, row)


class EndEvent(ThrowEvent):
    """An end: none, terminate, error, message, signal."""

    task_type = "end"
    activation_class = EndActivation

    def terminate(self, step: Step, row: Task) -> None:
        """Take every token of the scope away; the scope itself is then complete."""
        parent = step.parent_of(row)
        if parent is None:
            step.end(ProcessInstance.Outcome.TERMINATED, node=self)
            return
        for other in step.open_rows(parent):
            step.node(other).cancel(step, other)
        step.queue = type(step.queue)(a for a in step.queue if a.parent is not parent)

    def end_in_error(self, step: Step, row: Task, definition: EventDefinition) -> None:
        """Throw the error outwards: to an error boundary event around, else the instance ends in it."""
        code = definition.code or definition.name
        raise_error(step, row, code, self.labels.get("en", "") or code, node=self)


def raise_error(step: Step, row: Task, code: str, message: str, *, node: Node) -> None:
    """A business error from `row` outwards: the innermost error boundary event that takes the code catches
    it (13.5.3); nobody does: the instance ends in the error, and its caller gets it."""
    inner: Task | None = row
    while inner is not None:
        parent = step.parent_of(inner)
        if parent is not None and parent.is_body and parent.node_id == inner.node_id:
            inner = parent  # a single run: the events on the border belong to the whole activity
            continue
        host = step.node(inner)
        catcher = host.error_catcher(code) if hasattr(host, "error_catcher") and inner.status in OPEN else None
        if catcher is not None:
            catcher.catch_error(step, inner, code, message)
            return
        inner = parent
    step.end(
        ProcessInstance.Outcome.ERROR, node=node,
        error={"type": "business", "code": code, "sentence": message, "place": node.node_id},
    )  # fmt: skip


# --- what waits ----------------------------------------------------------------------------------------------
class CatchActivation(Activation):
    """A row that waits for what its definition says."""

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.node.wait(self)


class WaitingNode(Node):
    """What waiting for an event has in common: catch events, boundary events, receive tasks."""

    activation_class = CatchActivation

    @property
    def definition(self) -> EventDefinition | None:
        """What it waits for; None for a none event, which waits for nothing."""
        return getattr(self.element, "definition", None)

    def wait(self, act: Activation) -> None:
        """Begin to wait."""
        definition = self.definition
        if definition is None or definition.kind == "link":
            act.finish()
        elif definition.kind == "timer":
            self._wait_for_time(act, definition)
        elif definition.kind == "message":
            self._wait_for_key(act, message_key(definition.name, self.correlation(act)))
        elif definition.kind == "signal":
            self._wait_for_key(act, signal_key(definition.name))
        elif definition.kind == "conditional":
            act.begin()
            if isinstance(self, ConditionalEvent):
                self.ask(act.step, act.task)
        else:
            raise Failure("event", _("An event of this kind cannot be waited for here."), place=self.node_id)

    def correlation(self, act: Activation) -> Any:
        """The value a message must carry to be meant for this row."""
        ext = getattr(self.element, "correlation", None)
        if ext is None or not ext.key:
            return None
        value = evaluate_attribute(act.step, ext.key, act.task, place=f"{self.node_id}/correlation")
        if value is None or value == "":
            raise Failure(
                "event", _("The key by which a message is matched is empty. Set the value that it names."),
                place=self.node_id,
            )  # fmt: skip
        return value

    def _wait_for_key(self, act: Activation, key: str) -> None:
        act.begin()
        act.task.event_key = key
        act.step.touch(act.task, "event_key")
        act.step.waiting_for.append(key)

    def _wait_for_time(self, act: Activation, definition: EventDefinition) -> None:
        found = due(act.step, act.task, definition, place=self.node_id)
        if found.interval:
            act.task.data["cycle"] = {"interval": found.interval, "remaining": found.remaining}
        self._schedule(act, found.at)

    def _schedule(self, act: Activation, at: datetime) -> None:
        act.task.scheduled = at
        act.step.touch(act.task, "scheduled", "data")
        act.schedule(at)

    # --- armed on behalf of another row ----------------------------------------------------------------
    def arm(self, step: Step, host: Task, *, flow: str = "", after: Task | None = None) -> Task:
        """Begin to wait on behalf of a host; `after` is the row whose repetition this is."""
        row = self.new_row(step, prev=host, parent=step.parent_of(host), flow=flow, host_id=host.pk, armed=True)
        act = self.activation(step, row)
        cycle = after.data.get("cycle") if after is not None else None
        try:
            if after is not None and after.data.get("held"):
                row.data["held"] = True  # fires again only after the condition was false in between
                act.begin()
            elif cycle and after is not None and after.scheduled is not None:
                remaining = None if cycle["remaining"] is None else cycle["remaining"] - 1
                row.data["cycle"] = {"interval": cycle["interval"], "remaining": remaining}
                working = self.definition is not None and self.definition.time == "working"
                self._schedule(
                    act, following(step, after.scheduled, cycle["interval"], working=working, place=self.node_id)
                )
            else:
                act.activate()
        except Failure as failure:
            act.fail(failure)
        return row

    # --- it happens --------------------------------------------------------------------------------------
    def trigger(self, step: Step, row: Task, payload: Mapping[str, Any] | None = None) -> None:
        """What was waited for has happened. `payload` is JSON; its values become variables."""
        self.land(step, row, payload or {})
        if row.host_id is not None:
            host = step.row(row.host_id)
            if host is not None and host.status in OPEN:
                gateway = step.node(host).activation(step, host)
                row.host_id, row.armed = None, False
                step.touch(row, "host", "armed")
                gateway.complete()
        self.activation(step, row).finish()

    def land(self, step: Step, row: Task, payload: Mapping[str, Any]) -> None:
        """Put what came with the event into variables."""
        if not payload:
            return
        values = {name: feel.from_json(value) for name, value in payload.items()}
        ext = getattr(self.element, "correlation", None)
        if ext is not None and ext.result:
            values = {ext.result: values}
        step.set_variables(values, row)


class CatchEvent(WaitingNode):
    """An intermediate catch event: message, timer, signal, link."""

    task_type = "catch"
    element: Event


class ConditionalEvent(CatchEvent):
    """Waits until a condition holds; asked whenever variables of the instance changed."""

    task_type = "conditional"

    def ask(self, step: Step, row: Task) -> None:
        """Go on if the condition holds now."""
        definition = self.definition
        if definition is None or definition.condition is None:
            return
        holds = condition(step, definition.condition.feel, row, place=self.node_id)
        if holds and not row.data.get("held"):
            row.data["held"] = True
            self.trigger(step, row)
        elif holds != bool(row.data.get("held")):
            row.data["held"] = holds
            step.touch(row, "data")


class ReceiveTask(WaitingNode):
    """Waits for a message, as a catch event does."""

    task_type = "receive"
    element: TaskElement

    @property
    def definition(self) -> EventDefinition:
        return EventDefinition(kind="message", ref=self.element.message, name=self.element.message_name)


class BoundaryEvent(WaitingNode):
    """An event on the border of an activity. Interrupting, it takes the activity's token away and goes on in
    its place; else it sends a second token beside it (13.5.3)."""

    task_type = "boundary"
    element: Event

    @property
    def waits(self) -> bool:
        """Whether it waits as a row; errors are caught when they are thrown."""
        return self.definition is not None and self.definition.kind in ("timer", "message", "signal", "conditional")

    def catches(self, code: str) -> bool:
        """Whether it takes an error of that code."""
        definition = self.definition
        if definition is None or definition.kind != "error":
            return False
        return not definition.ref or code in (definition.code or definition.name, definition.name)

    def catch_error(self, step: Step, host: Task, code: str, message: str) -> None:
        """Take an error thrown inside the host."""
        row = self.new_row(step, prev=host, parent=step.parent_of(host), data={"code": code})
        self.land(step, row, {"error_code": code, "error_message": message})
        step.node(host).cancel(step, host)
        self.activation(step, row).finish()

    def trigger(self, step: Step, row: Task, payload: Mapping[str, Any] | None = None) -> None:
        host = step.row(row.host_id)
        if host is None or host.status not in OPEN:
            step.node(row).cancel(step, row)
            return
        self.land(step, row, payload or {})
        act = self.activation(step, row)
        act.complete()
        if self.element.is_interrupting:
            step.node(host).cancel(step, host)
        elif self._repeats(row):
            self.arm(step, host, after=row)
        act.go_on()

    def _repeats(self, row: Task) -> bool:
        definition = self.definition
        if definition is None or definition.kind != "timer":
            return True
        cycle = row.data.get("cycle")
        return bool(cycle) and cycle["remaining"] != 0


class ConditionalBoundary(BoundaryEvent, ConditionalEvent):
    """A boundary event that waits for a condition."""


__all__ = [
    "BoundaryEvent", "CatchEvent", "ConditionalBoundary", "ConditionalEvent", "EndEvent", "ReceiveTask",
    "StartEvent", "ThrowEvent", "WaitingNode", "payload_of", "raise_error", "throw_message", "throw_signal",
]  # fmt: skip
