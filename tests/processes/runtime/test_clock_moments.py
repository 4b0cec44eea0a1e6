"""Laws of rungs and pauses that must hold for every calendar, moment and limit."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from processes.runtime.clocks import MICRO, moment_of
from tests.processes.calendars.test_properties import calendars, lengths, moments

shares = st.integers(1, 400)


@settings(max_examples=200, deadline=None)
@given(calendars, moments, lengths, shares)
def test_a_share_of_a_limit_is_that_share_of_working_time(calendar, start, limit, share):
    due = calendar.add_time(start, limit)

    at = moment_of(share, due, limit // MICRO, calendar)

    assert calendar.between(start, at) == limit // MICRO * share // 100 * MICRO


@settings(max_examples=200, deadline=None)
@given(calendars, moments, lengths, shares, shares)
def test_a_higher_rung_never_comes_before_a_lower_one(calendar, start, limit, one, other):
    due = calendar.add_time(start, limit)
    lower, higher = (moment_of(share, due, limit // MICRO, calendar) for share in sorted((one, other)))

    assert lower <= higher
    assert calendar.between(moment_of(100, due, limit // MICRO, calendar), due) == timedelta()


@settings(max_examples=200, deadline=None)
@given(calendars, moments, lengths, moments, moments)
def test_what_is_left_when_a_clock_stops_is_left_when_it_runs_again(calendar, start, limit, one, other):
    stopped, resumed = sorted((one, other))
    left = calendar.between(stopped, calendar.add_time(start, limit))

    due = calendar.add_time(resumed, left)

    assert calendar.between(resumed, due) == left
    assert (due >= resumed) == (left >= timedelta())
