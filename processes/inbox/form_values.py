"""What people type as values that FEEL knows, and back to text; one reader and writer per kind of field.

Readers never trust what comes in: a browser's form can be forged. What cannot be read raises `Unreadable`
with a sentence that says what to write instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from processes.spoken import gettext as _

LONGEST_LINE = 2_000
LONGEST_TEXT = 100_000
DIGITS = 34
"""FEEL's numbers have 34 digits (DMN 1.5, 10.3.2.3.1)."""


class Unreadable(ValueError):
    """A value is not of its field's kind; the sentence says what is expected."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def is_blank(value: Any) -> bool:
    """Whether nothing was given."""
    return value is None or value == "" or value == [] or (isinstance(value, str) and not value.strip())


def read_text(value: Any, *, longest: int = LONGEST_LINE, lines: bool = False) -> str:
    """A text without control characters; a line's breaks become blanks."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise Unreadable(_("Write a text here."))
        value = str(value)
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise Unreadable(_("The text holds characters that cannot be stored. Type it again without them."))
    text = text.strip() if lines else " ".join(text.split("\n")).strip()
    if len(text) > longest:
        raise Unreadable(_("The text is too long: at most %(longest)d characters.") % {"longest": longest})
    return text


def read_paragraphs(value: Any) -> str:
    """A text of several lines."""
    return read_text(value, longest=LONGEST_TEXT, lines=True)


def read_number(value: Any) -> Decimal:
    """A decimal number, written with a point and without separators."""
    if isinstance(value, bool):
        raise Unreadable(_("Write a number like 1234.50."))
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, Decimal) else value
    except InvalidOperation:
        raise Unreadable(
            _("“%(value)s” is not a number. Write it like 1234.50.") % {"value": _short(value)}
        ) from None
    if not number.is_finite() or len(number.as_tuple().digits) > DIGITS or abs(number.adjusted()) > 30:
        raise Unreadable(_("“%(value)s” is not a number that can be used here.") % {"value": _short(value)})
    return number


def read_boolean(value: Any) -> bool:
    """Yes or no, as browsers and programs say it."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in ("on", "true", "1", "yes"):
        return True
    if text in ("", "off", "false", "0", "no"):
        return False
    raise Unreadable(_("Choose yes or no."))


def read_date(value: Any) -> date:
    """A date, written 2026-11-24."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise Unreadable(
            _("“%(value)s” is not a date. Write it like 2026-11-24.") % {"value": _short(value)}
        ) from None


def read_datetime(value: Any, zone: tzinfo | None = None) -> datetime:
    """A date and time; without a zone it is read in the zone of the page."""
    if isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise Unreadable(
                _("“%(value)s” is not a date and time. Write it like 2026-11-24 10:30.")
                % {"value": _short(value)}
            ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone or timezone.get_current_timezone())
    return moment.astimezone(UTC)


def read_time(value: Any) -> time:
    """A clock time, written 10:30."""
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(str(value).strip())
    except ValueError:
        raise Unreadable(
            _("“%(value)s” is not a clock time. Write it like 10:30.") % {"value": _short(value)}
        ) from None


READERS: Mapping[str, Callable[[Any], Any]] = {
    "textfield": read_text,
    "textarea": read_paragraphs,
    "number": read_number,
    "checkbox": read_boolean,
    "date": read_date,
    "datetime": read_datetime,
    "time": read_time,
}


def write(value: Any, zone: tzinfo | None = None) -> Any:
    """The text an input of a page shows for a value; lists give lists."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.strftime("%Y-%m-%dT%H:%M")
        return value.astimezone(zone or timezone.get_current_timezone()).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return [write(item, zone) for item in value]
    return str(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
