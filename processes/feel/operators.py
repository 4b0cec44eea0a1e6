"""Arithmetic of FEEL (DMN 1.5, Tables 56 to 60). Numbers take the fast way in the compiler; this is the full table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from processes.marked import say

from . import temporal as t
from .errors import Fault
from .numbers import CONTEXT
from .values import admit, called, kind

_DTD, _YMD, _DT = "days and time duration", "years and months duration", "date and time"
_MAX_EXPONENT = 999_999_999


def _seconds_number(nanos: int) -> Decimal:
    return CONTEXT.divide(CONTEXT.create_decimal(nanos), Decimal(t.NANO))


def _nanos(value: Decimal) -> int:
    if value.adjusted() > 30:
        raise Fault(say("The duration is too long; FEEL cannot hold it."))
    return int(value.to_integral_value())


def _months_number(value: Decimal) -> t.YearsMonths:
    if value.adjusted() > 12:
        raise Fault(say("The duration is too long; FEEL cannot hold it."))
    return t.make_months(int(value))


def _shift_months(value: Any, months: int) -> Any:
    if kind(value) == "date":
        return t.make_date(*t.plus_months(*t.ymd(value), months))
    ordinal, nanos, zone = t.parts(value)
    day = t.make_date(*t.plus_months(*t.ymd(t.date_of(ordinal)), months))
    return t.make_datetime(t.ordinal_of(day), nanos, zone)


def _shift(value: Any, nanos: int) -> Any:
    of = kind(value)
    if of == "date":
        return t.date_of(t.ordinal_of(value) + nanos // t.DAY)
    if of == "time":
        return t.make_time(t.nanos_of(value) + nanos, t.zone_of(value))
    return t.at_instant(t.instant(value) + nanos, t.zone_of(value))


def _difference(left: Any, right: Any, one: str, two: str) -> Any:
    """Between two moments: times, or dates and dates and times mixed."""
    if one == two == "date":
        return t.make_duration((t.ordinal_of(left) - t.ordinal_of(right)) * t.DAY)
    if one == two == "time":
        first, second = t.time_offset(left), t.time_offset(right)
        if (first is None) != (second is None):
            raise Fault(say("A time with and a time without time zone cannot be subtracted; give both a time zone, or neither."), right, "type")
        return t.make_duration(t.nanos_of(left) - (first or 0) - t.nanos_of(right) + (second or 0))
    left = _as_datetime(left) if one == "date" else left
    right = _as_datetime(right) if two == "date" else right
    if (t.zone_of(left) is None) != (t.zone_of(right) is None):
        raise Fault(say("A moment with and a moment without time zone cannot be subtracted; give both a time zone, or neither."), right, "type")
    return t.make_duration(t.instant(left) - t.instant(right))


def _as_datetime(value: Any) -> Any:
    return t.make_datetime(t.ordinal_of(value), 0, dt.UTC)


_WRONG = {
    "+": (say("A missing value (null) cannot be added."), say("A %(one)s and a %(two)s cannot be added.")),
    "-": (say("A missing value (null) cannot be subtracted."), say("A %(one)s and a %(two)s cannot be subtracted.")),
    "*": (say("A missing value (null) cannot be multiplied."), say("A %(one)s and a %(two)s cannot be multiplied.")),
    "/": (say("A missing value (null) cannot be divided."), say("A %(one)s and a %(two)s cannot be divided.")),
    "**": (
        say("A missing value (null) cannot be raised to a power."),
        say("A %(one)s and a %(two)s cannot be raised to a power."),
    ),
    "sign": (say("A missing value (null) cannot be negated."), say("A %(one)s cannot be negated.")),
}


def _wrong(operator: str, left: Any, right: Any, one: str, two: str) -> Fault:
    missing, mixed = _WRONG[operator]
    if left is None or right is None:
        return Fault(missing, None, "null-operand")
    return Fault(mixed % {"one": called(one), "two": called(two)}, right, "type")


def add(left: Any, right: Any) -> Any:
    """e1 + e2 for any kinds; raises Fault where the standard has no meaning for it."""
    one, two = kind(left), kind(right)
    if one == two == "number":
        return CONTEXT.add(left, right)
    if one == two == "string":
        return left + right
    if one == two == _DTD:
        return t.make_duration(t.length(left) + t.length(right))
    if one == two == _YMD:
        return t.make_months(left.months + right.months)
    if two in ("date", _DT, "time") and one in (_DTD, _YMD):
        left, right, one, two = right, left, two, one
    if two == _YMD and one in ("date", _DT):
        return _shift_months(left, right.months)
    if two == _DTD and one in ("date", _DT, "time"):
        return _shift(left, t.length(right))
    raise _wrong("+", left, right, one, two)


def subtract(left: Any, right: Any) -> Any:
    """e1 - e2."""
    one, two = kind(left), kind(right)
    if one == two == "number":
        return CONTEXT.subtract(left, right)
    if one == two == _DTD:
        return t.make_duration(t.length(left) - t.length(right))
    if one == two == _YMD:
        return t.make_months(left.months - right.months)
    if two == _YMD and one in ("date", _DT):
        return _shift_months(left, -right.months)
    if two == _DTD and one in ("date", _DT, "time"):
        return _shift(left, -t.length(right))
    if one == two == "time" or (one in ("date", _DT) and two in ("date", _DT)):
        return _difference(left, right, one, two)
    raise _wrong("-", left, right, one, two)


def multiply(left: Any, right: Any) -> Any:
    """e1 * e2."""
    one, two = kind(left), kind(right)
    if one == "number" and two in (_DTD, _YMD):
        left, right, one, two = right, left, two, one
    if two == "number":
        if one == "number":
            return CONTEXT.multiply(left, right)
        if one == _DTD:
            return t.make_duration(_nanos(CONTEXT.multiply(Decimal(t.length(left)), right)))
        if one == _YMD:
            return _months_number(CONTEXT.multiply(Decimal(left.months), right))
    raise _wrong("*", left, right, one, two)


def divide(left: Any, right: Any) -> Any:
    """e1 / e2."""
    one, two = kind(left), kind(right)
    if two == "number":
        if one in ("number", _DTD, _YMD) and not right:
            raise Fault(say("A division by zero has no result; ask first whether the divisor is 0."), right, "division-by-zero")
        if one == "number":
            return CONTEXT.divide(left, right)
        if one == _DTD:
            return t.make_duration(_nanos(CONTEXT.divide(Decimal(t.length(left)), right)))
        if one == _YMD:
            return _months_number(CONTEXT.divide(Decimal(left.months), right))
    if one == two and one in (_DTD, _YMD):
        first, second = (t.length(left), t.length(right)) if one == _DTD else (left.months, right.months)
        if not second:
            raise Fault(say("A division by zero has no result; ask first whether the divisor is 0."), right, "division-by-zero")
        return CONTEXT.divide(CONTEXT.create_decimal(first), CONTEXT.create_decimal(second))
    raise _wrong("/", left, right, one, two)


def power(left: Any, right: Any) -> Any:
    """e1 ** e2."""
    one, two = kind(left), kind(right)
    if one != "number" or two != "number":
        raise _wrong("**", left, right, one, two)
    if abs(right) > _MAX_EXPONENT:
        raise Fault(say("The exponent is out of range; take one between -999999999 and 999999999."), right)
    return CONTEXT.power(left, right)


def negate(value: Any) -> Any:
    """-e."""
    of = kind(value)
    if of == "number":
        return CONTEXT.minus(value)
    if of == _DTD:
        return t.make_duration(-t.length(value))
    if of == _YMD:
        return t.make_months(-value.months)
    raise _wrong("sign", value, value, of, of)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "**": power,
}


def calculate(operator: str, left: Any, right: Any) -> Any:
    """Any binary arithmetic; out of singleton lists where needed. Raises Fault."""
    try:
        return _OPERATORS[operator](_single(admit(left)), _single(admit(right)))
    except DecimalException:
        raise Fault(say("The result is not a number that FEEL can hold."), code="overflow") from None


def _single(value: Any) -> Any:
    """10.3.2.15: inputs outside their domain are taken out of a singleton list."""
    return admit(value[0]) if type(value) is list and len(value) == 1 else value


# -- properties ---------------------------------------------------------------------------------------------------


def _offset(value: Any) -> Any:
    zone = t.zone_of(value)
    if zone is None:
        return None
    if kind(value) == "time":
        return t.make_duration(t.time_offset(value) or 0)
    ordinal, nanos, _ = t.parts(value)
    return t.make_duration(t.offset_at(zone, ordinal, nanos))


def _zone_key(value: Any) -> Any:
    return getattr(t.zone_of(value), "key", None)


def _date(value: Any) -> Any:
    return value if kind(value) == "date" else t.date_of(t.parts(value)[0])


def _clock(value: Any) -> int:
    return t.nanos_of(value) if kind(value) == "time" else t.parts(value)[1]


def _days(value: Any) -> int:
    nanos = t.length(value)
    return nanos // t.DAY if nanos >= 0 else -(-nanos // t.DAY)


def _rest(value: Any, unit: int, modulus: int) -> Decimal:
    nanos = t.length(value)
    found = abs(nanos) // unit % modulus
    return Decimal(found if nanos >= 0 else -found)


def _seconds(value: Any) -> Decimal:
    nanos = t.length(value)
    found = _seconds_number(abs(nanos) % (60 * t.NANO))
    return found if nanos >= 0 else CONTEXT.minus(found)


def _years(months: int) -> int:
    return months // 12 if months >= 0 else -(-months // 12)


_DATE_PARTS: dict[str, Callable[[Any], Any]] = {
    "year": lambda value: Decimal(_date(value).year),
    "month": lambda value: Decimal(_date(value).month),
    "day": lambda value: Decimal(_date(value).day),
    "weekday": lambda value: Decimal((t.ordinal_of(_date(value)) - 1) % 7 + 1),
}
_TIME_PARTS: dict[str, Callable[[Any], Any]] = {
    "hour": lambda value: Decimal(_clock(value) // (3600 * t.NANO)),
    "minute": lambda value: Decimal(_clock(value) // (60 * t.NANO) % 60),
    "second": lambda value: _seconds_number(_clock(value) % (60 * t.NANO)),
    "time offset": _offset,
    "timezone": _zone_key,
}
PROPERTIES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "date": _DATE_PARTS,
    _DT: {**_DATE_PARTS, **_TIME_PARTS},
    "time": _TIME_PARTS,
    _DTD: {
        "days": lambda value: Decimal(_days(value)),
        "hours": lambda value: _rest(value, 3600 * t.NANO, 24),
        "minutes": lambda value: _rest(value, 60 * t.NANO, 60),
        "seconds": _seconds,
    },
    _YMD: {
        "years": lambda value: Decimal(_years(value.months)),
        "months": lambda value: Decimal(value.months - 12 * _years(value.months)),
    },
    "range": {
        "start": lambda value: value.start, "end": lambda value: value.end,
        "start included": lambda value: value.start_included, "end included": lambda value: value.end_included,
    },
}
"""Tables 64 to 67: what stands after the dot of a value that is no context."""

