"""What a limit comes to, told beside the field in which it is set."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from admin_ext import words
from admin_ext.pages import page
from processes import api, ports

MOST_SHARES = 10


@page
@require_GET
def example(request: HttpRequest) -> HttpResponse:
    """The moment at which a limit that begins now is due, in words: {text}."""
    shares = [int(text) for text in request.GET.get("shares", "").split(",") if text.strip().isdecimal() and len(text) < 6]
    limit = request.GET.get("limit", "").strip()
    return JsonResponse({"text": sentence(limit, request.GET.get("time", ""), request.user, shares)})


def sentence(limit: str, time: str, user: Any, shares: list[int]) -> str:
    """“Begun now it is due Tue 1 Dec, 14:00 (Shanghai office).”, with the moments of rungs; what is wrong, where it is."""
    if limit.startswith("="):
        return _("When it is due is worked out when it begins.")
    if limit.startswith("R"):
        return ""
    try:
        found = api.limit_example(limit, time=time, user=user, shares=tuple(sorted(set(shares))[:MOST_SHARES]))
    except api.Invalid as error:
        return str(error.sentence)
    due = words.moment_in(found.due, found.zone)
    by = ports.text(found.calendar)
    said = [_("Begun now it is due %(due)s (%(calendar)s).") % {"due": due, "calendar": by} if by
            else _("Begun now it is due %(due)s.") % {"due": due}]  # fmt: skip
    said += [
        _("%(share)s %%: %(moment)s.") % {"share": share, "moment": words.moment_in(at, found.zone)} for share, at in found.shares
    ]
    return " ".join([*said, *found.notes])


def due_words(limit: str, time: str, user: Any) -> str:
    """The moment at which a limit that begins now is due; empty when it is none."""
    try:
        found = api.limit_example(limit, time=time, user=user)
    except api.Invalid:
        return ""
    return words.moment_in(found.due, found.zone)
