"""Clocks stopped and let run by people: of a step by who has it or acts for them, who leads them, and whoever answers for
the process; of a whole instance by whoever answers for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from processes import ports
from processes.bpmn.read_extensions import words
from processes.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from processes.inbox.reading import task_of
from processes.inbox.standing import closed_sentence, standing_of
from processes.inbox.substitution import acts_for
from processes.inbox.supervision import may_supervise, supervised
from processes.inbox.taking import leads
from processes.inbox.visibility import tasks_seen
from processes.lint.limits import PRIORITY, WHO
from processes.runtime import clocks
from processes.runtime.models import PauseReason, ProcessInstance, Task
from processes.runtime.step import Step, step
from processes.spoken import gettext as _

MOST_NOTE = 500


@dataclass(frozen=True)
class Reason:
    """A reason that may be chosen, its name by language, and the message about the same record that ends the pause."""

    key: str
    labels: Mapping[str, str]
    message: str


def reasons() -> list[Reason]:
    """The reasons for which a clock may be stopped, in their order."""
    return [Reason(row.key, row.labels, row.message) for row in PauseReason.objects.filter(active=True)]


def wrong_in_rung(notify: str, priority: str, *, roles: Collection[str]) -> dict[str, str]:
    """What of a rung of the house makes no sense: a sentence by the field it is about."""
    wrong: dict[str, str] = {}
    unknown = [who for who in words(notify) if who not in WHO and who not in roles]
    if unknown:
        wrong["notify"] = _("There is no role “%(role)s”. Name assignee, lead, owner or the key of a role.") % {"role": unknown[0]}
    if priority and not PRIORITY.fullmatch(priority):
        wrong["priority"] = _("Write a number from 0 to 100, or a step such as +20.")
    return wrong


def may_pause(task: Task, user: Any) -> bool:
    """Whether the person may stop the clock of a task (whose instance and owner are loaded)."""
    if user is None or not user.is_active:
        return False
    return task.owner_id == user.pk or acts_for(task, user) is not None or may_supervise(task.process, user) or leads(task, user)


def pause_task(*, task_id: UUID, user: Any, reason: str, note: str, until: datetime | None) -> None:
    """Let the clock of a step stand still. NotAllowed, AlreadyDone, Invalid with a sentence."""
    _demand(task_id, user)
    chosen = _chosen(reason, note, until)
    with step(user=user, task=task_id) as found:
        current, row = _row(found, task_id)
        _pause(current, row, chosen, note.strip(), until)


def resume_task(*, task_id: UUID, user: Any, note: str) -> None:
    """Let the clock of a step run again."""
    _demand(task_id, user)
    with step(user=user, task=task_id) as found:
        _resume(*_row(found, task_id), note)


def pause_instance(*, instance_id: UUID, user: Any, reason: str, note: str, until: datetime | None) -> None:
    """Let the clock of a whole instance stand still; those of its steps run on."""
    supervised(instance_id, user)
    chosen = _chosen(reason, note, until)
    with step(instance_id, user=user) as current:
        if current is None:
            raise AlreadyDone(_("This process instance has ended."))
        _pause(current, current.instance, chosen, note.strip(), until)


def resume_instance(*, instance_id: UUID, user: Any, note: str) -> None:
    """Let the clock of a whole instance run again."""
    supervised(instance_id, user)
    with step(instance_id, user=user) as current:
        if current is None:
            raise AlreadyDone(_("This process instance has ended."))
        _resume(current, current.instance, note)


# --- inside ----------------------------------------------------------------------------------------------------
def _demand(task_id: UUID, user: Any) -> None:
    task = task_of(task_id)
    allowed = may_pause(task, user)
    if not allowed and not Task.objects.filter(tasks_seen(user), pk=task_id).exists():
        raise NotFound(_("There is no such task, or it is none of yours."))
    closed = closed_sentence(task)
    if closed:
        raise AlreadyDone(closed)
    if not allowed:
        raise NotAllowed(
            standing_of(task, user).sentence + " " + _("Its clock is stopped by who has it, their lead, or the owner of the process.")
        )


def _chosen(reason: str, note: str, until: datetime | None) -> PauseReason:
    found = PauseReason.objects.filter(key=reason, active=True).first()
    if found is None:
        raise Invalid(_("Choose why the clock shall stand still."), errors={"reason": _("Choose one.")})
    if len(note) > MOST_NOTE:
        raise Invalid(_("Say it shorter: a note has %(n)d characters at most.") % {"n": MOST_NOTE})
    if until is not None and until <= ports.now():
        raise Invalid(_("That time is over. Choose a later one."), errors={"until": _("Choose a later one.")})
    return found


def _row(current: Step | None, task_id: UUID) -> tuple[Step, Task]:
    row = current.row(task_id) if current is not None else None
    if current is None or row is None or not row.is_open:
        raise AlreadyDone(_("This task has been finished or taken away meanwhile."))
    return current, row


def _pause(current: Step, holder: Task | ProcessInstance, reason: PauseReason, note: str, until: datetime | None) -> None:
    if holder.paused_at is not None:
        raise AlreadyDone(_("Its clock stands still already."))
    if holder.due_at is None:
        raise Invalid(_("It has no limit, so there is no clock to stop."))
    subject = current.subject
    awaits = clocks.awaited(reason.message, subject.type, subject.id) if reason.message and subject is not None else ""
    clocks.pause(current, holder, reason=reason.key, labels=reason.labels, note=note, until=until, awaits=awaits)


def _resume(current: Step, holder: Task | ProcessInstance, note: str) -> None:
    if holder.paused_at is None:
        raise AlreadyDone(_("Its clock runs already."))
    clocks.resume(current, holder, note=note.strip()[:MOST_NOTE])
