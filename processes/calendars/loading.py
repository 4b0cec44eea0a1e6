"""Work calendars from plain mappings, as TOML files and rows of the floors above hold them.

key = "shanghai"
zone = "Asia/Shanghai"
country = "CN"            # optional: public holidays; region = "..." where they differ
[names]
en = "Shanghai office"
zh-hans = "上海办公室"
[hours]                   # "monday" ... "sunday", or "monday-friday"; days not named are closed
monday-friday = ["09:00-12:00", "13:00-18:00"]
[[days]]                  # single days with their own hours; without hours the day is closed
date = 2026-12-31
hours = ["09:00-12:00"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from processes.calendars.errors import BadCalendar
from processes.calendars.public_holidays import PublicHolidays
from processes.calendars.work_calendar import Hours, WorkCalendar, hours
from processes.marked import say

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KNOWN = {"key", "zone", "country", "region", "language", "names", "hours", "days"}


def from_mapping(data: Mapping[str, Any]) -> WorkCalendar:
    """The calendar that a mapping describes (see the module's docstring); BadCalendar says what is wrong."""
    unknown = sorted(set(data) - _KNOWN)
    if unknown:
        raise BadCalendar(say("A calendar has no “%(name)s”. It may have %(known)s.", name=unknown[0], known=', '.join(sorted(_KNOWN))))
    country = data.get("country")
    rule = PublicHolidays(country, data.get("region", ""), data.get("language", "en_US")) if country else None
    return WorkCalendar(
        zone=_zone(data.get("zone")),
        weekly=_weekly(data.get("hours", {})),
        holidays=rule,
        special=_special(data.get("days", ())),
        key=data.get("key", ""),
        names=dict(data.get("names", {})),
    )


def load_calendar(path: Path) -> WorkCalendar:
    """The calendar in a TOML file; its key is the file's name when it names none."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadCalendar(say("%(file)s is not a TOML file: %(error)s.", file=path.name, error=str(error))) from error
    return from_mapping({"key": path.stem, **data})


def load_calendars(folder: Path) -> dict[str, WorkCalendar]:
    """Every calendar of a folder by its key."""
    return {found.key: found for path in sorted(folder.glob("*.toml")) for found in [load_calendar(path)]}


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise BadCalendar(say("“%(name)s” is not a time zone. Use a name like Asia/Shanghai.", name=name)) from error


def _weekly(named: Mapping[str, Any]) -> dict[int, Hours]:
    weekly: dict[int, Hours] = {}
    for name, texts in named.items():
        first, dash, last = name.partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise BadCalendar(say("“%(name)s” is not a weekday. Use names like monday or monday-friday.", name=name))
        start = WEEKDAYS.index(first)
        for day in range(start, (WEEKDAYS.index(last) if dash else start) + 1):
            weekly[day] = hours(*texts)
    return weekly


def _special(days: Any) -> dict[date, Hours]:
    found: dict[date, Hours] = {}
    for entry in days:
        day = entry.get("date")
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day)
            except ValueError as error:
                raise BadCalendar(say("“%(day)s” is not a date. Write it like 2026-12-31.", day=day)) from error
        if not isinstance(day, date) or isinstance(day, datetime):
            raise BadCalendar(say("A single day of a calendar needs a date like 2026-12-31."))
        found[day] = hours(*entry.get("hours", ()))
    return found
