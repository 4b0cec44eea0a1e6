"""Stopping the clock of a task or of a whole process instance, with the reason, and letting it run again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from admin_ext import words
from admin_ext.inbox.address import InboxState
from admin_ext.inbox.later import chosen
from admin_ext.pages import page
from processes import api, ports


@page
def stop(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The clock of a task: why it shall stand still, and until when."""
    item = api.task_form(task_id, user=request.user).item
    query = InboxState.read(request.GET).query
    if not api.may_pause_clock(task_id, user=request.user):
        raise api.NotAllowed(_("The clock of a task is stopped by who has it, their lead, or the owner of the process."))

    def pause(**given: Any) -> None:
        api.pause_clock(task_id, user=request.user, **given)

    return _stop(
        request, pause, title=ports.text(item.title), due_at=item.due_at, about=item.subject.type, back=reverse("redraw:work", args=(task_id,)) + query,
        crumbs=[(_("Inbox"), reverse("redraw:inbox")), (ports.text(item.title), reverse("redraw:work", args=(task_id,)))],
    )  # fmt: skip


@page
@require_POST
def run(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Let the clock of a task run again."""
    _try(request, lambda: api.resume_clock(task_id, user=request.user), _("The clock runs again."))
    return redirect(reverse("redraw:work", args=(task_id,)) + InboxState.read(request.GET).query)


@page
def stop_instance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The clock of a whole instance: why it shall stand still, and until when."""
    shown = api.instance(pk, user=request.user)
    if not api.may_act(pk, user=request.user):
        raise api.NotAllowed(_("Only the owner of the process or an administrator may do this."))
    title, back = shown.title or shown.business_key or ports.text(shown.labels), reverse("redraw:instance", args=(pk,))

    def pause(**given: Any) -> None:
        api.pause_instance_clock(pk, user=request.user, **given)

    return _stop(
        request, pause, title=title, due_at=shown.due_at, about=shown.subject_type, back=back,
        crumbs=[(_("Processes"), reverse("redraw:processes")), (title, back)], whole=True,
    )  # fmt: skip


@page
@require_POST
def run_instance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the clock of a whole instance run again."""
    _try(request, lambda: api.resume_instance_clock(pk, user=request.user), _("The clock runs again."))
    return redirect(reverse("redraw:instance", args=(pk,)))


# --- inside ------------------------------------------------------------------------------------------------------
def _stop(
    request: HttpRequest, pause: Callable[..., None], *, title: str, due_at: datetime | None, about: str, back: str,
    crumbs: list[tuple[str, str]], whole: bool = False,
) -> HttpResponse:  # fmt: skip
    values = {name: request.POST.get(name, "").strip() for name in ("reason", "note", "until")}
    if request.method == "POST":
        try:
            until = chosen("until", values["until"]) if values["until"] else None
            pause(reason=values["reason"], note=values["note"], until=until)
        except (api.NotAllowed, api.NotFound):
            raise
        except api.ProcessError as error:
            messages.error(request, error.sentence)
        else:
            messages.success(request, _("The clock stands still now."))
            return redirect(back)
    reasons = api.pause_reasons()
    context = {
        "title": _("Stop the clock"), "about": title, "whole": whole, "back": back, "crumbs": crumbs, "values": values,
        "reasons": reasons, "answered": {reason.key for reason in reasons if about and reason.message.startswith(f"{about}.")}, "due": words.moment(due_at) if due_at is not None else "",
    }  # fmt: skip
    return render(request, "redraw/inbox/clock.html", context, status=422 if request.method == "POST" else 200)


def _try(request: HttpRequest, act: Callable[[], None], done: str) -> None:
    try:
        act()
    except (api.NotAllowed, api.NotFound):
        raise
    except api.ProcessError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, done)
