"""What the outputs of rules tell: whether two rules surely answer differently, and which rules come before another."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

from processes.dmn import model as m
from processes.dmn.itemtypes import Types
from processes.feel import FeelSyntaxError, parse
from processes.feel import types as ft
from processes.feel.errors import Fault
from processes.feel.parser import parse_tree
from processes.feel.scope import Phrases
from processes.feel.values import equal

from .cells import value_of

_UNKNOWN = object()


class Outputs:
    """The outputs of a table's rules, where they are constants."""

    def __init__(self, table: m.TableBox, types: Types, phrases: Phrases, scope: Collection[str]) -> None:
        self.table, self.types, self.phrases, self.scope = table, types, phrases, scope
        self._read: dict[str, tuple[bool, Any]] = {}
        self.values = [[self._value(*pair) for pair in zip(rule.outputs, table.outputs, strict=True)] for rule in table.rules]

    def _value(self, text: m.Text, output: m.Output) -> Any:
        """The constant that an output cell gives, null when it does not fit its column; else _UNKNOWN."""
        if not text.text or text.text == "-":
            return None
        found, value = self._constant(text.text)
        if not found:
            return _UNKNOWN
        try:
            return ft.argument(value, self.types.reference(output.type)) if value is not None else None
        except Fault:
            return None

    def _constant(self, text: str) -> tuple[bool, Any]:
        if text not in self._read:
            try:
                self._read[text] = value_of(parse_tree(text, self.phrases), self.scope)
            except FeelSyntaxError:
                self._read[text] = False, None
        return self._read[text]

    def differ(self, one: int, two: int) -> bool:
        """Whether two rules surely give different results."""
        return any(
            a is not _UNKNOWN and b is not _UNKNOWN and equal(a, b) is not True
            for a, b in zip(self.values[one], self.values[two], strict=True)
        )

    def before(self, rule: int) -> int:
        """The set of rules that win over a rule where both apply (FIRST and PRIORITY), as far as it can be told."""
        if self.table.hit_policy == "F":
            return (1 << rule) - 1
        own = self.ranks[rule]
        if own is None:
            return 0
        found = 0
        for other, rank in enumerate(self.ranks):
            if rank is not None and (rank < own or (rank == own and other < rule)):
                found |= 1 << other
        return found

    @cached_property
    def ranks(self) -> list[tuple[int, ...] | None]:
        """Where each rule stands in the lists of output values, the first one highest; None where it is not known."""
        orders = [self._order(output) for output in self.table.outputs]
        if not any(orders):
            return [None] * len(self.values)
        return [
            None if any(value is _UNKNOWN and order for value, order in zip(row, orders, strict=True)) else tuple(
                next((at for at, other in enumerate(order) if equal(value, other) is True), len(order)) if order else 0
                for value, order in zip(row, orders, strict=True)
            )
            for row in self.values
        ]

    def _order(self, output: m.Output) -> tuple[Any, ...]:
        text = output.allowed.text if output.allowed else self.types.enumeration(output.type)
        if not text:
            return ()
        try:
            values = parse(f"[{text}]").evaluate({}).value
        except FeelSyntaxError:
            return ()
        return tuple(values) if isinstance(values, list) else ()
