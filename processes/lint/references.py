"""What a drawing names must exist: roles, actions and their inputs, forms, decisions, called processes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from processes.bpmn.model import CallActivity, Event, FlowNode, Task, is_feel
from processes.lint.problems import Look, Problem
from processes.marked import word

_PEOPLE = frozenset({"userTask", "manualTask"})


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    for node in look.model.nodes.values():
        if isinstance(node, Task):
            yield from _task(look, node)
        if isinstance(node, Task | Event) and node.action is not None:
            yield from _action(look, node)
        if isinstance(node, CallActivity):
            yield from _call(look, node)
    for lane in look.model.lanes.values():
        if lane.role and _missing(lane.role, look.roles):
            yield look.problem("unknown_role", lane.id, role=lane.role)
    for process in look.model.processes.values():
        for role in process.ext.start_roles:
            if _missing(role, look.roles):
                yield look.problem("unknown_role", process.id, role=role)
        subject = process.ext.subject
        if subject and _missing(subject, look.subject_fields):
            yield look.problem("unknown_subject", process.id, subject=subject)


def _missing(name: str, known: Collection[str] | None) -> bool:
    return known is not None and name not in known


def _task(look: Look, node: Task) -> Iterator[Problem | None]:
    if node.task.role and not is_feel(node.task.role) and _missing(node.task.role, look.roles):
        yield look.problem("unknown_role", node.id, role=node.task.role)
    if node.task.form and _missing(node.task.form, look.forms):
        yield look.problem("unknown_form", node.id, form=node.task.form)
    if node.task.four_eyes and not is_feel(node.task.four_eyes):
        other = look.model.nodes.get(node.task.four_eyes)
        if not isinstance(other, Task) or other.id == node.id:
            yield look.problem("unknown_task", node.id, task=node.task.four_eyes)
    if node.kind in _PEOPLE and not node.task.assignee and not look.model.role_of(node.id):
        yield look.problem("task_without_role", node.id)
    if (
        node.kind == "businessRuleTask"
        and node.decision is not None
        and _missing(node.decision.key, look.decisions)
    ):
        yield look.problem("unknown_decision", node.id, decision=node.decision.key)


def _call(look: Look, node: CallActivity) -> Iterator[Problem | None]:
    if not node.called:
        yield look.problem("event_unnamed", node.id, kind=word("process"))
    elif (
        not is_feel(node.called)
        and node.called not in look.model.processes
        and _missing(node.called, look.processes)
    ):
        yield look.problem("unknown_process", node.id, process=node.called)


# --- actions ---------------------------------------------------------------------------------------------------
def _action(look: Look, node: FlowNode) -> Iterator[Problem | None]:
    action = node.action if isinstance(node, Task | Event) else None
    if action is None or look.actions is None:
        return
    if action.name not in look.actions:
        yield look.problem("unknown_action", node.id, action=action.name)
        return
    parameters = dict(_parameters(look.actions[action.name]))
    given = {pair.name for pair in action.inputs}
    for name, required in parameters.items():
        if required and name not in given:
            yield look.problem("missing_input", node.id, action=action.name, input=name)
    if parameters:
        for name in sorted(given - set(parameters)):
            yield look.problem("unknown_input", node.id, action=action.name, input=name)


def _parameters(declared: Any) -> Iterable[tuple[str, bool]]:
    """An action's parameters as (name, required), however the registry keeps them."""
    parameters = getattr(declared, "parameters", declared)
    if isinstance(parameters, Mapping):
        return [(str(name), bool(getattr(need, "required", need))) for name, need in parameters.items()]
    return [(str(p.name), bool(getattr(p, "required", False))) for p in parameters or ()]
