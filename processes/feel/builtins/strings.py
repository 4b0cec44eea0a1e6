"""String functions (Table 74). Positions count characters (code points) from 1."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from processes.marked import say

from .. import patterns
from ..errors import Fault
from ..numbers import whole
from .registry import builtin


@builtin("substring(string: string, start position: number, length: number?)")
def substring(run: Any, text: str, start: Decimal, length: Decimal | None) -> str:
    at = whole(start.to_integral_value(rounding=ROUND_DOWN))
    if at is None or at == 0 or abs(at) > len(text):
        raise Fault(say("The text has %(count)s characters and none at this position.", count=len(text)), start, "index")
    begin = at - 1 if at > 0 else len(text) + at
    if length is None:
        run.text(len(text) - begin)
        return text[begin:]
    count = whole(length.to_integral_value(rounding=ROUND_DOWN))
    if count is None or count < 1:
        raise Fault(say("The length must be at least 1."), length, "index")
    run.text(min(count, len(text) - begin))
    return text[begin : begin + count]


@builtin("string length(string: string)")
def string_length(run: Any, text: str) -> Decimal:
    return Decimal(len(text))


@builtin("upper case(string: string)")
def upper_case(run: Any, text: str) -> str:
    run.text(len(text))
    return text.upper()


@builtin("lower case(string: string)")
def lower_case(run: Any, text: str) -> str:
    run.text(len(text))
    return text.lower()


@builtin("substring before(string: string, match: string)")
def substring_before(run: Any, text: str, match: str) -> str:
    run.text(len(text))
    at = text.find(match)
    return text[:at] if at > 0 else ""


@builtin("substring after(string: string, match: string)")
def substring_after(run: Any, text: str, match: str) -> str:
    run.text(len(text))
    at = text.find(match)
    return text[at + len(match) :] if at >= 0 else ""


@builtin("contains(string: string, match: string)")
def contains(run: Any, text: str, match: str) -> bool:
    run.scan(len(text))
    return match in text


@builtin("starts with(string: string, match: string)")
def starts_with(run: Any, text: str, match: str) -> bool:
    run.scan(len(match))
    return text.startswith(match)


@builtin("ends with(string: string, match: string)")
def ends_with(run: Any, text: str, match: str) -> bool:
    run.scan(len(match))
    return text.endswith(match)


@builtin("matches(input: string, pattern: string, flags: string?)")
def matches(run: Any, text: str, pattern: str, flags: str | None) -> bool:
    return patterns.matches(run, text, pattern, flags)


@builtin("replace(input: string, pattern: string, replacement: string, flags: string?)")
def replace(run: Any, text: str, pattern: str, replacement: str, flags: str | None) -> str:
    return patterns.replace(run, text, pattern, replacement, flags)


@builtin("split(string: string, delimiter: string)")
def split(run: Any, text: str, delimiter: str) -> list[str]:
    return patterns.split(run, text, delimiter)


@builtin("string join(list: list, delimiter: string?)")
def string_join(run: Any, items: list[Any], delimiter: str | None) -> str:
    parts = [item for item in items if item is not None]
    for item in parts:
        if type(item) is not str:
            raise Fault(say("Only texts can be joined."), item, "type")
    run.text(sum(map(len, parts)) + len(delimiter or "") * len(parts))
    return (delimiter or "").join(parts)
