"""How a task went from hand to hand, as lines of its instance's story."""

from __future__ import annotations

from processes import ports
from processes.inbox.happenings import Happening
from processes.inbox.models import TaskPassed
from processes.inbox.standing import who_for
from processes.spoken import gettext as _


def happening(row: TaskPassed) -> Happening:
    """The line of a passing whose task and people are loaded."""
    people = ports.people()
    who = who_for(row.by, row.acting_for)
    words = {
        "person": who, "name": str(row.task), "to": people.display(row.to),
        "giver": people.display(row.giver) if row.giver is not None else "",
    }  # fmt: skip
    text = {
        TaskPassed.Kind.GIVEN: _("%(person)s gave “%(name)s” to %(to)s."),
        TaskPassed.Kind.DELEGATED: _("%(person)s handed “%(name)s” on to %(to)s."),
        TaskPassed.Kind.HANDED_OVER: _("%(person)s handed “%(name)s” over from %(giver)s to %(to)s."),
        TaskPassed.Kind.HANDED_BACK: _("%(person)s handed “%(name)s” back to %(to)s."),
    }[TaskPassed.Kind(row.kind)] % words
    if row.note:
        text = _("%(sentence)s They wrote: “%(note)s”") % {"sentence": text, "note": row.note}
    return Happening(row.at, text, "passed", row.task.node_id, "DONE", who, task_id=row.task_id)
