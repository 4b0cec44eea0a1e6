"""Calendars from mappings and files."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime

import pytest

from processes.calendars import BadCalendar, from_mapping, hours, load_calendars

SHANGHAI = """
zone = "Asia/Shanghai"
country = "CN"
[names]
en = "Shanghai office"
zh-hans = "上海办公室"
[hours]
monday-friday = ["09:00-12:00", "13:00-18:00"]
saturday = ["09:00-12:00"]
[[days]]
date = 2026-12-31
hours = ["09:00-12:00"]
[[days]]
date = "2026-12-30"
"""


def test_a_file_becomes_a_calendar(tmp_path):
    (tmp_path / "shanghai.toml").write_text(SHANGHAI, encoding="utf-8")

    calendar = load_calendars(tmp_path)["shanghai"]

    assert calendar.names["zh-hans"] == "上海办公室"
    assert calendar.days_in_week == 6
    assert calendar.hours_of(date(2026, 12, 31)) == hours("09:00-12:00")
    assert calendar.hours_of(date(2026, 12, 30)) == ()
    assert calendar.hours_of(date(2026, 10, 1)) == ()
    assert calendar.add(datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "PT1H") == datetime(
        2026, 11, 21, 1, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"zone": "Asia/Nowhere"}, "“Asia/Nowhere” is not a time zone"),
        ({"zone": None}, "is not a time zone"),
        ({"country": "XX"}, "No public holidays are known for the country “XX”"),
        ({"region": "Mars"}, "No public holidays are known for the region “Mars” of CN"),
        ({"colour": "red"}, "A calendar has no “colour”"),
        ({"hours": {"moonday": ["09:00-12:00"]}}, "“moonday” is not a weekday"),
        ({"hours": {"monday": ["09:00"]}}, "is not a span of working hours"),
        ({"hours": {"monday": ["9 am-12:00"]}}, "is not a clock time"),
        ({"hours": {"monday": ["12:00-09:00"]}}, "must ascend"),
        ({"days": [{"date": "soon"}]}, "“soon” is not a date"),
        ({"days": [{"hours": []}]}, "needs a date"),
    ],
)
def test_mistakes_are_named(change, sentence):
    with pytest.raises(BadCalendar, match=sentence):
        from_mapping({**tomllib.loads(SHANGHAI), **change})
