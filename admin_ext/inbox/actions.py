"""What people do with tasks: each view translates a form into one call of the engine's door."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from admin_ext import words
from admin_ext.customers.beside import account_of
from admin_ext.customers.log import log_from
from admin_ext.inbox.address import InboxState
from admin_ext.inbox.later import chosen
from admin_ext.inbox.views import show
from admin_ext.pages import page
from processes import api, ports


def answers(request: HttpRequest) -> QueryDict:
    """What was typed into the step's form, without what belongs to the page."""
    data = request.POST.copy()
    for name in [name for name in data if name == "csrfmiddlewaretoken" or (name.startswith("_") and name != CHECKS)]:
        del data[name]
    return data


def _back(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return redirect(reverse("redraw:work", args=(task_id,)) + InboxState.read(request.GET).query)


def _onward(request: HttpRequest, done: UUID, following: UUID | None) -> HttpResponse:
    """The next task at once: the one that follows in the same process, else the next of the list, else the list."""
    state = InboxState.read(request.GET)
    if following is None:
        waiting = api.work_for(request.user, **{**state.filters(), "after": None}, limit=2).items
        following = next((item.task_id for item in waiting if item.task_id != done), None)
    if following is None:
        return redirect(reverse("redraw:inbox") + state.query)
    return redirect(reverse("redraw:work", args=(following,)) + state.query)


CHECKS = "_check"
"""The ticks of the checklist belong to the answer."""


@page
@require_POST
def complete(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Finish a task with its form. Wrong values come back beside their fields, nothing is lost."""
    data = answers(request)
    try:
        finished = api.complete(task_id, user=request.user, data=data,
                                fingerprint=request.POST.get("_fingerprint") or None)  # fmt: skip
    except api.Invalid as error:
        return show(request, task_id=task_id, raw=data, errors=error.errors, problem=error.sentence, status=422)
    except api.StaleForm as error:
        return show(request, task_id=task_id, raw=data, problem=error.sentence, status=409)
    except api.LockTimeout as error:
        return show(request, task_id=task_id, raw=data, problem=error.sentence, status=503)
    messages.success(request, _("“%(task)s” is done.") % {"task": finished.task.name})
    return _onward(request, task_id, finished.next_task_id)


@page
@require_POST
def claim(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Take an offered task."""
    api.claim(task_id, user=request.user)
    return _back(request, task_id)


@page
@require_POST
def release(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Give a task back to those it was offered to."""
    task = api.release(task_id, user=request.user)
    messages.success(request, _("“%(task)s” is open to your team again.") % {"task": task.name})
    return _onward(request, task_id, None)


@page
@require_POST
def snooze(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Put a task out of sight until a moment."""
    try:
        until = chosen(request.POST.get("choice", ""), request.POST.get("until", ""))
        api.snooze(task_id, user=request.user, until=until)
    except api.Invalid as error:
        messages.error(request, error.sentence)
        return _back(request, task_id)
    messages.success(request, _("It comes back %(when)s.") % {"when": words.near(until)})
    return _onward(request, task_id, None)


@page
@require_POST
def delegate(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Hand a task on to a colleague, with a reason."""
    to = request.POST.get("to", "")
    person = get_user_model().objects.filter(pk=to, is_active=True).first() if to.isdecimal() else None
    reason = request.POST.get("reason", "").strip()
    if person is None or not reason:
        messages.error(request, _("Choose a colleague and say why, so that they know what to do."))
        return _back(request, task_id)
    try:
        api.delegate(task_id, to=person, user=request.user, reason=reason)
    except api.Invalid as error:
        messages.error(request, error.sentence)
        return _back(request, task_id)
    messages.success(request, _("%(person)s has it now.") % {"person": ports.people().display(person)})
    return _onward(request, task_id, None)


@page
@require_POST
def hand_back(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Give a task back to the colleague from whom it came, with a reason."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say why, so that they know what to do."))
        return _back(request, task_id)
    task = api.hand_back(task_id, user=request.user, reason=reason)
    messages.success(request, _("%(person)s has it now.") % {"person": ports.people().display(task.owner)})
    return _onward(request, task_id, None)


@page
@require_POST
def comment(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Say something about a task."""
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, _("Write something first."))
    else:
        api.comment(task_id, user=request.user, text=text)
    return _back(request, task_id)


@page
@require_POST
def log(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Write down a contact about the record of a task; it stands on its customer's story."""
    subject = api.task_form(task_id, user=request.user).item.subject
    log_from(request, account=account_of(request.user, subject), subject=(subject.type, subject.id))
    return _back(request, task_id)


@page
@require_POST
def draft(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Keep what was typed; answers which fields are asked for now, since some depend on others."""
    data = answers(request)
    api.save_draft(task_id, user=request.user, data=data)
    form = api.task_form(task_id, user=request.user)
    fields: dict[str, Any] = {}
    waiting = list(form.shown(raw=data, errors={}))
    while waiting:
        field = waiting.pop()
        waiting.extend(field.children)
        if field.key:
            fields[field.key] = {"hidden": field.hidden, "required": field.required}
    return JsonResponse({"at": _("Draft kept %(when)s") % {"when": words.clock(ports.now())}, "fields": fields})


@page
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Take or give back several tasks; what could not be done is said for each."""
    act = {"claim": api.claim, "release": api.release}.get(request.POST.get("act", ""))
    done = 0
    for text in [part for part in request.POST.get("tasks", "").split(",") if part][:50]:
        try:
            if act is not None:
                act(UUID(text), user=request.user)
                done += 1
        except ValueError:
            continue
        except api.ProcessError as error:
            messages.warning(request, error.sentence)
    if done:
        messages.success(request, ngettext("%(n)d task is changed.", "%(n)d tasks are changed.", done) % {"n": done})
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else reverse("redraw:inbox"))
