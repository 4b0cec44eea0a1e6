"""Absent people and their work, for whoever leads them: what is open, until when, and into whose hands it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from admin_ext.absence.forms import AbsenceForm
from admin_ext.absence.views import Line, lines_of, process_titles, written
from admin_ext.inbox.rows import row_of
from admin_ext.pages import page
from crm_core.kernel.absences import led_by, mates_of
from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.models import Absence, User
from processes import api, ports

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is led: where they are, and how much is open."""

    pk: int
    name: str
    absences: list[Line]
    open: int

    @property
    def away(self) -> bool:
        """Whether the person is away now."""
        return any(line.state == "now" for line in self.absences)


@page
def people(request: HttpRequest) -> HttpResponse:
    """The people one leads (an administrator: everybody who is or will be away), absent ones first."""
    return _show(request, None)


def _show(request: HttpRequest, form: AbsenceForm | None, *, chosen: int | None = None, status: int = 200) -> HttpResponse:
    user, now = request.user, ports.now()
    rows = policy_for(Absence).rows(user, "view").filter(ends_at__gt=now).exclude(employee__user=user)
    rows = rows.select_related("employee__user", "substitute").prefetch_related("covers__substitute").order_by("starts_at", "pk")
    absences: dict[int, list[Absence]] = {}
    found: dict[int, User] = {}
    for row in rows[:SHOWN]:
        absences.setdefault(row.employee.user_id, []).append(row)
        found[row.employee.user_id] = row.employee.user
    led = list(led_by(user)[:SHOWN])
    found |= {person.pk: person for person in led}
    counts, titles = api.open_counts(list(found.values())), process_titles()
    listed = [
        Person(pk, ports.people().display(person), lines_of(absences.get(pk, ()), titles), counts.get(pk, 0))
        for pk, person in found.items()
    ]
    listed.sort(key=lambda one: (not one.away, not one.absences, one.name))
    context = {
        "title": _("Absent people"), "people": listed, "form": form or AbsenceForm(person=user),
        "choices": sorted(((person.pk, ports.people().display(person)) for person in found.values()), key=lambda pair: pair[1]),
        "chosen": chosen, "action": reverse("redraw:absent_enter"), "opened": form is not None,
    }  # fmt: skip
    return render(request, "redraw/absence/people.html", context, status=status)


def _person(pk: Any) -> User:
    found = User.objects.filter(pk=pk, is_active=True).first() if str(pk).isdecimal() and len(str(pk)) < 19 else None
    if found is None:
        raise api.NotFound(_("There is no such person here."))
    return found


@page
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Write down the absence of somebody who is led."""
    person = _person(request.POST.get("person"))
    form = AbsenceForm(request.POST, person=person)
    if not written(request, form, person):
        return _show(request, form, chosen=person.pk, status=422)
    return redirect("redraw:absent_people")


@page
def work(request: HttpRequest, person: int) -> HttpResponse:
    """What somebody has, to be handed over."""
    giver = _person(person)
    items = api.open_work_of(giver, user=request.user, limit=SHOWN)
    total = api.open_counts([giver]).get(giver.pk, 0)
    own = policy_for(Absence).rows(request.user, "view").filter(employee__user=giver, ends_at__gt=ports.now())
    absences = own.select_related("employee__user", "substitute").prefetch_related("covers__substitute").order_by("starts_at")
    name = ports.people().display(giver)
    context = {
        "title": _("Open work of %(person)s") % {"person": name}, "person": giver, "name": name, "total": total,
        "crumbs": [(_("Absent people"), reverse("redraw:absent_people"))],
        "rows": [row_of(item, current=None, box="mine") for item in items], "more": max(0, total - len(items)),
        "absences": lines_of(absences, process_titles()), "others": _others(request.user, giver),
    }  # fmt: skip
    return render(request, "redraw/absence/work.html", context)


def _others(user: Any, giver: User) -> list[tuple[int, str, int]]:
    """Who could take work over and is there: id, name and open tasks, those with least first."""
    mates = {person.pk: person for person in [*mates_of(giver), *led_by(user), user] if person.pk != giver.pk}
    there = ports.people().available(mates.values(), ports.now())
    counts = api.open_counts(there)
    found = [(person.pk, ports.people().display(person), counts.get(person.pk, 0)) for person in there]
    return sorted(found, key=lambda one: (one[2], one[1]))


@page
@require_POST
def hand_over(request: HttpRequest, person: int) -> HttpResponse:
    """Hand over what was chosen, or everything, to one person or to the team by load."""
    giver = _person(person)
    to = request.POST.get("to", "")
    chosen: list[UUID] | None = None
    if request.POST.get("do") != "all":
        chosen = [UUID(text) for text in request.POST.getlist("task") if len(text) == 36]
    try:
        row = api.hand_over(
            user=request.user, of=giver, to=_person(to) if to else None, tasks=chosen, note=request.POST.get("note", "")
        )
    except api.Invalid as error:
        messages.error(request, error.sentence)
        return redirect("redraw:absent_work", giver.pk)
    return redirect("redraw:handing_over", row.pk)


@page
def handing_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What came of a handing over, or how far it has come."""
    row = api.handing_over(pk, user=request.user)
    found = api.handing_over_outcomes(row)
    name = ports.people().display(row.giver)
    context = {
        "title": _("Work of %(person)s handed over") % {"person": name}, "row": row, "name": name,
        "crumbs": [(_("Absent people"), reverse("redraw:absent_people"))],
        "stayed": [one for one in found if one.why], "went": [one for one in found if not one.why],
        "percent": _percent(row), "words": _words(row), "may_again": api.may_hand_over(request.user, row.giver),
    }  # fmt: skip
    return render(request, "redraw/absence/handing_over.html", context)


@page
def progress(request: HttpRequest, pk: UUID) -> JsonResponse:
    """How far it has come, for the page that watches."""
    row = api.handing_over(pk, user=request.user)
    return JsonResponse({"percent": _percent(row), "words": _words(row), "finished": row.state == row.State.DONE})


def _percent(row: Any) -> int:
    return round(100 * len(row.results) / len(row.tasks)) if row.tasks else 100


def _words(row: Any) -> str:
    said = ngettext("%(done)s of %(all)s task looked at", "%(done)s of %(all)s tasks looked at", len(row.tasks))
    return said % {"done": len(row.results), "all": len(row.tasks)}


