"""What moves an instance from outside: finishing a task, and what a process owner does when something is wrong.

Nobody's rights are asked here: the floors above (`processes.inbox`) ask them before they call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from viewflow.workflow.status import STATUS

from processes import feel, ports
from processes.bpmn.model import Activity, Model, SubProcess
from processes.errors import AlreadyDone, Invalid, NotAllowed, NotFound, ProcessError
from processes.runtime import outbox
from processes.runtime.failures import Failure
from processes.runtime.locks import locked_instance
from processes.runtime.models import ProcessInstance, Task, VariableChange
from processes.runtime.nodes.activities import ActivityActivation, BodyActivation
from processes.runtime.nodes.base import Flow
from processes.runtime.nodes.human import HumanActivation
from processes.runtime.nodes.scopes import AdHocActivation
from processes.runtime.starting import start
from processes.runtime.step import Step, step
from processes.runtime.store import TASKS
from processes.spoken import gettext as _

__all__ = [
    "Completed", "begin_step", "cancel_instance", "cancel_task", "complete", "edit_variables", "end_steps", "resume",
    "retry", "skip", "start", "suspend", "take",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished task, and the id of a task of the same instance that the person has next, if any."""

    task: Task
    next_task_id: UUID | None


def _running(current: Step | None) -> Step:
    if current is None:
        raise AlreadyDone(_("This process instance has ended."))
    if current.instance.suspended:
        raise NotAllowed(_("This process instance is suspended. Resume it first."))
    return current


def _open_row(current: Step, task_id: UUID) -> Task:
    row = current.row(task_id)
    if row is None:
        raise NotFound(_("There is no such task."))
    if not row.is_open:
        raise AlreadyDone(_("This task has been finished or taken away meanwhile."))
    return row


# --- tasks -------------------------------------------------------------------------------------------------
def take(*, task_id: UUID, user: Any) -> UUID | None:
    """Make an offered task the person's, without waiting for the instance's lock: of two at once exactly one
    gets it. Gives the id of its instance, None when it is not on offer (any more)."""
    mine = {"status": STATUS.ASSIGNED, "owner": user.pk, "assigned": ports.now()}
    instance_id: UUID | None = TASKS.change(
        task_id, mine, where=" AND status = 'NEW' AND owner_id IS NULL", gives="process"
    )
    return instance_id


def complete(
    *, task_id: UUID, user: Any, data: Mapping[str, Any], instance_id: UUID | None = None, savepoint: bool = True,
    acting_for: Any = None,
) -> Completed:  # fmt: skip
    """Finish a person's task with values (FEEL values by variable) and move on; `acting_for` is the absent person who
    has it, in whose stead it is done.

    AlreadyDone when it is not open any more, NotAllowed when somebody else has it. `savepoint` as in `step`;
    `instance_id` spares the database looking for it to who knows it.
    """
    with step(instance_id, user=user, task=task_id, savepoint=savepoint) as found:
        current = _running(found)
        row = _open_row(current, task_id)
        act = current.node(row).activation(current, row)
        if not isinstance(act, HumanActivation):
            raise NotAllowed(_("This step is not done by a person."))
        if row.owner_id is not None and row.owner_id != (acting_for or user).pk:
            raise NotAllowed(_("Somebody else has this task now."))
        if row.status == STATUS.ERROR:
            raise NotAllowed(_("This step failed and waits for somebody to look at it."))
        current.guard(row, str(row.status))
        row.completed_by_id = user.pk
        row._state.fields_cache["completed_by"] = user
        row.completed_for_id = acting_for.pk if acting_for is not None else None
        row.draft, row.draft_at = None, None
        current.touch(row, "completed_by", "completed_for", "draft", "draft_at")
        current.forget_subject()
        try:
            act.result(dict(data))
        except Failure as failure:
            raise Invalid(failure.sentence) from failure
        act.finish()
    return Completed(row, _next(current, user))


def _next(current: Step, user: Any) -> UUID | None:
    """A task that came to the person by this step."""
    mine = [row for row in current.rows.values() if row.owner_id == user.pk and row.is_human and row.status == "ASSIGNED"]
    mine.sort(key=lambda row: (-row.priority, row.pk))
    return mine[0].pk if mine else None


def cancel_task(*, task_id: UUID, user: Any, reason: str) -> None:
    """Take a task's token away. It counts as arrived at a parallel join that it can no longer reach."""
    with step(user=user, task=task_id) as found:
        current = _running(found)
        row = _open_row(current, task_id)
        row.data.update(withdrawn=True, reason=reason)
        current.touch(row, "data")
        act = current.node(row).activation(current, row)
        body = act.body if isinstance(act, ActivityActivation) and not isinstance(act, BodyActivation) else None
        current.node(row).cancel(current, row)
        if body is not None:
            BodyActivation(body, current).child_gone()


def begin_step(*, task_id: UUID, element: str, user: Any) -> None:
    """Start a step of an ad-hoc sub-process under way. Invalid when it is none, or cannot be started now."""
    with step(user=user, task=task_id) as found:
        act = _ad_hoc(_running(found), task_id)
        try:
            act.begin_step(element)
        except Failure as failure:
            raise Invalid(failure.sentence) from failure


def end_steps(*, task_id: UUID, user: Any) -> None:
    """Nothing more is to be done in an ad-hoc sub-process."""
    with step(user=user, task=task_id) as found:
        _ad_hoc(_running(found), task_id).enough()


def _ad_hoc(current: Step, task_id: UUID) -> AdHocActivation:
    row = _open_row(current, task_id)
    act = current.node(row).activation(current, row)
    if not isinstance(act, AdHocActivation):
        raise NotAllowed(_("Here no steps are started by hand."))
    return act


# --- incidents ---------------------------------------------------------------------------------------------
def retry(*, task_id: UUID, user: Any) -> None:
    """Try a failed step again."""
    with step(user=user, task=task_id) as found:
        current = _running(found)
        row = _open_row(current, task_id)
        if row.status != STATUS.ERROR:
            raise AlreadyDone(_("This step is not failed any more."))
        current.node(row).activation(current, row).retry()


def skip(*, task_id: UUID, user: Any, reason: str, take: str | None = None) -> None:
    """Go on behind a failed or waiting step as if it had been done."""
    with step(user=user, task=task_id) as found:
        current = _running(found)
        row = _open_row(current, task_id)
        node = current.node(row)
        row.data.update(skipped=True, reason=reason)
        current.touch(row, "data")
        node.activation(current, row).skip(_flow(node.flows, take))


def move_token(*, task_id: UUID, to: str, user: Any, reason: str) -> None:
    """Take the token of an open row away, with all that waits on its behalf, and put it on another element of the same
    scope. Invalid for an element that a token cannot be put on."""
    with step(user=user, task=task_id) as found:
        current = _running(found)
        row = _open_row(current, task_id)
        parent = current.parent_of(row)
        goal = current.flow._by_id.get(to)
        if goal is None or row.armed or to not in places_for(current.flow._model, row.node_id):
            raise Invalid(_("A token cannot be moved there. Choose another step of the same part of the drawing."))
        if parent is not None and parent.is_body and parent.node_id == row.node_id:
            raise Invalid(_("This is one of several runs of a step. Take this run away, or move the step as a whole."))
        row.data.update(moved_to=to, reason=reason)
        current.touch(row, "data")
        current.node(row).cancel(current, row)
        current.send(goal, prev=row, parent=parent)


def places_for(model: Model, element: str) -> tuple[str, ...]:
    """The elements of the same scope on which a person may put a token that rests on one: all that a sequence flow
    may lead to, but for joins, which count the flows that tokens come by."""
    joins = ("parallelGateway", "inclusiveGateway", "complexGateway")
    return tuple(
        node.id for node in model.nodes_of(model.nodes[element].scope)
        if node.id != element and node.kind not in ("startEvent", "boundaryEvent")
        and not (node.kind in joins and len(node.incoming) > 1)
        and not (isinstance(node, Activity) and node.is_for_compensation)
        and not (isinstance(node, SubProcess) and node.triggered_by_event)
    )  # fmt: skip


def _flow(flows: tuple[Flow, ...], take: str | None) -> Flow | None:
    if not take:
        return None
    found = next((flow for flow in flows if flow.id == take), None)
    if found is None:
        raise Invalid(_("No flow “%(id)s” leaves this step.") % {"id": take}, errors={"take": _("Choose one.")})
    return found


# --- instances ---------------------------------------------------------------------------------------------
def cancel_instance(*, instance_id: UUID, user: Any, reason: str) -> None:
    """End an instance without its end events; what it called ends with it."""
    with step(instance_id, user=user) as current:
        if current is None:
            raise AlreadyDone(_("This process instance has ended."))
        current.instance.end_reason = reason
        current.touch_instance("end_reason")
        current.end(ProcessInstance.Outcome.CANCELLED)


def suspend(*, instance_id: UUID, user: Any = None) -> None:
    """Let an instance rest."""
    _set_suspended(instance_id, True)


def resume(*, instance_id: UUID, user: Any = None) -> None:
    """Let it go on; what fell due meanwhile happens now."""
    _set_suspended(instance_id, False)


def _set_suspended(instance_id: UUID, suspended: bool) -> None:
    with transaction.atomic():
        instance = locked_instance(instance_id)
        if not instance.is_open:
            raise AlreadyDone(_("This process instance has ended."))
        ProcessInstance.objects.filter(pk=instance_id).update(suspended=suspended)
        if not suspended:
            outbox.wake_for(instance_id)


def edit_variables(*, instance_id: UUID, user: Any, changes: Mapping[str, Any], reason: str) -> None:
    """Set variables of a running instance; None takes a variable away. Conditions that wait are asked."""
    with step(instance_id, user=user) as found:
        if found is None:
            raise AlreadyDone(_("This process instance has ended."))
        for name in changes:
            if not name or len(name) > 200:
                raise Invalid(_("“%(name)s” is no name for a variable.") % {"name": name[:50]})
        try:
            found.set_variables({n: v for n, v in changes.items() if v is not None}, None, reason=reason)
        except Failure as failure:
            raise Invalid(failure.sentence) from failure
        for name in [name for name, value in changes.items() if value is None and name in found.instance.data]:
            del found.instance.data[name]
            found.touch_instance("data")
            found.variables_changed = True
            found.changes.append(
                VariableChange(instance_id=instance_id, name=name, value=feel.to_json(None), at=found.now,
                               by_id=user.pk if user else None, reason=reason)
            )  # fmt: skip


def demand_reason(reason: str) -> str:
    """A reason that was really given; ProcessError when it is empty."""
    given = reason.strip()
    if not given:
        raise ProcessError(_("Say why, so that whoever reads it later understands."), code="reason_missing")
    return given
