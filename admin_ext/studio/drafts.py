"""What an open editor asks of its draft: the text of a part, saving it, who else is there, what is wrong with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from admin_ext import words
from admin_ext.pages import page
from processes import api, ports

MOST_TEXT = 10 * 1024 * 1024


@page
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, version: UUID) -> HttpResponse:
    """GET: a part as it stands, with its revision. POST: save it; what others did meanwhile is merged and told."""
    name = (request.POST if request.method == "POST" else request.GET).get("part", "")
    if request.method == "GET":
        stands, revision = api.part(version, name, user=request.user)
        return JsonResponse({"content": stands, "revision": revision})
    content = request.POST.get("content", "").replace("\r\n", "\n")
    began = request.POST.get("revision", "")
    if len(content) > MOST_TEXT or not began.isdecimal():
        raise api.Invalid(_("This is too large to be saved, or the page is broken. Reload it."))
    prefer = "mine" if request.POST.get("prefer") == "mine" else "theirs"
    origin = request.POST.get("origin", "").replace("\r\n", "\n")
    saved = api.save_part(version, name, content, revision=int(began[:9]), user=request.user, prefer=prefer, origin=origin)
    return JsonResponse(became_of(saved, saved.content if saved.merged else ""))


def became_of(saved: Any, content: str) -> dict[str, Any]:
    """What an editor is told of a save; `content` is what stands now where it is not what was sent."""
    return {
        "at": words.clock(ports.now()), "revision": saved.revision, "merged": saved.merged, "others": list(saved.others),
        "content": content, "conflicts": [_conflict(one) for one in saved.conflicts],
    }  # fmt: skip


def _conflict(one: Any) -> dict[str, str]:
    return {"element": str(one.element), "what": str(one.what), "theirs": str(one.theirs), "mine": str(one.mine)}


@page
@require_GET
def pulse(request: HttpRequest, version: UUID) -> HttpResponse:
    """Say that the page is open; tells the revision that stands and who else is at the draft."""
    revision, others = api.pulse(version, request.GET.get("part", ""), user=request.user)
    return JsonResponse({"revision": revision, "others": [list(pair) for pair in others]})


@page
@require_GET
def findings(request: HttpRequest, version: UUID) -> HttpResponse:
    """What speaks against publishing the draft, errors first."""
    found = api.draft_findings(version, user=request.user)
    return JsonResponse({
        "at": words.clock(ports.now()),
        "findings": [
            {"code": one.code, "element": one.element, "severity": one.severity, "sentence": one.sentence, "key": one.key}
            for one in found
        ],
    })  # fmt: skip


@page
@require_GET
def traps(request: HttpRequest, version: UUID) -> HttpResponse:
    """Where work may stand still, with the way there as element ids, to be played on the drawing."""
    found = api.traps(version, user=request.user)
    if not found:
        return JsonResponse({"sentence": _("No trap was found: from everywhere the work comes to an end."), "path": []})
    return JsonResponse({"sentence": found[0].sentence, "path": [[step] for step in found[0].way], "more": len(found) - 1})


@page
@require_POST
def lay_out(request: HttpRequest) -> HttpResponse:
    """A drawing with a new layout; nothing is stored."""
    content = request.POST.get("content", "")
    if len(content) > MOST_TEXT:
        raise api.Invalid(_("This is too large to be laid out."))
    return JsonResponse({"content": api.laid_out(content)})
