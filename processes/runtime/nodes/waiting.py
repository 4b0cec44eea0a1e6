"""Nodes that wait for an event: catch events, boundary events, receive tasks, starts of event sub-processes.

An event with several definitions waits with one row for each. Where one of them is enough and the event stands on
a border, each row stands alone; else the rows belong to one that stands for the event as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes import feel
from processes.bpmn.nodes import Event, EventDefinition
from processes.bpmn.nodes import Task as TaskElement
from processes.runtime.correlation import message_key, signal_key, subject_key
from processes.runtime.failures import Failure
from processes.runtime.models import OPEN, Task
from processes.runtime.nodes.base import Activation, Node
from processes.runtime.nodes.gateways import disarm
from processes.runtime.scope import condition, evaluate_attribute
from processes.runtime.timing import after as moment_after
from processes.runtime.timing import calendar_for, due
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.nodes.scopes import EventScopeNode
    from processes.runtime.step import Step

_status = ViewflowActivation.status
_OF_THEMSELVES = ("timer", "message", "signal", "conditional")


class CatchActivation(Activation):
    """A row that waits for what its definition says."""

    node: WaitingNode

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.node.wait(self)

    def released(self) -> None:
        super().released()
        if len(self.node.definitions) > 1:
            disarm(self.step, self.task)


class WaitingNode(Node):
    """What waiting for an event has in common."""

    activation_class: ClassVar[Any] = CatchActivation

    @property
    def definitions(self) -> tuple[EventDefinition, ...]:
        """What it waits for; none for a none event, which waits for nothing."""
        return getattr(self.element, "definitions", ())

    @property
    def needs_all(self) -> bool:
        """Whether all of its definitions must happen."""
        return len(self.definitions) > 1 and bool(getattr(self.element, "parallel_multiple", False))

    @property
    def interrupts(self) -> bool:
        """Whether what it watches over is taken away when it happens."""
        return bool(getattr(self.element, "is_interrupting", False))

    @property
    def waits(self) -> bool:
        """Whether it waits as a row; errors, escalations and cancels are caught when they are thrown."""
        return any(definition.kind in _OF_THEMSELVES for definition in self.definitions)

    def definition_of(self, row: Task) -> EventDefinition | None:
        """What a row waits for; None for a row that stands for several definitions, or for none."""
        if "which" in row.data:
            return self.definitions[row.data["which"]]
        return self.definitions[0] if len(self.definitions) == 1 else None

    def catches(self, kind: str, code: str) -> bool:
        """Whether it takes an error or escalation of that code."""
        return any(
            d.kind == kind and (not d.ref or code in (d.code or d.name, d.name)) for d in self.definitions
        )

    # --- beginning to wait -----------------------------------------------------------------------------
    def wait(self, act: Activation) -> None:
        """Begin to wait."""
        definition = self.definition_of(act.task)
        if definition is None and len(self.definitions) > 1:
            self._wait_for_each(act)
        elif definition is None or definition.kind == "link":
            act.finish()
        elif definition.kind == "timer":
            self._wait_for_time(act, definition)
        elif definition.kind == "message":
            self._wait_for_key(act, message_key(definition.name, self.correlation(act)))
        elif definition.kind == "signal":
            self._wait_for_key(act, signal_key(definition.name))
        elif definition.kind == "conditional":
            act.begin()
            self._watch_the_subject(act, definition)
            self.ask(act.step, act.task)
        else:
            raise Failure("event", _("An event of this kind cannot be waited for here."), place=self.node_id)

    def _wait_for_each(self, act: Activation) -> None:
        act.begin()
        for which in range(len(self.definitions)):
            if act.task.status in OPEN:
                self.arm(act.step, act.task, which=which, is_part=True)

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

    def _watch_the_subject(self, act: Activation, definition: EventDefinition) -> None:
        """A condition that reads the record is asked again whenever the record is changed, by whomever."""
        subject = act.step.subject
        if subject is None or definition.condition is None:
            return
        if any(name.split(".")[0] == subject.type for name in feel.names(definition.condition.feel)):
            act.task.event_key = subject_key(subject.type, subject.id)
            act.step.touch(act.task, "event_key")
            act.step.look_again(act.task)

    def _wait_for_time(self, act: Activation, definition: EventDefinition) -> None:
        found = due(act.step, act.task, definition, place=self.node_id)
        if found.interval:
            act.task.data["cycle"] = {"interval": found.interval, "remaining": found.remaining}
        self._schedule(act, found.at)

    def _schedule(self, act: Activation, at: datetime) -> None:
        act.task.scheduled = at
        act.step.touch(act.task, "scheduled", "data")
        act.schedule(at)

    def ask(self, step: Step, row: Task) -> None:
        """Let a condition that holds now happen: once, and again only after it was false in between."""
        definition = self.definition_of(row)
        if definition is None or definition.condition is None:
            return
        holds = condition(step, definition.condition.feel, row, place=self.node_id)
        if holds and not row.data.get("held"):
            row.data["held"] = True
            self.trigger(step, row)
        elif holds != bool(row.data.get("held")):
            row.data["held"] = holds
            step.touch(row, "data")

    # --- armed on behalf of another row, or of a scope --------------------------------------------------
    def arm(
        self, step: Step, host: Task, *, flow: str = "", after: Task | None = None, which: int | None = None,
        is_part: bool = False,
    ) -> Task:  # fmt: skip
        """Begin to wait on behalf of a host; `after` is the row whose repetition this is, `which` the
        definition meant where there are several."""
        row = self.new_row(step, prev=host, parent=step.parent_of(host), flow=flow, host_id=host.pk, armed=True)
        self._begin_to_wait(step, row, after=after, which=which, is_part=is_part)
        return row

    def _begin_to_wait(
        self, step: Step, row: Task, *, after: Task | None, which: int | None, is_part: bool = False
    ) -> None:
        if which is not None:
            row.data["which"] = which
        if is_part:
            row.data["part"] = True
        act = self.activation(step, row)
        definition = self.definition_of(row)
        cycle = after.data.get("cycle") if after is not None else None
        try:
            if after is not None and after.data.get("held"):
                row.data["held"] = True  # fires again only after the condition was false in between
                act.begin()
                if definition is not None:
                    self._watch_the_subject(act, definition)
            elif cycle and after is not None and after.scheduled is not None:
                remaining = None if cycle["remaining"] is None else cycle["remaining"] - 1
                row.data["cycle"] = {"interval": cycle["interval"], "remaining": remaining}
                calendar = calendar_for(step, row, working=definition is not None and definition.time == "working")
                # An interval after it was due last, so that delays do not add up.
                self._schedule(act, moment_after(after.scheduled, cycle["interval"], calendar=calendar, place=self.node_id))
            else:
                act.activate()
        except Failure as failure:
            act.fail(failure)

    # --- it happens --------------------------------------------------------------------------------------
    def trigger(self, step: Step, row: Task, payload: Mapping[str, Any] | None = None) -> None:
        """What a row waited for has happened. `payload` is JSON; its values become variables."""
        self.land(step, row, payload or {})
        whole = self._whole(step, row) if row.data.get("part") else row
        if whole is not None:
            self.happened(step, whole)

    def _whole(self, step: Step, part: Task) -> Task | None:
        """The row that stands for the event, once enough of its parts have happened."""
        whole = step.row(part.host_id)
        if whole is None or whole.status not in OPEN:
            step.node(part).cancel(step, part)
            return None
        self.activation(step, part).complete()
        if not self.needs_all:
            return whole
        so_far = whole.data.setdefault("happened", [])
        so_far.append(part.data["which"])
        step.touch(whole, "data")
        return whole if len(set(so_far)) == len(self.definitions) else None

    def happened(self, step: Step, row: Task) -> None:
        """The event as a whole has happened: the token goes on; of an event-based gateway, this way."""
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

    def repeats(self, row: Task) -> bool:
        """Whether a row that does not interrupt waits once more after it happened."""
        definition = self.definition_of(row)
        if definition is None or definition.kind != "timer":
            return True
        cycle = row.data.get("cycle")
        return bool(cycle) and cycle["remaining"] != 0


class CatchEvent(WaitingNode):
    """An intermediate catch event: message, timer, signal, conditional, link, several of them."""

    task_type = "catch"
    element: Event


class ReceiveTask(WaitingNode):
    """Waits for a message, as a catch event does."""

    task_type = "receive"
    element: TaskElement

    @property
    def definitions(self) -> tuple[EventDefinition, ...]:
        return (EventDefinition(kind="message", ref=self.element.message, name=self.element.message_name),)


class BoundaryEvent(WaitingNode):
    """An event on the border of an activity. Interrupting, it takes the activity's token away and goes on in
    its place; else it sends a second token beside it (13.5.3)."""

    task_type = "boundary"
    element: Event

    def watch(self, step: Step, host: Task) -> None:
        """Begin to wait while the host is under way."""
        if len(self.definitions) == 1 or self.needs_all:
            self.arm(step, host)
            return
        for which, definition in enumerate(self.definitions):
            if definition.kind in _OF_THEMSELVES and host.status in OPEN:
                self.arm(step, host, which=which)

    def catch(self, step: Step, host: Task, payload: dict[str, Any]) -> None:
        """Take what was thrown inside the host."""
        row = self.new_row(step, prev=host, parent=step.parent_of(host))
        self.land(step, row, payload)
        if self.interrupts:
            step.node(host).cancel(step, host)
        self.activation(step, row).finish()

    def happened(self, step: Step, row: Task) -> None:
        host = step.row(row.host_id)
        if host is None or host.status not in OPEN:
            step.node(row).cancel(step, row)
            return
        act = self.activation(step, row)
        act.complete()
        if self.interrupts:
            step.node(host).cancel(step, host)
        elif self.repeats(row):
            self.arm(step, host, after=row, which=row.data.get("which"))
        act.go_on()


class HandlerStart(WaitingNode):
    """The start event of an event sub-process: waits on behalf of the scope around it (13.5.4)."""

    task_type = "handler_start"
    element: Event
    scope: EventScopeNode

    def watch(self, step: Step, parent: Task | None, *, after: Task | None = None) -> None:
        """Begin to wait while the scope is under way; `after` is the row whose repetition this is."""
        single = len(self.definitions) == 1 or self.needs_all
        for which in [None] if single else range(len(self.definitions)):
            if which is not None and self.definitions[which].kind not in _OF_THEMSELVES:
                continue
            if after is None or after.data.get("which") == which:
                row = self.new_row(step, prev=after, parent=parent, armed=True)
                self._begin_to_wait(step, row, after=after, which=which)

    def happened(self, step: Step, row: Task) -> None:
        parent = step.parent_of(row)
        self.activation(step, row).complete()
        if self.interrupts:
            step.clear(parent)
        elif self.repeats(row):
            self.watch(step, parent, after=row)
        self.scope.open(step, row, parent)

    def catch(self, step: Step, parent: Task | None, inner: Task, payload: dict[str, Any]) -> None:
        """Take what was thrown inside the scope, out of the row `inner` in it."""
        row = self.new_row(step, prev=inner, parent=parent)
        self.land(step, row, payload)
        self.activation(step, row).complete()
        if self.interrupts:
            step.clear(parent)
        self.scope.open(step, row, parent)


__all__ = ["BoundaryEvent", "CatchActivation", "CatchEvent", "HandlerStart", "ReceiveTask", "WaitingNode"]
