"""How notices come to a person: in the page always, by mail at once or once a day, and never in quiet hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from crm_core.kernel.people import zone_of
from processes import ports
from processes.api import gettext as _
from processes.errors import Invalid

PAGE, DAILY, AT_ONCE = "page", "daily", "at_once"
WAYS = (PAGE, DAILY, AT_ONCE)
GROUPS: Mapping[str, frozenset[str]] = {
    "given": frozenset({"assigned", "offered", "delegated"}),
    "time": frozenset({"warned", "due", "overdue", "escalated", "stage_limit_passed"}),
    "talk": frozenset({"mentioned", "commented"}),
    "other": frozenset(),
}
"""The kinds of notices by what they are about; what stands in none is "other"."""

USUAL = {"given": PAGE, "time": DAILY, "talk": DAILY, "other": PAGE}
DAILY_AT = time(8)


@dataclass(frozen=True, slots=True)
class Ways:
    """What a person wants: the way of each group, when the daily mail goes, and the hours without mails."""

    by_group: Mapping[str, str] = field(default_factory=lambda: dict(USUAL))
    daily_at: time = DAILY_AT
    quiet_from: time | None = None
    quiet_to: time | None = None

    def quiet(self, at: time) -> bool:
        """Whether a time of day lies in the quiet hours, which may go over midnight."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return False
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to


def ways_of(user: Any) -> Ways:
    """What a person has chosen, with the usual for the rest."""
    stored: dict[str, str] = user.notice_ways or {}
    ways = {group: stored[group] if stored.get(group) in WAYS else usual for group, usual in USUAL.items()}
    return Ways(
        ways, _time(stored.get("daily_at")) or DAILY_AT, _time(stored.get("quiet_from")), _time(stored.get("quiet_to"))
    )


def choose(user: Any, *, by_group: Mapping[str, str], daily_at: str, quiet_from: str = "", quiet_to: str = "") -> Ways:
    """Set how notices come to a person; times as "08:00" in the person's own zone. Invalid with errors by field."""
    errors = {group: _("Choose one of the ways.") for group in GROUPS if by_group.get(group) not in WAYS}
    for name, text, needed in (("daily_at", daily_at, True), ("quiet_from", quiet_from, False), ("quiet_to", quiet_to, False)):
        if (text or needed) and _time(text) is None:
            errors[name] = _("Write a time such as 08:00.")
    if bool(quiet_from) != bool(quiet_to):
        errors.setdefault("quiet_to" if quiet_from else "quiet_from", _("Quiet hours need a beginning and an end."))
    if errors:
        raise Invalid(_("Your choice was not saved. Look at the fields below."), errors=errors)
    user.notice_ways = {
        **{group: by_group[group] for group in GROUPS}, "daily_at": daily_at, "quiet_from": quiet_from, "quiet_to": quiet_to,
    }  # fmt: skip
    with ports.audit().acting(user=user, action="notices.choose"):
        user.save(update_fields=["notice_ways"])
    return ways_of(user)


def group_of(kind: str) -> str:
    """The group that a kind of notice belongs to."""
    return next((group for group, kinds in GROUPS.items() if kind in kinds), "other")


def mail_moment(user: Any, kind: str, now: datetime) -> datetime | None:
    """When a notice goes out by mail; None when it stays in the page or there is no address."""
    if not user.email:
        return None
    ways = ways_of(user)
    way = ways.by_group[group_of(kind)]
    if way == PAGE:
        return None
    here = now.astimezone(zone_of(user))
    if way == DAILY:
        return _next(here, ways.daily_at)
    return _next(here, ways.quiet_to) if ways.quiet(here.time()) and ways.quiet_to is not None else now


def _next(here: datetime, at: time) -> datetime:
    """The next moment at which it is so late in the person's zone; the day's own offset counts, also over a clock change."""
    today = datetime.combine(here.date(), at, tzinfo=here.tzinfo)
    return today if today > here else datetime.combine(here.date() + timedelta(days=1), at, tzinfo=here.tzinfo)


def _time(text: Any) -> time | None:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None) if text else None
    except (TypeError, ValueError):
        return None
