"""What happens to the organisation's own rows where more than writing them is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm_core.kernel.access.authority import allow
from crm_core.kernel.models import WorkingCalendar
from processes.api import gettext as _
from processes.calendars import from_mapping
from processes.calendars.errors import CalendarError
from processes.errors import Invalid


@transaction.atomic
def enter_calendar(*, by: Any = None, **values: Any) -> WorkingCalendar:
    """Add a working calendar. Raises Invalid when its definition cannot be read: limits would stand still."""
    allow(by, "add", WorkingCalendar)
    _must_be_readable(values["definition"])
    return WorkingCalendar.objects.create(**values)


@transaction.atomic
def change_calendar(calendar: WorkingCalendar, *, by: Any = None, **values: Any) -> WorkingCalendar:
    """Write checked values by field; limits that are worked out from now on follow. Raises Invalid as above."""
    allow(by, "change", calendar)
    if "definition" in values:
        _must_be_readable(values["definition"])
    for name, value in values.items():
        setattr(calendar, name, value)
    calendar.save(update_fields=list(values))
    return calendar


def _must_be_readable(definition: Any) -> None:
    if not isinstance(definition, Mapping):
        sentence = _("A calendar is written as names and values: zone, country, hours, days.")
        raise Invalid(sentence, errors={"definition": sentence})
    try:
        from_mapping(definition)
    except CalendarError as error:
        sentence = _("The calendar cannot be read: %(why)s") % {"why": error}
        raise Invalid(sentence, errors={"definition": _("Correct the definition.")}) from error
