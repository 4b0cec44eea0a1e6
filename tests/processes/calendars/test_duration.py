"""Reading durations."""

from __future__ import annotations

from datetime import timedelta

import pytest

from processes.calendars import BadDuration, Duration, duration_of, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1D", Duration(days=1)),
        ("PT24H", Duration(time=timedelta(hours=24))),
        ("P1DT2H30M", Duration(days=1, time=timedelta(hours=2, minutes=30))),
        ("P1Y2M3W4DT5H6M7.5S", Duration(14, 3, 4, timedelta(hours=5, minutes=6, seconds=7.5))),
        ("PT1.5H", Duration(time=timedelta(minutes=90))),
        ("PT0,5S", Duration(time=timedelta(milliseconds=500))),
        ("-P2W", Duration(weeks=-2)),
        (" +PT0S ", Duration()),
    ],
)
def test_reading(text, expected):
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "1D", "P1.5D", "P-1D", "PD", "P1H", "P1D2H", "p1d", "PT1H PT2H"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(BadDuration, match=r"is not a duration\. Write it like P1D"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P9999999999D", "PT999999999999H"])
def test_an_absurd_length_is_refused(text):
    with pytest.raises(BadDuration, match="is too long"):
        parse_duration(text)


def test_other_types():
    assert duration_of(timedelta(hours=-30)) == Duration(days=-1, time=-timedelta(hours=6))
    assert duration_of("PT24H") != duration_of(timedelta(hours=24))
    with pytest.raises(BadDuration, match="A int cannot be used"):
        duration_of(5)
