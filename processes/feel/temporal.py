"""Dates, times and durations of FEEL (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8).

Python's own date, time, datetime and timedelta carry every value that they can hold exactly, so that callers meet
nothing unusual. FEEL also has years up to 999,999,999 and nanoseconds; such values are carried by the Wide classes.
Each value has one carrier only: the functions that make values choose it. All arithmetic is on whole nanoseconds."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from processes.marked import say

from .errors import Fault

NANO = 10**9
DAY = 86_400 * NANO
MAX_YEAR = 999_999_999
_MAX_MONTHS = 12 * MAX_YEAR + 11


@dataclass(frozen=True, slots=True)
class WideDate:
    """A date whose year lies outside 1 to 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WideTime:
    """A time of day finer than a microsecond; nanos counts from midnight."""

    nanos: int
    zone: dt.tzinfo | None


@dataclass(frozen=True, slots=True)
class WideDateTime:
    """A date and time that datetime cannot hold; day is the proleptic Gregorian ordinal (1 = 0001-01-01)."""

    day: int
    nanos: int
    zone: dt.tzinfo | None


@dataclass(frozen=True, slots=True)
class WideDuration:
    """A days and time duration that timedelta cannot hold, in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration, as its number of months."""

    months: int

    def __str__(self) -> str:
        return format_months(self)


Date: TypeAlias = dt.date | WideDate
Time: TypeAlias = dt.time | WideTime
DateTime: TypeAlias = dt.datetime | WideDateTime
Duration: TypeAlias = dt.timedelta | WideDuration


# -- the calendar without bounds ----------------------------------------------------------------------------------


def _civil(ordinal: int) -> tuple[int, int, int]:
    """Year, month and day of an ordinal (1 = 0001-01-01) in the proleptic Gregorian calendar."""
    if 1 <= ordinal <= 3_652_059:
        day = dt.date.fromordinal(ordinal)
        return day.year, day.month, day.day
    eras, rest = divmod(ordinal - 1, 146_097)
    day = dt.date.fromordinal(rest + 1)
    return day.year + 400 * eras, day.month, day.day


def _ordinal(year: int, month: int, day: int) -> int:
    """The ordinal of a date; raises ValueError when there is no such day."""
    if 1 <= year <= 9999:
        return dt.date(year, month, day).toordinal()
    eras, rest = divmod(year - 1, 400)
    return dt.date(rest + 1, month, day).toordinal() + 146_097 * eras


def make_date(year: int, month: int, day: int) -> Date:
    """The date, or a Fault when there is no such day or the year is outside the standard's range."""
    try:
        if 1 <= year <= 9999:
            return dt.date(year, month, day)
        if abs(year) > MAX_YEAR:
            raise ValueError
        _ordinal(year, month, day)
    except (ValueError, OverflowError):
        raise Fault(say("There is no such date; check year, month and day."), f"{year}-{month}-{day}") from None
    return WideDate(year, month, day)


def date_of(ordinal: int) -> Date:
    """The date with this ordinal, or a Fault when its year is outside the standard's range."""
    if 1 <= ordinal <= 3_652_059:
        return dt.date.fromordinal(ordinal)
    if abs(ordinal) > 366 * MAX_YEAR:
        raise Fault(say("The date is outside the years that FEEL knows."))
    return make_date(*_civil(ordinal))


def make_time(nanos: int, zone: dt.tzinfo | None) -> Time:
    """The time of day, nanos modulo one day after midnight."""
    nanos %= DAY
    micros, rest = divmod(nanos, 1000)
    if rest:
        return WideTime(nanos, zone)
    seconds, micro = divmod(micros, 1_000_000)
    return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60, micro, tzinfo=zone)


def make_datetime(ordinal: int, nanos: int, zone: dt.tzinfo | None) -> DateTime:
    """The date and time; nanos may run over into other days."""
    shift, nanos = divmod(nanos, DAY)
    ordinal += shift
    if 1 <= ordinal <= 3_652_059 and nanos % 1000 == 0:
        seconds, micros = divmod(nanos // 1000, 1_000_000)
        return dt.datetime.combine(
            dt.date.fromordinal(ordinal),
            dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60, micros),
            tzinfo=zone,
        )
    date_of(ordinal)
    return WideDateTime(ordinal, nanos, zone)


def make_duration(nanos: int) -> Duration:
    """The days and time duration of so many nanoseconds."""
    if nanos % 1000 == 0 and abs(nanos) < 999_999_998 * DAY:
        return dt.timedelta(microseconds=nanos // 1000)
    if abs(nanos) > 2 * 366 * MAX_YEAR * DAY:
        raise Fault(say("The duration is too long; FEEL cannot hold it."))
    return WideDuration(nanos)


def make_months(months: int) -> YearsMonths:
    """The years and months duration of so many months."""
    if abs(months) > 2 * _MAX_MONTHS:
        raise Fault(say("The duration is too long; FEEL cannot hold it."))
    return YearsMonths(months)


# -- taking values apart ------------------------------------------------------------------------------------------


def ymd(value: Date) -> tuple[int, int, int]:
    """Year, month and day of a date."""
    return value.year, value.month, value.day


def ordinal_of(value: Date) -> int:
    """The ordinal of a date."""
    return value.toordinal() if isinstance(value, dt.date) else _ordinal(value.year, value.month, value.day)


def nanos_of(value: Time) -> int:
    """Nanoseconds since midnight."""
    if isinstance(value, WideTime):
        return value.nanos
    return ((value.hour * 60 + value.minute) * 60 + value.second) * NANO + value.microsecond * 1000


def parts(value: DateTime) -> tuple[int, int, dt.tzinfo | None]:
    """Ordinal, nanoseconds since midnight, and zone of a date and time."""
    if isinstance(value, WideDateTime):
        return value.day, value.nanos, value.zone
    nanos = ((value.hour * 60 + value.minute) * 60 + value.second) * NANO + value.microsecond * 1000
    return value.toordinal(), nanos, value.tzinfo


def zone_of(value: Time | DateTime) -> dt.tzinfo | None:
    """The zone or offset of a time or date and time."""
    return value.zone if isinstance(value, (WideTime, WideDateTime)) else value.tzinfo


def length(value: Duration) -> int:
    """Nanoseconds of a days and time duration."""
    if isinstance(value, WideDuration):
        return value.nanos
    return (value.days * 86_400 + value.seconds) * NANO + value.microseconds * 1000


def offset_at(zone: dt.tzinfo, ordinal: int, nanos: int) -> int:
    """The offset of a zone from UTC in nanoseconds, at a wall-clock moment."""
    if isinstance(zone, dt.timezone):
        delta = zone.utcoffset(None)
    else:
        rest = (ordinal - 1) % 146_097 + 1 if not 367 <= ordinal <= 3_652_000 else ordinal
        if rest < 367:
            rest += 146_097  # the same day of the calendar's 400-year cycle, away from datetime's lower bound
        moment = dt.datetime.combine(dt.date.fromordinal(rest), dt.time()) + dt.timedelta(seconds=nanos // NANO)
        found = moment.replace(tzinfo=zone).utcoffset()
        delta = found if found is not None else dt.timedelta()
    return (delta.days * 86_400 + delta.seconds) * NANO


def time_offset(value: Time) -> int | None:
    """The offset of a time in nanoseconds, or None. A named zone, which has no date here, counts as on 2000-01-01."""
    zone = zone_of(value)
    return None if zone is None else offset_at(zone, 730_120, nanos_of(value))


def instant(value: DateTime) -> int:
    """Nanoseconds since 0001-01-01T00:00Z; a value without zone is read as if it were UTC."""
    ordinal, nanos, zone = parts(value)
    moment = ordinal * DAY + nanos
    return moment if zone is None else moment - offset_at(zone, ordinal, nanos)


def at_instant(moment: int, zone: dt.tzinfo | None) -> DateTime:
    """The date and time in a zone at an instant."""
    if zone is None:
        return make_datetime(0, moment, None)
    if isinstance(zone, dt.timezone):
        return make_datetime(0, moment + offset_at(zone, 0, 0), zone)
    utc = make_datetime(0, moment, dt.UTC)
    if isinstance(utc, dt.datetime):
        try:
            return utc.astimezone(zone)
        except (OverflowError, ValueError):
            raise Fault(say("The date is outside the years that FEEL knows.")) from None
    ordinal, nanos = divmod(moment, DAY)
    local = moment + offset_at(zone, ordinal, nanos)
    return make_datetime(0, moment + offset_at(zone, *divmod(local, DAY)), zone)


def plus_months(year: int, month: int, day: int, months: int) -> tuple[int, int, int]:
    """A day moved by months; a day that the month does not have becomes its last one (31 January + P1M)."""
    years, index = divmod(month - 1 + months, 12)
    year += years
    month = index + 1
    last = 31 if month in (1, 3, 5, 7, 8, 10, 12) else 30
    if month == 2:
        last = 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return year, month, min(day, last)


def months_between(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> int:
    """Whole months from one (year, month, day, nanos) to another, negative when the second is earlier."""
    months = (second[0] - first[0]) * 12 + second[1] - first[1]
    if months > 0 and second[2:] < first[2:]:
        months -= 1
    elif months < 0 and second[2:] > first[2:]:
        months += 1
    return months


# -- text ---------------------------------------------------------------------------------------------------------

_DATE = r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)"
_CLOCK = r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|z|[+-]\d\d:\d\d|@[A-Za-z0-9_+\-/]+)?"
_DATE_RE = re.compile(_DATE, re.ASCII)
_TIME_RE = re.compile("T?" + _CLOCK, re.ASCII)
_DATETIME_RE = re.compile(_DATE + "T" + _CLOCK, re.ASCII)
_DTD_RE = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII)
_YMD_RE = re.compile(r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
_MAX_DIGITS = 20


@lru_cache(maxsize=512)
def named_zone(key: str) -> dt.tzinfo | None:
    """The IANA zone of that name, or None."""
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        return None


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return dt.UTC
    if text[0] == "@":
        zone = named_zone(text[1:])
        if zone is None:
            raise Fault(say("There is no such time zone; use a name like Asia/Shanghai."), text[1:])
        return zone
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59 or hours * 60 + minutes > 18 * 60:
        raise Fault(say("The offset from UTC is out of range; it lies between -18:00 and +18:00."), text)
    return fixed_zone((hours * 60 + minutes) * (-60 if text[0] == "-" else 60))


def fixed_zone(seconds: int) -> dt.tzinfo:
    """A zone with a constant offset."""
    return dt.timezone(dt.timedelta(seconds=seconds)) if seconds else dt.UTC


def _clock(hour: str, minute: str, second: str, fraction: str | None) -> int:
    hours, minutes, seconds = int(hour), int(minute), int(second)
    nanos = int((fraction or "0")[:9].ljust(9, "0"))
    if hours == 24 and minutes == seconds == nanos == 0:
        return DAY
    if hours > 23 or minutes > 59 or seconds > 59:
        raise Fault(say("There is no such time of day; hours run to 23, minutes and seconds to 59."), f"{hour}:{minute}:{second}")
    return ((hours * 60 + minutes) * 60 + seconds) * NANO + nanos


def parse_date(text: str) -> Date:
    """The date in a text such as 2026-11-22; a Fault when it is none."""
    match = _DATE_RE.fullmatch(text)
    if not match:
        raise Fault(say("This is not a date; write it like 2026-11-22."), text)
    return make_date(int(match[1]), int(match[2]), int(match[3]))


def parse_time(text: str) -> Time:
    """The time in a text such as 10:30:00, 10:30:00Z, 10:30:00+01:00 or 10:30:00@Europe/Paris."""
    match = _TIME_RE.fullmatch(text)
    if not match:
        raise Fault(say("This is not a time; write it like 10:30:00."), text)
    return make_time(_clock(match[1], match[2], match[3], match[4]), _zone(match[5]))


def parse_datetime(text: str) -> DateTime:
    """The date and time in a text such as 2026-11-22T10:30:00; a date alone is its midnight."""
    match = _DATETIME_RE.fullmatch(text)
    if not match:
        if _DATE_RE.fullmatch(text):
            return make_datetime(ordinal_of(parse_date(text)), 0, None)
        raise Fault(say("This is not a date and time; write it like 2026-11-22T10:30:00."), text)
    ordinal = ordinal_of(make_date(int(match[1]), int(match[2]), int(match[3])))
    return make_datetime(ordinal, _clock(match[4], match[5], match[6], match[7]), _zone(match[8]))


def parse_duration(text: str) -> Duration | YearsMonths:
    """The duration in a text such as P1Y2M (years and months) or P1DT2H (days and time)."""
    match = _YMD_RE.fullmatch(text)
    if match and (match[2] or match[3]):
        if max(len(match[2] or ""), len(match[3] or "")) > _MAX_DIGITS:
            raise Fault(say("The duration is too long; FEEL cannot hold it."), text)
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return make_months(-months if match[1] else months)
    match = _DTD_RE.fullmatch(text)
    if not match or text.endswith(("P", "T")):
        raise Fault(say("This is not a duration; write it like P1DT2H or P1Y2M."), text)
    days, hours, minutes, seconds = (match[index] or "0" for index in (2, 3, 4, 5))
    if max(map(len, (days, hours, minutes, seconds))) > _MAX_DIGITS:
        raise Fault(say("The duration is too long; FEEL cannot hold it."), text)
    nanos = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    nanos = nanos * NANO + int((match[6] or "0")[:9].ljust(9, "0"))
    return make_duration(-nanos if match[1] else nanos)


def parse_any(text: str) -> Date | Time | DateTime | Duration | YearsMonths:
    """The value of an at literal (rule 65)."""
    if text[:1] == "P" or text[:2] == "-P":
        return parse_duration(text)
    if _DATE_RE.fullmatch(text):
        return parse_date(text)
    if _TIME_RE.fullmatch(text):
        return parse_time(text)
    return parse_datetime(text)


def _fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def _zone_text(zone: dt.tzinfo | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    delta = zone.utcoffset(None)
    seconds = 0 if delta is None else delta.days * 86_400 + delta.seconds
    if not seconds:
        return "Z"
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    tail = f":{seconds % 60:02d}" if seconds % 60 else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}{tail}"


def format_date(value: Date) -> str:
    """2026-11-22."""
    sign, year = ("-", -value.year) if value.year < 0 else ("", value.year)
    return f"{sign}{year:04d}-{value.month:02d}-{value.day:02d}"


def _format_clock(nanos: int) -> str:
    seconds, rest = divmod(nanos, NANO)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{_fraction(rest)}"


def format_time(value: Time) -> str:
    """10:30:00 with fraction and zone, if any."""
    return _format_clock(nanos_of(value)) + _zone_text(zone_of(value))


def format_datetime(value: DateTime) -> str:
    """2026-11-22T10:30:00 with fraction and zone, if any."""
    ordinal, nanos, zone = parts(value)
    return f"{format_date(date_of(ordinal))}T{_format_clock(nanos)}{_zone_text(zone)}"


def format_duration(value: Duration) -> str:
    """P1DT2H3M4.5S, the shortest form; PT0S for none."""
    nanos = length(value)
    sign, nanos = ("-", -nanos) if nanos < 0 else ("", nanos)
    seconds, rest = divmod(nanos, NANO)
    days, hours, minutes, seconds = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or rest:
        clock += f"{seconds}{_fraction(rest)}S"
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text}" if text else "PT0S"


def format_months(value: YearsMonths) -> str:
    """P1Y2M, the shortest form; P0M for none."""
    sign, months = ("-", -value.months) if value.months < 0 else ("", value.months)
    text = (f"{months // 12}Y" if months >= 12 else "") + (f"{months % 12}M" if months % 12 else "")
    return f"{sign}P{text}" if text else "P0M"
