"""Positions of ordered values: a whole number for what is counted (days, months, nanoseconds), the number itself for
numbers; and a value that lies between two positions, where there is one."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Any, TypeAlias

from processes.feel import YearsMonths
from processes.feel import temporal as t
from processes.feel.numbers import CONTEXT, ONE

Position: TypeAlias = Decimal | int

ORDERED = (
    "number", "date", "time", "date and time", "days and time duration", "years and months duration",
)
"""The kinds whose values lie on a line that is cut at the bounds of the cells."""

_STEP = {"date": 30, "time": 3600 * t.NANO, "date and time": t.DAY, "days and time duration": t.DAY}
"""How far beyond the outermost bound an example lies, so that it reads well."""

_UNITS = (t.DAY, 3600 * t.NANO, 60 * t.NANO, t.NANO)


def zoned(value: Any, kind: str) -> bool:
    """Whether a time or a date and time has an offset or a zone."""
    return kind in ("time", "date and time") and t.zone_of(value) is not None


def position(value: Any, kind: str) -> Position:
    """Where a value of an ordered kind lies."""
    if kind == "date":
        return t.ordinal_of(value)
    if kind == "time":
        return t.nanos_of(value)
    if kind == "date and time":
        return t.instant(value)
    if kind == "days and time duration":
        return t.length(value)
    if kind == "years and months duration":
        return int(value.months)
    return Decimal(value)


def value_at(at: Position, kind: str, with_zone: bool = False) -> Any:
    """The value at a position; raises Fault beyond what FEEL can hold."""
    if isinstance(at, Decimal):
        return at
    zone = t.dt.UTC if with_zone else None
    if kind == "date":
        return t.date_of(at)
    if kind == "time":
        return t.make_time(at, zone)
    if kind == "date and time":
        return t.at_instant(at, zone)
    if kind == "days and time duration":
        return t.make_duration(at)
    return YearsMonths(at)


def between(low: Position | None, high: Position | None, kind: str) -> Position | None:
    """A position after `low` and before `high`, a simple one where possible; None when there is none.

    A missing bound stands for no end on that side; times of day end at midnight.
    """
    if kind == "number":
        return _number_between(low, high)
    first, last = low if isinstance(low, int) else None, high if isinstance(high, int) else None
    if kind == "time":
        first, last = (-1 if first is None else first), (t.DAY if last is None else last)
    step = _STEP.get(kind, 1)
    if first is None or last is None:
        return (first + step) if first is not None else (last - step) if last is not None else 0
    return _round_between(first, last, kind) if last - first >= 2 else None


def _round_between(first: int, last: int, kind: str) -> int:
    middle = first + (last - first) // 2
    for unit in _UNITS if kind in ("time", "date and time", "days and time duration") else ():
        if first < (found := middle // unit * unit) < last:
            return found
    return middle


def _number_between(low: Position | None, high: Position | None) -> Decimal | None:
    if low is None:
        return Decimal(0) if high is None else _beyond(Decimal(high), above=False)
    if high is None:
        return _beyond(Decimal(low), above=True)
    low, high = Decimal(low), Decimal(high)
    whole = CONTEXT.add(low, ONE).to_integral_value(ROUND_CEILING)
    whole = whole - 1 if low < whole - 1 else whole
    if low < whole < high:
        return whole
    middle = CONTEXT.divide(CONTEXT.add(low, high), Decimal(2))
    return middle if low < middle < high else None


def _beyond(at: Decimal, above: bool) -> Decimal | None:
    found = CONTEXT.add(at, ONE) if above else CONTEXT.subtract(at, ONE)
    if found == at:
        found = CONTEXT.next_plus(at) if above else CONTEXT.next_minus(at)
    return found if found.is_finite() and found != at else None
