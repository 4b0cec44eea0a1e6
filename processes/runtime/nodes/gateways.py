"""Gateways (BPMN 2.0.2, 13.4): exclusive, parallel, inclusive, event-based."""

from __future__ import annotations

from typing import TYPE_CHECKING

from viewflow.workflow.activation import Activation as ViewflowActivation
from viewflow.workflow.status import STATUS

from processes.runtime.failures import Failure
from processes.runtime.models import Task
from processes.runtime.nodes.base import Activation, Flow, Node
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.step import Arrival, Step

_status = ViewflowActivation.status


class ExclusiveGateway(Node):
    """Takes the first flow whose condition holds, else the default (13.4.2). Merges pass at once."""

    task_type = "exclusive"

    def choose(self, step: Step, row: Task) -> list[Flow]:
        if len(self.flows) == 1 and not self.flows[0].condition:
            return list(self.flows)
        default = None
        for flow in self.flows:
            if flow.is_default:
                default = flow
            elif not flow.condition or self._holds(step, row, flow):
                return [flow]
        if default is None:
            if not self.flows:
                return []
            raise self.no_path()
        return [default]


class JoinActivation(Activation):
    """One token that has arrived at a join by one flow, and waits there for the others."""

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        if self.node.is_join:
            self.begin()
            self.node.token_came(self.step, self.task)
        else:
            self.finish()

    def retry(self) -> None:
        """Wait again; the join is looked at anew at the end of the step."""
        if self.task.data.get("leaving"):
            super().retry()
        else:
            self.reset()
            self.begin()

    def skip(self, take: Flow | None) -> None:
        """Fire the join with what it has."""
        node = self.node
        others = {row.arrived_by: row for row in node.waiting(self.step, self.step.parent_of(self.task))}
        others.pop(self.task.arrived_by, None)
        for row in others.values():
            node.activation(self.step, row).complete()
        super().skip(take)


class Join(Node):
    """A gateway that may gather tokens: each arrival is a row of its own, by flow."""

    activation_class = JoinActivation

    @property
    def is_join(self) -> bool:
        """Whether there is anything to gather."""
        return len(self.incoming_flows) > 1

    def waiting(self, step: Step, parent: Task | None) -> list[Task]:
        """Tokens that wait here, oldest first."""
        return [row for row in step.open_rows(parent) if row.node_id == self.node_id and row.status == STATUS.STARTED]

    def token_came(self, step: Step, row: Task) -> None:
        """Look whether the join fires now."""

    def fire(self, step: Step, rows: list[Task], lead: Task) -> None:
        """Take one token each from the rows and send one on, behind `lead`."""
        for row in rows:
            if row is not lead:
                self.activation(step, row).complete()
        self.activation(step, lead).finish()

    def first_by_flow(self, rows: list[Task]) -> dict[str, Task]:
        """The oldest waiting token of each flow."""
        found: dict[str, Task] = {}
        for row in rows:
            found.setdefault(row.arrived_by, row)
        return found


class ParallelGateway(Join):
    """Takes one token from each incoming flow and gives one to each outgoing flow (13.4.1)."""

    task_type = "parallel"

    def choose(self, step: Step, row: Task) -> list[Flow]:
        return list(self.flows)

    def token_came(self, step: Step, row: Task) -> None:
        found = self.first_by_flow(self.waiting(step, step.parent_of(row)))
        if len(found) == len(self.incoming_flows):
            self.fire(step, list(found.values()), row if row in found.values() else next(iter(found.values())))


class InclusiveGateway(Join):
    """Gives a token to every flow whose condition holds; joining, it waits for the tokens that can still come
    (13.4.3). Whether it fires can only be said once all other tokens rest, so `settling` asks."""

    task_type = "inclusive"

    def choose(self, step: Step, row: Task) -> list[Flow]:
        if len(self.flows) == 1 and not self.flows[0].condition:
            return list(self.flows)
        taken = [f for f in self.flows if not f.is_default and (not f.condition or self._holds(step, row, f))]
        taken = taken or [flow for flow in self.flows if flow.is_default]
        if not taken and self.flows:
            raise self.no_path()
        return taken

    def may_fire(self, step: Step, parent: Task | None) -> dict[str, Task] | None:
        """The tokens to take when the join fires now, else None.

        It waits while a token elsewhere can reach an empty incoming flow without coming through the join,
        unless that token can reach a filled incoming flow as well.
        """
        rows = self.waiting(step, parent)
        found = self.first_by_flow(rows)
        if not found:
            return None
        model = step.flow._model
        empty = [flow for flow in self.incoming_flows if flow not in found]
        if empty:
            towards_empty = frozenset().union(*(model.reaches_flow(flow, self.node_id) for flow in empty))
            towards_filled = frozenset().union(*(model.reaches_flow(flow, self.node_id) for flow in found))
            for token in step.tokens(parent):
                if token.node_id in towards_empty and token.node_id not in towards_filled:
                    return None
        return found


class EventGatewayActivation(Activation):
    """Waits, with all its events armed, for the first of them."""

    @_status.transition(source=STATUS.NEW)
    def activate(self) -> None:
        self.begin()
        for flow in self.node.flows:
            flow.target.arm(self.step, self.task, flow=flow.id)

    def released(self) -> None:
        super().released()
        disarm(self.step, self.task)


def disarm(step: Step, host: Task, *, but: Task | None = None) -> None:
    """Take away the events that wait on behalf of a row."""
    for row in step.armed_by(host):
        if row is not but:
            step.node(row).cancel(step, row)


class EventBasedGateway(Node):
    """The first of the events behind it decides the way (13.4.4)."""

    task_type = "event_based"
    activation_class = EventGatewayActivation

    def no_events(self) -> Failure:
        """A drawing without events behind the gateway."""
        return Failure("no_path", _("No event follows this gateway."), place=self.node_id)

    def arrive(self, step: Step, arrival: Arrival) -> None:
        if not self.flows:
            self.refuse(step, arrival, self.no_events())
        else:
            super().arrive(step, arrival)
