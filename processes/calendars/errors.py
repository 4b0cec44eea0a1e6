"""What can go wrong with calendars and durations; every error is a whole sentence with a stable code."""

from __future__ import annotations

from processes.marked import Sentence


class CalendarError(ValueError):
    """A calendar or a duration cannot be used as given."""

    code = "calendar_error"

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadDuration(CalendarError):
    """A text is not an ISO 8601 duration."""

    code = "bad_duration"


class BadCalendar(CalendarError):
    """The description of a calendar is wrong."""

    code = "bad_calendar"


class NoWorkingTime(CalendarError):
    """The calendar has no working time left within the years it may look through."""

    code = "no_working_time"
