"""Every day of 2025 and 2026 as the State Council's notices on holidays say, and the days on which Europe's clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from processes.calendars import PublicHolidays, WorkCalendar, monday_to_friday

CHINA = WorkCalendar(
    zone=ZoneInfo("Asia/Shanghai"), weekly=monday_to_friday("09:00-12:00", "13:00-18:00"), holidays=PublicHolidays("CN")
)
NOTICES = {
    # Off from and to (both included), and the weekend days that are worked in exchange.
    2025: (
        [("01-01", "01-01"), ("01-28", "02-04"), ("04-04", "04-06"), ("05-01", "05-05"), ("05-31", "06-02"), ("10-01", "10-08")],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        [("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"), ("09-25", "09-27"),
         ("10-01", "10-07")],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}  # fmt: skip


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", NOTICES)
def test_each_day_of_a_decreed_year_is_worked_or_not_as_the_notice_says(year):
    periods, worked = NOTICES[year]
    off = {
        day for day in days_of(year) for first, last in periods
        if date.fromisoformat(f"{year}-{first}") <= day <= date.fromisoformat(f"{year}-{last}")
    }  # fmt: skip
    exchanged = {date.fromisoformat(f"{year}-{day}") for day in worked}

    open_days = {day for day in days_of(year) if CHINA.hours_of(day)}

    assert open_days == {day for day in days_of(year) if day.weekday() < 5} - off | exchanged
    assert CHINA.days_between(date(year - 1, 12, 31), date(year, 12, 31)) == len(open_days)


@pytest.mark.parametrize("year", NOTICES)
def test_a_working_day_is_the_same_clock_time_on_the_next_day_that_is_worked(year):
    worked = [day for day in days_of(year) if CHINA.hours_of(day)]
    for day, following in pairwise(worked):
        start = datetime(day.year, day.month, day.day, 10, 34, tzinfo=CHINA.zone)
        due = CHINA.add(start, "P1D")
        assert due.astimezone(CHINA.zone) == datetime(following.year, following.month, following.day, 10, 34, tzinfo=CHINA.zone)
        assert CHINA.between(start, due) == timedelta(hours=8), "one working day, never twenty-four business hours"


@pytest.mark.parametrize(("change", "hours"), [("2025-03-30", 23), ("2025-10-26", 25), ("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_on_which_the_clocks_change_has_the_hours_that_pass(change, hours):
    paris = WorkCalendar(zone=ZoneInfo("Europe/Paris"), weekly=dict.fromkeys(range(7), ((0, 1440),)))
    midnight = datetime.fromisoformat(change).replace(tzinfo=paris.zone)
    following = midnight + timedelta(days=1)

    assert paris.between(midnight, following) == timedelta(hours=hours)
    assert paris.add(midnight, "P1D") == following
    assert paris.add_time(midnight, timedelta(hours=hours)) == following
