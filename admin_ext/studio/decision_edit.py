"""What the script of the table editor asks while somebody redraws a decision: what is found now, and keep it.

Kept is one part at a time, "dmn" or "examples", by the protocol that all drafts of the studio are kept by. What goes to
and fro is not the decision file but what the editor shows of it, with the sealed text that it was made of.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from admin_ext.pages import page
from admin_ext.studio import decision_words
from admin_ext.studio.drafts import became_of
from processes import api

PARTS = ("dmn", "examples")


def _given(text: str | bytes) -> dict[str, Any]:
    """What the script sent; Invalid when it is no JSON object."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise api.Invalid(_("This could not be read. Reload the page.")) from error
    if not isinstance(found, dict):
        raise api.Invalid(_("This could not be read. Reload the page."))
    return found


def _edited(request: HttpRequest, key: str, number: int, given: dict[str, Any]) -> Any:
    return api.edited_decision(
        key, number, base=str(given.get("base", "")), form=given.get("form") or None, rows=given.get("rows") or [], user=request.user
    )


@page
@require_POST
def look(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """What is found in the table and the examples as they stand in the editor; nothing is kept."""
    edited = _edited(request, key, number, _given(request.body))
    return JsonResponse({"look": decision_words.look(edited.look), "wrong": edited.wrong})


@page
@require_http_methods(["GET", "POST"])
def save(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """GET: a part as the editor shows it, with its revision. POST: keep it; what others did meanwhile is merged and told."""
    part = (request.POST if request.method == "POST" else request.GET).get("part", "")
    if part not in PARTS:
        raise Http404
    version = api.decision(key, user=request.user, number=number).version
    if request.method == "GET":
        _text, revision = api.part(version.pk, part, user=request.user)
        return JsonResponse({"content": _shown(request, key, number, part), "revision": revision})
    began = request.POST.get("revision", "")
    if not began.isdecimal():
        raise api.Invalid(_("This could not be read. Reload the page."))
    edited = _edited(request, key, number, _given(request.POST.get("content", "")))
    if part == "examples" and edited.wrong:
        raise api.Invalid(next(iter(edited.wrong.values())))
    content = edited.dmn if part == "dmn" else json.dumps(edited.examples, ensure_ascii=False)
    prefer = "mine" if request.POST.get("prefer") == "mine" else "theirs"
    saved = api.save_part(version.pk, part, content, revision=int(began[:9]), user=request.user, prefer=prefer)
    return JsonResponse(became_of(saved, _shown(request, key, number, part) if saved.merged else ""))


def _shown(request: HttpRequest, key: str, number: int, part: str) -> str:
    """A part as the editor shows it."""
    found = api.decision_editor(key, number, user=request.user)
    if part == "examples":
        return json.dumps({"rows": [decision_words.row(one) for one in found.rows]}, ensure_ascii=False)
    return json.dumps({"base": found.base, "form": found.xml, "sheets": decision_words.sheets(found)}, ensure_ascii=False)
