"""One's own absence: entered, ended early, withdrawn; for whom one stands in; what others did meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from admin_ext.absence.forms import AbsenceForm
from admin_ext.pages import page
from crm_core.kernel import absence_services as services
from crm_core.kernel.absences import absences_of, led_by, named_in
from crm_core.kernel.access.policies import policy_for
from crm_core.kernel.models import Absence, Employee
from processes import api, ports

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """An absence as it is shown. `state` is now, coming or over."""

    pk: int
    person: str
    when: str
    state: str
    substitute: str
    covers: list[tuple[str, str]]
    note: str


def lines_of(rows: Any, titles: dict[str, str]) -> list[Line]:
    """Absences (with people and covers loaded) as lines."""
    now, show = ports.now(), ports.people().display
    return [
        Line(
            pk=row.pk, person=show(row.employee.user), when=services.span_of(row),
            state="over" if row.ends_at <= now else "now" if row.starts_at <= now else "coming",
            substitute=show(row.substitute),
            covers=[(titles.get(cover.process_key, cover.process_key), show(cover.substitute)) for cover in row.covers.all()],
            note=row.note,
        )
        for row in rows
    ]  # fmt: skip


def process_titles() -> dict[str, str]:
    """Names of the processes by their keys."""
    return {row.key: row.title for row in api.definitions(None, figures=False)}


@page
def mine(request: HttpRequest) -> HttpResponse:
    """My absence."""
    return show(request, AbsenceForm(person=request.user))


def show(request: HttpRequest, form: AbsenceForm, status: int = 200) -> HttpResponse:
    """The page with the form as it stands."""
    user, person, titles = request.user, form.person, dict(form.processes)
    context = {
        "title": _("My absence"), "form": form, "own": lines_of(absences_of(user)[:SHOWN], titles),
        "stand_ins": lines_of(named_in(user, ports.now())[:SHOWN], titles), "done": api.done_for(user, limit=SHOWN),
        "leads": led_by(user).exists(), "works_here": Employee.objects.filter(user=person).exists(),
        "action": reverse("redraw:absence_enter"),
    }  # fmt: skip
    return render(request, "redraw/absence/mine.html", context, status=status)


@page
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Write down an absence of one's own."""
    form = AbsenceForm(request.POST, person=request.user)
    if not written(request, form, request.user):
        return show(request, form, 422)
    return redirect("redraw:absence")


def written(request: HttpRequest, form: AbsenceForm, person: Any) -> bool:
    """Enter an absence as the form says; what was refused stands beside its field. What should be known is said."""
    employee = Employee.objects.filter(user=person).first()
    if not form.is_valid():
        return False
    if employee is None:
        form.add_error(None, _("Only people with a place in the staff list can be away. Ask an administrator."))
        return False
    starts_at, ends_at = form.moments
    try:
        absence = services.enter_absence(
            employee=employee, starts_at=starts_at, ends_at=ends_at, substitute=form.cleaned_data["substitute"],
            covers=form.covers, note=form.cleaned_data["note"], by=request.user,
        )  # fmt: skip
    except api.Invalid as error:
        names = {"starts_at": "first", "ends_at": "last", "covers": None}
        for name, sentence in error.errors.items():
            field = names.get(name, name)
            form.add_error(field if field in form.fields else None, str(sentence))
        return False
    messages.success(request, _("Entered: away %(when)s.") % {"when": services.span_of(absence)})
    for sentence in services.concerns(absence):
        messages.warning(request, sentence)
    return True


def _own(request: HttpRequest, pk: int) -> Absence:
    found = policy_for(Absence).rows(request.user, "view").select_related("employee__user").filter(pk=pk).first()
    if found is None:
        raise api.NotFound(_("There is no such absence, or it is none of yours."))
    return found


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else reverse("redraw:absence"))


@page
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Back earlier than planned."""
    absence = _own(request, pk)
    try:
        services.end_absence(absence, by=request.user)
        messages.success(request, _("The absence is over. Work is with %(person)s again.")
                         % {"person": ports.people().display(absence.employee.user)})  # fmt: skip
    except api.Invalid as error:
        messages.error(request, error.sentence)
    return _back(request)


@page
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Not away after all."""
    try:
        services.withdraw_absence(_own(request, pk), by=request.user)
        messages.success(request, _("The absence is withdrawn."))
    except api.Invalid as error:
        messages.error(request, error.sentence)
    return _back(request)
