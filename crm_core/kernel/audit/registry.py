"""Which tables are audited, and which of their columns are not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from django.apps import apps
from django.db import models

Kind = TypeVar("Kind", bound=type[models.Model])


@dataclass(frozen=True, slots=True)
class Rule:
    """`hidden` columns: that they changed is written, not their values. `ignored`: nothing is."""

    hidden: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


_rules: dict[type[models.Model], Rule] = {}


def audited(
    model: Kind | None = None, *, hidden: Iterable[str] = (), ignored: Iterable[str] = ()
) -> Kind | Callable[[Kind], Kind]:
    """Audit a model's table; usable as a decorator with or without arguments.

    Stamped models (all records) are audited without it; they need it only to hide or ignore
    columns. Names are those of the fields.
    """

    def mark(kind: Kind) -> Kind:
        _rules[kind] = Rule(tuple(hidden), tuple(ignored))
        return kind

    return mark if model is None else mark(model)


@dataclass(frozen=True, slots=True)
class AuditedTable:
    """What the generators need to know of a table. Columns are in the table's order."""

    label: str
    table: str
    key: str
    columns: tuple[str, ...]
    hidden: tuple[str, ...]
    booleans: tuple[str, ...]
    documents: tuple[str, ...]

    def only(self, columns: set[str] | None) -> AuditedTable:
        """The table with those columns that are there; all of them for None."""
        if columns is None:
            return self
        return replace(self, columns=tuple(column for column in self.columns if column in columns))


def audited_models() -> list[type[models.Model]]:
    """Every model whose table is audited, in a stable order."""
    from crm_core.kernel.records import Stamped

    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and (model in _rules or issubclass(model, Stamped))
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def is_audited(model: type[models.Model]) -> bool:
    """Whether the model's table is audited."""
    return model in audited_models()


def audited_tables() -> list[AuditedTable]:
    """The audited tables with their columns."""
    tables = []
    for model in audited_models():
        rule = _rules.get(model, Rule())
        fields = [field for field in model._meta.local_concrete_fields if field.name not in rule.ignored]
        binary = {field.name for field in fields if isinstance(field, models.BinaryField)}
        tables.append(
            AuditedTable(
                label=model._meta.label_lower,
                table=model._meta.db_table,
                key=str(model._meta.pk.column),
                columns=tuple(str(field.column) for field in fields),
                hidden=tuple(str(f.column) for f in fields if f.name in rule.hidden or f.name in binary),
                booleans=tuple(str(f.column) for f in fields if isinstance(f, models.BooleanField)),
                documents=tuple(str(f.column) for f in fields if isinstance(f, models.JSONField)),
            )
        )
    return tables
