"""People's work: take it, pass it on, finish it, talk about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from processes.api.acting import acting

if TYPE_CHECKING:
    from processes.runtime.models import ProcessInstance, Task
    from processes.runtime.services import Completed

__all__ = [
    "assign",
    "begin_step",
    "cancel_task",
    "claim",
    "comment",
    "complete",
    "delegate",
    "delete_view",
    "end_steps",
    "follow",
    "hand_back",
    "optional_steps",
    "release",
    "save_draft",
    "save_view",
    "snooze",
    "unfollow",
]


def claim(task_id: UUID, *, user: Any) -> Task:
    """Take an offered task. AlreadyTaken when somebody was quicker, NotAllowed for who is no candidate."""
    from processes.inbox import taking

    with acting(user, "task.claim", task=task_id):
        return taking.claim(task_id=task_id, user=user)


def release(task_id: UUID, *, user: Any) -> Task:
    """Give a taken task back to its candidates."""
    from processes.inbox import taking

    with acting(user, "task.release", task=task_id):
        return taking.release(task_id=task_id, user=user)


def assign(task_id: UUID, *, to: Any, user: Any, reason: str = "") -> Task:
    """Give a task to a person."""
    from processes.inbox import taking

    with acting(user, "task.assign", task=task_id, reason=reason):
        return taking.assign(task_id=task_id, to=to, user=user, note=reason)


def delegate(task_id: UUID, *, to: Any, user: Any, reason: str) -> Task:
    """Hand one's own task on (or that of an absent person for whom one stands in) to a colleague who may do it, with a
    reason."""
    from processes.inbox import taking

    with acting(user, "task.delegate", task=task_id, reason=reason):
        return taking.delegate(task_id=task_id, to=to, user=user, note=reason)


def hand_back(task_id: UUID, *, user: Any, reason: str) -> Task:
    """Give a task back to the colleague from whom it was handed on, with a reason."""
    from processes.inbox import taking

    with acting(user, "task.hand_back", task=task_id, reason=reason):
        return taking.hand_back(task_id=task_id, user=user, note=reason)


def complete(
    task_id: UUID, *, user: Any, data: Mapping[str, Any] | None = None, fingerprint: str | None = None
) -> Completed:
    """Finish a task with the values of its form; the step's form checks and converts them.

    Gives the task and the id of a next task of the same instance that the person may do at once, if any.
    Raises Invalid (with errors by field), AlreadyDone, NotAllowed, StaleForm, LockTimeout.
    """
    from processes.inbox import services

    with acting(user, "task.complete", task=task_id):
        return services.complete_with_form(task_id=task_id, user=user, data=data or {}, fingerprint=fingerprint)


def cancel_task(task_id: UUID, *, user: Any, reason: str) -> None:
    """Take a task's branch away: it counts as arrived at a join that it can no longer reach."""
    from processes.inbox import supervision

    with acting(user, "task.cancel", task=task_id, reason=reason):
        supervision.cancel_task(task_id=task_id, user=user, reason=reason)


def begin_step(task_id: UUID, element: str, *, user: Any) -> None:
    """Start a step of an ad-hoc sub-process: `task_id` is the sub-process under way, `element` the step. For who
    has the role of the step; Invalid when it cannot be started now."""
    from processes.inbox import optional

    with acting(user, "task.begin_step", task=task_id):
        optional.begin_step(task_id=task_id, element=element, user=user)


def optional_steps(found: ProcessInstance, *, user: Any) -> Any:
    """The ad-hoc sub-processes under way in an instance (as `instance` gives it), with the steps that the person may
    begin by hand."""
    from processes.inbox import optional

    return optional.optional_steps(found, user)


def end_steps(task_id: UUID, *, user: Any) -> None:
    """Say that nothing more is to be done in an ad-hoc sub-process; what is open in it is taken away or waited for,
    as it is drawn."""
    from processes.inbox import optional

    with acting(user, "task.end_steps", task=task_id):
        optional.end_steps(task_id=task_id, user=user)


def save_draft(task_id: UUID, *, user: Any, data: Mapping[str, Any]) -> None:
    """Keep what was typed so far."""
    from processes.inbox import services

    with acting(user, "task.draft", task=task_id):
        services.save_draft(task_id=task_id, user=user, data=data)


def snooze(task_id: UUID, *, user: Any, until: datetime | None) -> None:
    """Put one's own task out of sight until a moment; None brings it back."""
    from processes.inbox import services

    with acting(user, "task.snooze", task=task_id):
        services.snooze(task_id=task_id, user=user, until=until)


def comment(task_id: UUID, *, user: Any, text: str) -> Any:
    """Say something about a task to whoever may see it."""
    from processes.inbox import services

    with acting(user, "task.comment", task=task_id):
        return services.comment(task_id=task_id, user=user, text=text)


def follow(instance_id: UUID, *, user: Any) -> None:
    """See in one's inbox how an instance goes on."""
    from processes.inbox import services

    services.follow(instance_id=instance_id, user=user)


def unfollow(instance_id: UUID, *, user: Any) -> None:
    """Follow an instance no more."""
    from processes.inbox import services

    services.unfollow(instance_id=instance_id, user=user)


def save_view(name: str, *, user: Any, filters: Mapping[str, Any]) -> Any:
    """Keep a set of inbox filters under a name; the same name again takes its place."""
    from processes.inbox import services

    return services.save_view(user=user, name=name, filters=filters)


def delete_view(view_id: UUID, *, user: Any) -> None:
    """Forget one of one's own views."""
    from processes.inbox import services

    services.delete_view(user=user, view_id=view_id)
