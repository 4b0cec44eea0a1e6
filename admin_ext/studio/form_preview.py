"""A form as it will be met, in a frame of the page on which it is drawn: with values, for a role, in a language."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from admin_ext import words
from admin_ext.pages import page
from admin_ext.studio.feel import version_of
from admin_ext.studio.forms import LANGUAGES
from processes import api, ports


@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
@page
@require_POST
def preview(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """The form, drawn as the page of a task draws it. With `_try` what was entered is checked; nothing is stored."""
    language = request.POST.get("_language", "")
    language = language if language in dict(LANGUAGES) else "en"
    tried = bool(request.POST.get("_try"))
    with translation.override(language):
        found = asked(request, form, tried=tried, language=language)
        context = {
            "title": form, "found": found, "key": key, "form": form, "language": language,
            "keep": [(name, request.POST.get(name, "")) for name in ("version", "_schema", "_role", "_language")],
        }  # fmt: skip
        answer = render(request, "redraw/studio/form_frame.html", context)
    answer["Content-Language"] = language
    return answer


@page
@require_POST
def fields(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Which fields are asked for with what is entered: the same answer as the draft of a task gives."""
    found = asked(request, form, tried=False, language="en")
    rules: dict[str, Any] = {}
    waiting = list(found.shown)
    while waiting:
        one = waiting.pop()
        waiting.extend(one.children)
        if one.key:
            rules[one.key] = {"hidden": one.hidden, "required": one.required}
    return JsonResponse({"at": _("Looked at %(when)s") % {"when": words.clock(ports.now())}, "fields": rules})


def asked(request: HttpRequest, form: str, *, tried: bool, language: str) -> Any:
    """The form that a request asks to see."""
    answer = request.POST.copy()
    for name in ("version", "csrfmiddlewaretoken", "width", *(name for name in request.POST if name.startswith("_"))):
        answer.pop(name, None)
    entered = bool(request.POST.get("_entered"))
    return api.preview_form(
        version_of(request.POST.get("version", "")), form, user=request.user, text=request.POST.get("_schema") or None,
        role=request.POST.get("_role", ""), language=language, answer=answer if entered else None, tried=tried,
    )  # fmt: skip
