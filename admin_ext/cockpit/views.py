"""Lists of what runs and what failed, starting, and what an owner may do to what runs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from admin_ext.pages import page
from processes import api, ports


@page
def incidents(request: HttpRequest) -> HttpResponse:
    """Steps that failed and wait for a person."""
    context = {
        "title": _("Incidents"), "crumbs": [(_("Processes"), reverse("redraw:processes"))],
        "incidents": api.incidents(request.user, limit=100),
    }  # fmt: skip
    return render(request, "redraw/cockpit/incidents.html", context)


@page
def start_list(request: HttpRequest) -> HttpResponse:
    """What the person may start without a record; the rest is started from its record."""
    user = request.user
    ready = [row for row in api.definitions(user, figures=False) if row.version is not None and api.may_start(user, row.key)]
    context = {
        "title": _("Start"), "crumbs": [], "free": [row for row in ready if not row.subject_type],
        "bound": [row for row in ready if row.subject_type],
    }  # fmt: skip
    return render(request, "redraw/cockpit/start.html", context)


@page
@require_POST
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Start a process about a record, or about none."""
    kind, pk = request.POST.get("subject_type", ""), request.POST.get("subject_id", "")
    subject = api.Subject(kind, int(pk)) if kind and pk.isdecimal() else None
    begun = api.start(key, subject=subject, user=request.user)
    messages.success(request, _("“%(process)s” has begun.") % {"process": ports.text(begun.labels)})
    return redirect(reverse("redraw:instance", args=(begun.pk,)))


@page
@require_POST
def act(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What an owner does to an instance: cancel, suspend, resume, retry, skip."""
    user, reason = request.user, request.POST.get("reason", "")
    what, task = request.POST.get("act", ""), request.POST.get("task", "")
    try:
        if what == "cancel":
            api.cancel(pk, user=user, reason=reason)
        elif what == "suspend":
            api.suspend(pk, user=user, reason=reason)
        elif what == "resume":
            api.resume(pk, user=user, reason=reason)
        elif what == "retry":
            api.retry(UUID(task), user=user)
        elif what == "skip":
            api.skip(UUID(task), user=user, reason=reason)
        else:
            raise Http404
    except (ValueError, api.Invalid) as error:
        messages.error(request, getattr(error, "sentence", _("There is no such step.")))
    except api.ProcessError as error:
        if isinstance(error, api.NotAllowed | api.NotFound):
            raise
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("Done."))
    return redirect(reverse("redraw:instance", args=(pk,)))


@page
def move_token(request: HttpRequest, pk: UUID, task_id: UUID) -> HttpResponse:
    """Put a token elsewhere, after what that means was read."""
    found = api.token_move(task_id, user=request.user)
    if found.instance_id != pk:
        raise api.NotFound(_("That step belongs to another process instance."))
    instance = api.instance(pk, user=request.user)
    back = reverse("redraw:instance", args=(pk,))
    values = {"to": request.POST.get("to", ""), "reason": request.POST.get("reason", "")}
    if request.method == "POST":
        try:
            if not values["to"]:
                raise api.Invalid(_("Choose where the token goes."))
            api.move_token(task_id, to=values["to"], user=request.user, reason=values["reason"])
        except (api.NotAllowed, api.NotFound):
            raise
        except api.ProcessError as error:
            messages.error(request, error.sentence)
        else:
            messages.success(request, _("The token has been moved."))
            return redirect(back)
    context = {
        "title": _("Move a token"), "instance": instance, "move": found, "values": values,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (instance.title or str(instance), back)],
        "steps": [goal for goal in found.goals if goal.is_step], "others": [goal for goal in found.goals if not goal.is_step],
    }  # fmt: skip
    return render(request, "redraw/cockpit/move_token.html", context)


@page
@require_POST
def by_hand(request: HttpRequest, pk: UUID, task_id: UUID) -> HttpResponse:
    """Begin a step of an ad-hoc sub-process, or say that nothing more is to be done in it."""
    element = request.POST.get("step", "")
    if not any(one.task_id == task_id for one in api.optional_steps(api.instance(pk, user=request.user), user=request.user)):
        raise api.NotFound(_("There are no steps to begin here any more; somebody may have said it is enough."))
    try:
        if element:
            api.begin_step(task_id, element, user=request.user)
            messages.success(request, _("The step has begun; who has its role finds it in the inbox."))
        else:
            api.end_steps(task_id, user=request.user)
            messages.success(request, _("Nothing more is to be done there; the process goes on."))
    except api.Invalid as error:
        messages.error(request, error.sentence)
    return redirect(reverse("redraw:instance", args=(pk,)))


@page
@require_POST
def follow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """See in one's inbox how an instance goes on, or no longer."""
    if request.POST.get("follow") == "yes":
        api.follow(pk, user=request.user)
        messages.success(request, _("Its open tasks stand in your inbox under “Following”."))
    else:
        api.unfollow(pk, user=request.user)
    return redirect(reverse("redraw:instance", args=(pk,)))
