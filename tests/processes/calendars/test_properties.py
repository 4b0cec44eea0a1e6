"""Laws of working time that must hold for every calendar, moment and length."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from processes.calendars import Duration, PublicHolidays, WorkCalendar, parse_duration

PLANS = [
    WorkCalendar(zone=ZoneInfo("Asia/Shanghai"), weekly=dict.fromkeys(range(5), ((540, 720), (780, 1080))),
                 holidays=PublicHolidays("CN")),
    WorkCalendar(zone=ZoneInfo("Europe/Paris"), weekly=dict.fromkeys(range(7), ((0, 360), (1320, 1440))),
                 holidays=PublicHolidays("FR")),
    WorkCalendar(zone=ZoneInfo("America/St_Johns"), weekly={5: ((90, 200),), 6: ((100, 185), (600, 601))},
                 special={date(2026, 12, 31): ()}),
    WorkCalendar(zone=ZoneInfo("Europe/Paris"), weekly=dict.fromkeys(range(7), ((0, 1440),))),
]  # fmt: skip
calendars = st.sampled_from(PLANS)
anywhere = st.datetimes(datetime(2025, 6, 1), datetime(2027, 6, 1)).map(lambda d: d.replace(tzinfo=UTC))
# Around the European and Canadian changes of the clock, where mistakes live.
changes = st.one_of(
    *(
        st.datetimes(d - timedelta(hours=5), d + timedelta(hours=9)).map(lambda d: d.replace(tzinfo=UTC))
        for d in (datetime(2026, 3, 28, 22), datetime(2026, 10, 24, 22), datetime(2026, 3, 8, 4), datetime(2026, 11, 1, 3))
    )
)  # fmt: skip
moments = st.one_of(anywhere, changes)
lengths = st.timedeltas(timedelta(microseconds=1), timedelta(days=40))
days = st.integers(1, 60)


@settings(max_examples=150, deadline=None)
@given(calendars, moments, lengths)
def test_measuring_what_was_added_gives_it_back(calendar, start, length):
    assert calendar.between(start, calendar.add_time(start, length)) == length
    assert calendar.between(calendar.add_time(start, -length), start) == length


@settings(max_examples=150, deadline=None)
@given(calendars, moments, moments)
def test_adding_what_was_measured_leads_back_within_working_time(calendar, first, second):
    start, end = sorted((first, second))

    reached = calendar.add_time(start, calendar.between(start, end))

    assert reached <= end
    assert calendar.between(reached, end) == timedelta()


@settings(max_examples=200, deadline=None)
@given(calendars, moments, moments, st.integers(-60, 60), st.timedeltas(timedelta(), timedelta(hours=30)))
def test_a_later_start_never_gives_an_earlier_limit(calendar, first, second, count, time):
    start, later = sorted((first, second))
    duration = Duration(days=count, time=time if count >= 0 else -time)

    assert calendar.add(start, duration) <= calendar.add(later, duration)


@settings(max_examples=150, deadline=None)
@given(calendars, changes, st.timedeltas(timedelta(), timedelta(hours=3)), days)
def test_the_same_holds_within_hours_of_a_change_of_the_clock(calendar, start, after, count):
    assert calendar.add(start, Duration(days=count)) <= calendar.add(start + after, Duration(days=count))


@settings(max_examples=100, deadline=None)
@given(calendars, moments, days)
def test_adding_days_passes_exactly_that_many_working_days(calendar, start, count):
    begin = calendar.next_open(start).astimezone(calendar.zone).date()
    reached = calendar.add(start, Duration(days=count))
    # A limit at the end of a day may be the midnight that begins the next one.
    on = (reached.astimezone(calendar.zone) - timedelta(microseconds=1)).date()

    passed = calendar.days_between(begin, on)

    assert passed in (count, count - 1)
    assert calendar.days_between(begin, reached.astimezone(calendar.zone).date()) in (count, count + 1)


@settings(max_examples=100, deadline=None)
@given(calendars, moments)
def test_the_next_opening_is_open_and_nothing_is_worked_before_it(calendar, start):
    opened = calendar.next_open(start)

    assert calendar.is_working(opened)
    assert calendar.between(start, opened) == timedelta()
    assert calendar.is_working(start) == (opened == start)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 500), st.integers(0, 99), st.integers(0, 999),
    st.timedeltas(timedelta(), timedelta(days=30)), st.booleans(),
)  # fmt: skip
def test_a_duration_reads_back_from_its_text(months, weeks, count, time, negative):
    duration = Duration(months, weeks, count, time)
    duration = -duration if negative else duration

    assert parse_duration(str(duration)) == duration
