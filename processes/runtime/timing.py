"""Moments of timers and limits: ISO 8601 texts or FEEL values, in calendar or working time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from processes import feel, ports
from processes.bpmn.nodes import EventDefinition
from processes.calendars import CalendarError, WorkCalendar, duration_of, every_day
from processes.runtime.failures import Failure
from processes.runtime.scope import evaluate_attribute
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.runtime.models import Task
    from processes.runtime.step import Step

_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<start>[^/P][^/]*)/)?(?P<interval>P[^/]*)(?:/(?P<end>[^/P][^/]*))?\Z")
MINIMUM_CYCLE = timedelta(seconds=1)
"""A cycle may not be shorter, so that it cannot occupy the dispatcher alone."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a timer falls due; for a cycle also its interval (ISO 8601) and how often it falls due after that
    (None: without end)."""

    at: datetime
    interval: str = ""
    remaining: int | None = 0


@lru_cache(maxsize=64)
def _whole_days(zone: tzinfo) -> WorkCalendar:
    """Calendar time: all hours count, a day keeps its clock time in the zone."""
    return WorkCalendar(zone=zone, weekly=every_day("00:00-24:00"), key="always")


def calendar_for(step: Step, row: Task | None, *, working: bool) -> WorkCalendar:
    """The calendar that counts for a limit at a row, or for one of the whole instance (None). Working time is that of
    who has the step, else of the team it is offered to, else of what the instance is about. An event on the border of a
    step counts as the step does."""
    if not working:
        return _whole_days(step.zone)
    if row is not None and row.armed:
        row = step.row(row.host_id)
    if row is None:
        calendar: WorkCalendar = step.calendar
        return calendar
    return step.calendar_of(row.owner_id, step.node(row).place(step, row) if row.owner_id is None else "")


def after(start: datetime, duration: Any, *, calendar: WorkCalendar, place: str) -> datetime:
    """The moment a duration after `start`, by a calendar; Failure when it is none."""
    try:
        return calendar.add(start, duration_of(duration)).astimezone(UTC)
    except CalendarError as error:
        raise Failure("timer", error.sentence, place=place) from error


def moment(step: Step, value: Any, *, start: datetime, calendar: WorkCalendar, place: str) -> datetime:
    """The moment meant by a date, a date and time, a duration (from `start`) or the text of one of them."""
    zone = step.zone
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
    if isinstance(value, timedelta | feel.YearsMonths):
        return after(start, value, calendar=calendar, place=place)
    if isinstance(value, str):
        if value.lstrip("+-").startswith("P"):
            return after(start, value, calendar=calendar, place=place)
        try:
            read = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return moment(step, read, start=start, calendar=calendar, place=place)
    raise Failure(
        "timer",
        _("This timer or limit gives no moment. Write a duration such as PT8H, a date, or an expression for one."),
        place=place,
    )


def due(step: Step, row: Task | None, definition: EventDefinition, *, place: str) -> Due:
    """When a timer that is armed now falls due for the first time."""
    value = evaluate_attribute(step, definition.body.text if definition.body else "", row, place=place)
    calendar = calendar_for(step, row, working=definition.time == "working")
    if isinstance(value, str) and value.startswith("R"):
        return _cycle(step, value, calendar, place)
    at = moment(step, value, start=step.now, calendar=calendar, place=place)
    if definition.timer == "timeCycle":
        if not isinstance(value, timedelta | str):
            raise Failure("timer", _("A cycle needs an interval such as R3/PT1H."), place=place)
        interval = value if isinstance(value, str) else feel.to_json(value)["v"]
        return Due(at, _checked(step, interval, calendar, place), None)
    return Due(at)


def _cycle(step: Step, text: str, calendar: WorkCalendar, place: str) -> Due:
    found = _CYCLE.match(text)
    if not found:
        raise Failure("timer", _("“%(text)s” is no cycle. Write it like R3/PT1H.") % {"text": text}, place=place)
    interval = _checked(step, found["interval"], calendar, place)
    times = int(found["times"]) if found["times"] else None
    if times == 0:
        raise Failure("timer", _("A cycle that never comes (R0) cannot be waited for."), place=place)
    remaining = None if times is None else times - 1
    if found["start"]:
        at = moment(step, found["start"], start=step.now, calendar=calendar, place=place)
        while at < step.now and remaining != 0:
            at = after(at, interval, calendar=calendar, place=place)
            remaining = None if remaining is None else remaining - 1
    else:
        at = after(step.now, interval, calendar=calendar, place=place)
    return Due(at, interval, remaining)


def _checked(step: Step, interval: str, calendar: WorkCalendar, place: str) -> str:
    if after(step.now, interval, calendar=calendar, place=place) < step.now + MINIMUM_CYCLE:
        raise Failure("timer", _("A cycle must be a second long at least."), place=place)
    return interval


def next_start(
    definition: EventDefinition | None, last: datetime, remaining: int | None
) -> tuple[datetime | None, int | None]:
    """When a timer start event is due after `last`, and how often it is due in all from then on (None: for ever).

    A date or a duration comes once. Starts that were missed while nothing ran are not made up for: the next
    moment lies ahead of now.
    """
    left = None if remaining is None else remaining - 1
    text = definition.body.text.strip() if definition is not None and definition.body is not None else ""
    found = _CYCLE.match(text)
    if definition is None or found is None or left == 0:
        return None, 0
    zone_calendar = ports.calendars().for_subject(None) if definition.time == "working" else _whole_days(
        ports.calendars().zone_for(None)
    )
    at, now = last, ports.now()
    while at <= now and left != 0:
        at = zone_calendar.add(at, duration_of(found["interval"])).astimezone(UTC)
        if at <= now and left is not None:
            left -= 1
    return (at, left) if left != 0 else (None, 0)
