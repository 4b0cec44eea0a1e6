"""Working time: weekly hours in a time zone, public holidays and exceptional days; adding and measuring.

What a limit means on a work calendar:

* *Time* ('PT8H') runs only while work is open. Eight hours from Friday 15:00, office 9 to 17, end on Monday
  at 15:00. It ends at the close of a day rather than at the next opening.
* *A day* ('P1D') is one working day: the same clock time on the next day that has working hours, however many
  hours that day has, never 24 business hours. When work is closed at the start (evening, weekend, lunch), the
  count begins at the next opening. Where the day that is reached is closed at that clock time, the moment is
  the day's opening (too early), the end of the break (in a break) or its close (too late).
* *A week* ('P1W') is as many working days as the weekly hours have days: five for Monday to Friday.
* *Months and years* are those of the calendar: the same day of the month (its last day when there is no such
  day) at the same clock time; when work is closed there, the next opening.
* In a combined duration months go first, then weeks and days, then time: 'P1DT2H' is one working day and then
  two working hours.
* Durations may be negative; the rules are then mirrored.

Clock times are those of the calendar's zone; hours are elapsed hours, so a night shift over the end of summer
time is an hour longer. All moments are taken and given as aware datetimes, results in UTC. Sums are kept per
day and year, so that a span of years costs one look-up per year.
"""

from __future__ import annotations

import calendar as months
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from processes.calendars.duration import Duration, HasMonths, duration_of
from processes.calendars.errors import BadCalendar, CalendarError, NoWorkingTime
from processes.calendars.public_holidays import HolidayRule
from processes.calendars.years import (
    DAY_MINUTES,
    WorkYear,
    build_year,
    from_micros,
    moment,
    to_micros,
    wall_minutes,
)
from processes.marked import say

Hours = tuple[tuple[int, int], ...]
"""Working hours of a day: (from, to) in minutes since midnight, ascending, apart from each other."""

MAX_YEARS = 200
"""How many years on a search for working time goes before it gives up."""


LONGEST_BREAK = timedelta(hours=2)
"""A gap in working time up to this is a break within a shift, such as lunch; a longer one ends the shift."""


def check_hours(hours: Sequence[tuple[int, int]]) -> Hours:
    """The hours, when they lie in a day, ascend and do not overlap; else BadCalendar."""
    last = 0
    for start, end in hours:
        if not last <= start < end <= DAY_MINUTES:
            raise BadCalendar(
                say("Working hours must ascend and not overlap within one day, like 09:00-12:00 and 13:00-18:00.")
            )
        last = end
    return tuple((start, end) for start, end in hours)


@dataclass(frozen=True)
class WorkCalendar:
    """Working time by weekly hours (0 is Monday), holidays and exceptional days, in a time zone.

    `special` gives single days their own hours, whatever weekday or holiday they are: none for a closed day,
    some for an extra working day. It goes before `holidays`, which goes before `weekly`. A shifted working day
    of the country has the hours of the first working weekday.
    """

    zone: tzinfo
    weekly: Mapping[int, Hours]
    holidays: HolidayRule | None = None
    special: Mapping[date, Hours] = field(default_factory=dict)
    key: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    _years: dict[int, WorkYear] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for day, hours in self.weekly.items():
            if day not in range(7):
                raise BadCalendar(say("A weekday is a number from 0 (Monday) to 6 (Sunday)."))
            check_hours(hours)
        for hours in self.special.values():
            check_hours(hours)

    # --- single days and moments -----------------------------------------------------------------------
    def hours_of(self, day: date) -> Hours:
        """The working hours of a date, none when it is closed."""
        if day in self.special:
            return self.special[day]
        if self.holidays is not None:
            if day in self.holidays.days_off(day.year):
                return ()
            if day in self.holidays.shifted_working_days(day.year):
                return self.weekly.get(day.weekday()) or self._usual_hours()
        return self.weekly.get(day.weekday(), ())

    def holiday_name(self, day: date) -> str:
        """The name of the public holiday on a date, empty when it is none or worked nevertheless."""
        if self.holidays is None or self.hours_of(day):
            return ""
        return self.holidays.days_off(day.year).get(day, "")

    def notes(self, start: datetime, end: datetime) -> list[str]:
        """What is not yet known about the years between two moments, a sentence each."""
        if self.holidays is None:
            return []
        years = range(_local(start, self.zone).year, _local(end, self.zone).year + 1)
        return [note for year in years if (note := self.holidays.note(year))]

    def is_working(self, at: datetime) -> bool:
        """Whether work is open at a moment; at the instant of closing it is not."""
        micros = to_micros(at)
        year = self._year(_local(at, self.zone).year)
        i = bisect_right(year.starts, micros) - 1
        return i >= 0 and micros < year.ends[i]

    def on_shift(self, at: datetime) -> bool:
        """Whether a moment lies within somebody's working day: in working hours or in a break (see `LONGEST_BREAK`)."""
        return self.is_working(at) or self.next_open(at) - self.last_open(at) <= LONGEST_BREAK

    def next_open(self, at: datetime) -> datetime:
        """The moment itself when work is open then, else the next opening."""
        micros = to_micros(at)
        for year in self._years_from(_local(at, self.zone).year, 1):
            i = bisect_right(year.ends, micros)
            if i < len(year.ends):
                return from_micros(max(micros, year.starts[i]))
        raise self._nothing()

    def last_open(self, at: datetime) -> datetime:
        """The moment itself when work was open just before it, else the last closing."""
        micros = to_micros(at)
        for year in self._years_from(_local(at, self.zone).year, -1):
            i = bisect_left(year.starts, micros) - 1
            if i >= 0:
                return from_micros(min(micros, year.ends[i]))
        raise self._nothing()

    # --- adding ----------------------------------------------------------------------------------------
    def add(self, start: datetime, duration: str | timedelta | Duration | HasMonths) -> datetime:
        """The moment a working duration after `start`, by the rules of this module.

        Takes ISO 8601 text, `Duration`, FEEL durations and `timedelta` (whose whole days are working days; for
        pure working time use `add_time`). BadDuration or NoWorkingTime when that is impossible.
        """
        amount = duration_of(duration)
        at = _aware(start)
        if amount.months:
            at = self._add_months(at, amount.months)
        days = amount.days + amount.weeks * self.days_in_week
        if days:
            at = self._add_days(at, days)
        return self.add_time(at, amount.time)

    def add_time(self, start: datetime, worked: timedelta) -> datetime:
        """The moment at which so much working time has passed since `start`; the inverse of `between`."""
        micros = worked // timedelta(microseconds=1)
        if micros == 0:
            return _aware(start)
        first = _local(start, self.zone).year
        step = 1 if micros > 0 else -1
        target = self._year(first).worked_at(to_micros(start)) + micros
        for year in self._years_from(first, step):
            if step > 0:
                if target <= year.total:
                    i = bisect_left(year.before, target) - 1
                    return from_micros(year.starts[i] + target - year.before[i])
                target -= year.total
            else:
                if year.year != first:
                    target += year.total
                if target >= 0:
                    i = bisect_right(year.before, target) - 1
                    return from_micros(year.starts[i] + target - year.before[i])
        raise self._nothing()

    def at_share(self, start: datetime, end: datetime, share: float) -> datetime:
        """The moment at which a share (0.5 is half) of the working time between two moments has passed."""
        return self.add_time(start, self.between(start, end) * share)

    @property
    def days_in_week(self) -> int:
        """How many weekdays have working hours; what a week is worth in working days."""
        return sum(1 for hours in self.weekly.values() if hours)

    # --- measuring -------------------------------------------------------------------------------------
    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two moments, negative when `end` is the earlier one."""
        if _aware(end) < _aware(start):
            return -self.between(end, start)
        first, last = _local(start, self.zone).year, _local(end, self.zone).year
        worked = self._year(last).worked_at(to_micros(end)) - self._year(first).worked_at(to_micros(start))
        worked += sum(self._year(year).total for year in range(first, last))
        return timedelta(microseconds=worked)

    def days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and with `end`; negative when `end` is earlier."""
        if end < start:
            return -self.days_between(end, start)
        counted = self._year(end.year).days_up_to(end) - self._year(start.year).days_up_to(start)
        return counted + sum(len(self._year(year).days) for year in range(start.year, end.year))

    # --- inside ----------------------------------------------------------------------------------------
    def _add_days(self, start: datetime, count: int) -> datetime:
        """`count` working days on (or back), at the same clock time, kept within that day's hours."""
        begin = self.next_open(start) if count > 0 else self.last_open(start)
        local = begin.astimezone(self.zone)
        day, minutes = local.date(), wall_minutes(local)
        if count < 0 and minutes == 0:  # the close at midnight belongs to the day before
            day, minutes = day - timedelta(days=1), float(DAY_MINUTES)
        target = self._nth_working_day(day, count)
        return self._year(target.year).clamp(target, minutes, self.zone, back=count < 0)

    def _nth_working_day(self, day: date, count: int) -> date:
        year = self._year(day.year)
        at = year.days_up_to(day) - 1 + count  # the index, in this year's list, of the day that is looked for
        if count > 0:
            for year in self._years_from(day.year, 1):
                if at < len(year.days):
                    return date.fromordinal(year.days[at])
                at -= len(year.days)
        else:
            for year in self._years_from(day.year, -1):
                if year.year != day.year:
                    at += len(year.days)
                if at >= 0:
                    return date.fromordinal(year.days[at])
        raise self._nothing()

    def _add_months(self, start: datetime, count: int) -> datetime:
        local = start.astimezone(self.zone)
        years, month = divmod(local.month - 1 + count, 12)
        year = local.year + years
        if not 1 <= year <= 9998:
            raise CalendarError(say("The limit lies outside the years that a calendar knows. Give a shorter one."))
        day = min(local.day, months.monthrange(year, month + 1)[1])
        moved = from_micros(moment(date(year, month + 1, day), wall_minutes(local), self.zone))
        return self.next_open(moved) if count > 0 else self.last_open(moved)

    def _usual_hours(self) -> Hours:
        return next((self.weekly[day] for day in range(7) if self.weekly.get(day)), ())

    def _year(self, year: int) -> WorkYear:
        if year not in self._years:
            self._years[year] = build_year(year, self.hours_of, self.zone)
        return self._years[year]

    def _years_from(self, first: int, step: int) -> Iterator[WorkYear]:
        for year in range(first, first + step * MAX_YEARS, step):
            if not 2 <= year <= 9998:
                return
            yield self._year(year)

    def _nothing(self) -> NoWorkingTime:
        if not self.key:
            return NoWorkingTime(
                say("The calendar has no working time within %(years)s years. Give it hours.", years=MAX_YEARS)
            )
        return NoWorkingTime(
            say("The calendar “%(key)s” has no working time within %(years)s years. Give it hours.",
                key=self.key, years=MAX_YEARS)
        )  # fmt: skip


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise CalendarError(say("A calendar needs moments with a time zone."))
    return at.astimezone(UTC)


def _local(at: datetime, zone: tzinfo) -> datetime:
    return _aware(at).astimezone(zone)


def hours(*texts: str) -> Hours:
    """Working hours from texts such as "09:00-12:00", "13:00-18:00"; "24:00" is midnight at the end."""
    return check_hours([_interval(text) for text in texts])


def _interval(text: str) -> tuple[int, int]:
    start, dash, end = text.partition("-")
    if not dash:
        raise BadCalendar(say("“%(text)s” is not a span of working hours. Write it like 09:00-17:30.", text=text))
    return _minutes(start), _minutes(end)


def _minutes(text: str) -> int:
    if text.strip() == "24:00":
        return DAY_MINUTES
    try:
        clock = time.fromisoformat(text.strip())
    except ValueError as error:
        raise BadCalendar(say("“%(text)s” is not a clock time. Write it like 09:00.", text=text.strip())) from error
    return clock.hour * 60 + clock.minute


def every_day(*texts: str) -> dict[int, Hours]:
    """Weekly hours that are the same on all seven days."""
    return {day: hours(*texts) for day in range(7)}


def monday_to_friday(*texts: str) -> dict[int, Hours]:
    """Weekly hours that are the same from Monday to Friday."""
    return {day: hours(*texts) for day in range(5)}


ALWAYS: WorkCalendar = WorkCalendar(zone=UTC, weekly=every_day("00:00-24:00"), key="always")
"""Every hour is a working hour: 'P1D' is 24 hours. Limits in calendar time use it."""
