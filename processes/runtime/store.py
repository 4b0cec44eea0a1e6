"""The few statements of a step, composed once for each model.

Django's own writing costs more than the database here: measured over a step, building the statements anew
and saving row by row is most of the time. So the columns and the converters of each model are looked up
once; values still go through the fields' own conversion, and rows come back as ordinary model instances.
References to live code (flow class, node) are never read: whoever needs the class asks by version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.base import ModelState
from viewflow.workflow.fields import FlowReferenceField, TaskReferenceField

from processes.apart import dialect
from processes.catalog.models import ProcessVersion
from processes.runtime.models import ClockEvent, Outbox, ProcessInstance, Task, TaskCandidate, VariableChange
from processes.runtime.together import Answer, Statement, execute

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
        self._columns = [(field.attname, f'"{field.column}"') for field in self.fields]
        self._position = {field.attname: index for index, field in enumerate(self.fields)}
        self._read_columns = ", ".join(f'"{field.column}"' for field in self.read_fields)
        self._select = f"SELECT {self._read_columns} FROM {self.table} WHERE "  # noqa: S608
        self._made = {f.attname: f.default for f in self.fields if f.has_default() and callable(f.default)}
        self._constants = {f.attname: f.get_default() for f in self.fields if f.attname not in self._made}
        self._savers: dict[tuple[str, str], list[Callable[[Any], Any] | None]] = {}
        self._loaders: dict[tuple[str, str], dict[int, tuple[list[Callable[..., Any]], Any]]] = {}

    # --- conversion ------------------------------------------------------------------------------------
    def _saver(self, field: models.Field, connection: Any) -> Callable[[Any], Any] | None:
        plain = (models.CharField, models.TextField, models.BooleanField, models.IntegerField)
        if isinstance(field, plain) and not isinstance(field, FlowReferenceField | TaskReferenceField):
            return None
        stored = field.target_field if isinstance(field, models.ForeignKey) else field
        if stored is not field and isinstance(stored, models.IntegerField):
            return None
        if connection.vendor == "postgresql" and isinstance(stored, models.UUIDField | models.DateTimeField):
            return None
        return lambda value: None if value is None else field.get_db_prep_save(value, connection)

    def _prepared(self, connection: Any) -> list[Callable[[Any], Any] | None]:
        found = self._savers.get(dialect(connection))
        if found is None:
            found = self._savers[dialect(connection)] = [self._saver(f, connection) for f in self.fields]
        return found

    def _converters(self, connection: Any) -> dict[int, tuple[list[Callable[..., Any]], Any]]:
        found = self._loaders.get(dialect(connection))
        if found is None:
            found = {}
            for index, field in enumerate(self.read_fields):
                column = field.get_col(self.table)  # of a reference: with the type of what it refers to
                steps = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
                if steps:
                    found[index] = (steps, column)
            self._loaders[dialect(connection)] = found
        return found

    def connection(self) -> Any:
        """The database that steps write to."""
        return connections[DEFAULT_DB_ALIAS]

    # --- statements ------------------------------------------------------------------------------------
    def inserting(self, rows: Sequence[M]) -> list[Statement]:
        """Statements that write new rows: one, as far as the number of parameters allows. Columns that are
        empty in all of them are left out; most of a new row's are."""
        if not rows:
            return []
        connection = self.connection()
        states = [row.__dict__ for row in rows]
        used = {name for state in states for name, value in state.items() if value is not None}
        columns, savers = [], []
        for (name, column), saver in zip(self._columns, self._prepared(connection), strict=True):
            if name in used:
                columns.append(column)
                savers.append((name, saver))
        head = f"INSERT INTO {self.table} ({', '.join(columns)}) VALUES "  # noqa: S608 (names of our own)
        places = "(" + ", ".join(["%s"] * len(columns)) + ")"
        size = max(1, _MAX_PARAMETERS // len(columns)) if connection.vendor == "sqlite" else 500
        found = []
        for start in range(0, len(rows), size):
            part = states[start : start + size]
            values: list[Any] = []
            for state in part:
                for name, saver in savers:
                    value = state.get(name)
                    values.append(value if saver is None or value is None else saver(value))
            found.append(Statement(head + ", ".join([places] * len(part)), values))
        return found

    def written(self, rows: Sequence[M]) -> None:
        """Say of new rows that they are stored now."""
        alias = self.connection().alias
        for row in rows:
            row._state.adding = False
            row._state.db = alias

    def updating(self, row: M, names: Iterable[str], *, where: str = "", params: Sequence[Any] = ()) -> Statement:
        """The statement that writes some fields of a stored row, if the extra condition holds."""
        state = row.__dict__
        return self._update(row.pk, {name: state.get(self.by_name[name].attname) for name in names}, where, params)

    def update(self, row: M, names: Iterable[str]) -> None:
        """Write some fields of a stored row."""
        execute(self.connection(), [self.updating(row, names)])

    def _update(self, pk: Any, values: Mapping[str, Any], where: str, params: Sequence[Any]) -> Statement:
        connection = self.connection()
        savers = self._prepared(connection)
        columns, stored = [], []
        for name in sorted(values):
            field = self.by_name[name]
            saver = savers[self._position[field.attname]]
            columns.append(f'"{field.column}" = %s')
            stored.append(values[name] if saver is None else saver(values[name]))
        key = self.model._meta.pk
        stored.append(key.get_db_prep_save(pk, connection))
        sql = f'UPDATE {self.table} SET {", ".join(columns)} WHERE "{key.column}" = %s{where}'  # noqa: S608
        return Statement(sql, [*stored, *params])

    def selecting(self, where: str, params: Sequence[Any], suffix: str = "") -> Statement:
        """The statement that reads rows by a condition in SQL; UUIDs among the parameters are converted."""
        return Statement(self._select + where + suffix, self._converted(params), reads=True)

    def rows(self, answer: Answer) -> list[M]:
        """The rows that a statement of `selecting` gave."""
        connection = self.connection()
        converters = self._converters(connection)
        rows = []
        for raw in answer.rows:
            values = list(raw)
            for index, (steps, column) in converters.items():
                value = values[index]
                for step in steps:
                    value = step(value, column, connection)
                values[index] = value
            row = self._object(dict(zip(self.read_names, values, strict=True)))
            row._state.adding, row._state.db = False, connection.alias
            rows.append(row)
        return rows

    def new(self, **values: Any) -> M:
        """A row that is not stored yet; values by the names of its columns, defaults for the others."""
        if not values.keys() <= self._position.keys():
            raise TypeError(f"{self.model.__name__} has no {', '.join(sorted(values.keys() - self._position.keys()))}.")
        made = {name: default() for name, default in self._made.items() if name not in values}
        return self._object({**self._constants, **made, **values})

    def _object(self, values: Mapping[str, Any]) -> M:
        """An object with these values, restored as Django restores one that was pickled: its `__init__`, which asks
        every field for defaults and deferred values, takes longer than the database does to read or write the row."""
        row = self.model.__new__(self.model)
        row.__dict__.update(values, _state=ModelState())
        return row

    def select(self, where: str, params: Sequence[Any], suffix: str = "") -> list[M]:
        """Rows by a condition in SQL."""
        return self.rows(execute(self.connection(), [self.selecting(where, params, suffix)])[0])

    def change(
        self, pk: Any, values: Mapping[str, Any], *, where: str, params: Sequence[Any] = (), gives: str
    ) -> Any:
        """Write fields of a row if the extra condition holds; gives one of its columns as it is then, None when the
        condition does not hold."""
        update = self._update(pk, values, where, params)
        field = self.by_name[gives]
        statement = Statement(f'{update.sql} RETURNING "{field.column}"', update.params, reads=True)
        connection = self.connection()
        found = execute(connection, [statement])[0].rows
        if not found:
            return None
        value = found[0][0]
        steps, converted = self._converters(connection).get(self.read_fields.index(field), ((), None))
        for step in steps:
            value = step(value, converted, connection)
        return value

    def _converted(self, params: Sequence[Any]) -> Sequence[Any]:
        connection = self.connection()
        if connection.vendor != "sqlite":
            return params
        return [value.hex if isinstance(value, UUID) else value for value in params]

    def value(self, name: str, where: str, params: Sequence[Any]) -> Any:
        """One column of one row, as the database gives it; None when there is no such row."""
        sql = f'SELECT "{self.by_name[name].column}" FROM {self.table} WHERE {where} LIMIT 1'  # noqa: S608
        found = execute(self.connection(), [Statement(sql, self._converted(params), reads=True)])[0].rows
        return found[0][0] if found else None


INSTANCES: Store[ProcessInstance] = Store(ProcessInstance)
TASKS: Store[Task] = Store(Task)
CANDIDATES: Store[TaskCandidate] = Store(TaskCandidate)
OUTBOX: Store[Outbox] = Store(Outbox)
CHANGES: Store[VariableChange] = Store(VariableChange)
CLOCK_EVENTS: Store[ClockEvent] = Store(ClockEvent)
VERSIONS: Store[ProcessVersion] = Store(ProcessVersion)
