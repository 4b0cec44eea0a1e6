"""Processes and their instances: what they are for, how they run, what happened, and what an owner may do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from admin_ext.cockpit.sentence import days_of, said_of
from admin_ext.cockpit.tables import tables_of
from admin_ext.pages import page
from processes import api, feel, ports

PER_PAGE = 50


def _picture(**what: Any) -> Any:
    """A drawing as SVG: composed by the house from parsed drawings with every text escaped."""
    return mark_safe(api.drawing(language=get_language(), **what))  # noqa: S308


def states() -> list[tuple[str, str]]:
    """The states instances are filtered by."""
    return [
        ("running", _("Running")), ("incident", _("With incidents")), ("suspended", _("Suspended")),
        ("completed", _("Completed")), ("cancelled", _("Cancelled")), ("error", _("Ended in an error")),
    ]  # fmt: skip


@page
def processes(request: HttpRequest) -> HttpResponse:
    """The processes of the house."""
    context = {"title": _("Processes"), "crumbs": [], "processes": api.definitions(request.user)}
    return render(request, "redraw/cockpit/processes.html", context)


@page
def process(request: HttpRequest, key: str) -> HttpResponse:
    """One process: its purpose and measures, the drawing, its tables, its versions, what runs."""
    found = next((row for row in api.definitions(request.user, figures=False) if row.key == key), None)
    if found is None:
        raise Http404
    versions = list(api.versions(request.user, key))
    number = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.number) == number), None) or found.version or (versions[0] if versions else None)
    about = api.about_version(shown.pk) if shown is not None else None
    figures = api.figures(request.user, key)
    tables = tables_of(about.decisions) if about is not None else []
    tab = request.GET.get("tab", "")
    tabs = [("", _("Drawing"), None), ("decisions", _("Decisions"), len(tables)), ("running", _("Running"), figures.running),
            ("versions", _("Versions"), len(versions))]  # fmt: skip
    context = {
        "title": found.title, "crumbs": [(_("Processes"), reverse("redraw:processes"))], "process": found,
        "versions": versions, "shown": shown, "about": about, "tables": tables, "figures": figures,
        "said": said_of(figures), "tabs": tabs, "tab": tab if tab in {name for name, _label, _n in tabs} else "",
        "drawing": _picture(version_id=shown.pk, there=figures.there) if shown is not None else "",
        "instances": api.instances(request.user, key=key, state="running", limit=20).items if tab == "running" else [],
        "may_start": not found.subject_type and found.version is not None and api.may_start(request.user, key),
    }  # fmt: skip
    return render(request, "redraw/cockpit/process.html", context)


@page
def running(request: HttpRequest) -> HttpResponse:
    """Instances as a list, newest first."""
    state = request.GET.get("state", "running")
    if state not in dict(states()):
        state = "running"
    key = request.GET.get("process", "")[:150]
    found = api.instances(request.user, state=state, key=key or None, after=request.GET.get("after") or None, limit=PER_PAGE)
    names = [(row.key, row.title) for row in api.definitions(request.user, figures=False)]
    context = {
        "title": _("Running"), "crumbs": [(_("Processes"), reverse("redraw:processes"))], "page": found, "state": state,
        "states": states(), "key": key, "names": names, "now": ports.now(),
    }  # fmt: skip
    return render(request, "redraw/cockpit/running.html", context)


@page
def instance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One instance: the way it took on the drawing, what happened in words, its values."""
    shown = api.instance(pk, user=request.user)
    may_act = api.may_act(pk, user=request.user)
    kind = ports.subjects().get(shown.subject_type) if shown.subject_type else None
    record = kind.load(shown.subject_id) if kind is not None and shown.subject_id is not None else None
    visible = record is not None and kind is not None and kind.visible(request.user).filter(pk=record.pk).exists()
    story = api.history(pk, user=request.user)
    context = {
        "title": shown.title or shown.business_key or ports.text(shown.labels), "crumb_is_data": True,
        "crumbs": [(ports.text(shown.labels), reverse("redraw:process", args=(shown.definition.key,)))],
        "instance": shown, "drawing": _picture(instance_id=pk), "days": days_of(story), "may_act": may_act,
        "subject_url": kind.url(record) if kind is not None and visible else "",
        "subject_title": kind.title(record) if kind is not None and visible else "",
        "follows": api.follows(pk, user=request.user),
        "timers": api.timers(pk, user=request.user), "failed": [line for line in story if line.state == "ERROR"],
        "variables": [(name, _shown_value(value)) for name, value in sorted(shown.data.items())] if may_act or visible else [],
    }  # fmt: skip
    return render(request, "redraw/cockpit/instance.html", context)


def _shown_value(stored: Any) -> str:
    value = feel.to_text(feel.from_json(stored))
    return value if len(value) <= 300 else value[:299] + "…"


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
@require_POST
def follow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """See in one's inbox how an instance goes on, or no longer."""
    if request.POST.get("follow") == "yes":
        api.follow(pk, user=request.user)
        messages.success(request, _("Its open tasks stand in your inbox under “Following”."))
    else:
        api.unfollow(pk, user=request.user)
    return redirect(reverse("redraw:instance", args=(pk,)))
