"""What the inbox hands out: items with the sentence that says why they stand where they stand, pages, counts."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.utils import formats, timezone
from django.utils.translation import ngettext

from processes.errors import Invalid
from processes.inbox.clock_state import Standstill
from processes.spoken import gettext as _

MOST_COUNTED = 1_000
HIGH = 70
"""From this priority on an item is said to be important."""


@dataclass(frozen=True)
class ItemSubject:
    """What an item is about."""

    type: str
    id: int | None
    title: str
    url: str = ""


@dataclass(frozen=True)
class WorkItem:
    """One line of the inbox. `title` and `process_title` are labels by language; moments are in UTC."""

    task_id: UUID
    title: Mapping[str, str]
    process_key: str
    process_title: Mapping[str, str]
    instance_id: UUID
    business_key: str
    subject: ItemSubject
    status: str
    owner_id: int | None
    owner_name: str
    role: str
    due_at: datetime | None
    limit_started_at: datetime | None
    warn_at: datetime | None
    standstill: Standstill | None
    followup_at: datetime | None
    finished_at: datetime | None
    priority: int
    reason: str
    urgency: str
    icon: str
    badge: str
    step: str


@dataclass(frozen=True)
class Page:
    """Some items, and the cursor with which the next ones are asked for (None: there are none)."""

    items: list[WorkItem]
    next_cursor: str | None


@dataclass(frozen=True)
class Counts:
    """How many items stand in a person's boxes; 1000 means a thousand or more."""

    mine: int
    teams: int
    following: int
    standing_in: int = 0


# --- why an item stands where it stands ---------------------------------------------------------------
def urgency_of(due_at: datetime | None, warn_at: datetime | None, now: datetime) -> str:
    """One of "late", "soon" (a warning moment has passed or less than an hour is left), "running", "none"."""
    if due_at is None:
        return "none"
    if due_at <= now:
        return "late"
    if (warn_at is not None and warn_at <= now) or due_at - now <= timedelta(hours=1):
        return "soon"
    return "running"


def reason_of(
    due_at: datetime | None, priority: int, now: datetime, zone: tzinfo | None = None, still: Standstill | None = None
) -> str:
    """The sentence that says why an item is placed where it is: its limit, and its priority when high."""
    important = " " + _("Its priority is high (%(n)d of 100).") % {"n": priority} if priority >= HIGH else ""
    if still is not None:
        return _("Its clock stands still.") + important
    if due_at is None:
        return _("It has no limit.") + important
    if due_at <= now:
        return _("It has been late for %(span)s.") % {"span": span(now - due_at)} + important
    zone = zone or timezone.get_current_timezone()
    local, today = due_at.astimezone(zone), now.astimezone(zone).date()
    clock = formats.time_format(local.time(), "H:i")
    if due_at - now < timedelta(hours=2):
        text = _("It is due in %(span)s.") % {"span": span(due_at - now)}
    elif local.date() == today:
        text = _("It is due today at %(time)s.") % {"time": clock}
    elif local.date() == today + timedelta(days=1):
        text = _("It is due tomorrow at %(time)s.") % {"time": clock}
    else:
        text = _("It is due on %(date)s.") % {"date": formats.date_format(local.date(), "DATE_FORMAT")}
    return text + important


def span(length: timedelta) -> str:
    """A length of time in words, in its largest unit: “38 min”, “2 h”, “3 days”."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


# --- cursors ------------------------------------------------------------------------------------------
def cursor_of(*parts: Any) -> str:
    """A place in a sorted list as an opaque text."""
    plain = [part.isoformat() if isinstance(part, datetime) else str(part) if isinstance(part, UUID) else part
             for part in parts]  # fmt: skip
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def place_of(cursor: str, *kinds: type) -> list[Any]:
    """The parts of a cursor; Invalid when somebody made it up."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError
        return [None if part is None else _read(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except (ValueError, TypeError, binascii.Error, AttributeError) as error:
        raise Invalid(_("This page of the list does not exist. Begin at the first one.")) from error


def _read(part: Any, kind: type) -> Any:
    return datetime.fromisoformat(part) if kind is datetime else kind(part)
