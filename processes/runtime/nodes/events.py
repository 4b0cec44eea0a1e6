"""Events that wait for nothing (BPMN 2.0.2, 13.5): starts, ends, and what is thrown in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes import feel
from processes.bpmn.nodes import Event, EventDefinition
from processes.runtime.correlation import message_key, signal_key
from processes.runtime.models import Outbox, ProcessInstance, Task
from processes.runtime.nodes import compensation
from processes.runtime.nodes.base import Activation, Node
from processes.runtime.nodes.outward import escalate, raise_error
from processes.runtime.scope import evaluate_attribute
from processes.spoken import named

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
    """Throw a signal of the drawing: in this instance it reaches whoever waits once the tokens of the step rest,
    elsewhere through the outbox, only if this step is committed."""
    data = payload_of(step, node, row)
    step.signals.append((signal_key(name), data))
    step.outbox.append(
        Outbox(
            kind="signal", name=name, event_key=signal_key(name), key=f"throw:{row.pk}:{name}",
            payload={"data": data}, instance_id=step.instance.pk, created=step.now, next_attempt_at=step.now,
        )
    )  # fmt: skip


# --- what passes at once -----------------------------------------------------------------------------------
class StartEvent(Node):
    """Where an instance or a sub-process begins; what it waited for has happened when a token comes."""

    task_type = "start"
    element: Event


class ThrowActivation(Activation):
    """Throws and goes on; after a compensation it goes on once that is done."""

    node: ThrowEvent

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        node, step, row = self.node, self.step, self.task
        node.throw(step, row)
        compensate = node.definition_of("compensate")
        if compensate is not None:
            self.begin()
            compensation.begin(step, row, compensate)
            return
        self.complete()
        if not node.escalates(step, row):
            self.go_on()

    def settled(self) -> bool:
        """The next activity is compensated; after the last the token goes on. True when something moved."""
        if self.step.tokens(self.task):
            return False
        if not compensation.go_on(self.step, self.task):
            self.compensated()
        return True

    def compensated(self) -> None:
        """All that was to be compensated is."""
        self.finish()

    def taken_away(self) -> None:
        self.step.clear(self.task)


class ThrowEvent(Node):
    """An intermediate throw event: none, message, signal, link, escalation, compensation, several of them."""

    task_type = "throw"
    activation_class = ThrowActivation
    holds_tokens = True
    element: Event
    link_target: Node | None = None

    def definition_of(self, kind: str) -> EventDefinition | None:
        """Its definition of a kind."""
        return next((d for d in self.element.definitions if d.kind == kind), None)

    def throw(self, step: Step, row: Task) -> None:
        """Send messages and signals, jump along a link."""
        for definition in self.element.definitions:
            if definition.kind == "message":
                throw_message(step, self, row, definition.name)
            elif definition.kind == "signal":
                throw_signal(step, self, row, definition.name)
            elif definition.kind == "link" and self.link_target is not None:
                step.send(self.link_target, prev=row, parent=step.parent_of(row))

    def escalates(self, step: Step, row: Task) -> bool:
        """Throw its escalation; true when the token was taken away by who took it."""
        definition = self.definition_of("escalation")
        if definition is None:
            return False
        return escalate(step, row, definition.code or definition.name, self.labels.get("en", ""))


class EndActivation(ThrowActivation):
    """A token ends here; some ends end more than the token."""

    node: EndEvent

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        node, step, row = self.node, self.step, self.task
        node.throw(step, row)
        undo = node.definition_of("compensate") or node.definition_of("cancel")
        if undo is not None:
            self.begin()
            if undo.kind == "cancel":
                step.clear(step.parent_of(row), but=row)
            compensation.begin(step, row, undo)
            return
        self._conclude()

    def compensated(self) -> None:
        self._conclude()

    def _ends_the_instance(self) -> bool:
        """Whether the end tells how the instance came out: one of the process itself, or of the event sub-process that
        has taken its place."""
        parent = self.step.parent_of(self.task)
        if parent is None:
            return True
        around = self.step.node(parent)
        starts = getattr(around, "starts", ())
        return parent.parent_id is None and getattr(around, "is_handler", False) and any(s.interrupts for s in starts)

    def _conclude(self) -> None:
        node, step, row = self.node, self.step, self.task
        self.complete()
        if self._ends_the_instance():
            step.end_event(node)
        if node.escalates(step, row):
            return
        error = node.definition_of("error")
        if error is not None:
            code = error.code or error.name
            raise_error(step, row, code, named(node.labels, code), node=node)
        elif node.definition_of("cancel") is not None:
            compensation.leave_transaction(step, row)
        elif node.definition_of("terminate") is not None:
            node.terminate(step, row)


class EndEvent(ThrowEvent):
    """An end: none, terminate, error, message, signal, escalation, compensation, cancel, several of them."""

    task_type = "end"
    activation_class = EndActivation

    def terminate(self, step: Step, row: Task) -> None:
        """Take every token of the scope away; the scope itself is then complete."""
        parent = step.parent_of(row)
        if parent is None:
            step.end(ProcessInstance.Outcome.TERMINATED, node=self)
        else:
            step.clear(parent)


__all__ = ["EndEvent", "StartEvent", "ThrowEvent", "payload_of", "throw_message", "throw_signal"]
