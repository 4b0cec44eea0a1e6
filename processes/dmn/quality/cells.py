"""The cells that can be analysed: comparisons of a column's value with constants, read from their syntax trees.

Everything else is `Unknown`: it may match or not, and nothing is claimed about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from processes.feel import DEFAULT, FeelSyntaxError, Range
from processes.feel import nodes as n
from processes.feel.compiler import Compiler, make_range
from processes.feel.errors import Fault, LimitReached
from processes.feel.runtime import MISSING, Run
from processes.feel.values import COMPARABLE, kind

MAKERS = frozenset({"date", "time", "date and time", "duration", "years and months duration", "number"})
"""The functions whose value is a constant when their arguments are."""


@dataclass(frozen=True, slots=True)
class Equal:
    """Equal to a value (which may be null), or not equal to it."""

    value: Any
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Before or after a value: operator is one of < <= > >=."""

    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Within:
    """In a range."""

    range: Range


@dataclass(frozen=True, slots=True)
class OneOf:
    """In a list of values and ranges."""

    parts: tuple[Equal | Within, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A test that is not analysed."""


Test: TypeAlias = Equal | Order | Within | OneOf | Unknown


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: any of its tests, none of them (negated), or `-` (anything)."""

    tests: tuple[Test, ...] = ()
    negated: bool = False
    anything: bool = False

    @property
    def understood(self) -> bool:
        """Whether every test of it can be analysed."""
        return not any(isinstance(test, Unknown) for test in self.tests)

    def constants(self) -> Iterator[Any]:
        """The values at which the truth of the cell may change."""
        for test in self.tests:
            yield from _constants(test)


OPAQUE = Cell((Unknown(),))
"""A cell of which nothing is known."""


def _constants(test: Test) -> Iterator[Any]:
    if isinstance(test, Equal | Order):
        yield test.value
    elif isinstance(test, Within):
        yield from (end for end in (test.range.start, test.range.end) if end is not None)
    elif isinstance(test, OneOf):
        for part in test.parts:
            yield from _constants(part)


class NoConstant(Exception):
    """A part of a cell has no value of its own."""


def read_cell(tree: n.Node, scope: Collection[str] = ()) -> Cell:
    """The cell of a syntax tree of unary tests. `scope` are the names that stand for other values there."""
    if not isinstance(tree, n.Tests):
        return OPAQUE
    if tree.anything:
        return Cell(anything=True)
    return Cell(tuple(_test(node, scope) for node in tree.tests), tree.negated)


def _test(node: n.Node, scope: Collection[str]) -> Test:
    try:
        if isinstance(node, n.Comparison):
            value = constant(node.operand, scope)
            if node.operator in ("=", "!="):
                return Equal(value, node.operator == "!=")
            return Order(node.operator, value) if kind(value) in COMPARABLE else Unknown()
        if isinstance(node, n.ListNode):
            return OneOf(tuple(_part(item, scope) for item in node.items))
        return _part(node, scope)
    except (NoConstant, Fault):
        return Unknown()


def _part(node: n.Node, scope: Collection[str]) -> Equal | Within:
    if isinstance(node, n.RangeNode):
        ends = [(constant(end, scope),) if end is not None else None for end in (node.start, node.end)]
        return Within(make_range(ends[0], ends[1], node.start_included, node.end_included))
    return Equal(constant(node, scope))


def constant(node: n.Node, scope: Collection[str] = ()) -> Any:
    """The value of a literal, or of a date, time or duration that is written out. Raises NoConstant."""
    if isinstance(node, n.Literal):
        return node.value
    if not _closed(node, scope):
        raise NoConstant
    run = Run(DEFAULT, None, None)
    compiler = Compiler("")
    try:
        code = compiler.compile(node)
        frame: list[Any] = [None] * max(3, compiler.width)
        frame[0], frame[1], frame[2] = run, {}, MISSING
        value = code(frame)
    except (FeelSyntaxError, Fault, LimitReached) as error:
        raise NoConstant from error
    if run.diagnostics or value is None:
        raise NoConstant
    return value


def value_of(node: n.Node, scope: Collection[str] = ()) -> tuple[bool, Any]:
    """Whether an expression is a constant, and its value."""
    try:
        return True, constant(node, scope)
    except NoConstant:
        return False, None


def _closed(node: n.Node, scope: Collection[str]) -> bool:
    """Whether the value of a node depends on nothing."""
    if isinstance(node, n.Literal | n.At):
        return True
    if isinstance(node, n.Negation):
        return _closed(node.operand, scope)
    if isinstance(node, n.Call) and isinstance(node.function, n.Name):
        name = node.function.name
        return name in MAKERS and name not in scope and all(_closed(part, scope) for part in node.arguments)
    return False
