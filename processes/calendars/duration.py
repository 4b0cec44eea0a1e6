"""Durations of limits: years and months, weeks, days and time kept apart, as ISO 8601 writes them.

`datetime.timedelta` cannot tell 'P1D' from 'PT24H'. A limit must: on a work calendar the first is one working
day, the second twenty-four working hours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from processes.calendars.errors import BadDuration
from processes.marked import say

_ISO = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?P<time>T(?:(?P<hours>\d+(?:[.,]\d+)?)H)?(?:(?P<minutes>\d+(?:[.,]\d+)?)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?",
    re.ASCII,
)
_MAX_DIGITS = 9


@runtime_checkable
class HasMonths(Protocol):
    """FEEL's years and months duration, known by its number of months."""

    @property
    def months(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in the parts that it was written in; either all parts are >= 0 or all are <= 0."""

    months: int = 0
    weeks: int = 0
    days: int = 0
    time: timedelta = timedelta()

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.weeks, -self.days, -self.time)

    def __bool__(self) -> bool:
        return bool(self.months or self.weeks or self.days or self.time)

    @property
    def is_negative(self) -> bool:
        """True when it points back in time."""
        return self.months < 0 or self.weeks < 0 or self.days < 0 or self.time < timedelta()

    def __str__(self) -> str:
        """The ISO 8601 text."""
        if not self:
            return "PT0S"
        whole = -self if self.is_negative else self
        years, months = divmod(whole.months, 12)
        date = "".join(
            f"{n}{unit}"
            for n, unit in ((years, "Y"), (months, "M"), (whole.weeks, "W"), (whole.days, "D"))
            if n
        )
        micros = whole.time // timedelta(microseconds=1)
        seconds, micros = divmod(micros, 1_000_000)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
        if seconds or micros:
            clock += f"{seconds}" + (f".{micros:06d}".rstrip("0") if micros else "") + "S"
        return ("-" if self.is_negative else "") + "P" + date + ("T" + clock if clock else "")


def parse_duration(text: str) -> Duration:
    """Read an ISO 8601 duration such as 'P1D', 'PT8H', 'P1DT2H', 'P2W' or '-PT30M'.

    Hours, minutes and seconds may have a fraction, the longer units may not. BadDuration when the text is
    something else.
    """
    match = _ISO.fullmatch(text.strip())
    parts = {k: v for k, v in match.groupdict().items() if v and k not in {"sign", "time"}} if match else {}
    if not match or not parts or match["time"] == "T":
        raise BadDuration(say("“%(text)s” is not a duration. Write it like P1D, PT8H or P1DT2H.", text=text))
    if any(len(re.split("[.,]", v)[0]) > _MAX_DIGITS for v in parts.values()):
        raise BadDuration(say("The duration “%(text)s” is too long. Give a shorter one.", text=text))
    try:
        time = timedelta(
            hours=_decimal(parts.get("hours")),
            minutes=_decimal(parts.get("minutes")),
            seconds=_decimal(parts.get("seconds")),
        )
    except OverflowError as error:
        raise BadDuration(say("The duration “%(text)s” is too long. Give a shorter one.", text=text)) from error
    duration = Duration(
        months=int(parts.get("years", 0)) * 12 + int(parts.get("months", 0)),
        weeks=int(parts.get("weeks", 0)),
        days=int(parts.get("days", 0)),
        time=time,
    )
    return -duration if match["sign"] == "-" else duration


def duration_of(value: str | timedelta | Duration | HasMonths) -> Duration:
    """The duration meant by a text, a `Duration`, a `timedelta` or a FEEL duration.

    A timedelta (also FEEL's days and time duration, which is one) has no memory of how it was written: its
    whole days count as days, the rest as time, so that FEEL's `duration("P1D")` means a day.
    """
    if isinstance(value, Duration):
        return value
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, timedelta):
        positive = abs(value)
        duration = Duration(days=positive.days, time=positive - timedelta(days=positive.days))
        return -duration if value < timedelta() else duration
    if isinstance(value, HasMonths):
        return Duration(months=value.months)
    raise BadDuration(say("A %(kind)s cannot be used as a duration. Give a text such as P1D.", kind=type(value).__name__))


def _decimal(text: str | None) -> float:
    return float((text or "0").replace(",", "."))
