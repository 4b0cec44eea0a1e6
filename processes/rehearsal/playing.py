"""What is done in a rehearsal, from inside it: begin, finish a step, let time pass, let a message come.

Each act is said in a few words (`{"do": "complete", "element": …}`), which are recorded, done again by tests, and
enough to make a rehearsal anew from nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from processes import ports
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.errors import Invalid, NotAllowed, NotFound, ProcessError
from processes.inbox import services as inbox
from processes.inbox import taking
from processes.inbox.form_model import Component
from processes.inbox.reading import Reading, task_of
from processes.ports import Subject
from processes.rehearsal.content import Content
from processes.rehearsal.people import EACH, actor_of, roles_of
from processes.rehearsal.sandbox import Inside
from processes.runtime import outbox, starting, waking
from processes.runtime.flow import flow_of
from processes.runtime.indexed import ASLEEP
from processes.runtime.models import Outbox, ProcessInstance, Task
from processes.spoken import gettext as _

Act = Mapping[str, Any]
LONGEST_WAIT = timedelta(days=3 * 366)


class CannotStep(ProcessError):
    """The step is not open, or nobody in the rehearsal may do it."""

    code = "rehearsal_step"


def begin(room: Inside, content: Content | None, version_id: UUID, *, record: Mapping[str, Any], data: Mapping[str, Any]) -> UUID:
    """Furnish the rehearsal with what it runs (unless it is there), its people and its record, and start the process;
    gives the instance."""
    if content is not None:
        content.write()
    version = ProcessVersion.objects.select_related("definition").get(pk=version_id)
    model = catalog.model_of(version)
    people = [ports.rehearsing().people(role, EACH) for role in roles_of(model, version.definition)]
    starter = people[0][0]
    about, known = _subject(model.process.ext.subject, record, starter)
    given = {name: value for name, value in known.items() if name not in flow_of(version.pk)._defaults}
    with ports.audit().acting(user=starter, action="rehearsal.begin"):
        instance = starting.start_version(
            version, subject=about, data={**given, **data}, user=starter if model.process.ext.start_roles else None,
            event=_event(version),
        )  # fmt: skip
    waking.drain()
    return instance.pk


def _subject(kind: str, record: Mapping[str, Any], owner: Any) -> tuple[Subject | None, Mapping[str, Any]]:
    """The record that the process is about. What its making announced is forgotten: only one process runs here."""
    if not kind:
        return None, {}
    with transaction.atomic():
        sample = _own_sample(kind)
        pk, known = sample.make(record, owner) if sample is not None else ports.rehearsing().record(kind, record, owner=owner)
        Outbox.objects.all().delete()
    return Subject(kind, pk), known


def sample_fields(kind: str) -> tuple[ports.SampleField, ...]:
    """What may be chosen of a record of a kind before a rehearsal begins with it."""
    sample = _own_sample(kind)
    return sample.fields if sample is not None else ports.rehearsing().fields(kind)


def _own_sample(kind: str) -> ports.Sample | None:
    found = ports.subjects().get(kind)
    return found.sample if found is not None else None


def _event(version: ProcessVersion) -> str | None:
    """The start event that has happened where the process has no plain start."""
    starts = [node for node in catalog.model_of(version).nodes.values() if node.kind == "startEvent" and not node.scope]
    if not starts or any(node.trigger == "none" for node in starts):  # type: ignore[attr-defined]
        return None
    return starts[0].id


def act(room: Inside, instance_id: UUID, done: Act) -> Act:
    """Do one thing; gives it as it is recorded. Raises a ProcessError with the reason when it cannot be done."""
    kinds = {"complete": _complete, "wait": _wait, "message": _message, "signal": _message}
    kind = kinds.get(str(done.get("do")))
    if kind is None:
        raise Invalid(_("“%(name)s” is nothing that can be done in a rehearsal.") % {"name": done.get("do")})
    recorded = kind(room, instance_id, done)
    waking.drain()
    return recorded


# --- finishing a step ----------------------------------------------------------------------------------------
def _complete(room: Inside, instance_id: UUID, done: Act) -> Act:
    task = _task(instance_id, done)
    person = actor_of(task)
    if person is None:
        raise CannotStep(_("Nobody of the role may do “%(step)s”. Look at its role, its place and its four eyes.") % {"step": str(task)})
    entered = done.get("entered") or {}
    with ports.audit().acting(user=person, action="rehearsal.step", task=task.pk):
        if task.owner_id is None:
            taking.claim(task_id=task.pk, user=person)
        reading = Reading(task_of(task.pk), person)
        answer = typed(reading, entered)
        inbox.complete_with_form(task_id=task.pk, user=person, data=answer)
    said: dict[str, Any] = {"do": "complete", "element": task.node_id, "role": task.role, "entered": _named(reading, answer)}
    if task.process_id != instance_id:
        said["process"] = task.process.definition.key
    if task.loop_counter is not None:
        said["turn"] = task.loop_counter
    return said


def _task(instance_id: UUID, done: Act) -> Task:
    """The open task that is meant: by its id, or by its element, its process and its turn in a loop."""
    rows = Task.objects.open().human().filter(process__root=instance_id).order_by("created", "pk")
    if done.get("task"):
        found = rows.filter(pk=done["task"]).first()
        if found is None:
            raise NotFound(_("This step is not open any more. Look at where the process stands now."))
        return task_of(found.pk)
    rows = rows.filter(node_id=done.get("element"))
    rows = rows.filter(process__definition__key=done["process"]) if done.get("process") else rows.filter(process=instance_id)
    if done.get("turn") is not None:
        rows = rows.filter(loop_counter=done["turn"])
    meant = rows.filter(role=done.get("role", "")).first() or rows.first()
    if meant is None:
        raise CannotStep(_("The step “%(step)s” is not open.") % {"step": done.get("element")})
    return task_of(meant.pk)


def typed(reading: Reading, entered: Mapping[str, Any]) -> dict[str, Any]:
    """What was entered, for the fields of the step's form alone: texts as they were typed, lists for several ticks."""
    kept: dict[str, Any] = {}
    for item in reading.form.fields:
        if item.key not in entered:
            continue
        value = entered.getlist(item.key) if hasattr(entered, "getlist") and item.type == "checklist" else entered[item.key]
        kept[item.key] = list(value) if isinstance(value, list | tuple) else _chosen(reading, item, value)
    return kept


def _named(reading: Reading, answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to be recorded: what is chosen among rows (people, segments) by its name, since ids differ by house."""
    fields = {item.key: item for item in reading.form.fields}
    return {key: _chosen(reading, fields[key], value, recorded=True) for key, value in answer.items()}


def _chosen(reading: Reading, item: Component, value: Any, *, recorded: bool = False) -> Any:
    """Something chosen in a field that offers rows: by its name for a record of it, else by its id."""
    if not item.choices or not value or isinstance(value, list):
        return value
    offered = [(str(one), _name(item, one, label)) for one, label in reading.form.options(item, user=reading.user, context=reading.context)]
    pairs = offered if recorded else [(name, one) for one, name in offered]
    return dict(pairs).get(str(value), value)


def _name(item: Component, value: Any, label: Any) -> str:
    """What something on offer is called whatever the language; people by their sign-in names."""
    if item.choices.startswith("people"):
        found = get_user_model()._default_manager.filter(pk=value).values_list("username", flat=True).first()
        return str(found or value)
    return ports.text(label, "en") if isinstance(label, Mapping) else str(label)


# --- time, messages ------------------------------------------------------------------------------------------
def next_moment(instance_id: UUID) -> datetime | None:
    """When something of the process falls due next."""
    rows = Task.objects.filter(ASLEEP, process__root=instance_id, process__suspended=False)
    return rows.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()


def _wait(room: Inside, instance_id: UUID, done: Act) -> Act:
    """Let time pass up to a moment, what falls due on the way in its order; unless told, to the next moment."""
    began = room.clock.now()
    if done.get("seconds") is not None:
        until = began + timedelta(seconds=float(done["seconds"]))
    elif done.get("until") is not None:
        until = done["until"]
    else:
        found = next_moment(instance_id)
        if found is None:
            raise CannotStep(_("Nothing falls due by itself here. Do an open step, or let a message come."))
        until = found
    if until < began or until > began + LONGEST_WAIT:
        raise Invalid(_("The clock goes forward only, and by three years at most. Choose another moment."))
    while (due := waking.next_due()) is not None and due <= until:
        room.clock.move(max(due, room.clock.now()))
        if not waking.drain():
            break
    room.clock.move(max(until, room.clock.now()))
    return {"do": "wait", "seconds": (room.clock.now() - began).total_seconds()}


def _message(room: Inside, instance_id: UUID, done: Act) -> Act:
    """Let come what an open element waits for: a message with its correlation value, or a signal."""
    rows = Task.objects.open().filter(process__root=instance_id).exclude(event_key="").order_by("created", "pk")
    waiting = rows.filter(pk=done["task"]) if done.get("task") else rows.filter(node_id=done.get("element"))
    row = waiting.first()
    if row is None:
        raise CannotStep(_("“%(step)s” does not wait for a message now.") % {"step": done.get("element") or ""})
    kind, _colon, rest = row.event_key.partition(":")
    name, _colon, correlation = rest.partition(":")
    data = dict(done.get("data") or {})
    if kind == "message":
        outbox.send_message(name=name, correlation=correlation or None, data=data)
    elif kind == "signal":
        outbox.send_signal(name=name, data=data)
    else:
        raise NotAllowed(_("“%(step)s” waits for the record to change, not for a message.") % {"step": str(row)})
    return {"do": "message", "element": row.node_id, "name": name, "data": data}


def instance_of(instance_id: UUID) -> ProcessInstance:
    """The instance that is rehearsed."""
    return ProcessInstance.objects.stored().select_related("definition", "version__definition").get(pk=instance_id)
