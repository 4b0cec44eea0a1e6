"""Working time: calendars with weekly hours, holidays and exceptions; adding and measuring. Pure."""

from __future__ import annotations

from processes.calendars.duration import Duration, duration_of, parse_duration
from processes.calendars.errors import BadCalendar, BadDuration, CalendarError, NoWorkingTime
from processes.calendars.loading import from_mapping, load_calendar, load_calendars
from processes.calendars.public_holidays import HolidayRule, PublicHolidays
from processes.calendars.work_calendar import (
    ALWAYS,
    Hours,
    WorkCalendar,
    every_day,
    hours,
    monday_to_friday,
)

__all__ = [
    "ALWAYS",
    "BadCalendar",
    "BadDuration",
    "CalendarError",
    "Duration",
    "HolidayRule",
    "Hours",
    "NoWorkingTime",
    "PublicHolidays",
    "WorkCalendar",
    "duration_of",
    "every_day",
    "from_mapping",
    "hours",
    "load_calendar",
    "load_calendars",
    "monday_to_friday",
    "parse_duration",
]
