"""Every name that an expression of a drawing or of one of its forms may use, told to whoever writes it: what type it has,
what it is called, and where its value comes from.

`names` knows the bare names, for checking; here they come with words, for the list that opens under a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from processes import actions, ports
from processes.bpmn import BpmnError
from processes.bpmn.model import Activity, CallActivity, Event, FlowNode, Model, Task
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.errors import NotFound
from processes.inbox.form_model import Component
from processes.inbox.forms import FormSchema
from processes.inbox.supervision import answers_for
from processes.publication import names
from processes.spoken import gettext as _

FORM = "form:"
"""An element that begins so is a form, and not a part of the drawing."""
PILOT = "pilot:"
"""The place of a pilot's rule: it is asked before anything runs, of the record alone, whose fields stand bare as well."""
_TYPES = {"textfield": "text", "textarea": "text", "checkbox": "boolean", "checklist": "list", "select": "choice", "radio": "choice"}


@dataclass(frozen=True, slots=True)
class Known:
    """A name in reach. `kind` says where it comes from (record, variable, form, given or always), `source` says so in
    words; `choices` are the values it may have, with what they are called."""

    name: str
    type: str
    label: str
    kind: str
    source: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    writable: bool = False


def readable(version_id: UUID, user: Any) -> ProcessVersion:
    """The version, for who answers for its process; once it has been published, for everybody. NotFound else."""
    found = ProcessVersion.objects.select_related("definition").filter(pk=version_id).first()
    if found is None or (found.is_open and not answers_for(found.definition, user)):
        raise NotFound(_("There is no such version of a process, or it is none of yours."))
    return found


def names_in_scope(version_id: UUID, element: str = "", *, user: Any) -> list[Known]:
    """The names that an expression at an element ("form:<id>" for a form) may use: fields first of the form itself, then
    of the record, then what the drawing sets. NotFound for who may not read the version."""
    version = readable(version_id, user)
    return list(known_names(version, element).values())


def known_names(version: ProcessVersion, element: str = "") -> dict[str, Known]:
    """The names by name; the first source of a name is the one that is told."""
    if element == PILOT:
        return {item.name: item for item in _of_pilot(version)}
    form = element.removeprefix(FORM) if element.startswith(FORM) else ""
    found: dict[str, Known] = {}
    for item in _all(version, form):
        found.setdefault(item.name, item)
    return found


def _of_pilot(version: ProcessVersion) -> Iterator[Known]:
    found = list(record_names(_subject(version, _model(version))))
    yield from (replace(item, name=item.name.partition(".")[2]) for item in found if "." in item.name)
    yield from found


def _model(version: ProcessVersion) -> Model | None:
    """The drawing; None while it cannot be read: then the record's fields and the forms' are still known."""
    try:
        return catalog.model_of(version)
    except BpmnError:
        return None


def _subject(version: ProcessVersion, model: Model | None) -> str:
    return model.process.ext.subject if model is not None and model.processes else version.definition.subject_type


def _all(version: ProcessVersion, form: str) -> Iterator[Known]:
    forms = dict(version.forms)
    if form:
        yield from _asked(form, forms.pop(form, None))
    model = _model(version)
    yield from record_names(_subject(version, model))
    if model is not None:
        for node in model.nodes.values():
            yield from _set_by(node)
        for name in names.declared(model):
            yield Known(name, "any", "", "variable", _("Has a value from the start"))
        for name in sorted(names.names_given(version.definition.key, names.callers())):
            yield Known(name, "any", "", "given", _("Handed in by the process that calls this one"))
    for key, schema in forms.items():
        yield from (item for item in _asked(key, schema) if item.kind == "form")
    yield from _always()


def record_names(key: str) -> Iterator[Known]:
    """The record and its fields."""
    kind = ports.subjects().get(key)
    if kind is None:
        return
    label = words(kind.label)
    yield Known(kind.key, "context", label, "record", _("The record this process is about"))
    for field in kind.fields:
        choices = tuple((str(value), words(text)) for value, text in field.choices)
        yield Known(f"{kind.key}.{field.name}", field.type, words(field.label), "record", label, "", choices, field.writable)


def _asked(key: str, schema: Any) -> Iterator[Known]:
    """The fields of a form by their keys. Those bound to the record are no variables, and are known inside only."""
    for item in FormSchema.parse(schema or {"components": []}).fields:
        choices = tuple((str(option.value), ports.text(option.labels)) for option in item.options)
        yield Known(
            item.key, type_of(item), ports.text(item.labels), "field" if item.bind else "form",
            _("Asked in the form “%(form)s”") % {"form": key}, ports.text(item.descriptions), choices,
        )  # fmt: skip


def type_of(item: Component) -> str:
    """What type of value a field gives."""
    return _TYPES.get(item.type, item.kind)


def _set_by(node: FlowNode) -> Iterator[Known]:
    by = _("Set by “%(step)s”") % {"step": ports.text({"en": node.name or node.id, **node.labels})}
    for name, kind, label in _results(node):
        if name:
            yield Known(name, kind, label, "variable", by)


def _results(node: FlowNode) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, Task):
        if node.decision is not None:
            yield node.decision.result or node.decision.key, "any", ""
        yield node.script_result, "any", ""
    if isinstance(node, Task | Event):
        if node.action is not None and node.action.result:
            action = actions.get_action(node.action.name)
            yield node.action.result, "any", words(action.label) if action is not None else ""
        if node.correlation is not None:
            yield node.correlation.result, "context", ""
    if isinstance(node, CallActivity):
        yield from ((pair.name, "any", "") for pair in node.call.outputs)
    if isinstance(node, Activity) and node.loop is not None:
        yield node.loop.ext.element, "any", ""
        yield node.loop.ext.output, "list", ""
        yield "loopCounter", "number", _("Which of the repetitions this is")


def _always() -> Iterable[Known]:
    source = _("Always there")
    table: Mapping[str, tuple[str, str]] = {
        "task": ("context", _("The step")), "task.id": ("text", _("Its key in the database")), "task.name": ("text", _("Name of the step")),
        "task.limit": ("datetime", _("When the step is due")), "task.attempts": ("number", _("How often it was tried")),
        "task.started_at": ("datetime", _("When the step began")), "task.finished_at": ("datetime", _("When the step was finished")),
        "task.owner": ("context", _("Who has the step")), "task.owner.username": ("text", _("User name")),
        "task.owner.name": ("text", _("Name")), "task.owner.roles": ("list", _("Roles")),
        "task.completed_by": ("context", _("Who finished the step")), "task.completed_by.username": ("text", _("User name")),
        "task.completed_by.name": ("text", _("Name")),
        "user": ("context", _("Who acts")), "user.id": ("number", _("Its key in the database")), "user.username": ("text", _("User name")), "user.name": ("text", _("Name")),
        "user.roles": ("list", _("Roles")),
        "instance": ("context", _("This run of the process")), "instance.id": ("text", _("Its key in the database")), "instance.key": ("text", _("Its number")),
        "instance.started_at": ("datetime", _("When it began")), "instance.started_by": ("context", _("Who started it")),
        "instance.started_by.username": ("text", _("User name")), "instance.version": ("number", _("Version of the process")),
    }  # fmt: skip
    return [Known(name, kind, label, "always", source) for name, (kind, label) in table.items()]


def words(label: Any) -> str:
    """A label in the language in use, whether it comes as a text or by language."""
    return ports.text(label) if isinstance(label, Mapping) else str(label or "")
