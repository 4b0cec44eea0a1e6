"""Queries that are composed once and run often, with other values each time.

Django composes the SQL of a queryset anew whenever it runs, which takes several times as long as SQLite needs
to answer it. A query that stands on a hot path (the subject of every step, the task behind every click, what
falls due) is composed here once for each database, and then run with the values of the moment. The rows are
ordinary model instances with what `select_related` brought, or tuples for `values_list`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import connections, models
from django.db.models.query import ModelIterable, get_related_populators

from processes.apart import dialect

R = TypeVar("R")

_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda n: 2_147_483_000 + n,
    str: lambda n: f"\x1aprepared {n}",
    UUID: lambda n: UUID(int=0x7E57_0000 + n),
    datetime: lambda n: datetime(1901, 2, 3, tzinfo=UTC) + timedelta(days=n),
}
"""Values that stand in a query for those to come while it is composed; no row can have them."""


class _Composed(NamedTuple):
    """A query as one database takes it: `places` tells which of the values goes to which parameter."""

    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    converters: dict[int, Any]
    from_row: Callable[[Any], Any]


class Prepared(Generic[R]):
    """A query whose values come later: `Prepared(lambda pk: Task.objects.filter(pk=pk), UUID)`.

    `compose` gives the queryset for values of `kinds` (int, str, UUID or datetime), each used as it is: in a
    plain comparison or as one of several after `__in`, not as part of a pattern. What else it says must be the same at every time.
    Raises ValueError when a value does not arrive in the query.
    """

    def __init__(self, compose: Callable[..., models.QuerySet[Any, R]], *kinds: type) -> None:
        self._compose = compose
        self._kinds = kinds
        self._database = ""
        self._composed: dict[tuple[str, str], _Composed] = {}

    def all(self, *values: Any) -> list[R]:
        """The rows for these values."""
        return self._run(values, only_one=False)

    def first(self, *values: Any) -> R | None:
        """The first row for these values in the order of the query, or None."""
        return next(iter(self._run(values, only_one=True)), None)

    def composed(self) -> _Composed:
        """The query as its database takes it."""
        if not self._database:
            self._database = self._queryset().db
        connection = connections[self._database]
        spoken = dialect(connection)
        found = self._composed.get(spoken)
        if found is None:
            found = self._composed[spoken] = self._made(connection)
        return found

    @property
    def database(self) -> str:
        """The alias of the database that answers."""
        self.composed()
        return self._database

    def _run(self, values: tuple[Any, ...], *, only_one: bool) -> list[R]:
        found = self.composed()
        connection = connections[self._database]
        params = list(found.params)
        for place, number in found.places:
            params[place] = _adapted(connection, values[number])
        with connection.cursor() as cursor:
            cursor.execute(found.sql, params)
            rows = cursor.fetchmany(1) if only_one else cursor.fetchall()
        return [found.from_row(_converted(row, found.converters, connection)) for row in rows]

    def _queryset(self) -> Any:
        return self._compose(*(_STAND_INS[kind](number) for number, kind in enumerate(self._kinds)))

    def _made(self, connection: Any) -> _Composed:
        queryset = self._queryset()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        stand_ins = [_adapted(connection, _STAND_INS[kind](n)) for n, kind in enumerate(self._kinds)]
        places = tuple(
            (place, number) for place, given in enumerate(params) for number, one in enumerate(stand_ins) if given == one
        )
        if {number for _place, number in places} != set(range(len(self._kinds))):
            raise ValueError(f"Not every value arrives in the prepared query: {sql}")
        converters = compiler.get_converters([column[0] for column in compiler.select])
        make = _instances(compiler, connection.alias) if queryset._iterable_class is ModelIterable else tuple
        return _Composed(sql, tuple(params), places, converters, make)


def first_values(queries: Sequence[Prepared[tuple[Any]]]) -> list[Any]:
    """The first column of the first row of several queries that need no values, asked in one statement; None
    where a query has no row."""
    found = [query.composed() for query in queries]
    connection = connections[queries[0].database]
    sql = "SELECT " + ", ".join(f"({one.sql})" for one in found)
    with connection.cursor() as cursor:
        cursor.execute(sql, [param for one in found for param in one.params])
        row = cursor.fetchone()
    return [
        None if value is None else _converted((value,), one.converters, connection)[0]
        for value, one in zip(row, found, strict=True)
    ]


def _converted(row: Any, converters: dict[int, Any], connection: Any) -> Any:
    """A row's values as the fields give them."""
    if not converters:
        return row
    values = list(row)
    for index, (steps, column) in converters.items():
        value = values[index]
        for step in steps:
            value = step(value, column, connection)
        values[index] = value
    return values


def _adapted(connection: Any, value: Any) -> Any:
    """A value as the database's driver takes it."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _instances(compiler: Any, alias: str) -> Callable[[Any], Any]:
    """What makes a model instance, with those that belong to it, out of a row (as Django's ModelIterable does)."""
    about, select = compiler.klass_info, compiler.select
    model = about["model"]
    start, end = about["select_fields"][0], about["select_fields"][-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    populators = get_related_populators(about, select, alias)  # type: ignore[call-arg]  # the types are those of a later Django

    def made(row: Any) -> Any:
        instance = model.from_db(alias, names, row[start:end])
        for populator in populators:
            populator.populate(row, instance)
        return instance

    return made
