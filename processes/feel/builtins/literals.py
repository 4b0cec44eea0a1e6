"""Reading the text of a range whose endpoints are literals, for range(from): nothing is evaluated that the text
could compute with."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from processes.marked import say

from .. import nodes as n
from .. import temporal as t
from ..errors import Fault, FeelSyntaxError
from ..values import Range, kind
from .registry import BUILTINS

_CONSTRUCTORS = frozenset({"date", "time", "date and time", "duration"})


def _literal(node: n.Node | None, run: Any) -> Any:
    if node is None:
        return None
    if isinstance(node, n.Literal) and (isinstance(node.value, (Decimal, str)) or node.value is None):
        return node.value
    if isinstance(node, n.At):
        return t.parse_any(node.text)
    if isinstance(node, n.Call) and isinstance(node.function, n.Name) and node.function.name in _CONSTRUCTORS:
        values = [_literal(part, run) for part in node.arguments]
        return BUILTINS[node.function.name].invoke(run, values, node.names, None)
    raise Fault(say("The endpoints of this range are not literals."))


def range_of(parse: Callable[[str], n.Node], text: str) -> Range:
    """The range that a text describes; raises Fault."""
    try:
        node = parse(text)
    except FeelSyntaxError as error:
        raise Fault(say("This is not a range: %(message)s", message=error.message), text) from None
    if not isinstance(node, n.RangeNode):
        raise Fault(say("This is not a range; write it like [1..10]."), text)
    start, end = _literal(node.start, None), _literal(node.end, None)
    if start is None and end is None:
        raise Fault(say("A range needs at least one endpoint."), text)
    if start is not None and end is not None and kind(start) != kind(end):
        raise Fault(say("The endpoints of a range must be of one type."), text, "type")
    return Range(start, end, node.start_included and start is not None, node.end_included and end is not None)
