"""Times and names as people say them: due times, days, moments, initials, long names.

Every page uses these, so a due time reads the same wherever it stands. Moments are shown in
the reader's zone (the active one), the full moment is at hand as a title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from babel.numbers import get_currency_symbol
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext, ngettext, pgettext

from processes import ports

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def today() -> date:
    """The present day in the reader's zone."""
    return _local(ports.now()).date()


def day(value: date, *, year: bool | None = None) -> str:
    """A day: “Wed 25 Nov”, with its year when that is not the present one."""
    if isinstance(value, datetime):
        value = _local(value).date()
    if year is None:
        year = value.year != today().year
    if year:
        return formats.date_format(value, pgettext("date format: day with year", "D j M Y"))
    return formats.date_format(value, pgettext("date format: day", "D j M"))


def moment(value: datetime) -> str:
    """A moment in full: “Tue 24 Nov 2026, 10:34”."""
    return formats.date_format(_local(value), pgettext("date format: moment", "D j M Y, H:i"))


def moment_in(value: datetime, zone: tzinfo) -> str:
    """A moment in full, by the clocks of a zone: of a calendar, say, that is not the reader's."""
    with timezone.override(zone):
        return moment(value)


def clock(value: datetime) -> str:
    """The time of the day: “17:00”."""
    return formats.date_format(_local(value), pgettext("date format: time", "H:i"))


def near(value: datetime) -> str:
    """A moment as short as it can be: “today 17:00”, “tomorrow 09:00”, “Wed 25 Nov”."""
    distance = (_local(value).date() - today()).days
    if distance == 0:
        return gettext("today %(time)s") % {"time": clock(value)}
    if distance == 1:
        return gettext("tomorrow %(time)s") % {"time": clock(value)}
    if distance == -1:
        return gettext("yesterday %(time)s") % {"time": clock(value)}
    return day(value)


def span(duration: timedelta) -> str:
    """A length of time in its largest unit: “4 min”, “3 h”, “2 days”."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 90 * 60:
        minutes = max(1, round(seconds / 60))
        return ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    if seconds < 36 * 3600:
        hours = round(seconds / 3600)
        return ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours}
    days = round(seconds / 86400)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def length(duration: timedelta) -> str:
    """A length of time that was measured, to one place where it is short: “38 min”, “5.2 h”, “2.1 days”, “15 days”."""
    seconds = max(0.0, duration.total_seconds())
    if seconds < 90 * 60:
        return span(duration)
    unit, in_days = (3600, False) if seconds < 36 * 3600 else (86400, True)
    number = formats.number_format(round(seconds / unit, 1 if seconds < 10 * unit else 0), decimal_pos=1 if seconds < 9.95 * unit else 0)
    return (gettext("%(number)s days") if in_days else gettext("%(number)s h")) % {"number": number}


def written_length(text: str) -> str:
    """A length of time as a drawing or table has it, in the units it was written in: “P1D” is a day and not 24 h, since
    working days are meant as well. Empty when it is none."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return ""
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    parts = [
        ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks} if weeks else "",
        ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
        ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes} if minutes else "",
        ngettext("%(n)d s", "%(n)d s", seconds) % {"n": seconds} if seconds else "",
    ]
    return " ".join(part for part in parts if part) or ngettext("%(n)d min", "%(n)d min", 0) % {"n": 0}


def field_kind(kind: str) -> str:
    """What a field of a form takes."""
    return {
        "textfield": gettext("a line of text"), "textarea": gettext("text"), "number": gettext("a number"),
        "date": gettext("a day"), "datetime": gettext("a day and a time"), "time": gettext("a time"),
        "checkbox": gettext("a tick"), "select": gettext("one of a list"), "radio": gettext("one of a list"),
        "checklist": gettext("some of a list"),
    }.get(kind, kind)  # fmt: skip


def plain(text: str) -> str:
    """A stored value as people say it: a length of time in words, yes or no, a key without its underscores."""
    said = written_length(text) or {"true": gettext("yes"), "false": gettext("no")}.get(text)
    if said:
        return said
    return text.replace("_", " ") if _KEY.fullmatch(text) else text


def ago(value: datetime) -> str:
    """How long ago, or when: “4 min ago”, “3 h ago”, “yesterday 16:45”, “3 Nov”."""
    passed = ports.now() - value
    if timedelta(0) <= passed < timedelta(hours=12):
        return gettext("%(span)s ago") % {"span": span(passed)}
    return near(value)


@dataclass(frozen=True, slots=True)
class Due:
    """A due time in words, with the tone, icon and share of time gone that stand beside it."""

    words: str
    full: str
    tone: str
    icon: str
    gone: int | None
    group: str


# In the order in which the inbox shows them.
GROUPS = ("late", "hour", "today", "week", "later", "still", "none")


def group_title(group: str) -> str:
    """The heading of a group of tasks."""
    return {
        "late": gettext("Overdue"),
        "hour": gettext("Within the hour"),
        "today": gettext("Today"),
        "week": gettext("This week"),
        "later": gettext("Later"),
        "still": gettext("Clock stopped"),
        "none": gettext("Without a limit"),
    }[group]


def exactly(duration: timedelta) -> str:
    """A length of time in hours and minutes, from a day on in hours: “3 h 20 min”, “45 min”, “119 h”."""
    hours, minutes = divmod(int(abs(duration).total_seconds()) // 60, 60)
    minutes = minutes if hours < 24 else 0
    parts = [
        ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours} if hours else "",
        ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes} if minutes or not hours else "",
    ]
    return " ".join(part for part in parts if part)


def standing_still(still: Any) -> str:
    """How a stopped clock stands: “stands still since 10:12, 3 h 20 min left”."""
    since = clock(still.since) if _local(still.since).date() == today() else near(still.since)
    words = {"since": since, "left": exactly(still.left)}
    if still.left < timedelta(0):
        return gettext("stands still since %(since)s, %(left)s late") % words
    return gettext("stands still since %(since)s, %(left)s left") % words


def due(
    due_at: datetime | None, started: datetime | None = None, warn_at: datetime | None = None, still: Any = None
) -> Due | None:
    """A due time as a person reads it, or how its clock stands still; None when there is no limit.

    `gone` is the share of the limit that has passed, 0 to 100, or None when its start is not
    known. Icon and words say the same as the colour, so nothing hangs on colour alone.
    """
    if still is not None:
        return Due(gettext("clock stopped"), standing_still(still), "still", "pause_circle", None, "still")
    if due_at is None:
        return None
    now = ports.now()
    left = due_at - now
    full = moment(due_at)
    gone = None
    if started is not None and due_at > started:
        gone = round(100 * min(1.0, max(0.03, (now - started) / (due_at - started))))
    if left < timedelta(0):
        return Due(gettext("%(span)s late") % {"span": span(-left)}, full, "late", "error", 100, "late")
    warned = warn_at is not None and now >= warn_at
    if left <= HOUR:
        words = gettext("%(span)s left") % {"span": span(left)}
        close = left <= timedelta(minutes=10)
        return Due(words, full, "late" if close else "warn", "alarm" if close else "schedule", gone, "hour")
    distance = (_local(due_at).date() - today()).days
    tone, icon = ("warn", "schedule") if warned else ("", "")
    if distance == 0:
        return Due(clock(due_at), full, tone, icon, gone, "today")
    to_sunday = 6 - today().weekday()
    if distance == 1:
        return Due(near(due_at), full, tone, icon, gone, "week" if to_sunday >= 1 else "later")
    return Due(day(due_at), full, tone, icon, gone, "week" if distance <= to_sunday else "later")


_LENGTH = re.compile(r"P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_KEY = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
_HAN = re.compile(r"[\u3400-\u9fff]")


def initials(name: str) -> str:
    """Up to two letters for a person or company: “WL”, or the first Chinese character."""
    name = (name or "").strip()
    if not name:
        return "?"
    if _HAN.match(name):
        return name[0]
    parts = [part for part in re.split(r"[\s.\-_]+", name) if part]
    letters = "".join(part[0] for part in parts[:2] if part[0].isalnum())
    return (letters or name[0]).upper()


def shorten(text: str, length: int = 40) -> str:
    """A long name cut in the middle, where names differ least."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head].rstrip()}…{text[-(length - 1 - head):].lstrip()}"


def currency(code: str) -> tuple[str, str]:
    """How a currency stands before its amount, and what parts them: “CNY” with a space, in Chinese “¥” without one."""
    if not code or not in_chinese():
        return code, " "
    return get_currency_symbol(code, locale="zh_Hans"), ""


def in_chinese() -> bool:
    """Whether the page is read in Chinese."""
    return (get_language() or "en").startswith("zh")
