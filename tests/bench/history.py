"""A long history, copied in the database: finished instances of the line with their rows, by the hundred thousand.

A real instance that has ended is the pattern. The first twelve digits of its ids are the moment they were made at
(UUIDv7); each copy takes an earlier moment of its own, a second before the next, so it lies in the tables and indexes
where an instance of that time would lie. Written with one statement per table; PostgreSQL is told not to check references meanwhile.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, models

from processes.runtime.models import ProcessInstance, Task, VariableChange
from processes.runtime.store import INSTANCES

_DIGITS = 12  # of a UUIDv7 that are its moment, in milliseconds


def copied(instance_id: UUID, times: int) -> None:
    """So many copies of a finished instance."""
    newest = instance_id.int >> 80
    parts = [(ProcessInstance, "id"), (Task, "process_id"), (VariableChange, "instance_id")]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        for model, key in parts:
            cursor.execute(_copying(model, key, newest, times), [_stored(instance_id)])
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = origin")


def analysed() -> None:
    """Let the database look at its tables, so that it plans with figures; planning with them takes a little longer."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _copying(model: type[models.Model], key: str, newest: int, times: int) -> str:
    """The statement that copies the rows of a table."""
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    values = [_moved(field, newest) for field in model._meta.concrete_fields]
    numbers = (
        f"generate_series(1, {times}) AS copy(n)" if connection.vendor == "postgresql" else
        f"(WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {times}) SELECT n FROM copy) AS copy"
    )  # fmt: skip
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO {table} ({names}) SELECT {", ".join(values)} FROM {table}, {numbers} WHERE "{key}" = %s'


def _moved(field: Any, newest: int) -> str:
    """A column of a copy: moments, and ids of the instance and its rows, are earlier, the rest is as in the pattern."""
    on_server = connection.vendor == "postgresql"
    if isinstance(field, models.DateTimeField):
        earlier = "- n * interval '1 second'" if on_server else "'-' || n || ' seconds'"
        return f'"{field.column}" {earlier}' if on_server else f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', \"{field.column}\", {earlier})"
    own = field.primary_key or field.related_model in (ProcessInstance, Task)
    if not own:
        return f'"{field.column}"'
    moment = f"{newest} - 1000 * n"
    if on_server:
        rest = f"substr(replace(\"{field.column}\"::text, '-', ''), {_DIGITS + 1})"
        return f"(lpad(to_hex({moment}), {_DIGITS}, '0') || {rest})::uuid"
    return f"printf('%%0{_DIGITS}x', {moment}) || substr(\"{field.column}\", {_DIGITS + 1})"


def _stored(value: UUID) -> Any:
    return ProcessInstance._meta.pk.get_db_prep_value(value, connection)


def finished_line(user: Any) -> UUID:
    """An instance of the line that has run to its end."""
    from tests.bench.sides import Ours

    side = Ours()
    instance = side.start()
    for _step in range(3):
        side.complete(side.find(instance), user, instance)
    if INSTANCES.value("outcome", "id = %s", [instance.pk]) != "completed":
        raise AssertionError("The line has not ended.")
    return UUID(str(instance.pk))
