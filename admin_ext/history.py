"""The history of a record in words, read from the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

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
    people = _names(row.actor_id for row in rows)
    return [
        Entry(
            at=row.at, who=people.get(row.actor_id, ""), operation=row.operation,
            operation_label=row.get_operation_display(), instance_id=row.instance_id, task_id=row.task_id,
            reason=row.reason, changes=list(_changes(record, row.changes)),
        )
        for row in rows
    ]  # fmt: skip


def _names(ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {pk for pk in ids if pk is not None}
    return {person.pk: ports.people().display(person) for person in get_user_model().objects.filter(pk__in=wanted)}


def _changes(record: Model, changes: dict[str, Any]) -> Iterable[Changed]:
    for column, sides in changes.items():
        if column in SILENT or any(word in column for word in SECRET):
            continue
        before, after = sides if isinstance(sides, list) and len(sides) == 2 else (None, sides)
        if before in (None, "") and after in (None, ""):
            continue
        yield Changed(_label(record, column), _shown(record, column, before), _shown(record, column, after))


def _field(record: Model, column: str) -> Any:
    try:
        return record._meta.get_field(column.removesuffix("_id") if column.endswith("_id") else column)
    except FieldDoesNotExist:
        return None


def _label(record: Model, column: str) -> str:
    found = _field(record, column)
    return str(getattr(found, "verbose_name", column)) if found is not None else column


def _shown(record: Model, column: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    found = _field(record, column)
    if found is not None and getattr(found, "choices", None):
        return str(dict(found.flatchoices).get(value, value))
    text = str(value)
    return text if len(text) <= 160 else f"{text[:157]}…"
