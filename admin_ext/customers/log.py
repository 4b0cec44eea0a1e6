"""Writing down what was said: from the page of an account, and from a task about one of its records."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm_core.activities.models import Activity
from crm_core.activities.services import log_activity
from crm_core.kernel.access.policies import policy_for

LOGGED = ("call", "meeting", "visit", "email", "message", "note")


def may_log(user: Any) -> bool:
    """Whether the person may write down contacts at all."""
    return bool(policy_for(Activity).may_add(user))


def log_kinds() -> list[tuple[str, Any]]:
    """What may be written down, and what it is called."""
    return [(kind, Activity.Kind(kind).label) for kind in LOGGED]


def log_from(request: HttpRequest, *, account: Any, subject: Any = None) -> None:
    """Write down what the dialog holds, and tell the person what became of it."""
    kind, minutes, title = (request.POST.get(name, "").strip() for name in ("kind", "minutes", "title"))
    if not title:
        messages.error(request, _("Say in a few words what it was about."))
        return
    if minutes and not (minutes.isdecimal() and len(minutes) <= 4):
        messages.error(request, _("Give the minutes as a whole number up to 9999, or leave them empty."))
        return
    log_activity(
        kind=kind if kind in LOGGED else "note", title=title[:300], body=request.POST.get("body", ""),
        direction="in" if request.POST.get("direction") == "in" else "out", account=account, subject=subject,
        minutes=int(minutes) if minutes else None, by=request.user,
    )  # fmt: skip
    messages.success(request, _("It stands on the story now."))
