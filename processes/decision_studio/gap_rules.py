"""A rule for a gap: the conditions that cover what no rule covers, as cells of the table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from processes import feel
from processes.dmn.quality import Part, Region, Span

ANYTHING = "-"


def cells_for(region: Region, columns: int) -> tuple[str, ...]:
    """The condition of each input column; columns that the gap does not limit may have any value."""
    cells = [ANYTHING] * columns
    for part in region:
        cells[part.columns[0]] = _test(part)
    return tuple(cells)


def _test(part: Part) -> str:
    tests = [_span(span) for span in part.spans]
    texts = [_literal(value) for value in part.values]
    if part.others:
        # A missing value is covered too: to name it here would make it one that the table must answer for.
        return f"not({', '.join(texts)})" if texts else ANYTHING
    tests += texts
    if part.null:
        tests.append("null")
    return ANYTHING if ANYTHING in tests else ", ".join(tests)


def _span(span: Span) -> str:
    if span.low is None and span.high is None:
        return ANYTHING
    if span.low is None:
        return f"{'<=' if span.high_included else '<'} {_literal(span.high)}"
    if span.high is None:
        return f"{'>=' if span.low_included else '>'} {_literal(span.low)}"
    if span.low == span.high:
        return _literal(span.low)
    return f"{'[' if span.low_included else '('}{_literal(span.low)}..{_literal(span.high)}{']' if span.high_included else ')'}"


def _literal(value: Any) -> str:
    """A value as FEEL writes it in an expression."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return feel.to_text(value) if isinstance(value, Decimal) else f'@"{feel.to_text(value)}"'
