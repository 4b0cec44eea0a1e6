"""FEEL's types as values: conformance, `instance of`, and the conversions at bindings (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from processes.marked import say

from . import nodes as n
from .errors import Fault
from .values import KINDS, Function, Range, Spend, admit, called, free, kind

_ALIASES = {
    "day and time duration": "days and time duration", "dayTimeDuration": "days and time duration",
    "year and month duration": "years and months duration", "yearMonthDuration": "years and months duration",
    "dateTime": "date and time", "any": "Any",
}
_SIMPLE = frozenset({
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration",
})
_PLAIN = {of: kind for of, kind in KINDS.items() if of not in (list, Decimal)}
"""The kinds of values that need no look at what they hold."""


@dataclass(frozen=True)
class Type:
    """A type: what values conform to it, said by `conforms`. This base class is Any."""

    name: str = "Any"

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        """Whether a value other than null conforms; null conforms to every type. `spend` is paid for each part."""
        return True


@dataclass(frozen=True)
class Simple(Type):
    """One kind of value."""

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        found = _PLAIN.get(type(value))
        return value is None or (found or kind(admit(value))) == self.name


@dataclass(frozen=True)
class ListOf(Type):
    """list<item>."""

    item: Type = field(default_factory=Type)

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        value = admit(value)
        if isinstance(value, list):
            spend(len(value))
        return value is None or (isinstance(value, list) and all(self.item.conforms(entry, spend) for entry in value))


@dataclass(frozen=True)
class ContextOf(Type):
    """context<...>: further entries are allowed, the named ones must be there."""

    fields: tuple[tuple[str, Type], ...] = ()

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        if value is None:
            return True
        return isinstance(value, Mapping) and all(
            name in value and wanted.conforms(value[name], spend) for name, wanted in self.fields
        )


@dataclass(frozen=True)
class RangeOf(Type):
    """range<endpoint>."""

    item: Type = field(default_factory=Type)

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        return value is None or (
            isinstance(value, Range) and self.item.conforms(value.start, spend) and self.item.conforms(value.end, spend)
        )


@dataclass(frozen=True)
class FunctionOf(Type):
    """function<...> -> result. Conformance looks at the number of parameters and, where both sides declare
    them, at their types (contravariant)."""

    parameters: tuple[Type, ...] | None = None
    result: Type = field(default_factory=Type)

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        if value is None:
            return True
        if not isinstance(value, Function):
            return False
        if self.parameters is None:
            return True
        declared: tuple[Type, ...] | None = getattr(value, "types", None)
        if declared is None:
            return len(value.parameters) == len(self.parameters)
        return len(declared) == len(self.parameters) and all(
            subtype(wanted, own) for wanted, own in zip(self.parameters, declared, strict=True)
        )


ANY = Type()
NULL = Simple("null")
UNKNOWN = Type("?")
"""Stands for a type name that does not exist."""

Resolver: TypeAlias = Callable[[str], Type | None]


def subtype(one: Type, two: Type) -> bool:
    """Whether type one conforms to type two (10.3.2.9.2)."""
    if two == ANY or one in (two, NULL):
        return True
    if isinstance(one, ListOf) and isinstance(two, ListOf):
        return subtype(one.item, two.item)
    if isinstance(one, RangeOf) and isinstance(two, RangeOf):
        return subtype(one.item, two.item)
    if isinstance(one, ContextOf) and isinstance(two, ContextOf):
        own = dict(one.fields)
        return all(name in own and subtype(own[name], wanted) for name, wanted in two.fields)
    if isinstance(one, FunctionOf) and isinstance(two, FunctionOf):
        if one.parameters is None or two.parameters is None:
            return two.parameters is None
        return (
            len(one.parameters) == len(two.parameters)
            and all(subtype(b, a) for a, b in zip(one.parameters, two.parameters, strict=True))
            and subtype(one.result, two.result)
        )
    return False


def simple_type(name: str) -> Type | None:
    """A built-in type by its name, or None."""
    name = _ALIASES.get(name, name)
    if name in _SIMPLE:
        return Simple(name)
    return {"Any": ANY, "Null": NULL}.get(name)


def build(node: n.TypeNode, resolve: Resolver | None = None) -> Type:
    """The type that a type expression means; UNKNOWN inside it where a name does not exist."""
    if node.name == "list" and node.arguments:
        return ListOf("list", build(node.arguments[0], resolve))
    if node.name == "range" and node.arguments:
        return RangeOf("range", build(node.arguments[0], resolve))
    if node.name == "context" and node.fields:
        pairs = zip(node.fields, node.arguments, strict=True)
        return ContextOf("context", tuple((name, build(part, resolve)) for name, part in pairs))
    if node.name == "function" and node.result is not None:
        parameters = tuple(build(part, resolve) for part in node.arguments)
        return FunctionOf("function", parameters, build(node.result, resolve))
    own = resolve(node.name) if resolve else None
    return own or simple_type(node.name) or UNKNOWN


def known(wanted: Type) -> bool:
    """Whether every name in the type exists."""
    if wanted is UNKNOWN:
        return False
    inner: list[Type] = []
    if isinstance(wanted, (ListOf, RangeOf)):
        inner = [wanted.item]
    elif isinstance(wanted, ContextOf):
        inner = [part for _, part in wanted.fields]
    elif isinstance(wanted, FunctionOf):
        inner = [*(wanted.parameters or ()), wanted.result]
    return all(known(part) for part in inner)


def argument(value: Any, wanted: Type, spend: Spend = free) -> Any:
    """A value bound to a typed parameter: as it is, or out of a singleton list; a Fault otherwise."""
    if wanted.conforms(value, spend):
        return value
    if isinstance(value, list) and len(value) == 1 and wanted.conforms(value[0], spend):
        return value[0]
    raise Fault(say("A value of type %(name)s is needed here, not a %(kind)s.", name=wanted.name, kind=called(kind(value))), value, "type")
