"""What a FEEL value is in Python, and how values compare and read as text.

number Decimal | string str | boolean bool | null None | date, time, date and time and both durations: see temporal |
list list | context any Mapping | range Range | function Function. Numbers and lists of other Python types are taken
in by `admit`; anything else a caller may put into a context is refused, so no attribute of a Python object is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, Overflow
from typing import Any, TypeAlias

from processes.marked import say, word

from . import temporal as t
from .errors import Fault, NotReadable
from .numbers import CONTEXT, plain

Spend: TypeAlias = Callable[[int], None]
"""What is told how many parts a step has gone through; Run.spend stops it when there are too many. A value of a few
dozen parts can look like one of billions, since the same list may stand in it again and again."""


def free(parts: int) -> None:
    """The Spend of callers that have no budget."""


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
_READY = frozenset(KINDS) - {list, Decimal}
_ORDERED = frozenset({Decimal, str, dt.date, dt.timedelta})
"""Types whose own order, and whose own equality, is that of FEEL."""
_EQUAL = _ORDERED | {bool}
EXPONENTS = range(CONTEXT.Etiny(), CONTEXT.Emax + 1)


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
        return value
    if type(value) is Decimal and fits(value):
        return value
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, (Decimal, int)):
        return _number(value)
    if isinstance(value, float):
        return CONTEXT.create_decimal(repr(float(value))) if value - value == 0 else None
    if isinstance(value, str):
        return str.__str__(value)
    if type(value) is list:
        return _list(value, {})
    if isinstance(value, list):
        return [admit(item) for item in value]
    if isinstance(value, (tuple, set, frozenset)):
        return [admit(item) for item in value]
    if isinstance(value, (Mapping, Function)):
        return value
    if isinstance(value, dt.datetime):
        return dt.datetime.combine(value.date(), value.time(), tzinfo=value.tzinfo)
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.timedelta):
        return dt.timedelta(value.days, value.seconds, value.microseconds)
    if isinstance(value, dt.time):
        return dt.time(value.hour, value.minute, value.second, value.microsecond, tzinfo=value.tzinfo)
    raise Fault(say("A value of the Python type %(python)s cannot be used in an expression.", python=type(value).__name__), code="type")


def fits(value: Decimal) -> bool:
    """Whether a Decimal of Python is one of FEEL's: finite, and not out of all bounds."""
    return value.is_finite() and value.adjusted() in EXPONENTS


def _number(value: Decimal | int) -> Decimal | None:
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    try:
        return CONTEXT.create_decimal(Decimal(value))
    except Overflow:
        raise Fault(say("The number has too many digits before its point; FEEL cannot hold it."), code="overflow") from None


def _all_ready(values: list[Any]) -> bool:
    """Whether a list can be taken as it is, seen without a look at each item; numbers alone are looked at together."""
    types = set(map(type, values))
    if types == {Decimal}:
        exponents = set(map(Decimal.adjusted, values))
        return all(map(Decimal.is_finite, values)) and all(map(EXPONENTS.__contains__, exponents))
    return types <= _READY


def _list(value: list[Any], seen: dict[int, list[Any]]) -> list[Any]:
    """The list, itself where all in it is admitted already; a list that stands in it several times is read once."""
    if _all_ready(value):
        return value
    result: list[Any] | None = None
    for at, item in enumerate(value):
        of = type(item)
        if of in _READY:
            known = item
        elif of is list:
            known = seen.get(id(item))
            if known is None:
                seen[id(item)] = item  # so that a list inside itself comes to an end
                known = seen[id(item)] = _list(item, seen)
        else:
            known = admit(item)
        if known is not item and result is None:
            result = value[:at]
        if result is not None:
            result.append(known)
    return value if result is None else result


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


def equal(left: Any, right: Any, spend: Spend = free) -> bool | None:
    """Whether two values are equal (Tables 52 and 53); None when they are of different kinds. `spend` is paid for
    the items of lists and the entries of contexts that are gone through."""
    if type(left) is type(right) and type(left) in _EQUAL:
        try:
            return bool(left == right)
        except InvalidOperation:
            pass  # one of them is no number, which counts as null
    if left is None or right is None:
        return left is right
    return equal_admitted(admit(left), admit(right), spend)


def equal_admitted(left: Any, right: Any, spend: Spend) -> bool | None:
    """The same of two values that are admitted; what stands in admitted lists is admitted too."""
    if type(left) is type(right) and type(left) in _EQUAL:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    one, two = kind(left), kind(right)
    if one != two:
        return None
    if one == "list":
        spend(len(left))
        return len(left) == len(right) and all(equal_admitted(a, b, spend) is True for a, b in zip(left, right, strict=True))
    if one == "context":
        spend(len(left))
        return set(left) == set(right) and all(equal(left[key], right[key], spend) is True for key in left)
    if one == "range":
        return (
            left.start_included == right.start_included and left.end_included == right.end_included
            and equal(left.start, right.start) is True and equal(left.end, right.end) is True
        )
    if one in ("time", "date and time") and (t.zone_of(left) is None) != (t.zone_of(right) is None):
        return False
    first, second = _keys(left, right, one)
    return bool(first == second)


def identical(left: Any, right: Any, spend: Spend = free) -> bool:
    """Whether both are the same element of the semantic domain: the built-in function is()."""
    left, right = admit(left), admit(right)
    if kind(left) != kind(right):
        return False
    if kind(left) in ("time", "date and time"):
        return bool(left == right) and t.zone_of(left) == t.zone_of(right) if type(left) is type(right) else False
    return equal(left, right, spend) is True


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


def text_of(value: Any, inner: bool = False, depth: int = 60, pay: Spend = free) -> str:
    """A value as FEEL writes it; strings inside lists and contexts stand in quotes, a string alone does not.

    pay: is told of every part how many characters it has, before the parts are put together. Raises Fault for a value
    that is nested too deeply.
    """
    return _text(admit(value), inner, depth, pay)


def _text(value: Any, inner: bool, depth: int, pay: Spend) -> str:
    """The text of an admitted value; what stands in admitted lists is admitted too."""
    of = kind(value)
    if depth < 0:
        raise Fault(say("The value is nested too deeply to be written."), code="limit")
    if of == "list":
        pay(2 * len(value))
        return "[" + ", ".join(_text(item, True, depth - 1, pay) for item in value) + "]"
    if of == "context":
        pay(4 * len(value))
        body = (f"{_key(key)}: {text_of(value[key], True, depth - 1, pay)}" for key in value)
        return "{" + ", ".join(body) + "}"
    if of == "range":
        return _range_text(value, depth, pay)
    found = _scalar_text(value, of, inner)
    pay(len(found))
    return found


def _scalar_text(value: Any, of: str, inner: bool) -> str:
    if of == "string":
        return _quoted(value) if inner else str(value)
    if of == "null":
        return "null"
    if of == "boolean":
        return "true" if value else "false"
    if of == "function":
        return f"function({', '.join(value.parameters)})"
    return str(_FORMATS[of](value))


def _key(key: Any) -> str:
    text = str(key)
    return text if all(part.isidentifier() for part in text.split(" ")) else _quoted(text)


def _range_text(value: Range, depth: int, pay: Spend) -> str:
    if value.start is None and value.end is not None:
        return ("<= " if value.end_included else "< ") + text_of(value.end, True, depth - 1, pay)
    if value.end is None and value.start is not None:
        return (">= " if value.start_included else "> ") + text_of(value.start, True, depth - 1, pay)
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{opening}{text_of(value.start, True, depth - 1, pay)}..{text_of(value.end, True, depth - 1, pay)}{closing}"


MOST_TEXT = 1_000_000
"""Characters of a text that to_text writes."""


def to_text(value: Any) -> str:
    """A value as FEEL writes it. Raises NotReadable for one that is nested too deeply or too large to be read."""
    written = 0

    def pay(count: int) -> None:
        nonlocal written
        written += count
        if written > MOST_TEXT:
            raise Fault(say("The value is too large to be written; take a part of it."), code="limit")

    try:
        return text_of(value, pay=pay)
    except Fault as fault:
        raise NotReadable(fault.reason) from None
