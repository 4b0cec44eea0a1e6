"""The constants that unary tests are made of, for whoever looks at tables as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import nodes as n
from .compiler import Compiler
from .errors import Fault
from .evaluation import Expression
from .parser import children
from .runtime import Run

_CALLED = frozenset({"date", "time", "date and time", "duration"})
_PARTS = (n.Tests, n.Comparison, n.RangeNode, n.ListNode)


def constants(test: Expression) -> tuple[Any, ...] | None:
    """The values of the constants in compiled unary tests; None when the tests are made of anything more than literals,
    ranges, comparisons, lists and negations of them, so that they may depend on other things than their subject.

    Dates and durations count as constants however they are written: @"2026-11-28", date("2026-11-28"). Where such a
    function's name is that of a value in scope, the caller must know that the test depends on it.
    """
    found: list[Any] = []
    queue: list[n.Node] = [test.tree]
    while queue:
        node = queue.pop()
        if isinstance(node, n.Literal):
            found.append(node.value)
        elif _is_constant(node):
            value = _value(test.source, node)
            if value is None:
                return None
            found.append(value)
        elif isinstance(node, _PARTS):
            queue.extend(children(node))
        else:
            return None
    return tuple(found)


def calls(test: Expression) -> frozenset[str]:
    """The functions that tests made of constants call: their names must not be those of values in scope."""
    found, queue = set(), [test.tree]
    while queue:
        node = queue.pop()
        if isinstance(node, n.Call) and isinstance(node.function, n.Name):
            found.add(node.function.name)
        queue.extend(children(node))
    return frozenset(found)


def _is_constant(node: n.Node) -> bool:
    if isinstance(node, n.At):
        return True
    if isinstance(node, n.Negation):
        return isinstance(node.operand, n.Literal) and type(node.operand.value) is Decimal
    return (
        isinstance(node, n.Call) and isinstance(node.function, n.Name) and node.function.name in _CALLED
        and not node.names and all(isinstance(part, n.Literal) and isinstance(part.value, str) for part in node.arguments)
    )


def _value(source: str, node: n.Node) -> Any:
    """The value of a constant; None when it has none (a date that does not exist)."""
    compiler = Compiler(source, None)
    code = compiler.compile(node)
    frame: list[Any] = [None] * compiler.width
    frame[0], frame[1] = Run(), {}
    try:
        value = code(frame)
    except Fault:
        return None
    return None if frame[0].diagnostics else value
