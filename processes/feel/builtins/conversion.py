"""Conversion functions (Table 72), and `not`, `is` (Tables 73 and 82)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from processes.marked import say, word

from .. import temporal as t
from ..errors import Fault
from ..numbers import CONTEXT, whole
from ..values import Range, compare, identical, kind, text_of
from .registry import builtin

_PAID_AT_ONCE = 1000  # characters
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)


_PARTS = {
    "year": word("year"), "month": word("month"), "day": word("day"), "hour": word("hour"), "minute": word("minute"),
}


def _int(value: Decimal, what: str) -> int:
    found = whole(value)
    if found is None:
        raise Fault(say("The %(what)s must be a whole number.", what=_PARTS[what]), value)
    return found


@builtin("date(from: string)")
def date_from_text(run: Any, text: str) -> Any:
    return t.parse_date(text)


@builtin("date(from: date|date and time)")
def date_from_moment(run: Any, value: Any) -> Any:
    return value if kind(value) == "date" else t.date_of(t.parts(value)[0])


@builtin("date(year: number, month: number, day: number)")
def date_from_parts(run: Any, year: Decimal, month: Decimal, day: Decimal) -> Any:
    return t.make_date(_int(year, "year"), _int(month, "month"), _int(day, "day"))


@builtin("date and time(from: string)")
def moment_from_text(run: Any, text: str) -> Any:
    return t.parse_datetime(text)


@builtin("date and time(from: date|date and time)")
def moment_from_moment(run: Any, value: Any) -> Any:
    return t.make_datetime(t.ordinal_of(value), 0, t.fixed_zone(0)) if kind(value) == "date" else value


@builtin("date and time(date: date|date and time, time: time)")
def moment_from_both(run: Any, day: Any, time: Any) -> Any:
    ordinal = t.ordinal_of(day) if kind(day) == "date" else t.parts(day)[0]
    return t.make_datetime(ordinal, t.nanos_of(time), t.zone_of(time))


def _moment(run: Any, parts: tuple[Decimal, ...], zone: Any) -> Any:
    year, month, day, hour, minute, second = parts
    ordinal = t.ordinal_of(t.make_date(_int(year, "year"), _int(month, "month"), _int(day, "day")))
    return t.make_datetime(ordinal, _clock(hour, minute, second), zone)


@builtin(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number,"
    " offset: days and time duration?)"
)
def moment_from_parts(run: Any, *values: Any) -> Any:
    return _moment(run, values[:6], _zone(values[6]))


@builtin(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number,"
    " timezone: string)"
)
def moment_in_zone(run: Any, *values: Any) -> Any:
    zone = t.named_zone(values[6])
    if zone is None:
        raise Fault(say("There is no such time zone; use a name like Asia/Shanghai."), values[6])
    return _moment(run, values[:6], zone)


def _clock(hour: Decimal, minute: Decimal, second: Decimal) -> int:
    hours, minutes = _int(hour, "hour"), _int(minute, "minute")
    if not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= second < 60):
        raise Fault(say("There is no such time of day; hours run to 23, minutes and seconds to 59."), f"{hour}:{minute}:{second}")
    return (hours * 60 + minutes) * 60 * t.NANO + int(second * t.NANO)


def _zone(offset: Any) -> Any:
    if offset is None:
        return None
    nanos = t.length(offset)
    if abs(nanos) > 18 * 3600 * t.NANO or nanos % t.NANO:
        raise Fault(say("The offset from UTC is out of range; it lies between -18:00 and +18:00."), offset)
    return t.fixed_zone(nanos // t.NANO)


@builtin("time(from: string)")
def time_from_text(run: Any, text: str) -> Any:
    return t.parse_time(text)


@builtin("time(from: time|date and time|date)")
def time_from_moment(run: Any, value: Any) -> Any:
    of = kind(value)
    if of == "time":
        return value
    if of == "date":
        return t.make_time(0, t.fixed_zone(0))
    _, nanos, zone = t.parts(value)
    return t.make_time(nanos, zone)


@builtin("time(hour: number, minute: number, second: number, offset: days and time duration?)")
def time_from_parts(run: Any, hour: Decimal, minute: Decimal, second: Decimal, offset: Any) -> Any:
    return t.make_time(_clock(hour, minute, second), _zone(offset))


@builtin(
    "number(from: string)",
    "number(from: string, grouping separator: string?, decimal separator: string?)",
)
def number(run: Any, text: str, grouping: str | None = None, decimal: str | None = None) -> Decimal:
    if grouping is not None and grouping not in (" ", ",", "."):
        raise Fault(say("The grouping separator must be a space, a comma, a period, or null."), grouping)
    if decimal is not None and decimal not in (",", "."):
        raise Fault(say("The decimal separator must be a comma, a period, or null."), decimal)
    if grouping is not None and grouping == (decimal or "."):
        raise Fault(say("The grouping separator and the decimal separator must differ."), grouping)
    run.scan(len(text))
    plain = text.replace(grouping, "") if grouping else text
    if decimal == ",":
        if "." in plain:
            raise Fault(say("This is not a number; write it like 1234.56."), text)
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise Fault(say("This is not a number; write it like 1234.56."), text)
    return CONTEXT.create_decimal(plain)


@builtin("string(from: some)")
def string(run: Any, value: Any) -> str:
    written = paid = 0

    def pay(count: int) -> None:
        nonlocal written, paid
        written += count
        if written - paid > _PAID_AT_ONCE:
            run.spend((written - paid) >> 2)
            paid = written
            if written > run.limits.text:
                run.text(written)

    found = text_of(value, pay=pay)
    run.text(len(found))
    return found


@builtin("duration(from: string)")
def duration(run: Any, text: str) -> Any:
    return t.parse_duration(text)


@builtin("duration(from: days and time duration|years and months duration)")
def duration_itself(run: Any, value: Any) -> Any:
    return value


@builtin("years and months duration(from: date|date and time, to: date|date and time)")
def months_between(run: Any, start: Any, end: Any) -> Any:
    one, two = kind(start), kind(end)
    if one == two == "date and time" and (t.zone_of(start) is None) != (t.zone_of(end) is None):
        raise Fault(say("A moment with and a moment without time zone cannot be compared; give both a time zone, or neither."), end)

    def key(value: Any, of: str) -> tuple[int, int, int, int]:
        ordinal, nanos = (t.ordinal_of(value), 0) if of == "date" else t.parts(value)[:2]
        return (*t.ymd(t.date_of(ordinal)), nanos)

    return t.make_months(t.months_between(key(start, one), key(end, two)))


@builtin("range(from: string)")
def range_from_text(run: Any, text: str) -> Range:
    """DMN 1.5: the text of a range whose endpoints are literals."""
    from ..parser import parse_tree
    from . import literals

    found = literals.range_of(parse_tree, text)
    if found.start is not None and found.end is not None and compare(found.start, found.end) > 0:
        raise Fault(say("The start of a range must not lie after its end."), text, "range")
    return found


@builtin("not(negand: any)")
def negation(run: Any, value: Any) -> bool | None:
    return (not value) if type(value) is bool else None


@builtin("is(value1: any, value2: any)")
def is_same(run: Any, one: Any, two: Any) -> bool:
    return identical(one, two, run.spend)
