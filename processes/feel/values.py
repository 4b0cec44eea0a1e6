"""What a FEEL value is in Python, and how values compare and read as text.

number Decimal | string str | boolean bool | null None | date, time, date and time and both durations: see temporal |
list list | context any Mapping | range Range | function Function. Numbers and lists of other Python types are taken
in by `admit`; anything else a caller may put into a context is refused, so no attribute of a Python object is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from processes.marked import say, word

from . import temporal as t
from .errors import Fault
from .numbers import CONTEXT, plain

KINDS: dict[type, str] = {
    type(None): "null", bool: "boolean", Decimal: "number", str: "string",
    dt.date: "date", t.WideDate: "date", dt.time: "time", t.WideTime: "time",
    dt.datetime: "date and time", t.WideDateTime: "date and time",
    dt.timedelta: "days and time duration", t.WideDuration: "days and time duration",
    t.YearsMonths: "years and months duration", list: "list", dict: "context",
}
"""The FEEL kind of each exact Python type; Range and Function add themselves below."""

COMPARABLE = frozenset({
    "number", "string", "date", "time", "date and time", "days and time duration", "years and months duration",
})


@dataclass(frozen=True, slots=True)
class Range:
    """A range; a missing endpoint (None) stands for no bound on that side."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool


class Function:
    """A value that can be invoked. `parameters` are the names; see runtime for the two kinds there are."""

    __slots__ = ("name", "parameters")

    def __init__(self, name: str, parameters: tuple[str, ...]) -> None:
        self.name = name
        self.parameters = parameters

    def invoke(self, run: Any, arguments: list[Any], names: tuple[str, ...], site: Any) -> Any:
        """The result for these arguments; raises Fault."""
        raise NotImplementedError


KINDS[Range] = "range"
_READY = frozenset(KINDS) - {list}
_ORDERED = frozenset({Decimal, str, dt.date, dt.timedelta})
"""Types whose own order, and whose own equality, is that of FEEL."""
_EQUAL = _ORDERED | {bool}


def kind(value: Any) -> str:
    """The FEEL kind of an admitted value."""
    found = KINDS.get(type(value))
    if found is not None:
        return found
    if isinstance(value, Function):
        return "function"
    if isinstance(value, Mapping):
        return "context"
    return "unknown"


_CALLED = {
    "null": word("null"), "boolean": word("boolean"), "number": word("number"), "string": word("string"),
    "date": word("date"), "time": word("time"), "date and time": word("date and time"),
    "days and time duration": word("days and time duration"),
    "years and months duration": word("years and months duration"), "list": word("list"),
    "context": word("context"), "range": word("range"), "function": word("function"), "unknown": word("unknown"),
    "any": word("any"),
}


def called(kind: str) -> str:
    """What a kind is called in a sentence."""
    return _CALLED.get(kind, kind)


def admit(value: Any) -> Any:
    """A Python value as a FEEL value. Contexts stay as they are and are admitted entry by entry when read.

    Raises Fault for an object that FEEL has no kind for.
    """
    if type(value) in _READY:
        if type(value) is Decimal and not value.is_finite():
            return None
        return value
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        return CONTEXT.create_decimal(int(value))
    if isinstance(value, float):
        return CONTEXT.create_decimal(repr(float(value))) if value - value == 0 else None
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        return value if _all_ready(value) else [admit(entry) for entry in value]
    if isinstance(value, (tuple, set, frozenset)):
        return [admit(item) for item in value]
    if isinstance(value, (Mapping, Function)):
        return value
    if isinstance(value, Decimal):
        return Decimal(value)
    if isinstance(value, dt.datetime):
        return dt.datetime.combine(value.date(), value.time(), tzinfo=value.tzinfo)
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.timedelta):
        return dt.timedelta(value.days, value.seconds, value.microseconds)
    if isinstance(value, dt.time):
        return dt.time(value.hour, value.minute, value.second, value.microsecond, tzinfo=value.tzinfo)
    raise Fault(say("A value of the Python type %(python)s cannot be used in an expression.", python=type(value).__name__), code="type")


def _all_ready(values: list[Any]) -> bool:
    """Whether a list can be taken as it is."""
    types = set(map(type, values))
    if not types <= _READY:
        return False
    if len(types) == 1 and Decimal in types:
        return all(map(Decimal.is_finite, values))
    return Decimal not in types or all(value.is_finite() for value in values if type(value) is Decimal)


# -- order --------------------------------------------------------------------------------------------------------


def _clock_keys(left: Any, right: Any) -> tuple[int, int]:
    """Comparable positions of two times or two dates and times; a missing offset is read as the other's."""
    if kind(left) == "time":
        one, two = t.time_offset(left), t.time_offset(right)
        first, second = t.nanos_of(left), t.nanos_of(right)
        if one is None or two is None:
            return first, second
        return first - one, second - two
    if (t.zone_of(left) is None) != (t.zone_of(right) is None):
        first_day, first_nanos, _ = t.parts(left)
        second_day, second_nanos, _ = t.parts(right)
        return first_day * t.DAY + first_nanos, second_day * t.DAY + second_nanos
    return t.instant(left), t.instant(right)


def _keys(left: Any, right: Any, of: str) -> tuple[Any, Any]:
    if of == "date":
        return t.ymd(left), t.ymd(right)
    if of in ("time", "date and time"):
        return _clock_keys(left, right)
    if of == "days and time duration":
        return t.length(left), t.length(right)
    return left, right


def compare(left: Any, right: Any) -> int:
    """-1, 0 or 1 for two values of one ordered kind (Table 54). Raises Fault for all other pairs."""
    if type(left) is type(right) and type(left) in _ORDERED:
        try:
            return -1 if left < right else (1 if left > right else 0)
        except InvalidOperation:
            pass  # one of them is no number, which counts as null
    left, right = admit(left), admit(right)
    one, two = kind(left), kind(right)
    if one != two or one not in COMPARABLE:
        if left is None or right is None:
            raise Fault(say("A missing value (null) cannot be compared; ask first whether it is null."), code="null-operand")
        raise Fault(say("A %(one)s cannot be compared with a %(two)s.", one=called(one), two=called(two)), right, "type")
    first, second = _keys(left, right, one)
    return -1 if first < second else (1 if first > second else 0)


def equal(left: Any, right: Any) -> bool | None:
    """Whether two values are equal (Tables 52 and 53); None when they are of different kinds."""
    if type(left) is type(right) and type(left) in _EQUAL:
        try:
            return bool(left == right)
        except InvalidOperation:
            pass  # one of them is no number, which counts as null
    if left is None or right is None:
        return left is right
    left, right = admit(left), admit(right)
    if left is None or right is None:
        return left is right
    one, two = kind(left), kind(right)
    if one != two:
        return None
    if one == "list":
        return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))
    if one == "context":
        return set(left) == set(right) and all(equal(left[key], right[key]) is True for key in left)
    if one == "range":
        return (
            left.start_included == right.start_included and left.end_included == right.end_included
            and equal(left.start, right.start) is True and equal(left.end, right.end) is True
        )
    if one in ("time", "date and time") and (t.zone_of(left) is None) != (t.zone_of(right) is None):
        return False
    first, second = _keys(left, right, one)
    return bool(first == second)


def identical(left: Any, right: Any) -> bool:
    """Whether both are the same element of the semantic domain: the built-in function is()."""
    left, right = admit(left), admit(right)
    if kind(left) != kind(right):
        return False
    if kind(left) in ("time", "date and time"):
        return bool(left == right) and t.zone_of(left) == t.zone_of(right) if type(left) is type(right) else False
    return equal(left, right) is True


def in_range(value: Any, bounds: Range) -> bool:
    """Whether a value lies in a range; raises Fault when it cannot be compared with the endpoints."""
    low, high = bounds.start, bounds.end
    if type(value) is type(low) is type(high) and type(value) in _ORDERED:
        try:
            return bool(
                (low < value or (bounds.start_included and low == value))
                and (value < high or (bounds.end_included and value == high))
            )
        except InvalidOperation:
            pass  # it is no number, which counts as null
    if bounds.start is not None:
        order = compare(value, bounds.start)
        if order < 0 or (order == 0 and not bounds.start_included):
            return False
    if bounds.end is not None:
        order = compare(value, bounds.end)
        if order > 0 or (order == 0 and not bounds.end_included):
            return False
    return True


# -- text ---------------------------------------------------------------------------------------------------------

_FORMATS: dict[str, Any] = {
    "number": plain, "date": t.format_date, "time": t.format_time, "date and time": t.format_datetime,
    "days and time duration": t.format_duration, "years and months duration": t.format_months,
}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def text_of(value: Any, inner: bool = False, depth: int = 60) -> str:
    """A value as FEEL writes it; strings inside lists and contexts stand in quotes, a string alone does not."""
    value = admit(value)
    of = kind(value)
    if depth < 0:
        raise Fault(say("The value is nested too deeply to be written."), code="limit")
    if of == "string":
        return _quoted(value) if inner else str(value)
    if of == "null":
        return "null"
    if of == "boolean":
        return "true" if value else "false"
    if of == "list":
        return "[" + ", ".join(text_of(item, True, depth - 1) for item in value) + "]"
    if of == "context":
        body = (f"{_key(key)}: {text_of(value[key], True, depth - 1)}" for key in value)
        return "{" + ", ".join(body) + "}"
    if of == "range":
        return _range_text(value, depth)
    if of == "function":
        return f"function({', '.join(value.parameters)})"
    return str(_FORMATS[of](value))


def _key(key: str) -> str:
    return key if all(part.isidentifier() for part in key.split(" ")) else _quoted(key)


def _range_text(value: Range, depth: int) -> str:
    if value.start is None and value.end is not None:
        return ("<= " if value.end_included else "< ") + text_of(value.end, True, depth - 1)
    if value.end is None and value.start is not None:
        return (">= " if value.start_included else "> ") + text_of(value.start, True, depth - 1)
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{text_of(value.start, True, depth - 1)}..{text_of(value.end, True, depth - 1)}{closing}"
