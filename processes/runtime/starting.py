"""How instances come to be: by a call of the door, a message, a moment, or another instance that calls them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7
from viewflow.workflow.signals import flow_started
from viewflow.workflow.status import PROCESS

from processes import feel, ports
from processes.bpmn.model import Event
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessDefinition, ProcessVersion
from processes.errors import Invalid, NotFound, ProcessError
from processes.ports import Subject
from processes.runtime import clocks
from processes.runtime.failures import Failure
from processes.runtime.flow import ProcessFlow, flow_of
from processes.runtime.models import ProcessInstance, Task
from processes.runtime.nodes.base import Node
from processes.runtime.piloting import Chosen, choose
from processes.runtime.scope import evaluate_attribute
from processes.runtime.step import Step, moving, step
from processes.runtime.store import INSTANCES, VERSIONS
from processes.runtime.together import Statement, execute
from processes.spoken import gettext as _

LONGEST_KEY = 200


def subject_of(given: Subject | tuple[str, int] | None) -> Subject | None:
    """A subject given as one or as a pair."""
    if given is None or isinstance(given, Subject):
        return given
    return Subject(str(given[0]), int(given[1]))


def start(
    *,
    key: str,
    subject: Subject | tuple[str, int] | None = None,
    data: Mapping[str, Any] | None = None,
    user: Any = None,
    business_key: str | None = None,
    version: int | None = None,
    idempotency_key: str | None = None,
    at: str | None = None,
) -> ProcessInstance:
    """Start a process on its published version or a named one; see `processes.api.start`."""
    about = subject_of(subject)
    if version is not None:
        chosen = Chosen(catalog.version(key, version))
    else:
        chosen = _current(key, about, data, idempotency_key or "")
    return start_version(
        chosen.version, chosen=chosen, subject=about, data=data, user=user, business_key=business_key,
        idempotency_key=idempotency_key, at=at,
    )  # fmt: skip


_CURRENT = (
    "SELECT v.id, EXISTS (SELECT 1 FROM process_catalog_pilot p WHERE p.definition_id = v.definition_id AND p.ended_at IS NULL)"
    " FROM process_catalog_processversion v WHERE v.state = 'published'"
    " AND v.definition_id = (SELECT id FROM process_catalog_processdefinition WHERE key = %s)"
)


def _current(key: str, subject: Subject | None, data: Mapping[str, Any] | None, by: str) -> Chosen:
    """The version that a new instance of a process begins on. Which one it is, is asked each time, in one statement as
    long as no pilot runs; what it says never changes, so it is taken from the compiled class, without reading the
    drawing again."""
    rows = execute(VERSIONS.connection(), [Statement(_CURRENT, [key], reads=True)])[0].rows
    pk, piloted = rows[0] if rows else (None, False)
    kept = flow_of(UUID(str(pk)))._version if pk is not None else None
    published = kept if kept is not None else catalog.current_version(key)
    return choose(published, subject=subject, data=data, by=by) if piloted else Chosen(published)


def start_version(
    version: ProcessVersion,
    *,
    subject: Subject | None = None,
    data: Mapping[str, Any] | None = None,
    user: Any = None,
    business_key: str | None = None,
    idempotency_key: str | None = None,
    at: str | None = None,
    event: str | None = None,
    chosen: Chosen | None = None,
) -> ProcessInstance:
    """Start an instance of a version at its start, at an element (`at`), or at a start event that has
    happened (`event`), whose data then land where its drawing says. `chosen` says how the version was chosen.

    With an idempotency key that was used already, gives the instance of the first time.
    """
    if idempotency_key:
        known = ProcessInstance.objects.stored().filter(idempotency_key=idempotency_key).first()
        if known is not None:
            return known
    _demand_subject(version, subject)
    try:
        with transaction.atomic():
            current = _new(version, subject=subject, user=user, idempotency_key=idempotency_key)
            with moving(current.instance.pk):
                _begin(current, data or {}, business_key=business_key, at=at, event=event)
            if chosen is not None:
                chosen.note(current.instance.pk)
            return current.instance
    except IntegrityError:
        if idempotency_key:
            known = ProcessInstance.objects.stored().filter(idempotency_key=idempotency_key).first()
            if known is not None:
                return known
        raise


def start_child(
    caller: Step, task: Task, version: ProcessVersion, *, data: Mapping[str, Any], subject: Subject | None,
    late: bool = False,
) -> ProcessInstance:  # fmt: skip
    """Start the instance that a call activity calls; `data` is JSON. It runs at once, as far as it comes. One that is
    bound `late` may go to a pilot."""
    chosen = choose(version, subject=subject, data=data, by=str(task.pk)) if late else Chosen(version)
    version = chosen.version
    current = _new(version, subject=subject, user=caller.user, parent=task, within=caller.instance)
    current.caller = caller
    with moving(current.instance.pk):
        _begin(current, {name: feel.from_json(value) for name, value in data.items()})
    chosen.note(current.instance.pk)
    current.caller = None
    return current.instance


def cancel_children(caller: Step, task: Task) -> None:
    """End the instances that a call activity has called. Locks are taken parent first, as everywhere."""
    children = ProcessInstance.objects.filter(parent_task=task.pk, status=PROCESS.NEW).values_list("pk", flat=True)
    for pk in list(children):
        with step(pk, user=caller.user, ended_is_fine=True) as child:
            if child is not None:
                child.instance.end_reason = _("The process that called it went another way.")
                child.touch_instance("end_reason")
                child.end(ProcessInstance.Outcome.CANCELLED)


def _demand_subject(version: ProcessVersion, subject: Subject | None) -> None:
    """A process about a kind of record needs one that is there, of that kind."""
    wanted = catalog.model_of(version).process.ext.subject
    if subject is None:
        return
    kind = ports.subjects().get(subject.type)
    if kind is None:
        raise Invalid(_("There is no kind of record “%(kind)s”.") % {"kind": subject.type})
    if wanted and wanted != subject.type:
        raise Invalid(
            _("“%(process)s” is about another kind of record (%(wanted)s).")
            % {"process": version.definition.title(), "wanted": wanted}
        )
    if kind.load(subject.id) is None:
        raise NotFound(_("The record that the process shall be about does not exist."))


def _new(
    version: ProcessVersion, *, subject: Subject | None, user: Any, idempotency_key: str | None = None,
    parent: Task | None = None, within: ProcessInstance | None = None,
) -> Step:  # fmt: skip
    flow = flow_of(version.pk)
    process = flow._model.process
    pk = uuid7()
    labels = {"en": process.name, **process.labels} if process.name else dict(process.labels)
    instance = INSTANCES.new(
        id=pk, flow_class=flow.flow_ref(), status=PROCESS.NEW, created=ports.now(),
        definition_id=version.definition_id, version_id=version.pk,
        labels=labels or ProcessDefinition.objects.values_list("titles", flat=True).get(pk=version.definition_id),
        subject_type=subject.type if subject else "", subject_id=subject.id if subject else None, data={},
        parent_task_id=parent.pk if parent is not None else None,
        root_id=within.root_id if within is not None else pk, depth=within.depth + 1 if within is not None else 0,
        started_by_id=user.pk if user is not None else None, idempotency_key=idempotency_key,
    )  # fmt: skip
    instance._state.fields_cache["version"] = version
    instance._state.fields_cache["definition"] = version.definition
    if user is not None:
        instance._state.fields_cache["started_by"] = user
    return Step(instance, flow, user=user, is_new=True)


def _begin(
    current: Step, data: Mapping[str, Any], *, business_key: str | None = None, at: str | None = None,
    event: str | None = None,
) -> None:  # fmt: skip
    """Give the instance its values and names, put its first tokens on their way, move and write."""
    instance, flow = current.instance, current.flow
    ext = flow._model.process.ext
    try:
        defaults = {
            name: evaluate_attribute(current, text, None, place=name)
            for name, text in flow._defaults.items() if name not in data
        }  # fmt: skip
        current.set_variables({**{name: value if value != "" else None for name, value in defaults.items()}, **_landed(flow, data, event)}, None)
        instance.business_key = str(business_key or _named(current, ext.business_key))[:LONGEST_KEY]
        instance.title = str(_named(current, ext.title))[:300]
        if ext.priority:
            instance.priority = max(0, min(100, int(evaluate_attribute(current, ext.priority, None, place="priority"))))
        clocks.begin(current, instance)
    except Failure as failure:
        raise ProcessError(
            _("The process cannot start: %(why)s") % {"why": failure.sentence}, code="cannot_start"
        ) from failure
    for node in _first(flow, at, event):
        current.send(node)
    current.watch_handlers(flow._handlers, None)
    flow_started.send(sender=flow, process=instance, task=None)
    current.run()
    current.write()


def _landed(flow: type[ProcessFlow], data: Mapping[str, Any], event: str | None) -> dict[str, Any]:
    """Data of a start event go under the name its drawing gives, else they are variables themselves."""
    element = flow._model.nodes.get(event) if event else None
    ext = element.correlation if isinstance(element, Event) else None
    return {ext.result: dict(data)} if ext is not None and ext.result else dict(data)


def _named(current: Step, text: str) -> str:
    value = evaluate_attribute(current, text, None, place="process") if text else ""
    return "" if value is None else feel.to_text(value) if not isinstance(value, str) else value


def _first(flow: type[ProcessFlow], at: str | None, event: str | None) -> list[Node]:
    """The nodes that get the first tokens: a named one, the event that happened, the plain start, else the
    first start of the drawing; without any start event all nodes that nothing leads to."""
    if at or event:
        node = flow._by_id.get(str(at or event))
        if node is None:
            raise NotFound(_("The drawing has no element “%(id)s” to start at.") % {"id": at or event})
        return [node]
    starts = [node for node in flow._starts if node.kind == "startEvent"]
    if not starts:
        return list(flow._starts)
    plain = [node for node in starts if isinstance(node.element, Event) and node.element.trigger == "none"]
    return [(plain or starts)[0]]
