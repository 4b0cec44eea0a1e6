"""Work that waits for somebody: why nobody has it, giving it by hand, and sharing leads out as a batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from admin_ext.pages import page
from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.models import User
from crm_core.sales import services
from crm_core.sales import unassigned as reads
from crm_core.sales.services.assignment.giving import staff_of
from crm_core.sales.services.assignment.sentences import LEFT_OUT, why_nobody
from processes import ports
from processes.errors import ProcessError

SHOWN = 50
AT_ONCE = 200
"""Leads that one click shares out; more would keep the page waiting."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the list."""

    record: Any
    url: str
    since: datetime
    reason: str
    until: datetime | None
    attempts: int
    mine_to_give: bool


@page
@require_GET
def unassigned(request: HttpRequest) -> HttpResponse:
    """What waits for somebody, by kind of work, longest waiting first."""
    kinds = _kinds(request.user)
    if not kinds:
        policy_for(reads.queues["lead"].model).require(request.user, "view", None)
    key = request.GET.get("kind", "")
    queue = next((one for one in kinds if one.key == key), kinds[0])
    newest = request.GET.get("order") == "newest"
    rows = reads.unassigned(request.user, queue.key, newest_first=newest)
    counts = {one.key: reads.unassigned(request.user, one.key).count() for one in kinds}
    lines = _lines(request.user, queue, list(rows[:SHOWN]))
    may_give = any(line.mine_to_give for line in lines)
    context = {
        "title": _("Unassigned work"), "kinds": [(one, counts[one.key]) for one in kinds], "queue": queue, "newest": newest,
        "lines": lines, "more": max(0, counts[queue.key] - len(lines)), "may_give": may_give,
        "staff": _staff(queue) if may_give else [], "batch": queue.key == "lead" and may_give,
    }  # fmt: skip
    return render(request, "redraw/sales/unassigned.html", context)


@page
@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Give the chosen records to a person, or share leads out for the best expected effect (the chosen ones, else all)."""
    queue = next((one for one in _kinds(request.user) if one.key == request.POST.get("kind")), None)
    if queue is None:
        policy_for(reads.queues["lead"].model).require(request.user, "view", None)
        return redirect("redraw:unassigned")
    back = redirect(f"{reverse('redraw:unassigned')}?kind={queue.key}")
    chosen = [int(pk) for pk in request.POST.getlist("record") if pk.isdecimal() and len(pk) < 19]
    rows = reads.unassigned(request.user, queue.key, action="change")
    rows = rows.filter(pk__in=chosen) if chosen else rows
    if request.POST.get("do") == "batch" and queue.key == "lead":
        batch = services.assign_batch(leads=rows.values_list("pk", flat=True)[:AT_ONCE], by=request.user)
        _tell_batch(request, batch.assigned, len(batch.rows))
        return back
    if not chosen:
        messages.error(request, _("Choose what you want to give away."))
        return back
    person = request.POST.get("person", "")
    user = get_object_or_404(User, pk=int(person) if person.isdecimal() and len(person) < 19 else 0)
    given = 0
    for record in rows[:SHOWN]:
        try:
            services.give(subject_type=queue.key, record=record, user=user, by=request.user)
        except ProcessError as error:
            messages.error(request, f"{record}: {error.sentence}")
        else:
            given += 1
    if given:
        said = ngettext("%(count)s given to %(person)s.", "%(count)s given to %(person)s.", given)
        messages.success(request, said % {"count": given, "person": ports.people().display(user)})
    return back


def _kinds(user: Any) -> list[reads.Queue]:
    return [queue for queue in reads.queues.values() if policy_for(queue.model).may_any(user, "view")]


def _lines(user: Any, queue: reads.Queue, records: list[Any]) -> list[Line]:
    changeable = set(
        reads.unassigned(user, queue.key, action="change").filter(pk__in=[one.pk for one in records]).values_list("pk", flat=True)
    )
    kind = ports.subjects().get(queue.key)
    return [
        Line(
            record=one.record, url=kind.url(one.record) if kind is not None else "", since=one.since, reason=_reason(one),
            until=one.last.until if one.last is not None and not one.given_back else None, attempts=one.attempts,
            mine_to_give=one.record.pk in changeable,
        )
        for one in reads.with_reasons(queue.key, records)
    ]  # fmt: skip


def _reason(one: reads.Unassigned) -> str:
    if one.last is None:
        return _("Not handed out yet.")
    if one.given_back:
        return _("%(person)s had it and has it no more.") % {"person": ports.people().display(one.last.chosen)}
    return why_nobody(one.last.why)


def _staff(queue: reads.Queue) -> list[dict[str, Any]]:
    """Who may be given work by hand: those without anything against it first; the absent are left out."""
    found = [
        {"pk": user.pk, "name": ports.people().display(user), "load": person.load, "capacity": person.capacity,
         "against": str(LEFT_OUT[why]) if why else ""}
        for user, person, why in staff_of(queue.key, queue.role)
        if why != "absent"
    ]  # fmt: skip
    return sorted(found, key=lambda one: (bool(one["against"]), one["load"] / max(1, one["capacity"]), one["name"]))


def _tell_batch(request: HttpRequest, assigned: int, of: int) -> None:
    if assigned:
        said = ngettext("%(count)s lead has somebody now.", "%(count)s leads have somebody now.", assigned)
        messages.success(request, said % {"count": assigned})
    if of > assigned:
        said = ngettext("%(count)s still waits; the list says why.", "%(count)s still wait; the list says why.", of - assigned)
        messages.warning(request, said % {"count": of - assigned})
    if not of:
        messages.info(request, _("There was nothing that you may share out."))
