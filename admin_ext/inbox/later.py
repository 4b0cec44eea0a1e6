"""The moments that snoozing offers, and reading the one that was chosen."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from processes import ports
from processes.api import Invalid

MORNING = time(9)


def _at(days: int) -> datetime:
    now = timezone.localtime(ports.now())
    return timezone.make_aware(datetime.combine(now.date() + timedelta(days=days), MORNING))


def choices() -> list[tuple[str, str, datetime]]:
    """(key, words, moment) of what is offered: in an hour, tomorrow morning, Monday morning."""
    now = timezone.localtime(ports.now())
    return [
        ("hour", _("In an hour"), now + timedelta(hours=1)),
        ("tomorrow", _("Tomorrow morning"), _at(1)),
        ("monday", _("Monday morning"), _at(7 - now.weekday())),
    ]


def chosen(key: str, until: str) -> datetime:
    """The moment that was chosen; Invalid when it cannot be read or lies in the past."""
    offered = {name: moment for name, _words, moment in choices()}
    if key in offered:
        return offered[key]
    try:
        moment = parse_datetime(until)
    except ValueError:
        moment = None
    if moment is None:
        raise Invalid(_("Choose a day and a time to come back to this."))
    moment = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    if moment <= ports.now():
        raise Invalid(_("That time is over. Choose a later one."))
    return moment
