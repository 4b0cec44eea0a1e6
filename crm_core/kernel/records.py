"""What every CRM record carries, and the one way to write it.

Services write through `create` and `change`: they stamp who and when by the clock in use,
and refuse to overwrite what somebody else changed meanwhile (optimistic locking). History
is not written here: the audit triggers see every way of writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy

from crm_core.kernel.numbers import take_numbers
from processes import api, ports
from processes.api import gettext as _
from processes.errors import ProcessError
from processes.prepared import Prepared


class Stale(ProcessError):
    """Somebody else saved the record since it was read; nothing was written."""

    code = "stale_record"


class Stamped(models.Model):
    """Who created and changed a row, and when; `version` counts its changes."""

    created_at = models.DateTimeField(gettext_lazy("created"), default=ports.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("created by"),
    )
    changed_at = models.DateTimeField(gettext_lazy("changed"), default=ports.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("changed by"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Record(Stamped):
    """A business record: stamped, owned, placed in a branch, open for custom fields, audited."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("owner"),
    )
    branch = models.ForeignKey(
        "crm_kernel.Branch",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("branch"),
    )
    custom = models.JSONField(gettext_lazy("custom fields"), default=dict, blank=True)

    class Meta:
        abstract = True


class Numbered(models.Model):
    """A record with a number for people, such as L-2026-00001; `NUMBER_PREFIX` is its letter."""

    NUMBER_PREFIX: ClassVar[str] = ""

    number = models.CharField(gettext_lazy("number"), max_length=30, unique=True, editable=False)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=models.Model)


def _placed(values: dict[str, Any], model: type[models.Model], by: Any) -> None:
    """A record without a branch belongs where its owner works."""
    names = {field.name for field in model._meta.fields}
    if "branch" in names and not (values.get("branch") or values.get("branch_id")):
        person = values.get("owner") or values.get("manager") or by
        employee = getattr(person, "employee", None) if person is not None else None
        if employee is not None:
            values["branch_id"] = employee.branch_id


def build(model: type[Row], *, by: Any, **values: Any) -> Row:
    """A new record, stamped, placed and numbered, but not saved (for bulk writing)."""
    now = ports.now()
    names = {field.name for field in model._meta.fields}
    _placed(values, model, by)
    if "created_at" in names:
        stamps = {"created_at": now, "changed_at": now, "created_by": by, "changed_by": by}
        values = {**stamps, **values}
    if issubclass(model, Numbered) and not values.get("number"):
        values["number"] = take_numbers(model.NUMBER_PREFIX)[0]
    return model(**values)


def create(model: type[Row], *, by: Any, **values: Any) -> Row:
    """Insert a record by `by` (None for the system), stamped, placed in a branch and numbered.

    The record's branch is the owner's (else the creator's) unless one is given.
    """
    record = build(model, by=by, **values)
    record.save(force_insert=True)
    return record


@cache
def _by_key(model: type[models.Model], lock: bool) -> Prepared[Any]:
    rows = model._default_manager.select_for_update(of=("self",)) if lock else model._default_manager.all()
    return Prepared(lambda pk: rows.filter(pk=pk), int)


def fetch(model: type[Row], pk: int) -> Row:
    """The record with a key. Raises the model's DoesNotExist."""
    found = _by_key(model, False).first(pk)
    if found is None:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    return found


def locked(record: Row) -> Row:
    """The record as it is now, locked until the end of the transaction. Raises the model's DoesNotExist."""
    found = _by_key(type(record), True).first(record.pk)
    if found is None:
        raise type(record).DoesNotExist  # type: ignore[attr-defined]
    return found


def change(record: models.Model, *, by: Any, seen: int | None = None, **values: Any) -> list[str]:
    """Write `values` to a record if nobody changed it meanwhile; returns the names that changed.

    `seen` is the version the writer looked at (default: that of the object in hand).
    Raises `Stale` when the row has moved on; then nothing is written. Writing equal values
    does nothing.
    """
    changed = [name for name, value in values.items() if getattr(record, name) != value]
    expected = record.version if seen is None else seen  # type: ignore[attr-defined]
    if not changed and expected == record.version:  # type: ignore[attr-defined]
        return []
    manager = type(record)._base_manager
    stamp = {"changed_at": ports.now(), "changed_by": by, "version": expected + 1}
    new = {name: values[name] for name in changed}
    with transaction.atomic(savepoint=False):
        written = manager.filter(pk=record.pk, version=expected).update(**new, **stamp)
        if written:
            api.record_changed(record)
    if not written:
        raise Stale(
            _(
                "Somebody else changed this record while you were working. Look at it again and repeat your change."
            )
        )
    for name, value in {**new, **stamp}.items():
        setattr(record, name, value)
    return changed


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a record as a form leaves them: `kept` as they are to be (new ones unsaved), `gone` to be deleted."""

    kept: Sequence[Any]
    gone: Sequence[Any] = ()


def change_many(rows: models.QuerySet, *, by: Any, **values: Any) -> int:
    """Write the same values to many records at once; returns how many rows were written."""
    return rows.update(**values, changed_at=ports.now(), changed_by=by, version=F("version") + 1)


def insert_many(model: type[Row], rows: Iterable[dict[str, Any]], *, by: Any, size: int = 1000) -> list[Row]:
    """Insert many records with one statement per `size` rows, numbered in one draw."""
    listed = list(rows)
    if issubclass(model, Numbered):
        missing = [row for row in listed if not row.get("number")]
        for row, number in zip(missing, take_numbers(model.NUMBER_PREFIX, len(missing)), strict=True):
            row["number"] = number
    return model._base_manager.bulk_create([build(model, by=by, **row) for row in listed], batch_size=size)
