"""Work in bulk: begun from the list of what runs, watched while it goes on, told when it has ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from admin_ext.cockpit.figures import number
from admin_ext.cockpit.running import PER_PAGE, wanted_of
from admin_ext.pages import page
from processes import api

ALL = "all"


@page
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin what was asked for: with the instances that are ticked, or with all that match the filter."""
    sent = request.POST
    back = f"{reverse('redraw:running')}?{sent.get('filter', '')[:2000]}"
    chosen = [UUID(pk) for pk in sent.getlist("instance")[:PER_PAGE] if _is_id(pk)]
    wanted = wanted_of(sent_filter(request)) if sent.get("which") == ALL else None
    try:
        if wanted is None and not chosen:
            raise api.Invalid(_("Tick those that are meant, or choose all that match."))
        run = api.begin_bulk(sent.get("act", ""), user=request.user, reason=sent.get("reason", "")[:300], instances=chosen, wanted=wanted)
    except api.ProcessError as error:
        if isinstance(error, api.NotAllowed | api.NotFound):
            raise
        messages.error(request, error.sentence)
        return redirect(back)
    return redirect("redraw:bulk_run", run.pk)


def sent_filter(request: HttpRequest) -> QueryDict:
    """The filter of the list that the form was sent from."""
    return QueryDict(request.POST.get("filter", "")[:2000])


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@page
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run: how far it is; then what was done, what could not be done and why."""
    found = api.bulk_progress(pk, user=request.user)
    groups = [
        (state, label, icon, found.counts.get(state, 0), api.bulk_outcomes(pk, user=request.user, state=state))
        for state, label, icon in (
            ("refused", _("Could not be done"), "error"), ("nothing", _("Nothing was to be done"), "remove"),
            ("waiting", _("Not reached"), "hourglass_top"), ("done", _("Done"), "check_circle"),
        )
        if found.counts.get(state) and (state != "waiting" or found.run.state == "stopped")
    ]  # fmt: skip
    context = {
        "title": _title(found.run), "crumbs": [(_("Processes"), reverse("redraw:processes")), (_("Running"), reverse("redraw:running"))],
        "run": found.run, "percent": _percent(found), "words": _words(found), "groups": groups if found.run.state != "running" else [],
        "outcome": _outcome(found),
    }  # fmt: skip
    return render(request, "redraw/cockpit/bulk_run.html", context)


@page
def progress(request: HttpRequest, pk: UUID) -> JsonResponse:
    """How far a run is, for the page that watches."""
    found = api.bulk_progress(pk, user=request.user)
    return JsonResponse({"percent": _percent(found), "words": _words(found), "finished": found.run.state != "running"})


@page
@require_POST
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Do it to no more instances."""
    try:
        api.stop_bulk(pk, user=request.user)
    except api.AlreadyDone as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("Stopped. What was done stays done."))
    return redirect("redraw:bulk_run", pk)


def _title(run: Any) -> str:
    sentences = {
        "retry": ngettext("Trying failed steps of %(n)s again", "Trying failed steps of %(n)s again", run.total),
        "cancel": ngettext("Cancelling %(n)s", "Cancelling %(n)s", run.total),
        "suspend": ngettext("Suspending %(n)s", "Suspending %(n)s", run.total),
        "resume": ngettext("Resuming %(n)s", "Resuming %(n)s", run.total),
    }
    return sentences[run.kind] % {"n": number(run.total)}


def _percent(found: Any) -> int:
    return found.done * 100 // found.run.total if found.run.total else 100


def _words(found: Any) -> str:
    return _("%(done)s of %(total)s done") % {"done": number(found.done), "total": number(found.run.total)}


def _outcome(found: Any) -> str:
    counts = {state: found.counts.get(state, 0) for state in ("done", "refused", "nothing", "waiting")}
    sentences = {
        "done": ngettext("%(n)s was done", "%(n)s were done", counts["done"]),
        "refused": ngettext("%(n)s could not be done", "%(n)s could not be done", counts["refused"]),
        "nothing": ngettext("at %(n)s there was nothing to do", "at %(n)s there was nothing to do", counts["nothing"]),
        "waiting": ngettext("%(n)s was not reached", "%(n)s were not reached", counts["waiting"]),
    }
    said = [sentence % {"n": number(counts[state])} for state, sentence in sentences.items() if counts[state] or state == "done"]
    return _("%(said)s.") % {"said": _(", ").join(said)}
