"""The few statements of a step, composed once for each model.

Django's own writing costs more than the database here: measured over a step, building the statements anew
and saving row by row is most of the time. So the columns and the converters of each model are looked up
once; values still go through the fields' own conversion, and rows come back as ordinary model instances.
References to live code (flow class, node) are never read: whoever needs the class asks by version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connections, models, router
from viewflow.workflow.fields import FlowReferenceField, TaskReferenceField

from processes.catalog.models import ProcessVersion
from processes.runtime.models import Outbox, ProcessInstance, Task, TaskCandidate, VariableChange

M = TypeVar("M", bound=models.Model)
_MAX_PARAMETERS = 900  # SQLite takes 999 in old builds


class Store(Generic[M]):
    """Reads and writes rows of one model with ready-made statements."""

    def __init__(self, model: type[M]) -> None:
        self.model = model
        self.table = model._meta.db_table
        self.fields = list(model._meta.concrete_fields)
        self.by_name = {name: field for field in self.fields for name in (field.name, field.attname)}
        references = (FlowReferenceField, TaskReferenceField)
        self.read_fields = [field for field in self.fields if not isinstance(field, references)]
        self.read_names = [field.attname for field in self.read_fields]
        self._insert_head = "INSERT INTO {} ({}) VALUES ".format(  # noqa: S608 (names of our own tables)
            self.table, ", ".join(f'"{field.column}"' for field in self.fields)
        )
        self._row = "(" + ", ".join(["%s"] * len(self.fields)) + ")"
        self._select = "SELECT {} FROM {} WHERE ".format(  # noqa: S608
            ", ".join(f'"{field.column}"' for field in self.read_fields), self.table
        )
        self._savers: dict[str, list[Callable[[Any], Any] | None]] = {}
        self._loaders: dict[str, list[tuple[int, list[Callable[..., Any]], Any]]] = {}

    # --- conversion ------------------------------------------------------------------------------------
    def _saver(self, field: models.Field, connection: Any) -> Callable[[Any], Any] | None:
        plain = (models.CharField, models.TextField, models.BooleanField, models.IntegerField)
        if isinstance(field, plain) and not isinstance(field, FlowReferenceField | TaskReferenceField):
            return None
        if isinstance(field, models.ForeignKey) and isinstance(field.target_field, models.IntegerField):
            return None
        return lambda value: None if value is None else field.get_db_prep_save(value, connection)

    def _prepared(self, connection: Any) -> list[Callable[[Any], Any] | None]:
        found = self._savers.get(connection.alias)
        if found is None:
            found = self._savers[connection.alias] = [self._saver(f, connection) for f in self.fields]
        return found

    def _converters(self, connection: Any) -> list[tuple[int, list[Callable[..., Any]], Any]]:
        found = self._loaders.get(connection.alias)
        if found is None:
            found = []
            for index, field in enumerate(self.read_fields):
                column = field.get_col(self.table)  # of a reference: with the type of what it refers to
                steps = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
                if steps:
                    found.append((index, steps, column))
            self._loaders[connection.alias] = found
        return found

    def connection(self) -> Any:
        """The database that steps write to."""
        return connections[router.db_for_write(self.model)]

    # --- statements ------------------------------------------------------------------------------------
    def insert(self, rows: Sequence[M]) -> None:
        """Write new rows, in one statement as far as the number of parameters allows."""
        if not rows:
            return
        connection = self.connection()
        savers = self._prepared(connection)
        names = [field.attname for field in self.fields]
        size = max(1, _MAX_PARAMETERS // len(names)) if connection.vendor == "sqlite" else 500
        with connection.cursor() as cursor:
            for start in range(0, len(rows), size):
                part = rows[start : start + size]
                values: list[Any] = []
                for row in part:
                    state = row.__dict__
                    for name, saver in zip(names, savers, strict=True):
                        value = state.get(name)
                        values.append(value if saver is None else saver(value))
                cursor.execute(self._insert_head + ", ".join([self._row] * len(part)), values)
        alias = connection.alias
        for row in rows:
            row._state.adding = False
            row._state.db = alias

    def update(self, row: M, names: Iterable[str], *, where: str = "", params: Sequence[Any] = ()) -> bool:
        """Write some fields of a stored row; false when the extra condition did not hold."""
        connection = self.connection()
        savers = self._prepared(connection)
        columns, values = [], []
        for name in sorted(names):
            field = self.by_name[name]
            saver = savers[self.fields.index(field)]
            value = row.__dict__.get(field.attname)
            columns.append(f'"{field.column}" = %s')
            values.append(value if saver is None else saver(value))
        pk = self.model._meta.pk
        values.append(pk.get_db_prep_save(row.pk, connection))
        sql = f'UPDATE {self.table} SET {", ".join(columns)} WHERE "{pk.column}" = %s{where}'  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, [*values, *params])
            return cursor.rowcount == 1

    def select(self, where: str, params: Sequence[Any], suffix: str = "") -> list[M]:
        """Rows by a condition in SQL; UUIDs among the parameters are converted."""
        connection = self.connection()
        if connection.vendor == "sqlite":
            params = [value.hex if isinstance(value, UUID) else value for value in params]
        converters = self._converters(connection)
        with connection.cursor() as cursor:
            cursor.execute(self._select + where + suffix, params)
            found = cursor.fetchall()
        rows = []
        for raw in found:
            values = list(raw)
            for index, steps, column in converters:
                value = values[index]
                for step in steps:
                    value = step(value, column, connection)
                values[index] = value
            rows.append(self.model.from_db(connection.alias, self.read_names, values))
        return rows

    def value(self, name: str, where: str, params: Sequence[Any]) -> Any:
        """One column of one row, as the database gives it; None when there is no such row."""
        connection = self.connection()
        if connection.vendor == "sqlite":
            params = [value.hex if isinstance(value, UUID) else value for value in params]
        column = self.by_name[name].column
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT "{column}" FROM {self.table} WHERE {where} LIMIT 1', params)  # noqa: S608
            found = cursor.fetchone()
        return found[0] if found else None


INSTANCES: Store[ProcessInstance] = Store(ProcessInstance)
TASKS: Store[Task] = Store(Task)
CANDIDATES: Store[TaskCandidate] = Store(TaskCandidate)
OUTBOX: Store[Outbox] = Store(Outbox)
CHANGES: Store[VariableChange] = Store(VariableChange)
VERSIONS: Store[ProcessVersion] = Store(ProcessVersion)
