"""Call activities: another process run as a part of this one (BPMN 2.0.2, 13.3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import PROCESS, STATUS

from processes import feel
from processes.bpmn.nodes import CallActivity
from processes.catalog import selectors as catalog
from processes.errors import NotFound, ProcessError
from processes.ports import Subject
from processes.runtime.failures import Failure
from processes.runtime.models import ProcessInstance, Task
from processes.runtime.nodes.activities import ActivityActivation, ActivityNode
from processes.runtime.nodes.outward import escalated_below, raise_error
from processes.runtime.scope import evaluate_attribute
from processes.spoken import gettext as _
from processes.spoken import remembered

if TYPE_CHECKING:
    from processes.runtime.step import Step

_status = ViewflowActivation.status
MAX_DEPTH = 20
"""How deep calls may be nested: a process that calls itself without end stops here."""


class CallActivation(ActivityActivation):
    """Waits for the called instance."""

    node: CallNode

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        from processes.runtime import starting

        step, element = self.step, self.node.element
        if step.instance.depth >= MAX_DEPTH:
            raise Failure("call", _("Processes call each other without end."), place=self.node.node_id)
        try:
            late = element.call.binding != "fixed" or element.call.version is None
            if not late and element.call.version is not None:
                version = catalog.version(element.called, element.call.version)
            else:
                version = catalog.current_version(element.called)
        except NotFound as error:
            raise Failure("call", error.sentence, place=self.node.node_id) from error
        self.begin()
        try:
            child = starting.start_child(
                step, self.task, version, data=self._inputs(), subject=self._subject(version), late=late
            )
        except ProcessError as error:
            raise Failure("call", error.sentence, place=self.node.node_id) from error
        self.task.data["child"] = str(child.pk)
        step.touch(self.task, "data")
        thrown, step.escalated = step.escalated, []
        for code, message in thrown:
            escalated_below(step, self.task, code, message)
        if child.status != PROCESS.NEW and self.task.status == STATUS.STARTED:
            self.child_ended(child)

    def _inputs(self) -> dict[str, Any]:
        """Variables of the child, as JSON."""
        call = self.node.element.call
        if not call.inputs:
            return {**self.process.data, **self.step.local_variables(self.task)}
        place = f"{self.node.node_id}/in"
        return {
            part.name: feel.to_json(
                evaluate_attribute(self.step, part.value, self.task, place=f"{place}/{part.name}")
            )
            for part in call.inputs
        }

    def _subject(self, version: Any) -> Subject | None:
        """What the child is about: what the drawing says, else what this instance is about."""
        text = self.node.element.call.subject
        if not text:
            return self.step.subject
        value = evaluate_attribute(self.step, text, self.task, place=f"{self.node.node_id}/subject")
        if value is None:
            return None
        kind = catalog.model_of(version).process.ext.subject or self.process.subject_type
        if isinstance(value, dict):
            kind, value = value.get("type") or kind, value.get("id")
        try:
            return Subject(str(kind), int(value))
        except (TypeError, ValueError) as error:
            raise Failure(
                "call", _("The subject of the called process is not a record."), place=self.node.node_id
            ) from error

    def child_ended(self, child: ProcessInstance) -> None:
        """Take over what the called instance brought, or its error."""
        if child.outcome == ProcessInstance.Outcome.ERROR:
            error = child.error or {}
            raise_error(
                self.step, self.task, error.get("code", ""), remembered(error), node=self.node
            )
            return
        try:
            self._take_over(child)
        except Failure as failure:
            self.fail(failure)
            return
        self.finish()

    def _take_over(self, child: ProcessInstance) -> None:
        outputs = self.node.element.call.outputs
        if not outputs:
            return
        names = {name: feel.from_json(value) for name, value in child.data.items()}
        values = {}
        for part in outputs:
            place = f"{self.node.node_id}/out/{part.name}"
            text = part.value.strip()
            if text.startswith("="):
                result = feel.evaluate(text[1:], names, clock=lambda: self.step.now, tz=self.step.zone)
                if result.diagnostics:
                    raise Failure(
                        "expression", _("The expression “%(text)s” cannot be worked out: %(why)s")
                        % {"text": text[:200], "why": result.diagnostics[0].reason}, place=place,
                    )  # fmt: skip
                values[part.name] = result.value
            else:
                values[part.name] = text
        self.result(values)

    def taken_away(self) -> None:
        from processes.runtime import starting

        starting.cancel_children(self.step, self.task)

    def retry(self) -> None:
        """Call anew: what the failed call left is taken away first."""
        self.taken_away()
        super().retry()


class CallNode(ActivityNode):
    """A call activity."""

    task_type = "call"
    activation_class = CallActivation
    element: CallActivity


def child_ended(step: Step, row: Task, child: ProcessInstance) -> None:
    """The called instance has ended in a step of its own."""
    if row.status == STATUS.STARTED and row.data.get("child") == str(child.pk):
        step.node(row).activation(step, row).child_ended(child)
