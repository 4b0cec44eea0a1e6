"""Saving a draft part by part, by several people and in several tabs at once, without losing what anybody typed.

Every save says which revision it began from. When nobody saved in between it stands as sent; otherwise what both did is
merged place by place. Where both changed the same place one of the two stands, and the text that was sent is kept aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from processes import ports
from processes.bpmn import BpmnError
from processes.bpmn.merge import merge as merge_drawings
from processes.catalog import draft_parts as parts
from processes.catalog.draft_parts import Version
from processes.catalog.form_merge import merge as merge_forms
from processes.catalog.list_merge import merge as merge_lists
from processes.catalog.models import DraftPresence, DraftRevision, ProcessVersion, State
from processes.dmn import DmnError
from processes.dmn.merge import merge as merge_decisions
from processes.errors import AlreadyDone, Invalid
from processes.merging import Conflict
from processes.spoken import gettext as _

KEPT = 300
"""How many revisions of a part are kept; a page that is open for longer than that many saves begins anew."""

PRESENT = timedelta(seconds=40)
"""How long after its last word a page counts as open; pages say one every quarter of that."""


@dataclass(frozen=True)
class Saved:
    """What became of a save: the revision that stands now and its content.

    `merged` says that the content is not what was sent, `others` who had changed the part in between, `conflicts` the
    places that both had changed.
    """

    revision: int
    content: str
    merged: bool = False
    others: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def revision_of(version: Version, part: str) -> int:
    """The number of the revision of a part that stands."""
    return int(_rows(version, part).filter(aside=False).aggregate(most=Max("number"))["most"] or 0)


def revisions_of(version: Version) -> dict[str, int]:
    """The number that stands, of every part of the version; one query."""
    rows = _rows(version).filter(aside=False).values_list("part").annotate(Max("number"))
    return dict.fromkeys(parts.parts_of(version), 0) | dict(rows)


def save_part(
    version: Version, part: str, content: str, *, revision: int, user: Any = None, prefer: str = "theirs", origin: str = ""
) -> Saved:
    """Save a part of a draft that was opened at `revision`; `prefer` ("theirs" or "mine") decides where both changed a place.

    An editor that writes a file in its own manner gives as `origin` what it would have written before the change: then
    only what differs between the two is taken over, and comments, order and what it does not know stay as they were.

    AlreadyDone when the version is no draft any more, Invalid when the text cannot be opened again or the revision is
    too old to be merged; both leave the draft as it was and keep the text aside.
    """
    parts.demand_part(version, part)
    try:
        with transaction.atomic():
            return _save(version, part, _as_stored(version, part, content, revision, origin), revision, user, prefer)
    except (AlreadyDone, Invalid):
        _keep_aside(version, part, content, revision, user)
        raise


def _save(version: Version, part: str, content: str, revision: int, user: Any, prefer: str) -> Saved:
    row: Any = type(version)._default_manager.select_for_update().select_related("definition").get(pk=version.pk)
    if row.state != State.DRAFT:
        raise AlreadyDone(
            _("%(version)s is no draft any more (it is now: %(state)s). What you changed is kept; open a new draft for it.")
            % {"version": row, "state": row.get_state_display().lower()}
        )
    stands, newest = parts.content_of(row, part), revision_of(row, part)
    saved = Saved(newest, content)
    parts.put(row, part, content)  # a text that could not be opened again is refused before anything is merged
    if revision != newest:
        saved = _merged(row, part, content, stands, revision, newest, prefer, user)
        if saved.conflicts:
            _write(row, part, content, revision, user, aside=True)
    if saved.content == stands:
        return saved
    parts.put(row, part, saved.content)
    row.save()
    if newest == 0 and not _rows(row, part).filter(number=0, aside=False).exists():
        _write(row, part, stands, 0, row.created_by)
    _write(row, part, saved.content, newest + 1, user)
    _rows(row, part).filter(number__lt=newest - KEPT, number__gt=0).delete()
    return replace(saved, revision=newest + 1)


def _as_stored(version: Version, part: str, content: str, revision: int, origin: str) -> str:
    """The text of a revision with the change that leads from `origin` to `content`."""
    if not origin:
        return content
    kept = _rows(version, part).filter(number=revision, aside=False).values_list("content", flat=True).first()
    before = kept if kept is not None else parts.content_of(version, part) if revision == 0 else content
    try:
        return str(merger_of(part)(origin, before, content, prefer="mine").text)
    except (BpmnError, DmnError):
        return content  # no file of this kind: it is judged as it was sent


def _merged(
    row: Version, part: str, mine: str, theirs: str, revision: int, newest: int, prefer: str, user: Any
) -> Saved:
    if mine == theirs:
        return Saved(newest, theirs)  # it arrived already, only the answer did not
    base = _rows(row, part).filter(number=revision, aside=False).values_list("content", flat=True).first()
    if base is None:
        raise Invalid(
            _("This page was open for so long that its changes cannot be joined with what others did. "
              "They are kept; reload the page.")
        )  # fmt: skip
    others = _others(row, part, revision, user)
    if mine == base:
        return Saved(newest, theirs, merged=True, others=others)
    if base == theirs:
        return Saved(newest, mine, others=others)
    done = merger_of(part)(base, theirs, mine, prefer=prefer)
    return Saved(newest, done.text, merged=True, others=others, conflicts=tuple(done.conflicts))


def merger_of(part: str) -> Callable[..., Any]:
    """What merges two texts of a part that came from a third."""
    if part == parts.DRAWING:
        return merge_drawings
    if part == parts.DMN:
        return merge_decisions
    return merge_lists if part in (parts.TESTS, parts.EXAMPLES) else merge_forms


def _others(row: Version, part: str, revision: int, user: Any) -> tuple[str, ...]:
    people = [r.by for r in _rows(row, part).filter(number__gt=revision, aside=False).select_related("by")]
    names = (ports.people().display(person) for person in people if person not in (None, user))
    return tuple(dict.fromkeys(name for name in names if name))


def _keep_aside(version: Version, part: str, content: str, revision: int, user: Any) -> None:
    if len(content) <= parts.MOST_JSON * 5:
        _write(version, part, content, revision, user, aside=True)


def _write(version: Version, part: str, content: str, number: int, user: Any, *, aside: bool = False) -> None:
    DraftRevision.objects.create(**_of(version), part=part, number=number, content=content, by=user, aside=aside)


def _of(version: Version) -> dict[str, Any]:
    return {"process_version" if isinstance(version, ProcessVersion) else "decision_version": version}


def _rows(version: Version, part: str | None = None) -> Any:
    rows = DraftRevision.objects.filter(**_of(version))
    return rows if part is None else rows.filter(part=part)


# --- who is there ------------------------------------------------------------------------------------------
def be_present(version: Version, part: str, user: Any) -> None:
    """Note that a person has a part open."""
    DraftPresence.objects.update_or_create(
        version=version.pk, part=part, user=user, defaults={"seen_at": ports.now()}
    )


def present(version: Version, *, besides: Any = None) -> list[tuple[str, str]]:
    """Who has which part of a version open just now, as (name, part); `besides` is left out."""
    rows = DraftPresence.objects.filter(version=version.pk, seen_at__gte=ports.now() - PRESENT).select_related("user")
    return [(ports.people().display(row.user), row.part) for row in rows.order_by("seen_at") if row.user != besides]


def forget_presence(versions: Iterable[Version]) -> None:
    """Forget who was at drafts that are drafts no more."""
    DraftPresence.objects.filter(version__in=[version.pk for version in versions]).delete()
