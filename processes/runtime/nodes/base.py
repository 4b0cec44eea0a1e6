"""What every node has: how a token enters it, rests there, and leaves by its flows.

A node is built once for an element of a drawing and shared by every instance; an activation is one row of
one instance at that node, with the transitions of its state. Both stand on Viewflow's classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from viewflow.workflow import activation as viewflow
from viewflow.workflow.base import Edge
from viewflow.workflow.base import Node as ViewflowNode
from viewflow.workflow.signals import task_failed, task_finished
from viewflow.workflow.status import STATUS

from processes.bpmn.extensions import is_feel
from processes.bpmn.nodes import FlowNode
from processes.runtime.failures import Failure
from processes.runtime.models import OPEN, Task
from processes.runtime.scope import condition
from processes.runtime.store import TASKS
from processes.spoken import gettext as _
from processes.spoken import named

if TYPE_CHECKING:
    from processes.runtime.step import Arrival, Step

_status = viewflow.Activation.status


@dataclass(slots=True, eq=False)
class Flow:
    """A sequence flow out of a node; `condition` is FEEL or empty."""

    id: str
    target: Node
    condition: str
    is_default: bool
    labels: Mapping[str, str]


class Activation(viewflow.Activation):
    """One row at a node, inside a step. Changes stay in memory until the step writes them."""

    def __init__(self, task: Task, step: Step) -> None:
        self.task = task
        self.step = step
        self.process = step.instance

    @property
    def node(self) -> Node:
        """The node the row is at."""
        return self.step.node(self.task)

    @property
    def flow_task(self) -> Node:
        return self.node

    @property
    def flow_class(self) -> Any:
        return self.step.flow

    @classmethod
    def create(cls, node: Node, step: Step, arrival: Arrival, **fields: Any) -> Activation:
        """A new row for a token that arrives."""
        row = node.new_row(step, prev=arrival.prev, parent=arrival.parent, flow=arrival.flow, **fields)
        return cls(row, step)

    # --- states ----------------------------------------------------------------------------------------
    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        """What the node does when a token comes in. Here: pass at once."""
        self.finish()

    @_status.transition(source=[*OPEN], target=STATUS.DONE)
    def complete(self) -> None:
        """The token leaves the row."""
        self.task.finished = self.step.now
        self.task.next_attempt_at = None
        self.step.touch(self.task, "status", "finished", "next_attempt_at")
        self.released()
        task_finished.send(sender=self.step.flow, process=self.process, task=self.task)

    @_status.transition(source=STATUS.DONE)
    def create_next(self) -> None:
        """Send tokens on along the flows the node chooses."""
        flows = self.node.choose(self.step, self.task)
        parent = self.step.parent_of(self.task)
        for flow in flows:
            for _copy in range(self.node.copies):
                self.step.send(flow.target, flow=flow.id, prev=self.task, parent=parent)

    @_status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def begin(self) -> None:
        """Wait for something that is not a person, a moment or a job."""
        self.task.started = self.step.now
        self.step.touch(self.task, "status", "started")

    @_status.transition(source=[STATUS.NEW, STATUS.STARTED, STATUS.ERROR], target=STATUS.SCHEDULED)
    def schedule(self, at: Any) -> None:
        """Wait until the dispatcher looks at the row."""
        self.task.next_attempt_at = at
        self.step.touch(self.task, "status", "next_attempt_at")

    @_status.transition(source=[*OPEN], target=STATUS.CANCELED)
    def cancel(self) -> None:
        """The token is taken away."""
        self.task.finished = self.step.now
        self.task.next_attempt_at = None
        self.step.touch(self.task, "status", "finished", "next_attempt_at")
        self.released()
        self.taken_away()

    @_status.transition(source=[*OPEN, STATUS.DONE], target=STATUS.ERROR)
    def break_off(self, failure: Failure) -> None:
        """The token stays, as an incident."""
        self.task.error = failure.as_json(self.step.now)
        self.task.next_attempt_at = None
        self.step.touch(self.task, "status", "error", "next_attempt_at")
        self.released()
        task_failed.send(sender=self.step.flow, process=self.process, task=self.task)

    @_status.transition(source=STATUS.ERROR, target=STATUS.NEW)
    def reset(self) -> None:
        """Begin again after an incident: the row is as it was when the token came."""
        self.task.data.setdefault("errors", []).append(self.task.error)
        self.task.error = None
        self.task.finished = None
        self.task.attempts = 0
        self.step.touch(self.task, "status", "error", "finished", "attempts", "data")

    @_status.transition(source=STATUS.ERROR, target=STATUS.STARTED)
    def resume(self) -> None:
        """Wait on after an incident."""
        self.task.error = None
        self.step.touch(self.task, "status", "error")

    def released(self) -> None:
        """Called whenever the row stops waiting (done, taken away or failed): what it armed or held goes."""
        self.step.stirred.add(self.task.parent_id)

    def settled(self) -> bool:
        """For a node that holds tokens: something moved inside, and all rests again. True when it goes on."""
        return False

    def pass_to(self, role: str) -> None:
        """A rung of the ladder gives the work to another role: nothing to do where no person does it."""

    def taken_away(self) -> None:
        """Called when the row is cancelled: what runs inside it is cancelled too."""

    # --- the course of a row -----------------------------------------------------------------------------
    def enter(self) -> None:
        """Let the node do its work; what fails makes an incident."""
        try:
            self.activate()
        except Failure as failure:
            self.fail(failure)

    def finish(self) -> None:
        """Done: the token goes on. What fails in choosing the way keeps it here, as an incident."""
        self.complete()
        self.go_on()

    def go_on(self) -> None:
        """Leave a row that is done."""
        try:
            self.create_next()
        except Failure as failure:
            self.task.data["leaving"] = True
            self.step.touch(self.task, "data")
            self.fail(failure)

    def fail(self, failure: Failure) -> None:
        """Make an incident of the row."""
        self.break_off(failure)

    def retry(self) -> None:
        """Try again after an incident: from the beginning, or, if only the way on failed, the way on."""
        if self.task.data.pop("leaving", False):
            self.task.error = None
            self.step.touch(self.task, "data", "error")
            self.complete()
            self.go_on()
        elif self.task.data.pop("settling", False):
            self.resume()
            self.step.touch(self.task, "data")
            self.step.stirred.add(self.task.pk)
        else:
            self.reset()
            self.enter()

    def skip(self, take: Flow | None) -> None:
        """Go on as if done; along one flow when it is named."""
        if take is None:
            self.task.data.pop("leaving", None)
            self.finish()
        else:
            self.complete()
            self.step.send(take.target, flow=take.id, prev=self.task, parent=self.step.parent_of(self.task))


class Node(ViewflowNode):
    """An element of a drawing that tokens pass. Filled by the compiler; never changed afterwards."""

    activation_class: ClassVar[type[Activation]] = Activation
    task_type = "node"
    holds_tokens: ClassVar[bool] = False
    """Whether tokens may rest inside its rows; `settled` of the activation is then asked when they moved."""

    element: FlowNode
    node_id: str = ""
    kind: str = ""
    ref: str = ""
    role: str = ""
    labels: Mapping[str, str]
    flows: tuple[Flow, ...] = ()
    incoming_flows: tuple[str, ...] = ()

    def __init__(self, element: FlowNode) -> None:
        super().__init__()
        self.element = element
        self.node_id = element.id
        self.kind = element.kind
        self.labels = {"en": element.name, **element.labels} if element.name else dict(element.labels)
        self.flows = ()
        self.incoming_flows = ()

    @property
    def copies(self) -> int:
        """How many tokens leave by each flow (13.3.2: the completion quantity of an activity)."""
        return 1

    def _outgoing(self) -> Iterator[Edge]:
        for flow in self.flows:
            yield Edge(self, flow.target, "default" if flow.is_default else "cond_true" if flow.condition else "next")

    # --- rows ------------------------------------------------------------------------------------------
    def new_row(self, step: Step, *, prev: Task | None, parent: Task | None, flow: str = "", **fields: Any) -> Task:
        """A row of this node, in memory until the step writes."""
        return step.add(
            TASKS.new(
                process_id=step.instance.pk, flow_task=self.ref, flow_task_type=self.kind, status=STATUS.NEW,
                created=step.now, node_id=self.node_id, kind=self.kind, labels=self.labels,
                role="" if is_feel(self.role) else self.role,
                parent_id=parent.pk if parent is not None else None,
                prev_task_id=prev.pk if prev is not None else None, arrived_by=flow,
                priority=step.instance.priority, **fields,
            )
        )  # fmt: skip

    def place(self, step: Step, row: Task) -> str:
        """The key of the place within which a row is offered; empty where nobody is asked, or anybody."""
        return ""

    def activation(self, step: Step, row: Task) -> Activation:
        """The activation of a row at this node."""
        return self.activation_class(row, step)

    # --- tokens ----------------------------------------------------------------------------------------
    def arrive(self, step: Step, arrival: Arrival) -> None:
        """A token comes in."""
        self.activation_class.create(self, step, arrival).enter()

    def refuse(self, step: Step, arrival: Arrival, failure: Failure) -> None:
        """A token comes in and stays at once, as an incident."""
        self.activation_class.create(self, step, arrival).fail(failure)

    def cancel(self, step: Step, row: Task) -> None:
        """Take the token on a row away."""
        if row.status in OPEN:
            self.activation(step, row).cancel()

    def choose(self, step: Step, row: Task) -> list[Flow]:
        """The flows a token leaves by: every one without a condition, every one whose condition holds, the
        default one if no condition held (BPMN 2.0.2, 13.3.1 and 8.4.13). Failure when none is left."""
        if not self.flows:
            return []
        taken = [
            flow
            for flow in self.flows
            if not flow.is_default and (not flow.condition or self._holds(step, row, flow))
        ]
        if not any(flow.condition for flow in taken):
            taken += [flow for flow in self.flows if flow.is_default]
        if not taken:
            raise self.no_path()
        return taken

    def _holds(self, step: Step, row: Task, flow: Flow) -> bool:
        return condition(step, flow.condition, row, place=flow.id)

    def no_path(self) -> Failure:
        """None of the conditions holds."""
        return Failure(
            "no_path",
            _("None of the conditions behind “%(name)s” holds, and it has no default. Change the data and try "
              "again, or choose the way on.")
            % {"name": named(self.labels, self.node_id)},
            place=self.node_id,
        )  # fmt: skip
