"""Rehearsals from outside: who may, begun, stepped through, ended; what was done is kept in the real database.

What happens in a rehearsal happens in its file, under a lock of its own; here only the record of its acts is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from processes import ports
from processes.bpmn import BpmnError
from processes.catalog import selectors as catalog
from processes.catalog.models import ProcessVersion, State
from processes.compiler.compile import CompileError, compile_version
from processes.errors import Invalid, NotAllowed, NotFound
from processes.inbox.supervision import answers_for
from processes.inbox.visibility import oversees
from processes.rehearsal import playing, rooms
from processes.rehearsal.content import gather
from processes.rehearsal.models import Rehearsal
from processes.rehearsal.people import roles_of
from processes.rehearsal.sandbox import Inside, alone, inside
from processes.rehearsal.showing import Standing, standing
from processes.spoken import gettext as _
from processes.spoken import spoken

KEPT = timedelta(days=7)
"""How long the file of a rehearsal is kept; its row and its steps stay."""


@dataclass(frozen=True)
class RehearsalState:
    """A rehearsal for its page: the row, and how it stands."""

    rehearsal: Rehearsal
    standing: Standing

    @property
    def clock(self) -> datetime:
        """Its present moment."""
        return self.rehearsal.clock

    def entered_before(self, element: str) -> dict[str, dict[str, Any]]:
        """What the tests of the version enter at a step, as a form would send it, by the name of the test."""
        found: dict[str, dict[str, Any]] = {}
        for test in self.rehearsal.version.tests:
            for step in test.get("steps", ()):
                if step.get("do") == "complete" and step.get("element") == element and step.get("entered"):
                    found.setdefault(str(test.get("name", "")), {key: _sent(value) for key, value in step["entered"].items()})
        return found


def _sent(value: Any) -> Any:
    """A value as a form sends it."""
    if isinstance(value, bool):
        return "true" if value else ""
    return value if isinstance(value, str | list | dict) else "" if value is None else str(value)


# --- who may -------------------------------------------------------------------------------------------------
def may_rehearse(version: ProcessVersion, user: Any) -> bool:
    """Whether the person may rehearse a version: who answers for the process any, who works in it the published one."""
    if user is None or not user.is_active:
        return False
    if answers_for(version.definition, user):
        return True
    return version.state in (State.PUBLISHED, State.PILOTED) and works_in(version, user)


def works_in(version: ProcessVersion, user: Any) -> bool:
    """Whether a role of the person stands in the drawing, or oversees all."""
    return oversees(user) or bool(set(ports.people().roles_of(user)) & set(roles_of(catalog.model_of(version), version.definition)))


def _demanded(key: str, number: int, user: Any) -> ProcessVersion:
    version = catalog.version(key, number)
    if not may_rehearse(version, user):
        if version.is_open:
            raise NotFound(_("The process “%(key)s” has no version %(number)s.") % {"key": key, "number": number})
        raise NotAllowed(_("Only those who work in this process may practise it. Ask its owner."))
    return version


def found(rehearsal_id: UUID, user: Any) -> Rehearsal:
    """A rehearsal of one's own, or of a process that one answers for; NotFound otherwise."""
    row = Rehearsal.objects.select_related("version__definition", "by").filter(pk=rehearsal_id).first()
    if row is None or user is None or not user.is_active or not (row.by_id == user.pk or answers_for(row.version.definition, user)):
        raise NotFound(_("There is no such rehearsal, or it is none of yours."))
    if not may_rehearse(row.version, user):
        raise NotFound(_("There is no such rehearsal, or it is none of yours."))
    return row


# --- begin and end -------------------------------------------------------------------------------------------
def begin(
    key: str, number: int, *, user: Any, subject_values: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None, at: datetime | None = None, wait: bool = True,
) -> Rehearsal:  # fmt: skip
    """Begin a rehearsal of a version; Invalid when its drawing does not run, rooms.NotReady while the tables are made."""
    version = _demanded(key, number, user)
    _must_run(version)
    began = at or ports.now()
    row = Rehearsal(version=version, content_hash=version.content_hash, by=user, practice=not answers_for(version.definition, user),
                    began=began, clock=began, record=dict(subject_values or {}), data=dict(data or {}))  # fmt: skip
    content = gather(version)
    rooms.copy_to(file_of(row), wait=wait)
    try:
        row.instance, mails, row.clock = inside(
            file_of(row), began,
            lambda room: (playing.begin(room, content, version.pk, record=row.record, data=row.data), room.mails, room.clock.now()),
        )  # fmt: skip
    except Exception:
        forget_file(row)
        raise
    row.mails = mails
    with transaction.atomic():
        row.save()
    forget_old()
    return row


def _must_run(version: ProcessVersion) -> None:
    try:
        compile_version(version)
    except (CompileError, BpmnError) as error:
        raise Invalid(
            _("%(version)s cannot be rehearsed yet, since its drawing does not run: %(why)s")
            % {"version": version, "why": spoken(error.sentence)}
        ) from error


def end(rehearsal_id: UUID, *, user: Any) -> None:
    """End a rehearsal and throw its data away; what was done in it stays on record."""
    row = found(rehearsal_id, user)
    Rehearsal.objects.filter(pk=row.pk).update(state=Rehearsal.State.ENDED)
    forget_file(row)


# --- go on ---------------------------------------------------------------------------------------------------
def state(rehearsal_id: UUID, *, user: Any) -> RehearsalState:
    """How a rehearsal stands."""
    return _shown(rehearsal_id, user)


def step(rehearsal_id: UUID, task_id: UUID, *, data: Mapping[str, Any], user: Any) -> None:
    """Finish an open step as a person of its role. Invalid with errors by field when the form refuses."""
    _do(rehearsal_id, {"do": "complete", "task": task_id, "entered": data}, user)


def wait(rehearsal_id: UUID, *, until: datetime | None = None, user: Any) -> None:
    """Let time pass up to a moment, or to what falls due next."""
    _do(rehearsal_id, {"do": "wait", "until": until}, user)


def message(rehearsal_id: UUID, task_id: UUID, *, data: Mapping[str, Any] | None = None, user: Any) -> None:
    """Let the message or signal come that an open element waits for."""
    _do(rehearsal_id, {"do": "message", "task": task_id, "data": data or {}}, user)


def refused(rehearsal_id: UUID, task_id: UUID, *, raw: Mapping[str, Any], errors: Mapping[str, str], user: Any) -> RehearsalState:
    """How a rehearsal stands, with an answer that its form refused still in the fields."""
    return _shown(rehearsal_id, user, task_id=task_id, raw=raw, errors=errors)


def _shown(rehearsal_id: UUID, user: Any, **sent: Any) -> RehearsalState:
    with held(rehearsal_id, user) as row:
        return RehearsalState(row, inside(file_of(row), row.clock, lambda room: standing(room, instance_id(row), **sent)))


def _do(rehearsal_id: UUID, done: playing.Act, user: Any) -> None:
    with held(rehearsal_id, user) as row:

        def work(room: Inside) -> None:
            row.steps = [*row.steps, playing.act(room, instance_id(row), done)]
            row.clock = room.clock.now()
            row.mails = [*row.mails, *room.mails]

        inside(file_of(row), row.clock, work)
        row.save(update_fields=["steps", "clock", "mails"])


@contextmanager
def held(rehearsal_id: UUID, user: Any) -> Iterator[Rehearsal]:
    """A rehearsal that runs, with its data at hand, while nobody else does anything in it."""
    file = file_of(found(rehearsal_id, user))
    with alone(file):
        row = found(rehearsal_id, user)
        if row.state != Rehearsal.State.RUNNING:
            raise NotFound(_("This rehearsal has ended and its data are thrown away. Begin another one."))
        if not file.exists() or row.content_hash != row.version.content_hash:
            _again(row)
        yield row


def _again(row: Rehearsal) -> None:
    """Do everything anew from the recorded steps: the file is on another machine, was thrown away, or the draft has
    been changed since. Steps that no longer fit are left out."""
    began, steps = row.began, row.steps
    content = gather(row.version)
    rooms.copy_to(file_of(row))

    def work(room: Inside) -> tuple[UUID, list[playing.Act]]:
        instance = playing.begin(room, content, row.version_id, record=row.record, data=row.data)
        kept: list[playing.Act] = []
        for done in steps:
            try:
                kept.append(playing.act(room, instance, done))
            except (playing.CannotStep, Invalid, NotFound, NotAllowed):
                break
        row.clock, row.mails = room.clock.now(), room.mails
        return instance, kept

    row.instance, row.steps = inside(file_of(row), began, work)
    row.content_hash = row.version.content_hash
    row.save(update_fields=["instance", "steps", "clock", "mails", "content_hash"])


def instance_id(row: Rehearsal) -> UUID:
    if row.instance is None:
        raise NotFound(_("There is no such rehearsal, or it is none of yours."))
    return row.instance


# --- files ---------------------------------------------------------------------------------------------------
def file_of(row: Rehearsal) -> Path:
    """Where the data of a rehearsal lie."""
    return rooms.folder() / f"{row.pk}.sqlite3"


def forget_file(row: Rehearsal) -> None:
    """Throw the data of a rehearsal away."""
    file_of(row).unlink(missing_ok=True)
    file_of(row).with_suffix(".lock").unlink(missing_ok=True)


def forget_old() -> None:
    """Throw away the data of rehearsals that nobody has touched for a week; each is made anew when it is asked for."""
    oldest = (datetime.now().astimezone() - KEPT).timestamp()
    for file in rooms.folder().glob("*-*-*-*-*.*"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
