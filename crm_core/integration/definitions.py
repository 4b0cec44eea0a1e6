"""What can be imported: each domain declares its kinds of rows, this door knows none of them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind of rows. `kind` is text, number, integer, date, choice, flag, country (kept as its two letters)
    or reference; `synonyms` are headers by which files call it; `choices` gives the permitted values with the words
    files use for them."""

    name: str
    label: Any
    kind: str = "text"
    required: bool = False
    synonyms: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    longest: int = 0


@dataclass(frozen=True, slots=True)
class Definition:
    """A kind of rows.

    `identity` gives what a row is known by; where it holds nothing but empty values, the row is new. `known` gives the
    stored records of cleaned rows by that identity; `resolve` looks references up in one go and gives the sentences of
    each row that cannot be loaded (empty: fine); `create` writes new rows at once, `change` one known record, both
    through the domain; `fixed` are the columns that a known record keeps whatever the file says; `parts` are the models
    whose rows `create` writes along, and that go with a record when it is taken back. `known_by` and `starts` are
    sentences for people: what a row is known by, and which process begins with it where that is asked for ("": none).
    """

    key: str
    label: Any
    model: type[models.Model]
    columns: tuple[Column, ...]
    identity: Callable[[Values], tuple[Any, ...]]
    known: Callable[[Sequence[Values]], dict[tuple[Any, ...], Any]]
    create: Callable[[Sequence[Values], Any], list[Any]]
    change: Callable[[Any, Values, Any], None]
    resolve: Callable[[Sequence[Values]], list[dict[str, str]]] = lambda rows: [{} for _row in rows]
    current: Callable[[Any, str], Any] = getattr
    after: Callable[[list[Any], Mapping[str, Any], Any], None] | None = None
    parts: tuple[type[models.Model], ...] = ()
    fixed: tuple[str, ...] = ()
    known_by: Any = ""
    starts: Any = ""

    def column(self, name: str) -> Column | None:
        """A column by name."""
        return next((column for column in self.columns if column.name == name), None)


def same(value: Any) -> Any:
    """A value as it is compared when a row is looked for: texts without regard to case, empty ones as nothing."""
    return value.casefold() if isinstance(value, str) else value


def by_columns(*names: str) -> Callable[[Values], tuple[Any, ...]]:
    """An identity of those columns together."""
    return lambda values: tuple(same(values.get(name) or "") for name in names)


_definitions: dict[str, Definition] = {}


def register(definition: Definition) -> Definition:
    """Add a kind of rows; ValueError when its key is taken."""
    if definition.key in _definitions:
        raise ValueError(f"The import “{definition.key}” is registered already.")
    _definitions[definition.key] = definition
    return definition


def definitions() -> Iterable[Definition]:
    """All kinds of rows, in the order of their registration."""
    return _definitions.values()


def definition(key: str) -> Definition:
    """A kind of rows by key; KeyError when there is none."""
    return _definitions[key]
