"""Date and time functions (Tables 77 and 79)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .. import temporal as t
from ..values import kind
from .registry import builtin

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)


def _ordinal(value: Any) -> int:
    return t.ordinal_of(value) if kind(value) == "date" else t.parts(value)[0]


@builtin("day of year(date: date|date and time)")
def day_of_year(run: Any, value: Any) -> Decimal:
    ordinal = _ordinal(value)
    return Decimal(ordinal - t.ordinal_of(t.make_date(t.date_of(ordinal).year, 1, 1)) + 1)


@builtin("day of week(date: date|date and time)")
def day_of_week(run: Any, value: Any) -> str:
    return _DAYS[(_ordinal(value) - 1) % 7]


@builtin("month of year(date: date|date and time)")
def month_of_year(run: Any, value: Any) -> str:
    return _MONTHS[t.date_of(_ordinal(value)).month - 1]


@builtin("week of year(date: date|date and time)")
def week_of_year(run: Any, value: Any) -> Decimal:
    """ISO 8601: the week that has the Thursday."""
    ordinal = _ordinal(value)
    thursday = ordinal - (ordinal - 1) % 7 + 3
    return Decimal((thursday - t.ordinal_of(t.make_date(t.date_of(thursday).year, 1, 1))) // 7 + 1)


@builtin("now()")
def now(run: Any) -> Any:
    return run.now()


@builtin("today()")
def today(run: Any) -> Any:
    return run.now().date()
