"""What waits: timers, messages, background work, and what could not be delivered with what may be done about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from admin_ext import words
from admin_ext.cockpit.figures import number
from admin_ext.cockpit.running import counted
from admin_ext.pages import page
from processes import api


@page
def waiting(request: HttpRequest) -> HttpResponse:
    """All that waits, as the person may see it."""
    found = api.waiting(request.user)
    depths = [(_("Timers"), found.timer_depth), (_("Background work of steps"), found.jobs)]
    if found.outbox is not None:
        depths.append((_("Messages on their way"), found.outbox))
    context = {
        "title": _("What waits"), "crumbs": [(_("Processes"), reverse("redraw:processes"))], "waiting": found,
        "depths": [(name, counted(depth), _lag(depth), bool(depth.behind)) for name, depth in depths],
        "nothing": not (found.timers or found.expected or found.kept or found.letters),
    }  # fmt: skip
    return render(request, "redraw/cockpit/waiting.html", context)


def _lag(depth: Any) -> str:
    """How far behind it is, in words."""
    if not depth.n:
        return _("none")
    if depth.lag is None:
        return _("all in time")
    text = ngettext("%(n)s behind, for %(length)s", "%(n)s behind, the first for %(length)s", depth.behind)
    return text % {"n": number(depth.behind), "length": words.length(depth.lag)}


@page
@require_POST
def letter(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Deliver again what could not be delivered, or drop it with a reason."""
    what = request.POST.get("act", "")
    try:
        if what == "again":
            api.deliver_again(pk, user=request.user)
            messages.success(request, _("It is being delivered again."))
        elif what == "drop":
            api.drop_letter(pk, user=request.user, reason=request.POST.get("reason", "")[:300])
            messages.success(request, _("It was dropped; the reason is kept with it."))
        else:
            raise Http404
    except (api.NotAllowed, api.NotFound):
        raise
    except api.ProcessError as error:
        messages.error(request, error.sentence)
    return redirect("redraw:waiting")
