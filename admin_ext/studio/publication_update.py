"""Before a draft is brought up to date: what others published, where both changed the same, and whose stands. And back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from admin_ext.pages import page
from admin_ext.studio import publication_words as said
from admin_ext.studio.publication import draft_version
from processes import api


@page
@require_http_methods(["GET", "POST"])
def update(request: HttpRequest, key: str) -> HttpResponse:
    """GET: what would come into the draft, and what is in conflict. POST: do it."""
    version = draft_version(request, key)
    if request.method == "POST":
        return _bring(request, key, version)
    found = api.update_preview(version.pk, user=request.user)
    context = {
        "title": _("Bring the draft up to date"), "process": version.definition, "version": version, "found": found,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (version.definition.title(), reverse("redraw:process", args=[key])),
                   (_("Publication"), reverse("redraw:studio_publication", args=[key]))],
        "theirs": [_theirs(key, one, request.user) for one in found.versions] if found is not None else [],
        "overlaps": [{"overlap": one, "where": _where(one)} for one in found.overlaps] if found is not None else [],
    }  # fmt: skip
    return render(request, "redraw/studio/publication_update.html", context)


def _theirs(key: str, meanwhile: Any, user: Any) -> dict[str, Any]:
    """What others changed: of the process in words with the page that shows all of it; of a decision with its page."""
    other, base = meanwhile.other, meanwhile.base
    if other.definition_id == meanwhile.draft.definition_id and hasattr(other, "bpmn"):
        return {"version": other, "title": other.definition.title(), "by": other.published_by, "at": other.published_at,
                "changed": said.changed(key, base, other, user), "decision": False}  # fmt: skip
    return {
        "version": other, "title": other.definition.title(), "by": other.published_by, "at": other.published_at, "decision": True,
        "url": f"{reverse('redraw:studio_decision', args=[other.definition.key])}?tab=difference" if base is not None else reverse("redraw:studio_decision", args=[other.definition.key]),
    }  # fmt: skip


def _where(overlap: Any) -> str:
    """The part of the draft in which both changed the same, in words."""
    if overlap.decision:
        return _("Decision “%(name)s”") % {"name": overlap.part}
    if overlap.part.startswith("form:"):
        return _("Form “%(name)s”") % {"name": overlap.part.removeprefix("form:")}
    return _("Tests") if overlap.part == "tests" else _("Drawing")


def _bring(request: HttpRequest, key: str, version: Any) -> HttpResponse:
    prefer = "theirs" if request.POST.get("prefer") == "theirs" else "mine"
    try:
        overlaps = api.bring_up_to_date(version.pk, user=request.user, prefer=prefer)
    except api.Invalid as error:
        messages.error(request, error.sentence)
        return redirect("redraw:studio_publication", key=key)
    if overlaps:
        n = len(overlaps)
        mine = ngettext("The draft is up to date. In %(n)d place both had changed the same; yours stands there.", "The draft is up to date. In %(n)d places both had changed the same; yours stands there.", n)  # fmt: skip
        theirs = ngettext("The draft is up to date. In %(n)d place both had changed the same; theirs stands there.", "The draft is up to date. In %(n)d places both had changed the same; theirs stands there.", n)  # fmt: skip
        messages.success(request, (mine if prefer == "mine" else theirs) % {"n": n})
    else:
        messages.success(request, _("The draft is up to date; both changes are in it."))
    return redirect("redraw:studio_publication", key=key)


@page
@require_POST
def put_back(request: HttpRequest, key: str) -> HttpResponse:
    """Put the draft back as it was before it was last brought up to date."""
    try:
        api.put_back(draft_version(request, key).pk, user=request.user)
        messages.success(request, _("The draft is as it was before; what was done since is still in it."))
    except api.Invalid as error:
        messages.error(request, error.sentence)
    return redirect("redraw:studio_publication", key=key)
