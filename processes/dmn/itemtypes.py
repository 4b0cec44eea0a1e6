"""Item definitions as FEEL types with allowed values (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from processes.feel import Expression, FeelSyntaxError, parse_unary
from processes.feel import types as ft
from processes.feel.values import Spend, free
from processes.marked import say

from . import model as m
from .errors import DmnError


@dataclass(frozen=True, eq=False)
class Named(ft.Type):
    """A type of the model by its name, looked up when first used, since types may refer to each other."""

    find: Callable[[], ft.Type] = field(default=lambda: ft.ANY)

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        return self.find().conforms(value, spend)


@dataclass(frozen=True, eq=False)
class Allowed(ft.Type):
    """A type with allowed values: unary tests that every value but null must pass."""

    base: ft.Type = field(default_factory=ft.Type)
    tests: Expression | None = None

    def conforms(self, value: Any, spend: Spend = free) -> bool:
        if value is None:
            return True
        if not self.base.conforms(value, spend):
            return False
        return self.tests is None or self.tests.evaluate({}, subject=value).value is True


def base_name(wanted: ft.Type) -> str:
    """The built-in type below a type: number, string, date ...; empty for lists, contexts, functions and Any."""
    while not isinstance(wanted, ft.Simple):
        if isinstance(wanted, Named):
            wanted = wanted.find()
        elif isinstance(wanted, Allowed):
            wanted = wanted.base
        else:
            return ""
    return wanted.name


class Types:
    """The types of one file; imported ones are found under “import.name”."""

    def __init__(self, items: tuple[m.ItemDefinition, ...], imported: dict[str, Types] | None = None) -> None:
        self.definitions = {item.name: item for item in items}
        self.imported = imported or {}
        self._built: dict[str, ft.Type] = {}

    def names(self) -> set[str]:
        """All names of components, for the parser."""
        found: set[str] = set()
        queue = list(self.definitions.values())
        while queue:
            item = queue.pop()
            found.add(item.name)
            queue.extend(item.components)
        for other in self.imported.values():
            found |= other.names()
        return found

    def find(self, name: str) -> ft.Type | None:
        """The type of that name, built-in or of the model; None when there is none."""
        if name in self.definitions:
            if name not in self._built:
                self._built[name] = Named(name, lambda: self._built[name])
                self._built[name] = self._build(self.definitions[name])
            return self._built[name]
        for alias, other in self.imported.items():
            if name.startswith(alias + "."):
                return other.find(name[len(alias) + 1 :])
        return ft.simple_type(name) or self._bare(name)

    def _bare(self, name: str) -> ft.Type | None:
        if name == "list":
            return ft.ListOf("list")
        if name == "context":
            return ft.ContextOf("context")
        if name == "function":
            return ft.FunctionOf("function")
        if name == "range":
            return ft.RangeOf("range")
        return self.imported[""].find(name) if "" in self.imported else None

    def reference(self, name: str) -> ft.Type:
        """The type a reference means; Any when it is empty or unknown (check() reports unknown ones)."""
        return (self.find(name) or ft.ANY) if name else ft.ANY

    def _build(self, item: m.ItemDefinition) -> ft.Type:
        if item.function is not None:
            parameters, result = item.function
            base: ft.Type = ft.FunctionOf(
                item.name, tuple(self.reference(part.type) for part in parameters), self.reference(result)
            )
        elif item.components:
            base = ft.ContextOf(item.name, tuple((part.name, self._build(part)) for part in item.components))
        elif item.type in self.definitions:
            target = item.type
            base = Named(target, lambda: self.find(target) or ft.ANY)
        else:
            base = self.reference(item.type)
        if item.allowed:
            base = Allowed(item.name, base, self._tests(item.allowed, item))
        if item.collection:
            base = ft.ListOf(item.name, base)
        if item.constraint:
            base = Allowed(item.name, base, self._tests(item.constraint, item))
        return base

    def _tests(self, text: m.Text, item: m.ItemDefinition) -> Expression:
        try:
            return parse_unary(text.text)
        except FeelSyntaxError as error:
            raise DmnError(
                "feel", say("The allowed values of the type “%(name)s” cannot be read: %(message)s", name=item.name, message=error.message), item.name
            ) from None

    def enumeration(self, name: str) -> Any:
        """The text of the allowed values of a type, following references; empty when there are none."""
        seen: set[str] = set()
        while name in self.definitions and name not in seen:
            seen.add(name)
            item = self.definitions[name]
            if item.allowed:
                return item.allowed.text
            name = item.type
        return ""

    def base(self, name: str) -> tuple[str, list[str]]:
        """The kind of value that a type reference stands for, and the texts of all allowed values on the way there.

        The kind is one of FEEL's simple ones, “Any”, or the name of a type that has no simple values.
        """
        texts: list[str] = []
        seen: set[str] = set()
        while name in self.definitions and name not in seen:
            seen.add(name)
            item = self.definitions[name]
            if item.collection or item.components or item.function is not None:
                return name, texts
            texts += [part.text for part in (item.allowed, item.constraint) if part is not None]
            name = item.type
        for alias, other in self.imported.items():
            if name.startswith(alias + "."):
                found, more = other.base(name[len(alias) + 1 :])
                return found, texts + more
        simple = ft.simple_type(name) if name else ft.ANY
        return (simple.name if simple is not None else "Any" if self.find(name) is None else name), texts
