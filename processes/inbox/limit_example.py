"""What a limit comes to: the moments of one that begins now, for whoever sets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from processes import ports
from processes.calendars import CalendarError, WorkCalendar, every_day, parse_duration
from processes.errors import Invalid
from processes.runtime.clocks import MICRO, moment_of
from processes.spoken import gettext as _
from processes.spoken import spoken


@dataclass(frozen=True)
class LimitExample:
    """When a limit that begins at `begun` is due, when shares of it have passed, by which calendar (its names by
    language; empty when every hour counts), in which zone, and what is not yet known about those years."""

    begun: datetime
    due: datetime
    shares: tuple[tuple[int, datetime], ...]
    calendar: Mapping[str, str]
    zone: tzinfo
    notes: tuple[str, ...]


def limit_example(limit: str, *, time: str, user: Any, shares: Iterable[int] = ()) -> LimitExample:
    """The moments of a limit that begins now, by the calendar of the person who asks; Invalid when it is no duration."""
    begun = ports.now()
    calendars = ports.calendars()
    working = time == "working"
    zone = calendars.zone_for(None)
    calendar = (
        calendars.for_work(None, user_id=user.pk if user is not None else None) if working
        else WorkCalendar(zone=zone, weekly=every_day("00:00-24:00"), key="always")
    )  # fmt: skip
    try:
        duration = parse_duration(limit)
        if duration.is_negative or not duration:
            raise Invalid(_("A limit must be longer than nothing."))
        due = calendar.add(begun, duration)
        whole = calendar.between(begun, due) // MICRO
        passed = tuple((share, moment_of(share, due, whole, calendar)) for share in shares)
        notes = tuple(spoken(note) for note in calendar.notes(begun, due))
    except CalendarError as error:
        raise Invalid(spoken(error.sentence)) from error
    return LimitExample(begun, due, passed, calendar.names if working else {}, calendar.zone, notes)
