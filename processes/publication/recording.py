"""The record of a change while it is prepared: written field by field, by several people at once without loss.

A save says what each field held when the person began. A field that somebody else has changed since is not overwritten:
both texts are told, and whoever saves decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from processes import ports
from processes.catalog.models import ProcessVersion, State
from processes.errors import Clash, Clashing, Invalid, NotFound
from processes.publication import piloting, rights
from processes.publication.changes import OPEN, written_by
from processes.publication.models import PARTS, ProcessChange
from processes.publication.obstacles import findings
from processes.spoken import gettext as _

TEXTS = ("diagnosis", "measures", "customer_view", "training")
WRITABLE = (
    "title", *TEXTS, "owner_id", "waived", "customers_notice", "way", "at", "rule", "choices", "share", "pilot_until",
)  # fmt: skip
PARTED = ("waived", "choices")
"""Fields with parts of their own, written as “waived.training” or “choices.branch”."""
LONGEST = {"title": 200, "rule": 1000, **dict.fromkeys(TEXTS, 20_000)}


def prepare(version_id: UUID, *, user: Any) -> ProcessChange:
    """The change that a draft is prepared with; made when there is none."""
    with ports.audit().acting(user=user, action="change.prepare"), transaction.atomic():
        version = ProcessVersion.objects.select_for_update(of=("self",)).select_related("definition").filter(pk=version_id).first()
        if version is None:
            raise NotFound(_("There is no such version."))
        rights.demand(rights.may_edit(user, version.definition))
        found = found_or_blank(version, user)
        if not found._state.adding:
            return found
        if version.state != State.DRAFT:
            raise Invalid(_("%(version)s is no draft, so there is nothing to hand in.") % {"version": version})
        found.save()
        return found


def found_or_blank(version: ProcessVersion, user: Any) -> ProcessChange:
    """The open change of a version, else one that is not stored, as it is before anything is written."""
    found = ProcessChange.objects.filter(version=version, state__in=OPEN).first()
    if found is not None:
        found.version = version
        return found
    return ProcessChange(definition=version.definition, version=version, author=user, owner_id=version.definition.owner_id)


def record(change_id: int, *, user: Any, values: Mapping[str, Any], began: Mapping[str, Any] | None = None) -> ProcessChange:
    """Write fields of the record; only while it is prepared or sent back.

    `began` says what fields held when the person began. Clashing when one of them holds something else by now; Invalid
    with a sentence by field. In both cases nothing is written.
    """
    with ports.audit().acting(user=user, action="change.record"), transaction.atomic():
        row = written_by(change_id, user)
        wanted = {name: _plain(name, value) for name, value in values.items()}
        clashes = {
            name: _clash(row, name, wanted[name])
            for name, before in (began or {}).items()
            if name in wanted and value_of(row, name) not in (_plain(name, before), wanted[name])
        }
        if clashes:
            raise Clashing(_("Somebody else has changed this meanwhile. Choose which of both stands."), clashes)
        errors = {name: said for name, value in wanted.items() if (said := _wrong(row, name, value))}
        if errors:
            raise Invalid(next(iter(errors.values())), errors=errors)
        for name, value in wanted.items():
            if value != value_of(row, name):
                _put(row, name, value)
                row.written = {**row.written, name: {"by": getattr(user, "pk", None), "at": ports.now().isoformat()}}
        row.save()
        return row


def value_of(row: ProcessChange, name: str) -> Any:
    """What a field of the record holds now; “waived.<part>” a reason, “choices.<group>” a list."""
    field, _dot, part = name.partition(".")
    if not part:
        return _plain(name, getattr(row, name))
    return _plain(name, getattr(row, field).get(part, [] if field == "choices" else ""))


def _put(row: ProcessChange, name: str, value: Any) -> None:
    field, _dot, part = name.partition(".")
    if part:
        value = {key: one for key, one in {**getattr(row, field), part: value}.items() if one}
    setattr(row, field, value)


def _plain(name: str, value: Any) -> Any:
    """A value in the one way in which values of its field are compared and stored."""
    if name.startswith("choices."):
        return sorted(map(str, value))
    if name == "choices":
        return {key: sorted(map(str, some)) for key, some in value.items() if some}
    if name == "waived":
        return {part: why.strip() for part, why in value.items() if part in PARTS and str(why).strip()}
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    return value.strip().replace("\r\n", "\n") if isinstance(value, str) else value


def _clash(row: ProcessChange, name: str, mine: Any) -> Clash:
    noted = row.written.get(name) or {}
    person = get_user_model()._default_manager.filter(pk=noted["by"]).first() if noted.get("by") else None
    at = datetime.fromisoformat(noted["at"]) if noted.get("at") else None
    return Clash(value_of(row, name), mine, ports.people().display(person), at)


def _wrong(row: ProcessChange, name: str, value: Any) -> str:
    """What is wrong with a value for a field, as a sentence; empty when it may be written."""
    field, _dot, part = name.partition(".")
    if field not in WRITABLE or (part and (field not in PARTED or (field == "waived" and part not in PARTS))):
        return _("“%(name)s” is no part of the record.") % {"name": name}
    if len(value) > LONGEST[field] if field in LONGEST else False:
        return _("This is too long: at most %(n)d characters.") % {"n": LONGEST[field]}
    if field == "way" and value not in ProcessChange.Way.values:
        return _("Say when it shall be published.")
    if field in ("at", "pilot_until") and value is not None and value != value_of(row, name) and value <= ports.now():
        return _("This moment has passed. Choose a later one.")
    if field == "owner_id" and value is not None and not get_user_model()._default_manager.filter(pk=value, is_active=True).exists():
        return _("There is no such person here any more. Choose somebody else.")
    if field in ("rule", "share", "choices"):
        return _wrong_pilot(row, field, part, value)
    return ""


def _wrong_pilot(row: ProcessChange, field: str, part: str, value: Any) -> str:
    asked: dict[str, Any] = {"rule": "", "choices": {}, "share": 100, field: {part: value} if part else value}
    if not isinstance(asked["share"], int):
        return _("The share is a number from 1 to 100.")
    try:
        piloting.demand_rule(row.version, asked["rule"], asked["choices"], asked["share"])
    except Invalid as error:
        return error.sentence
    return ""


def waive_finding(change_id: int, key: str, *, reason: str, user: Any) -> ProcessChange:
    """Let a finding of severity “block” pass, with a reason; an empty reason takes that back. Reviewers see it."""
    with ports.audit().acting(user=user, action="change.waive", reason=reason), transaction.atomic():
        row = written_by(change_id, user)
        found = next((finding for finding in findings(row) if finding.key == key), None)
        if found is None or found.severity != "block":
            raise Invalid(_("This finding cannot be let pass. Mend it."))
        row.findings_waived = {name: why for name, why in row.findings_waived.items() if name != key}
        if reason.strip():
            row.findings_waived[key] = reason.strip()
        row.save(update_fields=["findings_waived"])
        return row
