"""Rehearsing a process: begin with a record of one's choice, do each step as its role, move the clock, keep it as a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from admin_ext.inbox.actions import answers
from admin_ext.pages import page
from crm_core.kernel.models import Role
from processes import api, ports

MOST_EXAMPLES = 5
"""From how many tests a step can be filled in."""

TABS = ("steps", "decisions", "mails", "values", "record")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the record that is chosen before a rehearsal begins."""

    name: str
    label: str
    kind: str
    value: str
    choices: tuple[tuple[str, str], ...]


# --- before it begins ------------------------------------------------------------------------------------------
@page
@require_http_methods(["GET", "POST"])
def rehearsals(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a version and how the record shall be, and begin; those that run still are listed."""
    found = api.rehearsable(key, user=request.user)
    problem = ""
    if request.method == "POST":
        try:
            begun = api.begin_rehearsal(
                key, _number(request.POST.get("version", "")), user=request.user,
                subject_values=_chosen(found.fields, request.POST), data=_data(request.POST.get("data", "")), at=_moment(request.POST.get("at", "")), wait=False,
            )  # fmt: skip
            return redirect("redraw:studio_rehearsal", key=key, pk=begun.pk)
        except api.Invalid as error:
            problem = " ".join(dict.fromkeys([error.sentence, *error.errors.values()]))
        except api.ProcessError as error:
            if error.code != "rehearsal_not_ready":
                raise
    ready = api.rehearsal_room()
    chosen = request.POST.get("version") or request.GET.get("version", "")
    context = {
        "title": _("Rehearse") if found.owns else _("Practise"), "process": found.definition, "found": found, "problem": problem,
        "crumbs": _crumbs(found.definition), "ready": ready, "now": timezone.localtime(ports.now()),
        "fields": [_field(item, request.POST) for item in found.fields],
        "chosen": next((one for one in found.versions if str(one.number) == chosen), found.versions[0]),
        "data": request.POST.get("data", ""), "at": request.POST.get("at") or timezone.localtime(ports.now()).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    return render(request, "redraw/studio/rehearsals.html", context, status=422 if problem else 200)


def _field(item: ports.SampleField, sent: Mapping[str, str]) -> Field:
    value = sent.get(item.name) if sent else None
    if item.type == "boolean":
        shown = ("on" if value else "") if sent else ("on" if item.value else "")
    else:
        shown = str(item.value if value is None else value)
    kind = "choice" if item.choices else "boolean" if item.type == "boolean" else "number" if item.type in ("number", "money") else "text"
    return Field(item.name, str(item.label), kind, shown, tuple((str(given), str(label)) for given, label in item.choices))


def _chosen(fields: tuple[ports.SampleField, ...], sent: Mapping[str, str]) -> dict[str, Any]:
    """What was chosen otherwise than it is by itself. Invalid for what is no number."""
    values: dict[str, Any] = {}
    for item in fields:
        text = str(sent.get(item.name, "")).strip()[:2000]
        value: Any = text
        if item.type == "boolean":
            value = bool(text)
        elif item.type in ("number", "money"):
            value = _as_number(text, str(item.label))
        if value != item.value:
            values[item.name] = value
    return values


def _as_number(text: str, label: str) -> int | float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < 10**12:
        raise api.Invalid(_("“%(label)s” must be a number, written with digits and a point.") % {"label": label})
    return int(number) if number == int(number) else number


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise api.Invalid(_("Choose a version."))
    return int(text)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text)) if text else None
    except ValueError as error:
        raise api.Invalid(_("This is no date and time. Write it like 2026-11-24T09:30.")) from error


# --- one of them -----------------------------------------------------------------------------------------------
@page
@require_http_methods(["GET", "POST"])
def rehearsal(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """Where a rehearsal stands, and the next thing to do in it."""
    if request.method == "POST":
        return _act(request, key, pk)
    return _show(request, pk, api.rehearsal(pk, user=request.user))


def _act(request: HttpRequest, key: str, pk: UUID) -> HttpResponse:
    """Do one thing; a form that refuses is shown again with what is wrong."""
    sent, user = request.POST, request.user
    here = redirect("redraw:studio_rehearsal", key=key, pk=pk)
    did = sent.get("_do", "")
    try:
        if did == "step":
            api.rehearse_step(pk, _id(sent), data=answers(request), user=user)
        elif did == "wait":
            api.rehearse_wait(pk, until=_moment(sent.get("until", "")), user=user)
        elif did == "message":
            api.rehearse_message(pk, _id(sent), data=_data(sent.get("data", "")), user=user)
        elif did == "record":
            test = api.record_test(pk, sent.get("name", ""), user=user)
            messages.success(request, _("“%(name)s” is a test of the draft now.") % {"name": test["name"]})
        elif did == "end":
            api.end_rehearsal(pk, user=user)
            return redirect("redraw:studio_rehearsals", key=key)
    except api.Invalid as error:
        if did != "step":
            messages.error(request, error.sentence)
            return here
        shown = api.rehearsal_refused(pk, _id(sent), raw=answers(request), errors=error.errors, user=user)
        return _show(request, pk, shown, task_id=_id(sent), problem=error.sentence, status=422)
    except api.ProcessError as error:
        if isinstance(error, api.NotAllowed | api.NotFound):
            raise
        messages.error(request, error.sentence)
    return here


@page
@require_POST
def fields(request: HttpRequest, key: str, pk: UUID, task_id: UUID) -> HttpResponse:
    """Which fields of an open step are asked for after what was typed so far."""
    state = api.rehearsal_refused(pk, task_id, raw=answers(request), errors={}, user=request.user)
    waiting = [field for task in state.standing.tasks if task.id == task_id for field in task.fields]
    said: dict[str, Any] = {}
    while waiting:
        field = waiting.pop()
        waiting.extend(field.children)
        if field.key:
            said[field.key] = {"hidden": field.hidden, "required": field.required}
    return JsonResponse({"at": "", "fields": said})


def _show(request: HttpRequest, pk: UUID, state: Any, *, task_id: UUID | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    row, standing = state.rehearsal, state.standing
    wanted = str(task_id or request.GET.get("task", ""))
    task = next((one for one in standing.tasks if str(one.id) == wanted), next(iter(standing.tasks), None))
    before = state.entered_before(task.element) if task and not task.refused else {}
    like = request.GET.get("like", "")
    if task and like in before and not problem:
        state = api.rehearsal_refused(pk, task.id, raw=before[like], errors={}, user=request.user)
        standing = state.standing
        task = next((one for one in standing.tasks if one.id == task.id), None)
    tab = next((name for name in TABS if name == request.GET.get("tab")), "steps")
    roles = {role.key: str(role) for role in Role.objects.filter(key__in={one.role for one in standing.tasks})}
    context = {
        "title": standing.title, "crumb_is_data": True, "row": row, "state": standing, "task": task, "tab": tab, "problem": problem,
        "process": row.version.definition, "roles": roles, "explanations": {}, "look": task.element if task else standing.ending.element if standing.ending else "",
        "drawing": mark_safe(standing.drawing),  # noqa: S308
        "crumbs": [*_crumbs(row.version.definition), (_("Practise") if row.practice else _("Rehearse"),
                   reverse("redraw:studio_rehearsals", args=[row.version.definition.key]))],
        "tabs": _tabs(row, standing), "until": timezone.localtime(row.clock).strftime("%Y-%m-%dT%H:%M"),
        "may_record": not row.practice, "now": row.clock, "before": list(before)[:MOST_EXAMPLES], "like": like,
    }  # fmt: skip
    return render(request, "redraw/studio/rehearsal.html", context, status=status)


def _tabs(row: Any, standing: Any) -> list[tuple[str, str, int | None]]:
    return [
        ("steps", _("Steps so far"), len(standing.way)), ("decisions", _("Decisions"), len(standing.decisions)),
        ("mails", _("Mails"), len(row.mails)), ("values", _("Values"), None), ("record", _("Record"), None),
    ]  # fmt: skip


def _crumbs(definition: Any) -> list[tuple[str, str]]:
    return [(_("Processes"), reverse("redraw:processes")), (definition.title(), reverse("redraw:process", args=[definition.key]))]


def _id(sent: Mapping[str, str]) -> UUID:
    try:
        return UUID(sent.get("_task", ""))
    except ValueError as error:
        raise api.NotFound(_("There is no such step here.")) from error


def _data(text: str) -> dict[str, Any]:
    """What a message brings, as a JSON object."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text[:20_000])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise api.Invalid(_("Values must be a JSON object, such as {\"answer\": \"accepted\"}."))
    return found
