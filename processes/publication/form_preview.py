"""A form as a role would meet it, drawn and checked by what draws and checks it at work; and what is wrong with it.

What is looked at is a text that need not be stored yet. Nothing is written here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from processes.bpmn import BpmnError
from processes.bpmn.model import Model, Task
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion
from processes.errors import Invalid, NotAllowed, NotFound, ProcessError
from processes.inbox.form_model import INPUTS, Component
from processes.inbox.form_view import Shown, present
from processes.inbox.forms import FormSchema
from processes.inbox.reading import choice_words
from processes.inbox.supervision import answers_for
from processes.publication import names
from processes.publication.form_samples import sample_context
from processes.publication.scope import readable
from processes.spoken import gettext as _

MOST = 2 * 1024 * 1024


@dataclass(frozen=True)
class UsedAt:
    """A step that asks with a form: its id, its names by language, and the role that does it."""

    element: str
    labels: Mapping[str, str]
    role: str


@dataclass(frozen=True)
class Previewed:
    """A form as it would be met. `problem` says why it cannot be shown at all; `errors` is what is wrong with the answer
    by field, None while nothing was tried."""

    shown: tuple[Shown, ...] = ()
    errors: Mapping[str, str] | None = None
    problem: str = ""
    met_at: tuple[UsedAt, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether an answer was tried and would be taken."""
        return self.errors is not None and not self.errors and not self.problem

    @property
    def not_shown(self) -> tuple[str, ...]:
        """What the fields are called that are hidden with these values."""
        return tuple(one.label or one.key for one in _inputs(self.shown) if one.hidden)

    @property
    def read_only(self) -> tuple[str, ...]:
        """What the fields are called that are seen and cannot be written."""
        return tuple(one.label or one.key for one in _inputs(self.shown) if one.readonly and not one.hidden)


@dataclass(frozen=True)
class FormFinding:
    """Something wrong with a form: at which component ("2.0": the first in the third; "" for the form), how bad, and why."""

    code: str
    place: str
    key: str
    severity: str
    sentence: str


@dataclass(frozen=True)
class FormEntry:
    """A form of a version: how many fields it has, where it is used, and how much is wrong with it."""

    key: str
    fields: int
    used_at: tuple[UsedAt, ...]
    findings: tuple[FormFinding, ...] = field(default=())

    @property
    def errors(self) -> int:
        """How many findings keep the version from being published."""
        return sum(one.severity == "error" for one in self.findings)

    @property
    def warnings(self) -> int:
        """How many others there are."""
        return len(self.findings) - self.errors


def forms_of(version_id: UUID, *, user: Any) -> list[FormEntry]:
    """The forms of a version, by key. NotFound for who may not read the version."""
    version = readable(version_id, user)
    world = _World(version)
    return [
        FormEntry(key, len(FormSchema.parse(schema).fields), world.used_at(key), tuple(world.findings(key, schema)))
        for key, schema in sorted(version.forms.items())
    ]


def form_findings(version_id: UUID, key: str, text: str, *, user: Any) -> list[FormFinding]:
    """What is wrong with the text of a form, errors first. NotFound for who may not read the version, Invalid for a text
    that is no form."""
    version = readable(version_id, user)
    return _World(version, {key: read_form(text)}).findings(key)


def preview_form(
    version_id: UUID, key: str, *, user: Any, text: str | None = None, role: str = "", language: str | None = None,
    answer: Mapping[str, Any] | None = None, tried: bool = False,
) -> Previewed:  # fmt: skip
    """A form as a role meets it, with values of a record the person may see. `text` is the form where it is not the stored
    one, `answer` what was entered; with `tried` it is checked as at work.

    NotFound for who may not read the version, NotAllowed for a form of his own from who does not answer for the process;
    such a reader sees no lists of the house either, since a form can name any of them.
    """
    version = readable(version_id, user)
    draws = answers_for(version.definition, user)
    if text is not None and not draws:
        raise NotAllowed(_("Only who answers for the process may try out other forms. Ask its owner."))
    schema = version.forms.get(key) if text is None else read_form(text)
    if schema is None:
        raise NotFound(_("This version has no form “%(form)s”.") % {"form": key})
    form, world = FormSchema.parse(schema), _World(version)
    if not draws:
        form = replace(form, components=_without_lists(form.components))
    met_at = tuple(step for step in world.used_at(key) if role in ("", step.role))
    context = sample_context(version, form, user=user, role=role)
    try:
        starting = form.initial(context)
        values = starting if answer is None else form.typed(answer, starting)
        errors = form.clean(answer or {}, context, user=user).errors if tried else None
        shown = present(form, values, context, user=user, language=language, errors=errors, words=choice_words(version))
    except ProcessError as problem:  # what a draft still has wrong, in the sentence that would be told at work
        return Previewed(problem=problem.sentence, met_at=met_at)
    return Previewed(shown, errors, "", met_at)


def read_form(text: str) -> dict[str, Any]:
    """A form out of its text; Invalid when it is none."""
    try:
        found = json.loads(text) if len(text) <= MOST else None
    except (json.JSONDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(_("This is not the text of a form."))
    return found


def _without_lists(components: tuple[Component, ...]) -> tuple[Component, ...]:
    return tuple(replace(one, choices="", children=_without_lists(one.children)) for one in components)


def _inputs(shown: tuple[Shown, ...]) -> Iterator[Shown]:
    for one in shown:
        if one.type in INPUTS:
            yield one
        yield from _inputs(one.children)


class _World:
    """What a form is judged by: the drawing that uses it, and the names in it."""

    def __init__(self, version: ProcessVersion, instead: Mapping[str, Any] | None = None) -> None:
        self.forms = {**version.forms, **(instead or {})}
        self.model: Model | None = None
        self.known: set[str] | None = None
        self.fields: dict[str, dict[str, bool]] | None = None
        try:
            model = catalog.model_of(version)
            subject = model.process.ext.subject
        except (BpmnError, KeyError):  # without a drawing nobody knows the names; the form itself is checked all the same
            return
        fields = names.subject_fields()
        self.model = model
        self.known = names.names_reached(model, self.forms, version.definition.key)
        self.fields = {subject: fields[subject]} if subject in fields else {}

    def used_at(self, key: str) -> tuple[UsedAt, ...]:
        if self.model is None:
            return ()
        return tuple(
            UsedAt(node.id, {"en": node.name or node.id, **node.labels}, self.model.role_of(node.id))
            for node in self.model.nodes.values() if isinstance(node, Task) and node.task.form == key
        )  # fmt: skip

    def findings(self, key: str, schema: Any = None) -> list[FormFinding]:
        form = FormSchema.parse(self.forms[key] if schema is None else schema)
        found = [
            FormFinding(one.code, one.place, one.field, one.severity, one.sentence)
            for one in form.problems(names=self.known, subject_fields=self.fields)
        ]
        if self.model is not None and not self.used_at(key):
            found.append(FormFinding("unused_form", "", "", "warning", _("No step uses the form “%(form)s”.") % {"form": key}))
        return sorted(found, key=lambda one: one.severity != "error")
