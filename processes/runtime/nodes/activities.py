"""What all activities share (BPMN 2.0.2, 13.3): events on their border, loops, quantities of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes import feel
from processes.bpmn.nodes import Activity, LoopCharacteristics
from processes.runtime import clocks
from processes.runtime.failures import Failure
from processes.runtime.models import OPEN, Task
from processes.runtime.nodes.base import Activation, Flow, Node
from processes.runtime.nodes.gateways import disarm
from processes.runtime.nodes.waiting import BoundaryEvent, ReceiveTask
from processes.runtime.scope import condition, evaluate, evaluate_attribute
from processes.runtime.store import TASKS
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.step import Arrival, Step

_status = ViewflowActivation.status
MAX_INSTANCES = 10_000
"""How many instances one multi-instance activity may have."""


class ActivityActivation(Activation):
    """A row at an activity."""

    node: ActivityNode

    def enter(self) -> None:
        super().enter()
        waits = self.task.status in OPEN and self.task.status != STATUS.ERROR
        if self.node.element.task.limit and waits and not (self.task.is_human or self.task.is_body):
            self._begin_clock()
        parent = self.step.parent_of(self.task)
        if self.node.boundaries and parent is not None and parent.is_body:
            return  # the events on the border belong to the activity as a whole, that is to its body
        if self.task.status in OPEN and self.task.status != STATUS.ERROR:
            for event in self.node.boundaries:
                if event.waits and self.task.status in OPEN:
                    event.watch(self.step, self.task)

    def _begin_clock(self) -> None:
        """The limit runs from now on; of one that is no moment an incident is made."""
        try:
            clocks.begin(self.step, self.task)
        except Failure as failure:
            self.fail(failure)

    def released(self) -> None:
        super().released()
        clocks.stop(self.step, self.task)
        if self.node.boundaries and self.body is None:
            disarm(self.step, self.task)

    def finish(self) -> None:
        self.complete()
        self.go_on()

    def go_on(self) -> None:
        body = self.body
        if body is None:
            super().go_on()
        else:
            self.step.node(body).body(self.step, body).child_done(self.task)

    @property
    def body(self) -> Task | None:
        """The body of the loop or multi-instance activity that the row is one run of."""
        parent = self.step.parent_of(self.task)
        return parent if parent is not None and parent.is_body and parent.node_id == self.task.node_id else None

    def result(self, values: dict[str, Any]) -> None:
        """Set what the activity brought: local to the run where a multi-instance activity gathers outputs."""
        body = self.body
        if body is not None and self.node.loop is not None and self.node.loop.ext.output:
            local = self.task.data.setdefault("local", {})
            for name in values:
                local.setdefault(name, None)
        self.step.set_variables(values, self.task)


class BodyActivation(ActivityActivation):
    """The body of a multi-instance or loop activity: makes the runs and counts them."""

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.begin()
        loop = self.loop
        self.task.data.update(done=0, gone=0, made=0)
        if loop.kind == "standard":
            if not loop.test_before or self._goes_on():
                self._follow()
        else:
            items = self._items()
            self.task.data["total"] = len(items)
            if loop.is_sequential:
                self.task.data["items"] = items
                if items:
                    self._follow()
            else:
                for item in items:
                    if self.task.status not in OPEN:
                        break  # enough were done at once
                    self._spawn(item)
        self.step.touch(self.task, "data")
        if not self.task.data["made"]:
            self.finish_body()

    @property
    def loop(self) -> LoopCharacteristics:
        """The loop as it is drawn."""
        loop = self.node.loop
        if loop is None:
            raise TypeError(f"{self.node.node_id} has a body but no loop.")
        return loop

    def _items(self) -> list[dict[str, Any]]:
        """Local variables of each run."""
        ext, place = self.loop.ext, f"{self.node.node_id}/multiInstance"
        if ext.collection:
            values = evaluate_attribute(self.step, ext.collection, self.task, place=place)
            if not isinstance(values, list):
                raise Failure("loop", _("The collection to go through is not a list."), place=place)
        elif self.loop.cardinality is not None:
            number = evaluate(self.step, self.loop.cardinality.feel, self.task, place=place)
            try:
                values = [None] * int(number)
            except (TypeError, ValueError) as error:
                raise Failure("loop", _("The number of runs is not a number."), place=place) from error
        else:
            raise Failure("loop", _("Neither a collection nor a number of runs is given."), place=place)
        if len(values) > MAX_INSTANCES:
            raise Failure(
                "loop", _("%(n)s runs are more than the %(most)s that are allowed.")
                % {"n": len(values), "most": MAX_INSTANCES}, place=place,
            )  # fmt: skip
        items = []
        for value in values:
            item: dict[str, Any] = {}
            if ext.element:
                item[ext.element] = feel.to_json(value)
            items.append(item)
        return items

    def _spawn(self, local: dict[str, Any]) -> None:
        self.task.data["made"] += 1
        self.node.run_activation(self.step, self._run(local)).enter()

    def _follow(self) -> None:
        """Let the next run begin in its turn: it waits in the queue of the step, which counts the runs of a loop
        and grows no deeper with them."""
        self.task.data["made"] += 1
        self.step.touch(self.task, "data")
        self.step.send(self.node, prev=self.step.row(self.task.prev_task_id), parent=self.task)

    def next_run(self) -> Task:
        """The row of the run whose turn has come."""
        if self.loop.kind == "standard":
            return self._run({})
        self.step.passed -= 1  # there are no more of these than items
        return self._run(self.task.data["items"][self.task.data["made"] - 1])

    def _run(self, local: dict[str, Any]) -> Task:
        number = self.task.data["made"]
        data = {} if self.loop.kind == "standard" else {"local": {**local, "loopCounter": number}}
        return self.node.new_row(
            self.step, prev=self.step.row(self.task.prev_task_id), parent=self.task, loop_counter=number, data=data
        )

    def child_done(self, child: Task) -> None:
        """A run is done."""
        ext = self.loop.ext
        self.task.data["done"] += 1
        self.step.touch(self.task, "data")
        try:
            if ext.output:
                text = ext.output_element or f"= {ext.output}"
                value = evaluate_attribute(self.step, text, child, place=f"{self.node.node_id}/output")
                child.data["output"] = feel.to_json(value)
                self.step.touch(child, "data")
        except Failure as failure:
            child.data["leaving"] = True
            self.task.data["done"] -= 1
            self.node.run_activation(self.step, child).fail(failure)
            return
        self.decide(child)

    def child_gone(self) -> None:
        """A run was taken away by a person."""
        self.task.data["gone"] += 1
        self.step.touch(self.task, "data")
        self.decide(None)

    def decide(self, child: Task | None) -> None:
        """Go on with the next run, wait for the others, or be done."""
        try:
            data = self.task.data
            if self.loop.kind == "standard":
                if self._goes_on():
                    self._follow()
                else:
                    self.finish_body()
                return
            if self.loop.completion_condition is not None and self._is_enough(child):
                for row in self.step.open_rows(self.task):
                    self.step.node(row).cancel(self.step, row)
                self.finish_body()
            elif self.loop.is_sequential and data["made"] < data["total"]:
                self._follow()
            elif data["done"] + data["gone"] >= data["total"]:
                self.finish_body()
        except Failure as failure:
            self.task.data["deciding"] = True
            self.step.touch(self.task, "data")
            self.fail(failure)

    def _goes_on(self) -> bool:
        loop = self.loop
        done = self.task.data["done"]
        if loop.loop_maximum is not None and done >= loop.loop_maximum:
            return False
        if loop.loop_condition is None:
            return done == 0 or loop.loop_maximum is not None
        extra = {"loopCounter": done + 1}
        return condition(self.step, loop.loop_condition.feel, self.task, place=self.node.node_id, extra=extra)

    def _is_enough(self, child: Task | None) -> bool:
        data = self.task.data
        extra = {
            "numberOfInstances": data["total"],
            "numberOfActiveInstances": data["made"] - data["done"] - data["gone"],
            "numberOfCompletedInstances": data["done"],
            "numberOfTerminatedInstances": data["gone"],
        }
        text = self.loop.completion_condition.feel if self.loop.completion_condition is not None else "false"
        return condition(self.step, text, child or self.task, place=self.node.node_id, extra=extra)

    def finish_body(self) -> None:
        """All runs are done: gather what they brought and go on."""
        if self.loop.ext.output:
            stored = [] if self.task._state.adding else TASKS.select(
                "process_id = %s AND parent_id = %s AND status = 'DONE'", [self.step.instance.pk, self.task.pk]
            )
            rows = {row.pk: self.step.adopt(row) for row in stored}
            rows.update((r.pk, r) for r in self.step.rows.values() if r.parent_id == self.task.pk)
            runs = sorted(
                (r for r in rows.values() if r.node_id == self.task.node_id and "output" in r.data),
                key=lambda r: r.loop_counter or 0,
            )
            values = [feel.from_json(row.data["output"]) for row in runs]
            self.step.set_variables({self.loop.ext.output: values}, self.step.parent_of(self.task))
        self.task.data.pop("items", None)
        self.step.touch(self.task, "data")
        self.complete()
        Activation.go_on(self)

    def taken_away(self) -> None:
        for row in self.step.open_rows(self.task):
            self.step.node(row).cancel(self.step, row)

    def retry(self) -> None:
        if self.task.data.pop("deciding", False):
            self.resume()
            self.decide(None)
        else:
            super().retry()

    def skip(self, take: Flow | None) -> None:
        self.taken_away()
        self.complete()
        if take is None:
            Activation.go_on(self)
        else:
            self.step.send(take.target, flow=take.id, prev=self.task, parent=self.step.parent_of(self.task))


class ActivityNode(Node):
    """A task, call or sub-process."""

    activation_class = ActivityActivation
    element: Activity
    boundaries: tuple[BoundaryEvent, ...] = ()
    compensation: Node | None = None
    """The activity that undoes this one."""

    @property
    def copies(self) -> int:
        return self.element.completion_quantity

    @property
    def loop(self) -> LoopCharacteristics | None:
        """Its loop or multi-instance marker."""
        return self.element.loop

    def arrive(self, step: Step, arrival: Arrival) -> None:
        body = self._own_body(step, arrival)
        if body is not None:
            self.run_activation(step, body.next_run()).enter()
            return
        if self.element.start_quantity > 1 and not self._has_enough(step, arrival):
            return
        if self.loop is None:
            super().arrive(step, arrival)
        else:
            BodyActivation.create(self, step, arrival, is_body=True).enter()

    def refuse(self, step: Step, arrival: Arrival, failure: Failure) -> None:
        body = self._own_body(step, arrival)
        if body is None:
            super().refuse(step, arrival, failure)
        else:
            self.run_activation(step, body.next_run()).fail(failure)

    def _own_body(self, step: Step, arrival: Arrival) -> BodyActivation | None:
        """The body whose next run the token is, if it is one."""
        inside = arrival.parent
        return self.body(step, inside) if inside is not None and inside.is_body and inside.node_id == self.node_id else None

    def _has_enough(self, step: Step, arrival: Arrival) -> bool:
        """Whether this token is the last of those that the activity begins with; the others wait (13.3.2)."""
        early = [r for r in step.open_rows(arrival.parent) if r.node_id == self.node_id and r.data.get("early")]
        if len(early) + 1 < self.element.start_quantity:
            Activation.create(self, step, arrival, data={"early": True}).begin()
            return False
        for row in early:
            Activation(row, step).complete()
        return True

    def activation(self, step: Step, row: Task) -> Activation:
        if row.data.get("early"):
            return Activation(row, step)
        return self.body(step, row) if row.is_body else self.run_activation(step, row)

    def body(self, step: Step, row: Task) -> BodyActivation:
        """The activation of a body."""
        return BodyActivation(row, step)

    def run_activation(self, step: Step, row: Task) -> Any:
        """The activation of a single run."""
        return self.activation_class(row, step)


class AbstractTask(ActivityNode):
    """A task without a kind: passes at once."""

    task_type = "task"


class ReceiveActivation(ActivityActivation):
    """Waits for a message, as an activity."""

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.node.wait(self)


class ReceiveTaskNode(ActivityNode, ReceiveTask):  # type: ignore[misc]
    """A receive task: an activity that waits for a message."""

    task_type = "receive"
    activation_class = ReceiveActivation


__all__ = ["AbstractTask", "ActivityActivation", "ActivityNode", "BodyActivation", "ReceiveTaskNode"]
