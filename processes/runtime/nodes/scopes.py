"""Sub-processes (BPMN 2.0.2, 13.3.4 and 13.3.5): embedded, transaction, started by an event, ad-hoc.

A sub-process under way is a row; its tokens are the open rows whose parent that row is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes.bpmn.nodes import SubProcess
from processes.runtime.failures import Failure
from processes.runtime.models import Task
from processes.runtime.nodes.activities import ActivityActivation, ActivityNode
from processes.runtime.nodes.base import Node
from processes.runtime.nodes.waiting import HandlerStart
from processes.runtime.scope import condition
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.step import Step

_status = ViewflowActivation.status


class ScopeActivation(ActivityActivation):
    """A sub-process under way."""

    node: ScopeNode

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.open()
        for start in self.node.starts:
            self.step.send(start, prev=self.task, parent=self.task)
        self.step.watch_handlers(self.node.handlers, self.task)

    def open(self) -> None:
        """The scope is there, with nothing in it yet."""
        self.begin()
        self.step.stirred.add(self.task.pk)

    def settled(self) -> bool:
        """Nothing in it moves: it is done when no token is left. True when it was."""
        if self.step.tokens(self.task):
            return False
        self.finish()
        return True

    def released(self) -> None:
        super().released()
        if self.task.status in (STATUS.DONE, STATUS.CANCELED):
            self.step.clear(self.task)


class ScopeNode(ActivityNode):
    """An embedded sub-process or transaction."""

    task_type = "sub_process"
    activation_class = ScopeActivation
    holds_tokens = True
    is_handler = False
    element: SubProcess
    starts: tuple[Node, ...] = ()
    handlers: tuple[HandlerStart, ...] = ()


class EventScopeNode(ScopeNode):
    """An event sub-process: no flow leads to it, its start event opens it (13.5.4)."""

    task_type = "event_sub_process"
    is_handler = True

    def open(self, step: Step, start: Task, parent: Task | None, *, undoes: Task | None = None) -> None:
        """Begin behind the row of its start event, inside a scope; `undoes` is the completed sub-process that
        it compensates."""
        data = {"undoes": str(undoes.pk)} if undoes is not None else {}
        row = self.new_row(step, prev=start, parent=parent, data=data)
        act = ScopeActivation(row, step)
        act.open()
        begin = self.starts[0]
        if undoes is None:
            for flow in begin.flows:
                step.send(flow.target, flow=flow.id, prev=start, parent=row)
        else:
            passed = begin.new_row(step, prev=start, parent=row)
            begin.activation(step, passed).finish()
        step.watch_handlers(self.handlers, row)


class AdHocActivation(ScopeActivation):
    """An ad-hoc sub-process under way: people start its steps, in any order and as often as they like."""

    node: AdHocNode

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.open()
        self.step.watch_handlers(self.node.handlers, self.task)

    def settled(self) -> bool:
        """Done when its condition holds; without one a person says so."""
        element = self.node.element
        done = self.task.data.get("enough") or (
            element.completion_condition is not None and self.task.data.get("begun")
            and condition(self.step, element.completion_condition.feel, self.task, place=self.node.node_id)
        )  # fmt: skip
        if not done:
            return False
        if self.step.tokens(self.task) and not element.cancel_remaining:
            self.task.data["enough"] = True
            self.step.touch(self.task, "data")
            return False
        self.finish()
        return True

    def begin_step(self, element_id: str) -> None:
        """A person starts one of its steps. Failure when it is none, or when another is under way and the
        steps come one at a time."""
        node = next((n for n in self.node.optional if n.node_id == element_id), None)
        if node is None or self.task.data.get("enough"):
            raise Failure("ad_hoc", _("This step cannot be started now."), place=self.node.node_id)
        if self.node.element.ordering == "Sequential" and self.step.tokens(self.task):
            raise Failure("ad_hoc", _("Finish the step that is open first; here one follows another."),
                          place=self.node.node_id)  # fmt: skip
        self.task.data["begun"] = True
        self.step.touch(self.task, "data")
        self.step.send(node, prev=self.task, parent=self.task)

    def enough(self) -> None:
        """A person says that nothing more is to be done here."""
        self.task.data["enough"] = True
        self.step.touch(self.task, "data")
        self.step.stirred.add(self.task.pk)


class AdHocNode(ScopeNode):
    """An ad-hoc sub-process."""

    task_type = "ad_hoc"
    activation_class = AdHocActivation

    @property
    def optional(self) -> tuple[Node, ...]:
        """The steps that a person may start."""
        return self.starts


__all__ = ["AdHocActivation", "AdHocNode", "EventScopeNode", "ScopeActivation", "ScopeNode"]
