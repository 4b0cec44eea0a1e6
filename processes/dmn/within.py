"""The decision tables inside a boxed expression, with the names that the expressions around them add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from . import model as m


def tables_in(box: m.Boxed | None, names: frozenset[str] = frozenset()) -> Iterator[tuple[m.TableBox, frozenset[str]]]:
    """Every table in `box` and in the expressions inside it, in their order; `names` are those added so far."""
    if isinstance(box, m.TableBox):
        yield box, names
    elif box is not None:
        inner = names | _adds(box)
        for part in _parts(box):
            yield from tables_in(part, inner)


def _adds(box: m.Boxed) -> frozenset[str]:
    if isinstance(box, m.ContextBox):
        return frozenset(variable.name for variable, _ in box.entries)
    if isinstance(box, m.FunctionBox):
        return frozenset(variable.name for variable in box.parameters)
    if isinstance(box, m.IteratorBox):
        return frozenset({box.variable, "partial"})
    return frozenset({"item"}) if isinstance(box, m.FilterBox) else frozenset()


def _parts(value: object) -> Iterator[m.Boxed]:
    """The boxed expressions directly inside a value of the model."""
    if isinstance(value, tuple):
        for item in value:
            if isinstance(item, m.Boxed):
                yield item
            else:
                yield from _parts(item)
    elif isinstance(value, m.Boxed):
        for field in fields(value):
            inner = getattr(value, field.name)
            if isinstance(inner, m.Boxed):
                yield inner
            else:
                yield from _parts(inner) if isinstance(inner, tuple) else ()
