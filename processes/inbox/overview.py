"""Instances and processes as lists and stories: what runs, about what, what went wrong, what happened.

Every read is limited to what the person may see, and is answered from stored rows: an instance whose version
no longer compiles reads as well as any other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from processes import ports
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessDefinition, ProcessVersion, State
from processes.errors import NotFound
from processes.inbox import explanations, passing, values
from processes.inbox.ahead import Ahead, steps_ahead
from processes.inbox.clock_story import clock_story
from processes.inbox.happenings import Happening
from processes.inbox.models import TaskPassed
from processes.inbox.standing import who_for
from processes.inbox.supervision import may_supervise
from processes.inbox.visibility import seen_instances
from processes.inbox.work import span
from processes.ports import Subject
from processes.runtime.models import PROCESS, STATUS, ProcessInstance, Task
from processes.spoken import gettext as _

MOST = 200
MOST_EVENTS = 1000


@dataclass(frozen=True)
class Process:
    """A process of the house with what is going on in it, as the person may know it."""

    key: str
    title: str
    subject_type: str
    definition: ProcessDefinition
    version: ProcessVersion | None
    running: int
    late: int
    incidents: int




def instances_of_subject(user: Any, subject: Subject | tuple[str, int]) -> list[ProcessInstance]:
    """The instances about a record, running ones first."""
    about = subject if isinstance(subject, Subject) else Subject(*subject)
    rows = seen_instances(user).filter(subject_type=about.type, subject_id=about.id).select_related("definition")
    return sorted(rows.defer("data").order_by("-created")[:MOST], key=lambda row: not row.is_open)


def instance(instance_id: UUID, *, user: Any) -> ProcessInstance:
    """One instance; NotFound unless the person may see it."""
    found = (
        seen_instances(user).select_related("definition", "version__definition", "started_by", "ended_by", "parent_task")
        .filter(pk=instance_id).first()
    )  # fmt: skip
    if found is None:
        raise NotFound(_("There is no such process instance, or it is none of yours."))
    return found


def definitions(user: Any, *, figures: bool = True) -> list[Process]:
    """The processes of the house. Figures count what the person may see; they cost queries over all instances."""
    counted: dict[Any, int] = {}
    late: dict[Any, int] = {}
    failed: dict[Any, int] = {}
    if figures:
        seen = seen_instances(user).filter(status=PROCESS.NEW).order_by()
        counted = {row["definition"]: row["n"] for row in seen.values("definition").annotate(n=Count("pk"))}
        open_rows = Task.objects.filter(Exists(seen.filter(pk=OuterRef("process_id"))))
        late = _per_definition(open_rows.open().human().filter(due_at__lt=ports.now()))
        failed = _per_definition(open_rows.incidents())
    current = {
        version.definition_id: version
        for version in ProcessVersion.objects.filter(state=State.PUBLISHED).select_related("definition").defer("bpmn", "forms")
    }
    return [
        Process(
            key=row.key, title=row.title(), subject_type=row.subject_type, definition=row, version=current.get(row.pk),
            running=counted.get(row.pk, 0), late=late.get(row.pk, 0), incidents=failed.get(row.pk, 0),
        )
        for row in ProcessDefinition.objects.select_related("owner").order_by("key")
    ]  # fmt: skip


def _per_definition(rows: QuerySet[Task]) -> dict[Any, int]:
    found = rows.order_by().values("process__definition").annotate(n=Count("pk"))
    return {row["process__definition"]: row["n"] for row in found}


def incidents(user: Any, *, key: str | None = None, limit: int = 50, after: Any = None) -> list[Task]:
    """Steps that failed and wait for a person, oldest first."""
    seen = seen_instances(user).filter(pk=OuterRef("process_id"))
    rows = Task.objects.stored().incidents().filter(Exists(seen))
    if key:
        rows = rows.filter(process__definition__key=key)
    return list(rows.select_related("process__definition").defer("process__data", "process__flow_class").order_by("created", "pk")[:limit])


# --- the story of an instance --------------------------------------------------------------------------------
def history(instance_id: UUID, *, user: Any) -> list[Happening]:
    """What happened in an instance, oldest first, in sentences."""
    shown = instance(instance_id, user=user)
    rows = list(
        Task.objects.stored().filter(process=shown.pk, armed=False).select_related("owner", "completed_by", "completed_for")
        .order_by("created", "pk")[:MOST_EVENTS]
    )  # fmt: skip
    story = [Happening(shown.created, _started(shown), "start", "", "DONE", _name(shown.started_by))]
    passed: dict[UUID, list[Happening]] = {}
    for one in TaskPassed.objects.filter(task__process=shown.pk).select_related("task", "by", "acting_for", "giver", "to"):
        passed.setdefault(one.task_id, []).append(passing.happening(one))
    for row in rows:
        story += passed.get(row.pk, ())
        if (found := _happening(row)) is not None:
            story.append(found)
    story += [Happening(e.at, e.text, "clock", e.node_id, e.kind, e.who) for e in clock_story(shown)]
    if shown.finished is not None:
        story.append(Happening(shown.finished, _ended(shown), "end", shown.end_node, "DONE", _name(shown.ended_by)))
    return story


def _name(person: Any) -> str:
    return ports.people().display(person) if person is not None else ""


def _started(shown: ProcessInstance) -> str:
    if shown.started_by is not None:
        return _("%(person)s started “%(process)s”.") % {
            "person": _name(shown.started_by), "process": ports.text(shown.labels),
        }  # fmt: skip
    return _("“%(process)s” began.") % {"process": ports.text(shown.labels)}


def _ended(shown: ProcessInstance) -> str:
    end = ports.text(shown.end_labels)
    if shown.outcome == ProcessInstance.Outcome.CANCELLED:
        who = _name(shown.ended_by) or _("The system")
        return _("%(person)s cancelled it: %(reason)s") % {"person": who, "reason": shown.end_reason or "–"}
    if shown.outcome == ProcessInstance.Outcome.ERROR:
        return _("It ended in an error: %(error)s") % {"error": shown.failed_because or end}
    return _("It ended: %(end)s.") % {"end": end} if end else _("It ended.")


def _happening(row: Task) -> Happening | None:
    name = ports.text(row.labels) or row.node_id
    at = row.finished or row.created
    words = {"name": name, "person": _who(row)}
    if row.data.get("reason") and not row.is_open:
        text = _overruled(row) % {**words, "why": row.data["reason"]}
    elif row.is_human:
        text = _human(row, words)
    elif row.kind.endswith("Gateway"):
        return None
    elif row.status == STATUS.ERROR:
        text = _("“%(name)s” failed: %(why)s") % {"name": name, "why": row.failed_because}
    elif row.status == STATUS.DONE:
        if row.kind in ("startEvent", "endEvent") or not row.labels:
            return None
        text = _SENTENCES.get(row.kind, "“%(name)s” was done.")
        text = _(text) % {"name": name}
    elif row.status == STATUS.CANCELED:
        text = _("“%(name)s” was taken away.") % {"name": name}
    else:
        at = row.created
        text = _("Waits at “%(name)s”.") % {"name": name}
    return Happening(at, text, row.kind, row.node_id, str(row.status), words["person"],
                     row.due_at if row.is_open else row.scheduled, row.error, row.pk)  # fmt: skip


def _overruled(row: Task) -> str:
    """What somebody did to a step with a reason."""
    if row.data.get("moved_to"):
        return _("From “%(name)s” the process was led elsewhere by hand: %(why)s")
    if row.data.get("skipped"):
        return _("“%(name)s” was skipped by hand: %(why)s")
    return _("“%(name)s” was taken away by hand: %(why)s")


def _who(row: Task) -> str:
    return who_for(row.completed_by, row.completed_for) if row.completed_by is not None else _name(row.owner)


def _human(row: Task, words: dict[str, str]) -> str:
    if row.status == STATUS.DONE:
        if not words["person"]:
            return _("“%(name)s” was done.") % words
        if row.due_at is not None and row.finished is not None:
            late = row.finished > row.due_at
            words = {**words, "length": span(abs(row.finished - row.due_at))}
            text = _("%(person)s did “%(name)s”, %(length)s after the limit.") if late else _("%(person)s did “%(name)s”, %(length)s before the limit.")
            return text % words
        return _("%(person)s did “%(name)s”.") % words
    if row.status == STATUS.CANCELED:
        return _("“%(name)s” was taken away.") % words
    if row.status == STATUS.ERROR:
        return _("“%(name)s” failed: %(why)s") % {**words, "why": row.failed_because}
    if row.owner_id is not None:
        return _("“%(name)s” is with %(person)s.") % words
    return _("“%(name)s” waits for somebody to take it.") % words


_SENTENCES = {
    "businessRuleTask": gettext_noop("The rules of “%(name)s” were asked."),
    "serviceTask": gettext_noop("“%(name)s” was done."),
    "sendTask": gettext_noop("“%(name)s” was sent."),
    "intermediateCatchEvent": gettext_noop("“%(name)s” happened."),
    "boundaryEvent": gettext_noop("“%(name)s” happened."),
    "callActivity": gettext_noop("“%(name)s” came back."),
}


def decisions_taken(instance_id: UUID, *, user: Any) -> list[explanations.Explanation]:
    """Every answer that tables gave in an instance, oldest first."""
    return explanations.decisions_taken(instance(instance_id, user=user))


def steps_ahead_of(instance_id: UUID, node_ids: Iterable[str], *, user: Any) -> dict[str, list[Ahead]]:
    """What usually comes after elements of an instance: by its drawing, and at a choice by what the newest `MOST`
    instances of its version did."""
    version = instance(instance_id, user=user).version
    newest = ProcessInstance.objects.filter(version=version.pk).order_by("-created").values("pk")[:MOST]
    passed = Task.objects.filter(process__in=newest, armed=False).exclude(arrived_by="").order_by()
    taken = dict(passed.values_list("arrived_by").annotate(n=Count("pk")))
    model = catalog.model_of(version)
    return {node_id: steps_ahead(model, node_id, taken=taken) for node_id in node_ids}


def values_of(instance_id: UUID, *, user: Any) -> list[values.Value]:
    """The variables of an instance in words."""
    return values.values_of(instance(instance_id, user=user))


def may_act(instance_id: UUID, *, user: Any) -> bool:
    """Whether the person may stop, repeat and correct an instance."""
    found = ProcessInstance.objects.stored().select_related("definition").filter(pk=instance_id).first()
    return found is not None and may_supervise(found, user)


def timers(instance_id: UUID) -> list[Task]:
    """What an instance waits for in time, the next first."""
    return list(
        Task.objects.stored().filter(process=instance_id, status=STATUS.SCHEDULED, scheduled__isnull=False)
        .order_by("scheduled")[:50]
    )  # fmt: skip
