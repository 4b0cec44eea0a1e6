"""The history of a record in words, read from the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Model
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _

from admin_ext import stored_words, words
from admin_ext.choosing import choices_for
from crm_core.kernel.models import AuditEntry
from crm_core.kernel.selectors import history_of
from processes import ports

LIMIT = 200
# Columns that say nothing to a reader, and those whose content must not be shown.
SILENT = frozenset({"version", "changed_at", "changed_by_id", "search_text", "match_key", "match_key_zh", "segmented"})
SECRET = ("token", "password", "secret")


@dataclass(frozen=True, slots=True)
class Changed:
    """One field's change, both sides as they are shown."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a record: when, by whom, in which step, and what."""

    at: datetime
    who: str
    operation: str
    operation_label: str
    instance_id: str
    task_id: str
    reason: str
    changes: list[Changed] = field(default_factory=list)


def entries_of(record: Model, *, user: Any) -> list[Entry]:
    """The newest changes of a record. The caller has made sure that the person may see the record."""
    rows = list(history_of(record)[:LIMIT])
    named = _references(record, rows, user)
    people = _names(pk for row in rows for pk in (row.actor_id, row.acting_for_id))
    return [
        Entry(
            at=row.at, who=_who(row, people), operation=row.operation,
            operation_label=row.get_operation_display(), instance_id=row.instance_id, task_id=row.task_id,
            reason=row.reason, changes=list(_changes(record, row.changes, named)),
        )
        for row in rows
    ]  # fmt: skip


def _who(row: AuditEntry, people: dict[int | None, str]) -> str:
    name = people.get(row.actor_id, "")
    absent = people.get(row.acting_for_id, "") if row.acting_for_id is not None else ""
    return _("%(person)s for %(absent)s") % {"person": name, "absent": absent} if absent else name


def _names(ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {pk for pk in ids if pk is not None}
    return {person.pk: ports.people().display(person) for person in get_user_model().objects.filter(pk__in=wanted)}


def _references(record: Model, rows: Iterable[AuditEntry], user: Any) -> dict[tuple[str, Any], str]:
    """The names of what references were set to, by column and key; of what the person may not see, none."""
    columns = {column for row in rows for column in row.changes}
    named: dict[tuple[str, Any], str] = {}
    for column in columns:
        found = _field(record, column)
        if found is None or not found.is_relation:
            continue
        keys = {side for row in rows for side in row.changes.get(column) or () if side not in (None, "")}
        seen = choices_for(user, found.related_model).filter(pk__in=keys)
        named |= {(column, other.pk): str(other) for other in seen}
    return named


def _changes(record: Model, changes: dict[str, Any], named: dict[tuple[str, Any], str]) -> Iterable[Changed]:
    for column, sides in changes.items():
        if column in SILENT or any(word in column for word in SECRET):
            continue
        before, after = sides if isinstance(sides, list) and len(sides) == 2 else (None, sides)
        if before in (None, "") and after in (None, ""):
            continue
        yield Changed(_label(record, column), _shown(record, column, before, named), _shown(record, column, after, named))


def _field(record: Model, column: str) -> Any:
    try:
        return record._meta.get_field(column.removesuffix("_id") if column.endswith("_id") else column)
    except FieldDoesNotExist:
        return None


def _label(record: Model, column: str) -> str:
    found = _field(record, column)
    return str(getattr(found, "verbose_name", column)) if found is not None else column


def _shown(record: Model, column: str, value: Any, named: dict[tuple[str, Any], str]) -> str:
    if value in (None, ""):
        return "–"
    found = _field(record, column)
    if found is not None and found.is_relation:
        return named.get((column, value)) or _("(not open to you)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if found is not None and getattr(found, "choices", None):
        return str(dict(found.flatchoices).get(value, value))
    if stored_words.applies_to(found):
        return stored_words.in_words(column, value)
    if isinstance(found, DateTimeField) and (moment := parse_datetime(str(value))) is not None:
        return words.moment(moment if is_aware(moment) else moment.replace(tzinfo=UTC))
    text = str(value)
    return text if len(text) <= 160 else f"{text[:157]}…"
