"""The complex gateway (BPMN 2.0.2, 13.4.5): n of m.

It fires when its condition holds over the tokens that have come (`activationCount`), and then waits for its reset:
the tokens of the other flows that can still come are taken, and nothing goes out for them. An armed row remembers
between the two by which flows the tokens of this round have come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from viewflow.workflow.status import STATUS

from processes.runtime.failures import Failure
from processes.runtime.models import Task
from processes.runtime.nodes.base import Flow
from processes.runtime.nodes.gateways import Join
from processes.runtime.scope import condition

if TYPE_CHECKING:
    from processes.runtime.step import Step


class ComplexGateway(Join):
    """Lets tokens through when its condition says that enough have come."""

    task_type = "complex"

    def choose(self, step: Step, row: Task) -> list[Flow]:
        """Every flow whose condition holds, the default one if none does."""
        if len(self.flows) == 1 and not self.flows[0].condition:
            return list(self.flows)
        taken = [f for f in self.flows if not f.is_default and (not f.condition or self._holds(step, row, f))]
        taken = taken or [flow for flow in self.flows if flow.is_default]
        if not taken and self.flows:
            raise self.no_path()
        return taken

    def waiting(self, step: Step, parent: Task | None) -> list[Task]:
        return [row for row in super().waiting(step, parent) if not row.armed]

    def looks(self, step: Step, parent: Task | None) -> bool:
        """Fire or reset if it is time; true when something moved. A condition that fails makes an incident."""
        found = self.first_by_flow(self.waiting(step, parent))
        fired = self._fired(step, parent)
        if fired is not None:
            return self._reset(step, parent, fired, found)
        if not found:
            return False
        lead = next(reversed(found.values()))
        try:
            enough = self._is_enough(step, lead, found)
        except Failure as failure:
            self.activation(step, lead).fail(failure)
            return True
        if enough:
            if len(found) < len(self.incoming_flows):
                state = self.new_row(step, prev=lead, parent=parent, armed=True, data={"fired": sorted(found)})
                self.activation(step, state).begin()
            self.fire(step, list(found.values()), lead)
        return enough

    def _is_enough(self, step: Step, lead: Task, found: dict[str, Task]) -> bool:
        given: Any = getattr(self.element, "activation_condition", None)
        if given is None or not given.text.strip():
            return True
        extra = {"activationCount": len(found), "waitingForStart": True}
        return condition(step, given.feel, lead, place=self.node_id, extra=extra)

    def _fired(self, step: Step, parent: Task | None) -> Task | None:
        rows = step.open_rows(parent)
        return next((r for r in rows if r.armed and r.node_id == self.node_id and r.status == STATUS.STARTED), None)

    def _reset(self, step: Step, parent: Task | None, fired: Task, found: dict[str, Task]) -> bool:
        late = {flow: row for flow, row in found.items() if flow not in fired.data["fired"]}
        missing = [f for f in self.incoming_flows if f not in late and f not in fired.data["fired"]]
        reach: frozenset[str] = frozenset().union(*(step.flow._model.reaches_flow(f, self.node_id) for f in missing))
        if any(token.node_id in reach for token in step.tokens(parent)):
            return False
        for row in late.values():
            self.activation(step, row).complete()
        self.activation(step, fired).complete()
        return True


__all__ = ["ComplexGateway"]
