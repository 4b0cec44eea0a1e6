"""Adding and measuring working time on calendars with fixed answers, worked out by hand."""

from __future__ import annotations

import time as stopwatch
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from processes.calendars import (
    ALWAYS,
    CalendarError,
    Duration,
    NoWorkingTime,
    PublicHolidays,
    WorkCalendar,
    every_day,
    hours,
    monday_to_friday,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
PARIS = ZoneInfo("Europe/Paris")

OFFICE = WorkCalendar(zone=SHANGHAI, weekly=monday_to_friday("09:00-17:00"))
LUNCH = WorkCalendar(zone=PARIS, weekly=monday_to_friday("09:00-12:00", "14:00-18:00"))
CHINA = replace(OFFICE, holidays=PublicHolidays("CN"))
FRANCE = replace(LUNCH, holidays=PublicHolidays("FR"))


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# 2026-11-20 is a Friday.
@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        # a working day is the same clock time on the next working day
        ("2026-11-17 15:00", "P1D", "2026-11-18 15:00"),
        ("2026-11-20 15:00", "P1D", "2026-11-23 15:00"),
        ("2026-11-20 15:00", "P10D", "2026-12-04 15:00"),
        # closed at the start: the count begins at the next opening
        ("2026-11-20 20:00", "P1D", "2026-11-24 09:00"),
        ("2026-11-21 11:00", "P1D", "2026-11-24 09:00"),
        ("2026-11-20 07:00", "P1D", "2026-11-23 09:00"),
        ("2026-11-20 17:00", "P1D", "2026-11-24 09:00"),
        # time runs only while work is open and ends at the close, not at the next opening
        ("2026-11-20 15:00", "PT8H", "2026-11-23 15:00"),
        ("2026-11-20 09:00", "PT8H", "2026-11-20 17:00"),
        ("2026-11-20 17:00", "PT1H", "2026-11-23 10:00"),
        ("2026-11-21 11:00", "PT30M", "2026-11-23 09:30"),
        # twenty-four hours are three days of eight, a day is a day
        ("2026-11-16 09:00", "PT24H", "2026-11-18 17:00"),
        ("2026-11-16 09:00", "P1D", "2026-11-17 09:00"),
        # days first, then time
        ("2026-11-20 15:00", "P1DT2H", "2026-11-23 17:00"),
        ("2026-11-20 16:00", "P1DT2H", "2026-11-24 10:00"),
        # a week is as many working days as the week has
        ("2026-11-20 15:00", "P1W", "2026-11-27 15:00"),
        # months are those of the calendar; 31 January has no match in February, the 28th is a Saturday
        ("2026-11-18 15:00", "P1M", "2026-12-18 15:00"),
        ("2026-01-31 15:00", "P1M", "2026-03-02 09:00"),
        ("2026-11-18 15:00", "P1Y", "2027-11-18 15:00"),
        # backwards
        ("2026-11-23 10:00", "-P1D", "2026-11-20 10:00"),
        ("2026-11-23 10:00", "-PT2H", "2026-11-20 16:00"),
        ("2026-11-23 17:00", "-PT8H", "2026-11-23 09:00"),
        ("2026-11-22 10:00", "-P1D", "2026-11-19 17:00"),
        # nothing leaves the moment alone
        ("2026-11-21 11:00", "PT0S", "2026-11-21 11:00"),
    ],
)
def test_adding_to_office_hours(start, duration, end):
    assert OFFICE.add(at(start), duration) == at(end)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-11-20 11:00", "PT2H", "2026-11-20 15:00"),
        ("2026-11-20 13:00", "PT1H", "2026-11-20 15:00"),
        ("2026-11-20 13:00", "P1D", "2026-11-23 14:00"),
        ("2026-11-20 11:30", "P1D", "2026-11-23 11:30"),
    ],
)
def test_adding_over_a_lunch_break(start, duration, end):
    assert LUNCH.add(at(start, PARIS), duration) == at(end, PARIS)


def test_a_day_reached_outside_its_hours_moves_into_them():
    short_friday = replace(OFFICE, special={date(2026, 11, 20): hours("10:00-12:00", "13:00-15:00")})

    assert short_friday.add(at("2026-11-19 16:30"), "P1D") == at("2026-11-20 15:00")
    assert short_friday.add(at("2026-11-19 09:15"), "P1D") == at("2026-11-20 10:00")
    assert short_friday.add(at("2026-11-19 12:30"), "P1D") == at("2026-11-20 13:00")


def test_a_timedelta_counts_its_days_as_working_days_and_add_time_does_not():
    start = at("2026-11-20 15:00")

    assert OFFICE.add(start, timedelta(days=1)) == at("2026-11-23 15:00")
    assert OFFICE.add(start, timedelta(days=1, hours=2)) == at("2026-11-23 17:00")
    assert OFFICE.add_time(start, timedelta(days=1)) == at("2026-11-25 15:00")


def test_a_feel_duration_of_years_and_months_is_taken():
    class Months:
        months = 1

    assert OFFICE.add(at("2026-11-18 15:00"), Months()) == at("2026-12-18 15:00")
    assert OFFICE.add(at("2026-11-18 15:00"), Duration(days=2)) == at("2026-11-20 15:00")


def test_the_shifted_working_days_of_china():
    # National Day 2026: 1 to 7 October off, Saturday 10 October worked for it, Sunday 20 September too.
    assert CHINA.add(at("2026-09-30 16:00"), "P1D") == at("2026-10-08 16:00")
    assert CHINA.add(at("2026-10-09 16:00"), "P1D") == at("2026-10-10 16:00")
    assert CHINA.add(at("2026-10-10 16:00"), "P1D") == at("2026-10-12 16:00")
    assert CHINA.add(at("2026-09-29 10:00"), "P5D") == at("2026-10-12 10:00")
    assert CHINA.hours_of(date(2026, 9, 20)) == hours("09:00-17:00")
    assert CHINA.hours_of(date(2026, 10, 1)) == ()
    assert CHINA.holiday_name(date(2026, 10, 1)) == "National Day"
    assert CHINA.days_between(date(2026, 9, 30), date(2026, 10, 12)) == 4


def test_a_year_not_announced_yet_has_the_days_fixed_by_law_and_a_note():
    assert CHINA.hours_of(date(2027, 10, 1)) == ()
    assert CHINA.notes(at("2026-01-01 00:00"), at("2026-12-01 00:00")) == []
    (note,) = CHINA.notes(at("2026-12-01 00:00"), at("2027-01-10 00:00"))
    assert note.startswith("The exact holidays and shifted working days of 2027 in CN are not announced")
    assert FRANCE.notes(at("2026-12-01 00:00"), at("2040-01-10 00:00")) == []


def test_french_holidays():
    # 1 May 2026 is a Friday.
    assert FRANCE.add(at("2026-04-30 10:00", PARIS), "P1D") == at("2026-05-04 10:00", PARIS)
    assert not FRANCE.is_working(at("2026-05-01 10:00", PARIS))


def test_a_special_day_goes_before_holidays_and_weekly_hours():
    special = replace(
        CHINA, special={date(2026, 10, 1): hours("10:00-12:00"), date(2026, 10, 8): (), date(2026, 11, 21): hours("09:00-10:00")}
    )  # fmt: skip

    assert special.add(at("2026-09-30 16:00"), "PT2H") == at("2026-10-01 11:00")
    assert special.add(at("2026-10-01 11:00"), "P1D") == at("2026-10-09 11:00")
    assert special.add(at("2026-11-20 16:30"), "PT1H") == at("2026-11-21 09:30")


def test_office_hours_keep_their_clock_over_a_change_of_daylight_saving():
    # Summer time in Paris ends on Sunday 25 October 2026 and begins on Sunday 28 March 2027.
    friday = at("2026-10-23 10:00", PARIS)

    monday = LUNCH.add(friday, "P1D")

    assert monday == at("2026-10-26 10:00", PARIS)
    assert monday - friday.astimezone(UTC) == timedelta(hours=73)
    assert LUNCH.between(friday, monday) == timedelta(hours=7)
    assert LUNCH.add(at("2027-03-26 10:00", PARIS), "PT7H") == at("2027-03-29 10:00", PARIS)


def test_a_night_shift_is_an_hour_longer_when_summer_time_ends_and_shorter_when_it_begins():
    night = WorkCalendar(zone=PARIS, weekly=every_day("00:00-06:00"))

    def worked(day: str) -> timedelta:
        start = at(f"{day} 00:00", PARIS)
        return night.between(start, start + timedelta(days=1))

    assert worked("2026-10-24") == timedelta(hours=6)
    assert worked("2026-10-25") == timedelta(hours=7)
    assert worked("2027-03-28") == timedelta(hours=5)
    assert night.add(at("2027-03-27 02:30", PARIS), "P1D") == at("2027-03-28 03:00", PARIS)


def test_a_span_inside_the_skipped_hour_is_no_working_time():
    night = WorkCalendar(zone=PARIS, weekly=every_day("02:15-02:45"))

    assert night.days_between(date(2027, 3, 27), date(2027, 3, 29)) == 1
    assert night.add(at("2027-03-27 02:30", PARIS), "P1D") == at("2027-03-29 02:30", PARIS)


def test_round_the_clock_a_day_is_24_hours():
    start = at("2026-10-24 10:00", PARIS)

    assert ALWAYS.add(start, "P1D") == start.astimezone(UTC) + timedelta(hours=24)
    assert ALWAYS.add(start, "P1W") == start.astimezone(UTC) + timedelta(days=7)
    assert ALWAYS.add(start, "-P1DT1H") == start.astimezone(UTC) - timedelta(hours=25)
    assert ALWAYS.between(start, ALWAYS.add(start, "PT50H")) == timedelta(hours=50)
    assert ALWAYS.is_working(start)


def test_opening_and_closing_are_on_the_right_side():
    assert OFFICE.is_working(at("2026-11-20 09:00"))
    assert not OFFICE.is_working(at("2026-11-20 17:00"))
    assert OFFICE.next_open(at("2026-11-20 16:59")) == at("2026-11-20 16:59")
    assert OFFICE.next_open(at("2026-11-20 17:00")) == at("2026-11-23 09:00")
    assert OFFICE.last_open(at("2026-11-23 09:00")) == at("2026-11-20 17:00")
    assert OFFICE.last_open(at("2026-11-20 17:00")) == at("2026-11-20 17:00")


def test_measuring_takes_only_open_hours_and_knows_both_directions():
    start, end = at("2026-11-20 16:00"), at("2026-11-23 10:30")

    assert OFFICE.between(start, end) == timedelta(hours=2, minutes=30)
    assert OFFICE.between(end, start) == -timedelta(hours=2, minutes=30)
    assert OFFICE.between(at("2026-11-21 00:00"), at("2026-11-22 23:00")) == timedelta()


def test_the_moment_at_which_half_of_a_limit_has_passed():
    start = at("2026-11-20 15:00")
    due = OFFICE.add(start, "P1D")

    assert OFFICE.at_share(start, due, 0.5) == at("2026-11-23 11:00")
    assert OFFICE.at_share(start, due, 1.0) == due


def test_long_spans_are_looked_up_and_not_walked():
    calendar = WorkCalendar(
        zone=SHANGHAI, weekly=monday_to_friday("09:00-17:00"), holidays=PublicHolidays("CN")
    )
    start = at("2026-01-05 09:00")
    calendar.add(start, "P2000D")  # lays out the years
    begun = stopwatch.perf_counter()

    for _ in range(1000):
        end = calendar.add(start, "P2000D")

    assert calendar.days_between(start.date(), end.astimezone(SHANGHAI).date()) == 2000
    assert stopwatch.perf_counter() - begun < 1.0  # 1 ms each; walking 2000 days takes longer


def test_bad_use_is_refused_with_a_sentence():
    with pytest.raises(CalendarError, match="moments with a time zone"):
        OFFICE.add(datetime(2026, 11, 20, 9, 0), "PT1H")
    with pytest.raises(NoWorkingTime, match="no working time within 200 years"):
        WorkCalendar(zone=SHANGHAI, weekly={}).add(at("2026-11-20 09:00"), "PT1H")
    with pytest.raises(CalendarError, match="ascend and not overlap"):
        WorkCalendar(zone=SHANGHAI, weekly={0: ((600, 700), (650, 800))})
