"""How a rehearsal stands, as plain values: made inside it, shown outside, asked for nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from processes import ports
from processes.inbox import explanations, values, work
from processes.inbox.form_view import Shown
from processes.inbox.reading import Reading, task_of
from processes.inbox.task_page import Check, TaskForm
from processes.ports import Subject
from processes.rehearsal.people import actor_of
from processes.rehearsal.playing import instance_of, next_moment
from processes.rehearsal.sandbox import Inside
from processes.runtime import pictures
from processes.runtime.models import ProcessInstance, Task
from processes.spoken import gettext as _


@dataclass(frozen=True)
class OpenTask:
    """A step that waits for somebody: who would do it, and its form as the inbox shows it; `refused` says why nobody
    may do it."""

    id: UUID
    element: str
    title: str
    process: str
    role: str
    person: str
    due_at: datetime | None
    guidance: str
    fields: tuple[Shown, ...]
    checklist: tuple[Check, ...]
    refused: str = ""


@dataclass(frozen=True)
class Waiting:
    """An element that waits for a message or a signal."""

    id: UUID
    element: str
    title: str
    name: str
    process: str


@dataclass(frozen=True)
class Due:
    """What falls due next: when, in what time (in words), and which element it is."""

    at: datetime
    words: str
    title: str


@dataclass(frozen=True)
class Incident:
    """A step that failed, and why."""

    element: str
    title: str
    sentence: str


@dataclass(frozen=True)
class Passed:
    """An element that the way led over."""

    element: str
    title: str
    kind: str
    at: datetime
    who: str


@dataclass(frozen=True)
class Ending:
    """How the process ended."""

    element: str
    title: str
    outcome: str
    sentence: str


@dataclass(frozen=True)
class Standing:
    """A rehearsal as it stands, from inside."""

    tasks: tuple[OpenTask, ...]
    waiting: tuple[Waiting, ...]
    due: Due | None
    incidents: tuple[Incident, ...]
    way: tuple[Passed, ...]
    decisions: tuple[explanations.Explanation, ...]
    variables: tuple[values.Value, ...]
    record: tuple[tuple[str, str], ...]
    ending: Ending | None
    drawing: str
    title: str


def standing(room: Inside, instance_id: UUID, *, errors: Any = None, raw: Any = None, task_id: UUID | None = None) -> Standing:
    """How it stands now. `errors` and `raw` are what was wrong with the answer to the task `task_id`, and what it said."""
    instance = instance_of(instance_id)
    return Standing(
        tasks=_tasks(instance, task_id, raw, errors),
        waiting=_waiting(instance),
        due=_due(room, instance),
        incidents=tuple(
            Incident(row.node_id, str(row), row.failed_because)
            for row in Task.objects.stored().incidents().filter(process__root=instance_id).order_by("created", "pk")
        ),
        way=way(instance),
        decisions=tuple(explanations.decisions_taken(instance, get_language())),
        variables=tuple(values.values_of(instance)),
        record=_record(instance),
        ending=_ending(instance),
        drawing=pictures.drawing(instance_id=instance_id),
        title=str(instance),
    )  # fmt: skip


def _tasks(instance: ProcessInstance, task_id: UUID | None, raw: Any, errors: Any) -> tuple[OpenTask, ...]:
    rows = Task.objects.stored().open().human().waiting().filter(process__root=instance.pk).order_by("created", "pk")
    found = []
    for pk in rows.values_list("pk", flat=True):
        sent = (raw, errors) if pk == task_id else (None, None)
        found.append(_open_task(instance, task_of(pk), *sent))
    return tuple(found)


def _open_task(instance: ProcessInstance, task: Task, raw: Any, errors: Any) -> OpenTask:
    person = actor_of(task)
    page = TaskForm(Reading(task, person))
    refused = "" if person is not None else _("Nobody of the role may do this step. Look at its role, its place and its four eyes.")
    return OpenTask(
        id=task.pk, element=task.node_id, title=str(task), process=_process(instance, task), role=task.role,
        person=ports.people().display(person) if person is not None else "", due_at=task.due_at,
        guidance=ports.text(page.guidance), fields=page.shown(raw, errors) if person is not None else (),
        checklist=tuple(page.checklist), refused=refused,
    )  # fmt: skip


def _process(instance: ProcessInstance, task: Task) -> str:
    """The process of a step where it is another than the one rehearsed."""
    return task.process.definition.title() if task.process_id != instance.pk else ""


def _waiting(instance: ProcessInstance) -> tuple[Waiting, ...]:
    rows = (
        Task.objects.stored().open().filter(process__root=instance.pk).exclude(event_key="")
        .select_related("process__definition").order_by("created", "pk")
    )  # fmt: skip
    return tuple(
        Waiting(row.pk, row.node_id, str(row), row.event_key.split(":", 2)[1], _process(instance, row))
        for row in rows if row.event_key.startswith(("message:", "signal:"))
    )


def _due(room: Inside, instance: ProcessInstance) -> Due | None:
    at = next_moment(instance.pk)
    if at is None:
        return None
    row = Task.objects.stored().filter(process__root=instance.pk, next_attempt_at=at).order_by("created", "pk").first()
    subject = Subject(instance.subject_type, instance.subject_id) if instance.subject_id is not None else None
    now = room.clock.now()
    worked = ports.calendars().for_subject(subject).between(now, at) if at > now else at - at
    words = _("%(span)s, %(worked)s of them working time") % {"span": work.span(at - now), "worked": work.span(worked)}
    return Due(at, words if worked else work.span(at - now), str(row) if row is not None else "")


def way(instance: ProcessInstance) -> tuple[Passed, ...]:
    """The elements passed, in their order, without gateways."""
    rows = (
        Task.objects.stored().filter(process=instance.pk, status="DONE", is_body=False).exclude(kind__endswith="Gateway")
        .select_related("completed_by").order_by("finished", "pk")
    )  # fmt: skip
    people = ports.people()
    return tuple(
        Passed(row.node_id, str(row), row.kind, row.finished or row.created,
               people.display(row.completed_by) if row.completed_by is not None else "")
        for row in rows
    )  # fmt: skip


def _record(instance: ProcessInstance) -> tuple[tuple[str, str], ...]:
    """What the record says now."""
    kind = ports.subjects().get(instance.subject_type)
    record = kind.load(instance.subject_id) if kind is not None and instance.subject_id is not None else None
    if kind is None or record is None:
        return ()
    view = kind.view(record)
    told = ((str(item.label), _text(item, view.get(item.name))) for item in kind.fields)
    return tuple((label, text) for label, text in told if text)


def _text(item: ports.SubjectField, value: Any) -> str:
    if value in (None, "", [], {}) or isinstance(value, dict):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_text(item, one) for one in value)
    return str(dict(item.choices).get(value, value))


def _ending(instance: ProcessInstance) -> Ending | None:
    if instance.is_open:
        return None
    title = ports.text(instance.end_labels) or instance.end_node
    sentence = instance.failed_because or instance.end_reason
    return Ending(instance.end_node, title, str(instance.get_outcome_display()), sentence)
