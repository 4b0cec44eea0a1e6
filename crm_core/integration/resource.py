"""Cleaned rows as a django-import-export resource: new, changed, same or refused, with the differences.

The library decides row by row what a row is and shows it; what is written goes through the domain, all new rows
of a part at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets
from import_export.results import Result

from crm_core.integration.definitions import Definition
from crm_core.integration.mapping import Row


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

    def __init__(self, rows: Sequence[Row], *, by: Any) -> None:
        super().__init__()
        self.by = by
        self.rows = {row.line: row for row in rows}
        good = [row for row in rows if not row.errors]
        for row, errors in zip(good, self.definition.resolve([row.values for row in good]), strict=True):
            row.errors.update(errors)
        good = [row for row in good if not row.errors]
        self.known = self.definition.known([row.values for row in good])
        self.fresh: list[dict[str, Any]] = []
        self.created: list[Any] = []
        self._seen: set[tuple[Any, ...]] = set()
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
            self.created = self.definition.create(self.fresh, self.by)
        return result

    # --- what the library asks ---------------------------------------------------------------------------
    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        return self.known.get(self.definition.identity(self.rows[row["line"]].values))

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        found = self.rows[row["line"]]
        identity = self.definition.identity(found.values)
        if not found.errors and identity in self._seen and any(identity):
            found.errors[self.definition.identify[0]] = self._twice()
        if found.errors:
            raise ValidationError({name or "__all__": sentence for name, sentence in found.errors.items()})
        self._seen.add(identity)
        for name in self.shown:
            if name in found.values and not (name in self._references and isinstance(found.values[name], str)):
                setattr(instance, name, found.values[name])

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        if self._is_dry_run(kwargs):
            return
        values = self.rows[row["line"]].values
        if is_create:
            self.fresh.append(values)
        else:
            self.definition.change(self.known[self.definition.identity(values)], values, self.by)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        if import_validation_errors or original.pk is None:
            return False
        values = self.rows[row["line"]].values
        return all(
            self.definition.current(original, name) == value for name, value in values.items() if name in self.shown
        )

    @staticmethod
    def _is_dry_run(kwargs: dict[str, Any]) -> bool:
        return bool(kwargs.get("dry_run"))

    @staticmethod
    def _twice() -> str:
        return _("This row stands in the file more than once.")


def resource_for(definition: Definition, shown: Sequence[str]) -> type[RowsResource]:
    """The resource of a kind of rows, with the columns that a file gives."""
    attributes: dict[str, Any] = {"definition": definition, "shown": tuple(shown)}
    for name in shown:
        attributes[name] = fields.Field(attribute=name, column_name=name, widget=_AsItIs())
    meta = type("Meta", (RowsResource.Meta,), {"model": definition.model, "fields": tuple(shown)})
    return type(f"{definition.key.title()}Resource", (RowsResource,), {**attributes, "Meta": meta})
