"""Whether an instance can move: each of its open rows held against the plan, without changing anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from viewflow.workflow.status import STATUS

from processes.bpmn.model import Event, Gateway, Model
from processes.instance_migration.planning import Plan
from processes.runtime.models import Task
from processes.spoken import gettext as _
from processes.spoken import named

WORK = ("serviceTask", "sendTask", "businessRuleTask", "scriptTask")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an instance stays. `kind` is "decide" where a person can say in the plan how to go on, "wait" where it
    passes by itself, "cannot" else; `element` is of the old drawing."""

    kind: str
    element: str
    sentence: str


def problems_of(rows: Iterable[Task], source: Model, target: Model, plan: Plan) -> list[Problem]:
    """What keeps the open rows of one instance from moving; empty when it can move."""
    by_id = {row.pk: row for row in rows}
    found = []
    for row in by_id.values():
        problem = _of_row(row, by_id.get(row.parent_id) if row.parent_id else None, source, target, plan)
        if problem is not None:
            found.append(problem)
    return found


def _of_row(row: Task, parent: Task | None, source: Model, target: Model, plan: Plan) -> Problem | None:
    name = named(row.labels, row.node_id)
    if row.armed and not row.kind.endswith("Gateway"):
        return _of_armed(row, name)
    goal = plan.target(row.node_id)
    if not goal:
        return Problem(
            "decide", row.node_id,
            _("A token rests on “%(step)s”, and nothing in the new drawing stands for it. Say in the plan where it "
              "goes.") % {"step": name},
        )  # fmt: skip
    if not _is_in_place(row, parent, goal, target, plan):
        return Problem(
            "cannot", row.node_id,
            _("“%(step)s” lies in another sub-process in the new drawing; what runs around it would be lost.")
            % {"step": name},
        )
    if row.kind in WORK and row.status == STATUS.STARTED and not row.is_body:
        return Problem(
            "wait", row.node_id, _("“%(step)s” is being done in the background just now. Try again in a moment.") % {"step": name}
        )
    return _of_join(row, goal, name, target, plan)


def _of_armed(row: Task, name: str) -> Problem | None:
    """Events on a border are armed anew where need be; only what has half happened would be lost."""
    if row.data.get("happened"):
        return Problem(
            "cannot", row.node_id,
            _("Of the events that “%(step)s” waits for together, some have happened; that would be forgotten.")
            % {"step": name},
        )
    return None


def _is_in_place(row: Task, parent: Task | None, goal: str, target: Model, plan: Plan) -> bool:
    """Whether the element lies in the new drawing in what stands for the scope around the row."""
    if parent is None:
        return target.nodes[goal].scope == target.process.id
    if parent.is_body and parent.node_id == row.node_id:
        return plan.target(parent.node_id) == goal
    return target.nodes[goal].scope == plan.target(parent.node_id)


def _of_join(row: Task, goal: str, name: str, target: Model, plan: Plan) -> Problem | None:
    """A token that waits at a join came by a flow, which must lead there in the new drawing too."""
    node = target.nodes[goal]
    if not isinstance(node, Gateway) or row.status != STATUS.STARTED or node.kind == "eventBasedGateway":
        return None
    came = [row.arrived_by, *row.data.get("fired", ())] if not row.armed else list(row.data.get("fired", ()))
    if all(plan.flows.get(flow, "") in node.incoming for flow in came if flow):
        return None
    return Problem(
        "decide", row.node_id,
        _("A token waits at “%(step)s” that came by a sequence flow without one to stand for it in the new drawing. "
          "Say in the plan which.") % {"step": name},
    )  # fmt: skip


def kept_event(row: Task, host_goal: str, source: Model, target: Model, plan: Plan) -> str:
    """The element of the new drawing for which an armed row may wait on; empty when it must begin anew.

    `host_goal` is what stands for the row's host; empty for the start of an event sub-process.
    """
    goal = plan.target(row.node_id)
    node = target.nodes.get(goal)
    if not isinstance(node, Event) or len(node.definitions) != 1 or plan.restarts(row.node_id):
        return ""
    if node.kind == "boundaryEvent" and node.attached_to != host_goal:
        return ""
    if node.kind == "intermediateCatchEvent" and not any(f.source == host_goal for f in target.incoming_of(goal)):
        return ""
    kind = node.definitions[0].kind
    if kind == "timer":
        return goal
    old = source.nodes.get(row.node_id)
    return goal if kind == "conditional" and isinstance(old, Event) and _condition(old) == _condition(node) else ""


def _condition(event: Event) -> str:
    found = event.definitions[0].condition
    return found.feel if found is not None else ""

