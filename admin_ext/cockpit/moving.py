"""What runs on an older version moved to the one in use: what that would do first, then how far it is and what stayed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from admin_ext.cockpit.figures import number
from admin_ext.pages import page
from processes import api, ports


@page
def move(request: HttpRequest, key: str, source: int) -> HttpResponse:
    """What moving what runs on a version to the published one would do; with a reason it is begun."""
    user = request.user
    target = next((version for version in api.versions(user, key) if version.state == "published"), None)
    if target is None:
        raise api.NotFound(_("No version of this process is in use that anything could be moved to."))
    way = api.plan_migration(key, source, target.number, user=user)
    if request.method == "POST":
        try:
            begun = api.migrate(key, source, target.number, user=user, reason=request.POST.get("reason", "")[:300])
        except api.ProcessError as error:
            if isinstance(error, api.NotAllowed | api.NotFound):
                raise
            messages.error(request, error.sentence)
        else:
            return redirect("redraw:moved", begun.pk)
    found = api.rehearse_migration(way)
    title = ports.text(target.definition.titles)
    context = {
        "title": _("Move what runs on version %(old)s to version %(new)s") % {"old": source, "new": target.number}, "rehearsal": found,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (title, reverse("redraw:process", args=(key,)))],
        "stays": found.total - found.moves, "reasons": sorted(found.reasons.values(), key=lambda reason: -reason.count),
        "steps": sorted(found.steps.values(), key=lambda step: -step.tokens), "key": key, "source": source, "target": target.number,
    }  # fmt: skip
    return render(request, "redraw/cockpit/move.html", context)


@page
def moved(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is; then how many were moved, and which stayed and why."""
    found = api.migration(pk, user=request.user)
    definition = found.migration.source.definition
    over = found.migration.state != "running"
    context = {
        "title": _("Moving from version %(old)s to version %(new)s") % _numbers(found), "found": found, "run": found.migration,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (ports.text(definition.titles), reverse("redraw:process", args=(definition.key,)))],
        "percent": _percent(found), "words": _words(found), "over": over, "stayed": api.stayed_behind(pk, user=request.user) if over else [],
        "moved": number(found.counts.get("moved", 0)), "refused": number(found.counts.get("refused", 0)),
    }  # fmt: skip
    return render(request, "redraw/cockpit/moved.html", context)


@page
def progress(request: HttpRequest, pk: UUID) -> JsonResponse:
    """How far it is, for the page that watches."""
    found = api.migration(pk, user=request.user)
    return JsonResponse({"percent": _percent(found), "words": _words(found), "finished": found.migration.state != "running"})


@page
@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Move no more of them."""
    try:
        api.stop_migration(pk, user=request.user)
    except api.AlreadyDone as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("Stopped. What was done stays done."))
    return redirect("redraw:moved", pk)


def _numbers(found: Any) -> dict[str, int]:
    return {"old": found.migration.source.number, "new": found.migration.target.number}


def _percent(found: Any) -> int:
    return found.done * 100 // found.total if found.total else 100


def _words(found: Any) -> str:
    return _("%(done)s of %(total)s done") % {"done": number(found.done), "total": number(found.total)}
