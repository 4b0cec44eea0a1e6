"""The page on which a change of a process is written down, handed in and followed, with its pilots and its history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from admin_ext import words
from admin_ext.pages import page, wants_json
from admin_ext.studio import publication_record as record
from admin_ext.studio import publication_words as said
from admin_ext.studio.drawing import tabs
from admin_ext.studio.forms import version_for
from admin_ext.studio.publication_beside import fill
from processes import api, ports

LOOKED_BACK = timedelta(days=30)
TESTS_AT_ONCE = 2
UNDER_WAY, OVER = ("submitted", "approved", "piloted", "sent_back"), ("published", "withdrawn", "refused")
Texts = Mapping[str, Sequence[str]]


@page
@require_GET
def publication(request: HttpRequest, key: str) -> HttpResponse:
    """What stands in the way, the record, when and for whom, what is under way, and what was published by whom and why."""
    return _page(request, key)


def _page(request: HttpRequest, key: str, *, sent: Texts | None = None, found: record.Sent | None = None) -> HttpResponse:
    user = request.user
    pilots = api.pilots(key, user=user)
    version, draft, may_edit = version_for(user, key)
    changes = api.changes(key, user=user)
    context: dict[str, Any] = {
        "title": _("Publication"), "process": version.definition, "version": version, "draft": draft, "may_edit": may_edit,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (version.definition.title(), reverse("redraw:process", args=[key]))],
        "tabs": tabs(version, "publication") if draft is not None else [], "pilots": pilots,
        "under_way": [said.told(row) | {"about": fill(row, user), "reviews": _reviews(row, user)} for row in changes if row.state in UNDER_WAY],
        "history": [said.told(row) for row in changes if row.state in OVER],
    }  # fmt: skip
    if draft is not None:
        row, standing = api.change_standing(version.pk, user=user)
        made = record.fields(row, version, user, sent=sent, found=found)
        context |= _standing(version, row, standing, user) | {
            "change": row, "fields": made, "texts": [made[name] for name in record.TEXTS],
            "groups": [one for name, one in made.items() if name.startswith(record.GROUP)],
            "began": json.dumps({name: list(one.began) for name, one in made.items()}), "unsaved": found,
            "update": api.last_update(version), "preview": _preview(row, version, user), "record_words": _words(),
        }  # fmt: skip
    return render(request, "redraw/studio/publication.html", context, status=422 if found else 200)


def _reviews(row: Any, user: Any) -> bool:
    """Whether the person may review a change that waits for it."""
    return row.state == "submitted" and bool(api.may_review(user, row.definition.key, row.author))


def _words() -> dict[str, str]:
    """What the page says of saving while it is open."""
    return {
        "saving": _("Saving ..."), "saved": _("Everything is saved"), "unsaved": _("Not everything is saved: see the fields marked below"),
        "offline": _("Not connected. It is kept in this browser and saved as soon as the connection is back."),
        "signed_out": _("You are signed out"), "sign_in": _("Sign in again"),
        "kept": _("You are signed out. What you typed is kept in this browser and saved as soon as you are signed in again."),
        "restored": _("What you typed here last time and could not save was brought back."),
        "untested": _("The tests could not be run. Try again, or run them on the page of the tests."),
        "others": _("Somebody else is writing in this record; what they saved stands here now."),
    }  # fmt: skip


def _standing(version: Any, row: Any, standing: Any, user: Any) -> dict[str, Any]:
    """What is said of a draft beside its record; made anew after each save."""
    key = version.definition.key
    waived = row.findings_waived
    findings = [
        {"finding": one.finding, "word": said.SEVERITY[one.finding.severity][0], "colour": said.SEVERITY[one.finding.severity][1],
         "icon": said.SEVERITY[one.finding.severity][2], "waived": waived.get(one.finding.key, ""), "anchor": f"w-{number}",
         "url": said.place_url(key, version, one.place, one.target)}
        for number, one in enumerate(standing.found)
    ]  # fmt: skip
    obstacles = [{"sentence": one.sentence, "url": said.place_url(key, version, one.place, one.target)} for one in standing.obstacles]
    return {
        "process": version.definition, "version": version, "change": row, "findings": findings, "obstacles": obstacles, "tested": standing.tested,
        "outdated": any(one.place == "update" for one in standing.obstacles), "tests_url": said.place_url(key, version, "tests", ""),
        "changed": said.changed(key, version.base, version, user), "may_publish": api.may_publish(user, key),
    }  # fmt: skip


def _preview(row: Any, version: Any, user: Any) -> Any:
    """What a pilot would have taken; None where the change is no pilot or its rule cannot be asked."""
    if row.way != "pilot":
        return None
    try:
        return api.pilot_preview(version.pk, user=user, rule=row.rule, choices=row.choices, share=row.share, since=ports.now() - LOOKED_BACK)
    except api.Invalid:
        return None  # what is wrong stands at its field and among the obstacles


# --- asked by the page itself ------------------------------------------------------------------------------
@page
@require_http_methods(["GET", "POST"])
def field(request: HttpRequest, version: UUID) -> HttpResponse:
    """POST: save one field of the record. GET: what all fields hold now, for a page that is open for long."""
    user = request.user
    if request.method == "GET":
        row = api.change_of(version, user=user)
        return JsonResponse({"values": {name: list(one.values) for name, one in record.fields(row, row.version, user).items()}})
    row = api.prepare_change(version, user=user)
    name = request.POST.get("field", "")
    if name not in record.fields(row, row.version, user):
        raise api.Invalid(_("“%(name)s” is no part of the record.") % {"name": name})
    texts, began = request.POST.getlist("value"), request.POST.getlist("began")
    told = record.save(row, {name: texts}, {name: began}, user, say=lambda: record.fields(row, row.version, user))
    if told.errors:
        return JsonResponse({"error": told.errors[name]}, status=422)
    if told.clashes:
        clash = told.clashes[name]
        return JsonResponse(
            {"clash": {"sentence": clash.sentence, "theirs": clash.theirs, "mine": clash.mine, "values": list(clash.values)}}, status=409
        )
    stands = api.change_value(api.change(row.pk, user=user), record.of_engine(name))
    return JsonResponse({"values": record.shown(name, stands), "said": _("Saved at %(time)s") % {"time": words.clock(ports.now())}})


@page
@require_GET
def live(request: HttpRequest, version: UUID) -> HttpResponse:
    """The parts of the page that follow from the record and the draft: obstacles, tests, difference, preview."""
    row, standing = api.change_standing(version, user=request.user)
    context = _standing(row.version, row, standing, request.user) | {"preview": _preview(row, row.version, request.user)}
    return JsonResponse({
        "standing": render_to_string("redraw/studio/publication_standing.html", context, request=request),
        "findings": render_to_string("redraw/studio/publication_findings.html", context, request=request),
        "preview": render_to_string("redraw/studio/publication_preview.html", context, request=request),
    })  # fmt: skip


@page
@require_POST
def run_tests(request: HttpRequest, version: UUID) -> HttpResponse:
    """Run some of the tests that were not run with the draft as it stands; tells how many are left."""
    row = api.change_of(version, user=request.user)
    if api.change_tests(row).waiting:
        api.run_waiting_tests(row.version, user=request.user, most=TESTS_AT_ONCE)
    if not wants_json(request):
        return redirect("redraw:studio_publication", key=row.definition.key)
    tested = api.change_tests(row)
    done = tested.total - tested.waiting
    return JsonResponse({"left": tested.waiting, "done": done, "total": tested.total,
                         "said": _("%(done)d of %(total)d tests run") % {"done": done, "total": tested.total}})  # fmt: skip


# --- acting ------------------------------------------------------------------------------------------------
@page
@require_POST
def act(request: HttpRequest, key: str) -> HttpResponse:
    """One of the buttons of the page; leads back to it with what came of it."""
    if request.POST.get("do") == "record":
        return _record(request, key)
    doing = {"waive": _waive, "submit": _submit, "withdraw": _withdraw, "publish": _publish}
    action = doing.get(request.POST.get("do", ""))
    if action is None:
        raise api.NotFound(_("There is no such button."))
    try:
        messages.success(request, action(request, key))
    except api.Invalid as error:
        messages.error(request, error.sentence)
    return redirect("redraw:studio_publication", key=key)


def draft_version(request: HttpRequest, key: str) -> Any:
    """The draft of a process, for who answers for it. NotFound without one."""
    draft = api.draft_of(key, user=request.user)
    if draft is None:
        raise api.NotFound(_("There is no draft of this process. Open one to change it."))
    return draft.version


def _record(request: HttpRequest, key: str) -> HttpResponse:
    """Save the whole record, field by field: what is wrong stays on the page, and loses nothing of the rest."""
    user = request.user
    row = api.prepare_change(draft_version(request, key).pk, user=user)
    names = record.fields(row, row.version, user)
    sent = {name: request.POST.getlist(name) for name in names}
    found = record.save(row, sent, _began(request), user, say=lambda: names)
    if found:
        return _page(request, key, sent=sent, found=found)
    messages.success(request, _("The record is saved."))
    return redirect("redraw:studio_publication", key=key)


def _began(request: HttpRequest) -> Texts:
    """What the fields held when the page was made; nothing is known of a page that does not say it."""
    try:
        given = json.loads(request.POST.get("began", "") or "{}")
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    return {name: [str(one) for one in some] for name, some in given.items() if isinstance(some, list)}


def _waive(request: HttpRequest, key: str) -> str:
    row = api.prepare_change(draft_version(request, key).pk, user=request.user)
    api.waive_finding(row.pk, request.POST.get("finding", ""), reason=request.POST.get("reason", ""), user=request.user)
    return _("Kept. Reviewers see the reason.")


def _submit(request: HttpRequest, key: str) -> str:
    row = api.prepare_change(draft_version(request, key).pk, user=request.user)
    api.submit_change(row.pk, user=request.user)
    return _("Handed in. You hear of it in your inbox.")


def _withdraw(request: HttpRequest, key: str) -> str:
    number = request.POST.get("change", "")
    api.withdraw_change(
        int(number) if number.isdecimal() else 0, reason=request.POST.get("reason", ""), user=request.user
    )
    return _("Taken back. The draft is as it was.")


def _publish(request: HttpRequest, key: str) -> str:
    version = draft_version(request, key)
    api.publish(key, number=version.number, user=request.user)
    return _("Published. Everything that begins from now on runs on it.")
