"""Which version a new instance begins on: the published one, or the one that is piloted.

Every way an instance begins asks here. Without a pilot that costs one look into a small index. A rule that cannot
be asked never keeps anything from beginning: the published version takes it, and the owner is told once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db import transaction

from processes import feel, ports
from processes.bpmn.model import Event
from processes.catalog import selectors as catalog
from processes.catalog.models import Pilot, ProcessVersion
from processes.ports import Subject
from processes.prepared import Prepared
from processes.runtime.flow import version_of
from processes.runtime.models import PilotAssignment
from processes.spoken import gettext as _
from processes.spoken import kept, spoken

log = logging.getLogger(__name__)

Arm = PilotAssignment.Arm
_PARTS = 10_000
_RUNNING: Prepared[Pilot] = Prepared(
    lambda definition: Pilot.objects.filter(definition=definition, ended_at__isnull=True), UUID
)


class RuleBroken(Exception):
    """The rule of a pilot gives no answer for a record; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Chosen:
    """The version that an instance begins on, and the pilot that was asked, if any."""

    version: ProcessVersion
    pilot: UUID | None = None
    arm: str = ""

    def note(self, instance_id: UUID) -> None:
        """Keep with the instance where it went, in the caller's transaction."""
        if self.pilot is not None:
            PilotAssignment.objects.create(instance_id=instance_id, pilot_id=self.pilot, arm=self.arm)


def choose(
    published: ProcessVersion, *, subject: Subject | None, data: Mapping[str, Any] | None = None, by: str = ""
) -> Chosen:
    """The version for a new instance of the process of a published version. `by` is what is drawn where there is
    neither customer nor record: the key of the message or of the moment."""
    pilot = _RUNNING.first(published.definition_id)
    return Chosen(published) if pilot is None else assigned(pilot, published, subject=subject, data=data, by=by)


def choose_at(
    published: ProcessVersion, event: str, *, subject: Subject | None, data: Mapping[str, Any] | None = None, by: str = ""
) -> tuple[Chosen, str]:
    """As `choose` for a start event that has happened, with the id of the event to begin at. A piloted drawing that has
    no such start leaves it to the published one."""
    chosen = choose(published, subject=subject, data=data, by=by)
    if chosen.arm != Arm.PILOT:
        return chosen, event
    same = same_start(published, chosen.version, event)
    return (chosen, same) if same else (Chosen(published, chosen.pilot, Arm.OUTSIDE), event)


def same_start(published: ProcessVersion, piloted: ProcessVersion, event: str) -> str:
    """The start event of a drawing that waits for the same as one of another drawing; empty when it has none. Moments
    are the same only when they are said in the same words."""
    ours = catalog.model_of(published).nodes.get(event)
    if not isinstance(ours, Event):
        return ""
    model = catalog.model_of(piloted)
    starts = sorted(model.starts_of(model.process.id), key=lambda found: found.id != event)
    wanted = set(map(_words, ours.definitions))
    return next((found.id for found in starts if wanted & set(map(_words, found.definitions))), "")


def _words(definition: Any) -> tuple[str, ...]:
    body = definition.body.text.strip() if definition.body else ""
    return (definition.kind, definition.name) if definition.kind in ("message", "signal") else (
        definition.kind, definition.timer, definition.time, body
    )  # fmt: skip


def assigned(
    pilot: Pilot, published: ProcessVersion, *, subject: Subject | None, data: Mapping[str, Any] | None = None, by: str = ""
) -> Chosen:
    """Where a running pilot sends a new instance."""
    if pilot.until is not None and pilot.until <= ports.now():
        return Chosen(published)
    try:
        with transaction.atomic():  # a failing query of a rule must not spoil the start
            meant, customer = matches(pilot, subject, data or {})
    except Exception as error:
        _told(pilot, error)
        return Chosen(published, pilot.pk, Arm.BROKEN)
    if not meant:
        return Chosen(published, pilot.pk, Arm.OUTSIDE)
    if not drawn(pilot.pk, pilot.share, customer or by or str(ports.now().timestamp())):
        return Chosen(published, pilot.pk, Arm.CONTROL)
    return Chosen(version_of(pilot.version_id), pilot.pk, Arm.PILOT)


def drawn(pilot_id: UUID, share: int, customer: str) -> bool:
    """Whether a customer is in the share of a pilot: always the same answer, and a larger share holds the smaller."""
    digest = blake2b(f"{pilot_id}:{customer}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _PARTS < share * (_PARTS // 100)


def matches(pilot: Pilot, subject: Subject | None, data: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a pilot means a record, and by what it is drawn: its customer, else the record itself.

    RuleBroken when the rule gives no answer."""
    kind = ports.subjects().get(subject.type) if subject is not None else None
    record = kind.load(subject.id) if kind is not None and subject is not None else None
    if kind is None or subject is None or record is None:
        return not pilot.rule.strip() and not pilot.choices, ""
    account = kind.account_id(record)
    customer = f"customer:{account}" if account is not None else f"{subject.type}:{subject.id}"
    if pilot.choices and subject.id not in chosen(pilot, kind, [subject.id]):
        return False, customer
    return not pilot.rule.strip() or rule_holds(pilot.rule, kind, record, data), customer


def chosen(pilot: Pilot, kind: ports.SubjectType, ids: Sequence[int]) -> frozenset[int]:
    """Those of the records that are in the groups and audiences that a pilot names; a query for the groups and one for
    each audience, however many records."""
    wanted = {name: values for name, values in pilot.choices.items() if values}
    audiences = {audience.name: audience for audience in kind.audiences()} if set(wanted) - {group.name for group in kind.groups} else {}
    found = frozenset(ids)
    groups = {name: values for name, values in wanted.items() if name not in audiences}
    if groups:
        values = kind.grouped(ids)
        found = frozenset(pk for pk in ids if all(values.get(pk, {}).get(name, "") in some for name, some in groups.items()))
    for name in wanted.keys() & audiences.keys():
        found &= audiences[name].members(sorted(found), wanted[name])
    return found


def rule_holds(rule: str, kind: ports.SubjectType, record: Any, data: Mapping[str, Any]) -> bool:
    """Whether a rule holds for a record: its declared fields, by themselves and under the name of its kind, and the
    values that the instance begins with."""
    view = dict(kind.view(record))
    zone = ports.calendars().zone_for(None)
    result = feel.evaluate(
        rule.strip().removeprefix("="), {**data, **view, kind.key: view}, clock=ports.now, tz=zone
    )
    if result.diagnostics:
        raise RuleBroken(
            _("The expression “%(text)s” cannot be worked out: %(why)s")
            % {"text": rule[:200], "why": result.diagnostics[0].reason}
        )
    if result.value is not True and result.value is not False:
        raise RuleBroken(_("The condition “%(text)s” is neither true nor false.") % {"text": rule[:200]})
    return bool(result.value)


def _told(pilot: Pilot, error: Exception) -> None:
    """Note on the pilot what is wrong with its rule, and tell who answers for it; once."""
    log.warning("The rule of a pilot of %s gives no answer.", pilot.version_id, exc_info=error)
    why = error.sentence if isinstance(error, RuleBroken) else _("It failed with a technical error.")
    note = {**kept(why), "at": ports.now().isoformat()}
    if not Pilot.objects.filter(pk=pilot.pk, error__isnull=True).update(error=note):
        return
    version = ProcessVersion.objects.select_related("definition__owner").get(pk=pilot.version_id)
    people = [person for person in (version.definition.owner, pilot.by) if person is not None]
    sentence = _("The rule of the pilot of %(version)s cannot be asked; the published version takes what begins. %(why)s")
    ports.notifier().notify(
        users=people, kind="pilot_broken",
        context={"title": version.definition.title(), "text": spoken(sentence % {"version": version, "why": why}),
                 "key": f"pilot:{pilot.pk}"},
    )  # fmt: skip
