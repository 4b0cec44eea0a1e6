"""How a person stands to a task: whether they may take, give back or finish it, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import formats, timezone

from processes import ports
from processes.errors import AlreadyDone, NotAllowed
from processes.inbox.substitution import acts_for, why_not
from processes.inbox.visibility import offered
from processes.runtime.models import PROCESS, STATUS, Task
from processes.spoken import gettext as _


@dataclass(frozen=True)
class Standing:
    """What a person may do with a task now; `sentence` says how the task stands when they may not finish it, and
    `acting_for` is the absent person in whose stead they do it."""

    may_claim: bool = False
    may_release: bool = False
    may_complete: bool = False
    sentence: str = ""
    acting_for: Any = None


def standing_of(task: Task, user: Any) -> Standing:
    """How the person stands to the task (whose instance, owner and finisher are loaded). One query at most, but for who
    stands in for somebody."""
    closed = closed_sentence(task)
    if closed:
        return Standing(sentence=closed)
    if task.process.suspended:
        return Standing(sentence=_("This process instance is suspended. It goes on when somebody resumes it."))
    if task.owner_id is None:
        if Task.objects.filter(offered(user), pk=task.pk).exists():
            return Standing(may_claim=True, sentence=_("Nobody has taken this yet. Take it, and its form opens to you."))
        absent = acts_for(task, user)
        if absent is not None:
            words = {"absent": ports.people().display(absent)}
            return Standing(may_claim=True, acting_for=absent, sentence=_("This is offered to %(absent)s, for whom you stand "
                            "in. Take it, and its form opens to you.") % words)  # fmt: skip
        return Standing(sentence=_("This is offered to others. You may read it."))
    absent = acts_for(task, user) if task.owner_id != user.pk else None
    if task.owner_id != user.pk and absent is None:
        person = ports.people().display(task.owner)
        closed_to_them = why_not(task, user)
        return Standing(sentence=closed_to_them or _("%(person)s works on this. You may read it.") % {"person": person})
    shared = task.candidates.filter(excluded=False).exclude(user=task.owner_id).exists()
    return Standing(may_release=shared, may_complete=True, acting_for=absent)


def closed_sentence(task: Task) -> str:
    """How a task came to its end, in a sentence; empty while it is open."""
    if task.is_open and task.process.status == PROCESS.NEW:
        return _("This step failed and waits for somebody to look at it.") if task.status == STATUS.ERROR else ""
    when = _when(task.finished or task.process.finished)
    if task.status == STATUS.DONE and task.completed_by is not None:
        return _("%(person)s finished this task %(when)s. Nothing more is asked here.") % {
            "person": who_for(task.completed_by, task.completed_for), "when": when,
        }  # fmt: skip
    if task.status == STATUS.DONE:
        return _("This task was finished %(when)s. Nothing more is asked here.") % {"when": when}
    return _("This task was taken away %(when)s: the process has gone another way. Nothing more is asked here.") % {
        "when": when
    }


def demand_complete(task: Task, user: Any) -> Any | None:
    """AlreadyDone or NotAllowed with the reason unless the person may finish the task; gives the absent person in whose
    stead they would, None for their own work."""
    if task.owner_id is not None and task.owner_id == user.pk and not task.process.suspended and not closed_sentence(task):
        return None
    standing = standing_of(task, user)
    if standing.may_complete:
        return standing.acting_for
    if not task.is_open or task.process.status != PROCESS.NEW:
        raise AlreadyDone(standing.sentence)
    raise NotAllowed(standing.sentence)


def who_for(person: Any, absent: Any) -> str:
    """The name of who did something, with the absent person in whose stead: “B for A”."""
    people = ports.people()
    if absent is None:
        return people.display(person)
    return _("%(person)s for %(absent)s") % {"person": people.display(person), "absent": people.display(absent)}


def _when(moment: Any) -> str:
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return _("on %(date)s at %(time)s") % {
        "date": formats.date_format(local.date(), "DATE_FORMAT"), "time": local.strftime("%H:%M"),
    }  # fmt: skip
