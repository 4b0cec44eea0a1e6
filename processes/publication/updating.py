"""Bringing a draft up to date with what others published since it was begun: looked at first, then done, and undone.

What others did and what the draft did are merged place by place. Where both changed the same, the owner has said
whose stands. Decisions that are drafted with the process are brought up to date with it. What the draft was before is
kept in its revisions, so it can be put back without losing what was done since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language

from processes import ports
from processes.bpmn import BpmnError, parse
from processes.catalog import draft_parts as parts
from processes.catalog import drafts
from processes.catalog.draft_parts import Version
from processes.catalog.models import (
    DecisionDefinition,
    DecisionVersion,
    DraftRevision,
    ProcessDefinition,
    ProcessVersion,
    State,
)
from processes.dmn import DmnError
from processes.errors import Invalid, NotFound
from processes.marked import word
from processes.merging import Conflict
from processes.publication import rights, services
from processes.publication.models import DraftUpdate
from processes.spoken import gettext as _
from processes.spoken import spoken


@dataclass(frozen=True, slots=True)
class Overlap:
    """A place that both changed: in which part ("drawing", "form:<id>", "tests", or the key of a decision), what the
    element is called, what of it, and the three values."""

    part: str
    decision: bool
    name: str
    what: str
    base: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What was published since a draft of a process or of a decision was begun; `base` is what the draft was drawn from."""

    draft: Version
    base: Version | None
    other: Version


@dataclass(frozen=True, slots=True)
class Preview:
    """What bringing a draft up to date would do: what others published, and where both changed the same."""

    versions: tuple[Meanwhile, ...]
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class _Merge:
    """One part of a draft as it becomes."""

    draft: Version
    part: str
    before: str
    text: str
    conflicts: tuple[Conflict, ...]


# --- what others published ---------------------------------------------------------------------------------
def newer(version: ProcessVersion) -> ProcessVersion | None:
    """The version that was published since a draft was drawn from another one."""
    found = _meanwhile(version)
    return found.other if found is not None and isinstance(found.other, ProcessVersion) else None


def published_meanwhile(version: ProcessVersion) -> list[Version]:
    """The versions of the process, and of decisions that are drafted with it, that were published since."""
    return [found.other for found in _all_meanwhile(version)]


def _all_meanwhile(version: ProcessVersion) -> list[Meanwhile]:
    if not version.is_open:
        return []
    keys = {asked.key for asked in services.decisions_named(version)}
    rows = DecisionVersion.objects.filter(definition__key__in=keys, state=State.DRAFT).select_related("definition", "base__definition")
    drafted: list[Version] = [version, *rows.order_by("definition__key", "-number")]
    return [found for one in drafted if (found := _meanwhile(one)) is not None]


def _meanwhile(draft: Version) -> Meanwhile | None:
    rows: Any = type(draft)._default_manager.filter(definition=draft.definition_id).select_related("definition")
    current = rows.filter(state=State.PUBLISHED).first()
    if current is None or current.pk == draft.pk:
        return None
    base = draft.base
    if base is None:
        base = rows.filter(number__lt=draft.number, published_at__isnull=False).order_by("-number").first()
    if base is not None and base.pk == current.pk:
        return None
    return Meanwhile(draft, base, current)


# --- looked at, and done -----------------------------------------------------------------------------------
def preview(version_id: UUID, *, user: Any) -> Preview | None:
    """What bringing the draft up to date would do; None when nothing was published since. Changes nothing."""
    version = _draft(version_id, user)
    found = _all_meanwhile(version)
    if not found:
        return None
    overlaps = [_told(merge, one) for meanwhile in found for merge in _merged(meanwhile, "mine") for one in merge.conflicts]
    return Preview(tuple(found), tuple(overlaps))


def bring_up_to_date(version_id: UUID, *, user: Any, prefer: str = "mine") -> tuple[Overlap, ...]:
    """Merge what was published since a draft was begun into the draft; gives the conflicts, in which `prefer` decided.

    NotAllowed for who does not answer for the process, Invalid when a version cannot be read or nothing was published.
    """
    with ports.audit().acting(user=user, action="draft.bring_up_to_date"), transaction.atomic():
        version = _draft(version_id, user)
        ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
        found = _all_meanwhile(version)
        if version.state != State.DRAFT or not found:
            raise Invalid(_("Nothing was published since this draft was begun."))
        overlaps: list[Overlap] = []
        steps = []
        for meanwhile in found:
            if isinstance(meanwhile.draft, DecisionVersion):
                DecisionDefinition.objects.select_for_update().get(pk=meanwhile.draft.definition_id)
            merges = list(_merged(meanwhile, prefer))
            overlaps += [_told(merge, one) for merge in merges for one in merge.conflicts]
            steps.append(_brought(meanwhile, merges, user))
        DraftUpdate.objects.create(version=version, by=user, steps=steps)
        return tuple(overlaps)


def _merged(meanwhile: Meanwhile, prefer: str) -> Iterator[_Merge]:
    """The parts of a draft that become others."""
    draft, base, other = meanwhile.draft, meanwhile.base, meanwhile.other
    for part in dict.fromkeys([*parts.parts_of(draft), *parts.parts_of(other)]):
        mine, theirs = parts.content_of(draft, part), parts.content_of(other, part)
        before = parts.content_of(base, part) if base is not None else ""
        if theirs in (mine, before):
            continue
        if mine == before:
            yield _Merge(draft, part, before, theirs, ())
            continue
        if not (before and theirs and mine):  # made or taken away by one of both: there is nothing to compare with
            stands = mine if prefer == "mine" else theirs
            yield _Merge(draft, part, before, stands, (Conflict("", word("whether it is there"), before, theirs, mine),))
            continue
        try:
            merged = drafts.merger_of(part)(before, theirs, mine, prefer=prefer)
        except BpmnError as error:
            raise Invalid(_("%(version)s cannot be read: %(reason)s") % {"version": draft, "reason": spoken(error.sentence)}) from error
        except DmnError as error:
            raise Invalid(_("%(version)s cannot be read: %(reason)s") % {"version": draft, "reason": spoken(error.message)}) from error
        yield _Merge(draft, part, before, merged.text, tuple(merged.conflicts))


def _brought(meanwhile: Meanwhile, merges: list[_Merge], user: Any) -> dict[str, Any]:
    """Save what a draft becomes; gives what is needed to put it back."""
    draft = meanwhile.draft
    step: dict[str, Any] = {"version": str(draft.pk), "decision": isinstance(draft, DecisionVersion),
                            "base": str(draft.base_id) if draft.base_id else None, "parts": {}}  # fmt: skip
    for merge in merges:
        saved = drafts.save_part(draft, merge.part, merge.text, revision=drafts.revision_of(draft, merge.part), user=user)
        step["parts"][merge.part] = saved.revision
    draft.refresh_from_db()
    rows: Any = type(draft)._default_manager.filter(definition=draft.definition_id)
    if isinstance(draft, DecisionVersion) and draft.number < meanwhile.other.number:
        # What is asked is the version with the highest number: behind the other one the draft would be lost.
        draft.number = rows.order_by("-number").values_list("number", flat=True)[0] + 1
    draft.base = meanwhile.other
    draft.save()
    return step


def _told(merge: _Merge, conflict: Conflict) -> Overlap:
    """A conflict with the element's name in place of its id, in the language in use."""
    called = conflict.element
    if merge.part == parts.DRAWING:
        called = _called(conflict.element, merge.text, called)
        called = _called(conflict.element, merge.before, called)
    decision = isinstance(merge.draft, DecisionVersion)
    return Overlap(
        merge.draft.definition.key if decision else merge.part, decision, called, spoken(conflict.what),
        conflict.base, conflict.theirs, conflict.mine,
    )  # fmt: skip


def _called(element: str, drawing: str, otherwise: str) -> str:
    """What an element is called in a drawing, where it is in it."""
    with suppress(BpmnError):
        found = parse(drawing)
        return found.name_of(element, get_language() or "en") if found.find(element) is not None else otherwise
    return otherwise


def _draft(version_id: UUID, user: Any) -> ProcessVersion:
    version = ProcessVersion.objects.select_related("definition", "base__definition").filter(pk=version_id).first()
    if version is None:
        raise NotFound(_("There is no such version."))
    rights.demand(rights.may_edit(user, version.definition))
    return version


# --- undone ------------------------------------------------------------------------------------------------
def last_update(version: ProcessVersion) -> DraftUpdate | None:
    """The last time that a draft was brought up to date, unless it was put back."""
    if version.state != State.DRAFT:
        return None
    return DraftUpdate.objects.filter(version=version, undone_at__isnull=True).select_related("by").order_by("-at").first()


def put_back(version_id: UUID, *, user: Any) -> None:
    """Put a draft back as it was before it was last brought up to date; what was done since stays where it can."""
    with ports.audit().acting(user=user, action="draft.put_back"), transaction.atomic():
        version = _draft(version_id, user)
        ProcessDefinition.objects.select_for_update().get(pk=version.definition_id)
        update = last_update(version)
        if update is None:
            raise Invalid(_("This draft was not brought up to date, or it was put back already."))
        for step in update.steps:
            kind: Any = DecisionVersion if step["decision"] else ProcessVersion
            draft = kind.objects.select_related("definition").filter(pk=step["version"], state=State.DRAFT).first()
            if draft is None:
                raise Invalid(_("A decision of this change was published meanwhile, so the draft cannot be put back."))
            for part, number in step["parts"].items():
                _part_back(draft, part, number, user)
            draft.refresh_from_db()
            draft.base_id = step["base"]
            draft.save()
        update.undone_at = ports.now()
        update.save(update_fields=["undone_at"])


def _part_back(draft: Version, part: str, number: int, user: Any) -> None:
    field = "decision_version" if isinstance(draft, DecisionVersion) else "process_version"
    kept = dict(
        DraftRevision.objects.filter(**{field: draft}, part=part, aside=False, number__in=[number - 1, number]).values_list("number", "content")
    )
    now = parts.content_of(draft, part)
    if len(kept) < 2:
        raise Invalid(_("So much was done since that the draft as it was is not kept any more."))
    before, after = kept[number - 1], kept[number]
    text = before
    if now != after:
        if not (before and now):
            return  # the form was made or taken away since: that stands
        text = drafts.merger_of(part)(after, now, before, prefer="theirs").text
    drafts.save_part(draft, part, text, revision=drafts.revision_of(draft, part), user=user)
