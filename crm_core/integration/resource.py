"""Cleaned rows as a django-import-export resource: new, changed, same or refused, with the differences.

The library decides row by row what a row is and shows it; what is written goes through the domain, all new rows
of a part at once. A row that its person may not write, or that the domain refuses, stops no other row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from decimal import Decimal
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets
from import_export.results import Result

from crm_core.integration.definitions import Definition, Values
from crm_core.integration.mapping import Row
from crm_core.kernel.access.policies import policy_for
from processes.errors import ProcessError

REFUSALS = (ProcessError, IntegrityError, DataError, ArithmeticError)


class _AsItIs(widgets.Widget):
    """Values are clean already; records are shown by their name."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return value

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)


class RowsResource(resources.ModelResource):
    """One part of a file on its way into one kind of record."""

    definition: Definition
    shown: tuple[str, ...]

    class Meta:
        skip_unchanged = True
        report_skipped = True
        use_transactions = False
        store_instance = False

    def __init__(self, rows: Sequence[Row], *, by: Any, own: Callable[[Sequence[int]], set[int]] | None = None,
                 seen: set[tuple[Any, ...]] | None = None) -> None:  # fmt: skip
        """`own` tells which of some records this file has brought already, `seen` are the rows met in earlier parts."""
        super().__init__()
        self.by = by
        self.rows = {row.line: row for row in rows}
        for row in rows:
            row.errors.update(self._out_of_range(row))
        good = [row for row in rows if not row.errors]
        for row, errors in zip(good, self.definition.resolve([row.values for row in good]), strict=True):
            row.errors.update(errors)
        good = [row for row in good if not row.errors]
        self.known = self.definition.known([row.values for row in good])
        brought = own([record.pk for record in self.known.values()]) if own is not None and self.known else set()
        for row in good:
            record = self.known.get(self.definition.identity(row.values))
            if record is not None and record.pk in brought:
                row.errors[""] = self._twice()
        self._judge([row for row in good if not row.errors])
        self.fresh: list[Row] = []
        self.created: list[Any] = []
        self._seen: set[tuple[Any, ...]] = set() if seen is None else seen
        self._references = {f.name for f in self.definition.model._meta.fields if f.is_relation}

    def table(self) -> tablib.Dataset:
        """The rows as the library takes them."""
        headers = ["line", *self.shown]
        data = [[line, *(row.values.get(name) for name in self.shown)] for line, row in self.rows.items()]
        return tablib.Dataset(*data, headers=headers)

    def run(self, *, dry: bool) -> Result:
        """Import the rows, or say what that would do."""
        result = self.import_data(self.table(), dry_run=dry, raise_errors=False, use_transactions=False)
        if not dry and self.fresh:
            self.created = self._create(self.fresh)
        return result

    def _out_of_range(self, row: Row) -> dict[str, str]:
        """Numbers that the record has no room for: not every database refuses them by itself. The others are rounded to
        as many decimals as it keeps."""
        wrong = {}
        for field in self.definition.model._meta.concrete_fields:
            value = row.values.get(field.name)
            if isinstance(value, Decimal) and isinstance(field, models.DecimalField):
                out = abs(value) >= 10 ** (field.max_digits - field.decimal_places)
                row.values[field.name] = value if out else round(value, field.decimal_places)
            elif isinstance(value, int) and isinstance(field, models.IntegerField):
                low, high = connection.ops.integer_field_range(field.get_internal_type())
                out = (low is not None and value < low) or (high is not None and value > high)
            else:
                continue
            if out:
                wrong[field.name] = _("“%(value)s” is out of range.") % {"value": str(value)[:60]}
        return wrong

    # --- who may -----------------------------------------------------------------------------------------
    def _judge(self, rows: Sequence[Row]) -> None:
        """Refuse the rows that their person may not write; known records closed to them are not even compared."""
        if self.by is None:
            return
        policy = policy_for(self.definition.model)
        met = {record.pk for record in self.known.values()}
        open_ids = set(policy.rows(self.by, "change").filter(pk__in=met).values_list("pk", flat=True))
        closed = {identity for identity, record in self.known.items() if record.pk not in open_ids}
        may_add = policy.may_add(self.by)
        for row in rows:
            identity = self.definition.identity(row.values)
            if identity in closed:
                row.errors[""] = _("There is such a record already, and you may not change it. Ask its owner.")
            elif identity not in self.known and not may_add:
                row.errors[""] = may_add.reason
        self.known = {identity: record for identity, record in self.known.items() if identity not in closed}

    def _create(self, rows: Sequence[Row]) -> list[Any]:
        """Write new rows at once; where some are refused, halve until those stand alone."""
        try:
            with transaction.atomic():
                made = self.definition.create([row.values for row in rows], self.by)
                self._must_be_in_reach(made)
        except REFUSALS as refused:
            if len(rows) == 1:
                rows[0].errors[""] = self._why(refused)
                return []
            middle = len(rows) // 2
            return [*self._create(rows[:middle]), *self._create(rows[middle:])]
        return made

    def _must_be_in_reach(self, made: Sequence[Any]) -> None:
        if self.by is None:
            return
        policy, ids = policy_for(self.definition.model), {record.pk for record in made}
        if policy.rows(self.by, "add").filter(pk__in=ids).count() != len(ids):
            raise policy.denied(self.by, "add", None)

    # --- what the library asks ---------------------------------------------------------------------------
    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        found = self.known.get(self.definition.identity(self.rows[row["line"]].values))
        return copy(found) if found is not None else None

    def _given(self, values: Values) -> dict[str, Any]:
        """What a known record takes from a row: a cell that says nothing changes nothing."""
        return {
            name: values[name] for name in self.shown
            if name not in self.definition.fixed and values.get(name) not in (None, "")
        }  # fmt: skip

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        found = self.rows[row["line"]]
        identity = self.definition.identity(found.values)
        if not found.errors and identity in self._seen:
            found.errors[""] = self._twice()
        if found.errors:
            raise ValidationError({name or "__all__": sentence for name, sentence in found.errors.items()})
        self._seen.add(identity)
        taken = found.values if instance.pk is None else self._given(found.values)
        for name in self.shown:
            if name in taken and not (name in self._references and isinstance(taken[name], str)):
                setattr(instance, name, taken[name])

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        if self._is_dry_run(kwargs):
            return
        values = self.rows[row["line"]].values
        if is_create:
            self.fresh.append(self.rows[row["line"]])
        else:
            try:
                with transaction.atomic():
                    self.definition.change(self.known[self.definition.identity(values)], values, self.by)
            except REFUSALS as refused:
                self.rows[row["line"]].errors[""] = self._why(refused)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        values = self.rows[row["line"]].values
        record = self.known.get(self.definition.identity(values))
        if import_validation_errors or record is None:
            return False
        return all(self.definition.current(record, name) == value for name, value in self._given(values).items())

    @staticmethod
    def _is_dry_run(kwargs: dict[str, Any]) -> bool:
        return bool(kwargs.get("dry_run"))

    @staticmethod
    def _why(refused: Exception) -> str:
        if isinstance(refused, ProcessError):
            return refused.sentence
        return _("A value in this row is too large, negative or given twice. Correct the row and load it again.")

    @staticmethod
    def _twice() -> str:
        return _("This row stands in the file more than once.")


def resource_for(definition: Definition, shown: Sequence[str], *, differences: bool = True) -> type[RowsResource]:
    """The resource of a kind of rows, with the columns that a file gives; without `differences` only what rows do is
    found out, which takes a third of the time."""
    attributes: dict[str, Any] = {"definition": definition, "shown": tuple(shown)}
    for name in shown:
        attributes[name] = fields.Field(attribute=name, column_name=name, widget=_AsItIs())
    meta = type("Meta", (RowsResource.Meta,), {"model": definition.model, "fields": tuple(shown), "skip_diff": not differences})
    return type(f"{definition.key.title()}Resource", (RowsResource,), {**attributes, "Meta": meta})
