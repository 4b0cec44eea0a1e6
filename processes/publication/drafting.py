"""The drafts of a house: one open for each process and each decision, shared by all who answer for it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language

from processes import ports
from processes.bpmn import BpmnError, parse, write
from processes.bpmn.layout import lay_out
from processes.bpmn.model import Model
from processes.catalog import draft_parts as parts
from processes.catalog import drafts
from processes.catalog import selectors as catalog
from processes.catalog.draft_parts import Version
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    ProcessDefinition,
    ProcessVersion,
    State,
)
from processes.errors import Invalid, NotAllowed, NotFound
from processes.inbox import supervision
from processes.lint import check as lint
from processes.merging import Conflict
from processes.publication.checks import check, check_decision
from processes.publication.findings import Finding, of_lint
from processes.spoken import gettext as _
from processes.spoken import spoken


@dataclass(frozen=True)
class Draft:
    """An open draft: its version, the version it was drawn from, the revision of each part, and who else has which
    part open."""

    version: Any
    base: Any
    revisions: Mapping[str, int]
    editors: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trap:
    """A place where work may stand still for ever: its element, the sentence, and the elements on the way there."""

    element: str
    sentence: str
    way: tuple[str, ...]


def open_draft(key: str, *, user: Any) -> Draft:
    """The draft of a process; made from the published version, else from the newest, when there is none.

    NotFound without the process, NotAllowed for who does not answer for it.
    """
    definition = catalog.definition(key)
    _demand(supervision.answers_for(definition, user), definition)
    with ports.audit().acting(user=user, action="draft.open"), transaction.atomic():
        ProcessDefinition.objects.select_for_update().get(pk=definition.pk)
        found = definition.versions.filter(state=State.DRAFT).order_by("-number").first() or _next_process(definition, user)
        return _draft(found, user)


def open_decision_draft(key: str, *, user: Any) -> Draft:
    """The draft of a decision; as `open_draft`."""
    definition = catalog.decision_definition(key)
    _demand(supervision.answers_for_decision(definition, user), definition)
    with ports.audit().acting(user=user, action="draft.open"), transaction.atomic():
        DecisionDefinition.objects.select_for_update().get(pk=definition.pk)
        found = definition.versions.filter(state=State.DRAFT).order_by("-number").first() or _next_decision(definition, user)
        return _draft(found, user)


def draft_of(key: str, *, user: Any) -> Draft | None:
    """The open draft of a process where there is one; for who answers for it."""
    definition = catalog.definition(key)
    _demand(supervision.answers_for(definition, user), definition)
    found = definition.versions.filter(state=State.DRAFT).order_by("-number").first()
    return _draft(found, user) if found is not None else None


def may_redraw(user: Any, process: ProcessDefinition | str) -> bool:
    """Whether the person answers for a process (by its row or its key), and so may open its draft."""
    definition = catalog.definition(process) if isinstance(process, str) else process
    return supervision.answers_for(definition, user)


def editable(version_id: UUID, *, user: Any) -> Version:
    """A version that the person answers for; NotFound for anything else, so that nobody learns what there is."""
    found: Version | None = ProcessVersion.objects.select_related("definition").filter(pk=version_id).first()
    if isinstance(found, ProcessVersion) and supervision.answers_for(found.definition, user):
        return found
    table = DecisionVersion.objects.select_related("definition").filter(pk=version_id).first()
    if table is not None and supervision.answers_for_decision(table.definition, user):
        return table
    raise NotFound(_("There is no such version."))


def editable_process(version_id: UUID, *, user: Any) -> ProcessVersion:
    """As `editable`, of a process."""
    found = editable(version_id, user=user)
    if not isinstance(found, ProcessVersion):
        raise NotFound(_("There is no such version."))
    return found


def part(version_id: UUID, name: str, *, user: Any) -> tuple[str, int]:
    """The content of a part of a version and the number of its revision."""
    version = editable(version_id, user=user)
    parts.demand_part(version, name)
    return parts.content_of(version, name), drafts.revision_of(version, name)


def save_part(
    version_id: UUID, name: str, content: str, *, revision: int, user: Any, prefer: str = "theirs", origin: str = ""
) -> drafts.Saved:
    """Save a part of a draft; see `processes.catalog.drafts.save_part`."""
    version = editable(version_id, user=user)
    with ports.audit().acting(user=user, action="draft.save"):
        saved = drafts.save_part(version, name, content, revision=revision, user=user, prefer=prefer, origin=origin)
    return replace(saved, conflicts=tuple(_told(one, saved.content, name) for one in saved.conflicts))


def _told(conflict: Conflict, content: str, name: str) -> Conflict:
    """A conflict with the element's name in place of its id, where the part is a drawing, and its words in the language in use."""
    called = conflict.element
    if name == parts.DRAWING:
        with suppress(BpmnError):
            called = parse(content).name_of(conflict.element, get_language() or "en")
    return replace(conflict, element=called, what=spoken(conflict.what))


def pulse(version_id: UUID, name: str, *, user: Any) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Say that the person has a part open; gives the revision that stands and who else is at the draft."""
    version = editable(version_id, user=user)
    parts.demand_part(version, name)
    drafts.be_present(version, name, user)
    return drafts.revision_of(version, name), tuple(drafts.present(version, besides=user))


def _draft(version: Any, user: Any) -> Draft:
    base = version.base if isinstance(version, ProcessVersion) else None
    return Draft(version, base, drafts.revisions_of(version), tuple(drafts.present(version, besides=user)))


def _next_process(definition: ProcessDefinition, user: Any) -> ProcessVersion:
    versions = definition.versions.order_by("-number")
    base = versions.filter(state=State.PUBLISHED).first() or versions.first()
    if base is None:
        raise NotFound(_("The process “%(key)s” has no version to draw from.") % {"key": definition.key})
    draft = ProcessVersion(
        definition=definition, number=versions.values_list("number", flat=True)[0] + 1, bpmn=base.bpmn,
        forms=base.forms, tests=base.tests, notes=base.notes, base=base, created_by=user,
    )  # fmt: skip
    draft.save()
    return draft


def _next_decision(definition: DecisionDefinition, user: Any) -> DecisionVersion:
    versions = definition.versions.order_by("-number")
    base = versions.filter(state=State.PUBLISHED).first() or versions.first()
    if base is None:
        raise NotFound(_("The decision “%(key)s” has no version to draw from.") % {"key": definition.key})
    draft = DecisionVersion(
        definition=definition, number=versions.values_list("number", flat=True)[0] + 1, dmn=base.dmn,
        examples=base.examples, notes=base.notes, base=base, created_by=user,
    )  # fmt: skip
    draft.save()
    return draft


def _demand(allowed: bool, definition: ProcessDefinition | DecisionDefinition) -> None:
    if not allowed:
        raise NotAllowed(
            _("Only who answers for “%(process)s” may redraw it. Ask its owner.") % {"process": definition.title()}
        )


# --- what is asked while one draws ---------------------------------------------------------------------------
def findings(version_id: UUID, *, user: Any) -> list[Finding]:
    """What speaks against publishing a version, as it stands; errors first."""
    version = editable(version_id, user=user)
    return check(version) if isinstance(version, ProcessVersion) else check_decision(version)


def traps(version_id: UUID, *, user: Any) -> list[Trap]:
    """Where work may stand still for ever, each with the shortest way there; Invalid for a file that is no drawing."""
    version = editable_process(version_id, user=user)
    problems = lint(_model(version.bpmn).read_in(get_language() or "en"))
    return [
        Trap(problem.element, of_lint(problem).sentence, (*problem.related, problem.element))
        for problem in problems if problem.code == "deadlock"
    ]


def laid_out(text: str) -> str:
    """A drawing with a new layout; Invalid for a file that is none."""
    model = lay_out(_model(text))
    return write(model).decode("utf-8")


def _model(text: str) -> Model:
    try:
        return parse(text)
    except BpmnError as error:
        raise Invalid(spoken(error.sentence)) from error
