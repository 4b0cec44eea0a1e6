"""The pages of notices: the list by day, the way to the matter of one, and how they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from admin_ext.pages import may_enter, page
from crm_core.kernel import notice_ways, notices
from crm_core.kernel.access.policies import rows_for
from crm_core.kernel.models import Notice
from processes import api, ports

PER_PAGE = 50
GROUPS = {
    "given": (gettext_lazy("Work that is given to me"), gettext_lazy("A task was assigned, offered or handed on to me.")),
    "time": (gettext_lazy("Time"), gettext_lazy("Something is due soon, is due, is late or was escalated.")),
    "talk": (gettext_lazy("Talk"), gettext_lazy("Somebody mentioned me, or commented on what I follow.")),
    "other": (gettext_lazy("Everything else"), gettext_lazy("What processes tell me besides.")),
}
WAYS = {
    notice_ways.PAGE: gettext_lazy("only here"), notice_ways.DAILY: gettext_lazy("in one mail a day"),
    notice_ways.AT_ONCE: gettext_lazy("by mail at once"),
}  # fmt: skip
ICONS = {"given": "assignment_ind", "time": "schedule", "talk": "chat", "other": "notifications"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A group of notices with its ways, the chosen one marked."""

    key: str
    label: Any
    hint: Any
    icon: str
    ways: list[tuple[str, Any, bool]]
    error: str


@page
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """A person's notices by day, newest first; those not read yet, or all."""
    only_unread = request.GET.get("show") != "all"
    rows = notices.latest(_person(request), before=_before(request.GET.get("before", "")), only_unread=only_unread, most=PER_PAGE + 1)
    more = rows[PER_PAGE - 1] if len(rows) > PER_PAGE else None
    shown = rows[:PER_PAGE]
    days = [(day, [(row, ICONS[notice_ways.group_of(row.kind)]) for row in found]) for day, found in groupby(shown, key=_day)]
    context = {
        "title": _("Notices"), "days": days, "only_unread": only_unread, "unread": any(row.read_at is None for row in shown),
        "more": f"{more.at.timestamp()}-{more.pk}" if more else "",
    }  # fmt: skip
    return render(request, "redraw/notices/list.html", context)


@require_GET
def unread(request: HttpRequest) -> HttpResponse:
    """How many wait, for the mark in the menu; nothing for who does not work here."""
    if not request.user.is_authenticated or not may_enter(request.user):
        return JsonResponse({"n": 0}, status=403)
    answer = JsonResponse({"n": notices.count_unread(_person(request))})
    answer["Cache-Control"] = "private, max-age=30"
    return answer


@page
@require_GET
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the matter of one's own notice: its task, its page or its record. It counts as read then."""
    row = get_object_or_404(Notice, pk=pk, user=request.user)
    notices.mark_read(user=_person(request), ids=[row.pk])
    return redirect(_matter(row, request.user) or reverse("redraw:notices") + "?show=all")


@page
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    done = notices.mark_read(user=_person(request))
    messages.success(request, _("All is read.") if done else _("There was nothing unread."))
    return redirect("redraw:notices")


@page
@require_http_methods(["GET", "POST"])
def ways(request: HttpRequest) -> HttpResponse:
    """How notices come to the person: by group, with the time of the daily mail and the quiet hours."""
    user, sent, errors, problem = _person(request), request.POST, {}, ""
    now = notice_ways.ways_of(user)
    chosen = dict(now.by_group)
    times = {"daily_at": _text(now.daily_at), "quiet_from": _text(now.quiet_from), "quiet_to": _text(now.quiet_to)}
    if request.method == "POST":
        chosen = {group: sent.get(group, "") for group in GROUPS}
        times = {name: sent.get(name, "").strip() for name in times}
        try:
            notice_ways.choose(user, by_group=chosen, **times)
            messages.success(request, _("Kept. It holds from the next notice on."))
            return redirect("redraw:notice_ways")
        except api.Invalid as error:
            errors, problem = dict(error.errors), error.sentence
    groups = [
        Choice(key, label, hint, ICONS[key], [(way, word, way == chosen[key]) for way, word in WAYS.items()], errors.get(key, ""))
        for key, (label, hint) in GROUPS.items()
    ]
    context = {
        "title": _("How notices come"), "crumbs": [(_("Notices"), reverse("redraw:notices"))], "groups": groups, "times": times,
        "errors": errors, "problem": problem, "address": user.email, "ways": list(WAYS.values()),
    }  # fmt: skip
    return render(request, "redraw/notices/ways.html", context, status=422 if problem else 200)


def _person(request: HttpRequest) -> Any:
    return request.user


def _day(row: Notice) -> Any:
    return timezone.localtime(row.at).date()


def _text(at: Any) -> str:
    return at.strftime("%H:%M") if at is not None else ""


def _before(text: str) -> tuple[datetime, int] | None:
    """The place after which a page begins; the beginning for what makes no sense."""
    moment, _dash, pk = text.partition("-")
    try:
        return datetime.fromtimestamp(float(moment), timezone.get_current_timezone()), int(pk)
    except (ValueError, OverflowError, OSError):
        return None


def _matter(row: Notice, user: Any) -> str:
    """Where a notice leads: only inside the house, and to a record only while the person may see it."""
    if row.task_id:
        try:
            return reverse("redraw:work", args=[UUID(row.task_id)])
        except ValueError as error:
            raise Http404 from error
    if row.url and url_has_allowed_host_and_scheme(row.url, allowed_hosts=None):
        return row.url
    kind = ports.subjects().get(row.subject_type) if row.subject_type else None
    record = kind.load(row.subject_id) if kind is not None and row.subject_id is not None else None
    if kind is None or record is None or not rows_for(user, type(record)).filter(pk=record.pk).exists():
        return ""
    return str(kind.url(record))
