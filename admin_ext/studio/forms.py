"""The forms of a process: their list, and the page on which an owner draws one or anybody looks at it."""

from __future__ import annotations

import json
import re
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from admin_ext.pages import page
from admin_ext.studio.feel import version_of
from admin_ext.studio.form_words import words
from crm_core.kernel.models import Role
from processes import api, ports

LANGUAGES = (("en", "English"), ("zh-hans", "中文"))
WIDTHS = (1280, 360)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")


@page
@require_GET
def forms(request: HttpRequest, key: str) -> HttpResponse:
    """The forms of the draft, for others those of the version in use."""
    version, draft, may_edit = version_for(request.user, key)
    context = {
        **_frame(version, _("Forms")), "forms": api.forms_of(version.pk, user=request.user), "may_edit": may_edit,
        "draft": draft, "roles": _roles(),
    }  # fmt: skip
    return render(request, "redraw/studio/forms.html", context)


@page
@require_POST
def draw(request: HttpRequest, key: str) -> HttpResponse:
    """Open the draft of the process, made from the version in use when there is none, and go on to a form or their list."""
    form = request.POST.get("form", "")
    forms = api.open_draft(key, user=request.user).version.forms
    return redirect("redraw:studio_form", key=key, form=form) if form in forms else redirect("redraw:studio_forms", key=key)


@page
@require_POST
def make(request: HttpRequest, key: str) -> HttpResponse:
    """A new form, empty or as a copy of another one; leads to its page."""
    name, source = request.POST.get("name", "").strip(), request.POST.get("copy", "")
    draft = api.open_draft(key, user=request.user)
    forms = draft.version.forms
    if not _NAME.fullmatch(name):
        raise api.Invalid(_("“%(name)s” cannot be the key of a form. Use letters, digits and underscores, beginning with a letter.")
                          % {"name": name[:40]})  # fmt: skip
    if name in forms:
        raise api.Invalid(_("There is a form “%(name)s” already. Choose another key.") % {"name": name})
    if source and source not in forms:
        raise api.NotFound(_("There is no form “%(name)s”.") % {"name": source[:40]})
    schema = {**forms[source], "id": name} if source else {"type": "default", "schemaVersion": 16, "id": name, "components": []}
    save(draft, name, json.dumps(schema, ensure_ascii=False, indent=2), request.user)
    return redirect("redraw:studio_form", key=key, form=name)


@page
@require_POST
def remove(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Take a form out of the draft; refused while a step asks with it."""
    draft = api.open_draft(key, user=request.user)
    found = next((one for one in api.forms_of(draft.version.pk, user=request.user) if one.key == form), None)
    if found is None:
        raise api.NotFound(_("There is no form “%(name)s”.") % {"name": form})
    if found.used_at:
        steps = ", ".join(f"“{ports.text(step.labels)}”" for step in found.used_at)
        raise api.Invalid(_("“%(form)s” is asked at %(steps)s. Give the step another form first, then remove this one.")
                          % {"form": form, "steps": steps})  # fmt: skip
    save(draft, form, "", request.user)
    messages.success(request, _("The form “%(form)s” is removed from the draft.") % {"form": form})
    return redirect("redraw:studio_forms", key=key)


@csp_update({"frame-src": ["'self'"]})  # the preview is a page of ours in a frame
@page
@require_GET
def form(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """One form: who answers for the process draws it, everybody sees it as it will be met."""
    version, draft, may_edit = version_for(request.user, key)
    if form not in version.forms:
        raise Http404
    found = next(one for one in api.forms_of(version.pk, user=request.user) if one.key == form)
    roles = _roles()
    context = {
        **_frame(version, form, (_("Forms"), reverse("redraw:studio_forms", args=[key]))), "form": found, "roles": roles,
        "draft": draft, "may_edit": may_edit, "languages": LANGUAGES, "widths": WIDTHS, "language": _language(),
        "crumb_is_data": True, "words": words(), "sources": api.choice_sources(),
        "role": next((step.role for step in found.used_at if step.role), ""),
    }  # fmt: skip
    if draft is not None:
        context["settings"] = settings_of(version, form)
    return render(request, "redraw/studio/form.html", context)


@page
@require_POST
def findings(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """What is wrong with a form that is being drawn."""
    version = version_of(request.POST.get("version", ""))
    found = api.form_findings(version, form, request.POST.get("content", ""), user=request.user)
    return JsonResponse({"findings": [
        {"code": one.code, "place": one.place, "key": one.key, "severity": one.severity, "sentence": one.sentence} for one in found
    ]})  # fmt: skip


def version_for(user: Any, key: str) -> tuple[Any, Any, bool]:
    """The version whose forms a person looks at, its draft, and whether the person may draw: the draft for who answers for
    the process, the version in use for others. 404 where there is none."""
    try:
        draft = api.draft_of(key, user=user)
    except api.NotAllowed:
        return _in_use(user, key), None, False
    return (draft.version, draft, True) if draft is not None else (_in_use(user, key), None, True)


def _in_use(user: Any, key: str) -> Any:
    found = next((row.version for row in api.definitions(user, figures=False) if row.key == key), None)
    if found is None:
        raise Http404
    return found


def save(draft: Any, form: str, text: str, user: Any) -> None:
    """Save the text of a form into a draft that was just opened; an empty one takes the form out."""
    part = f"form:{form}"
    api.save_part(draft.version.pk, part, text, revision=draft.revisions.get(part, 0), user=user)


def _frame(version: Any, title: str, *crumbs: tuple[str, str]) -> dict[str, Any]:
    from admin_ext.studio.drawing import tabs

    key = version.definition.key
    return {
        "title": title, "process": version.definition, "version": version, "tabs": tabs(version, "forms") if version.is_open else [],
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (version.definition.title(), reverse("redraw:process", args=[key])), *crumbs],
    }  # fmt: skip


def _roles() -> dict[str, str]:
    return {role.key: str(role) for role in Role.objects.order_by("key")}


def _language() -> str:
    return "zh-hans" if (get_language() or "en").startswith("zh") else "en"


def settings_of(version: Any, form: str) -> dict[str, Any]:
    """What the scripts of the page work with: addresses, and the record with its fields in both languages."""
    key = version.definition.key
    return {
        "version": str(version.pk), "key": key, "form": form, "language": _language(), "record": record_of(version),
        "partUrl": reverse("redraw:draft_part", args=[version.pk]), "pulseUrl": reverse("redraw:draft_pulse", args=[version.pk]),
        "feelUrl": reverse("redraw:studio_feel"), "namesUrl": reverse("redraw:studio_names"),
        "findingsUrl": reverse("redraw:studio_form_findings", args=[key, form]),
    }  # fmt: skip


def record_of(version: Any) -> dict[str, Any]:
    """The record that the process is about, and its fields: names, types, words and choices in every language."""
    kind = api.record_kind(version)
    if kind is None:
        return {"name": "", "label": "", "fields": []}
    return {"name": kind.key, "label": _said(kind.label), "fields": [
        {"name": f"{kind.key}.{one.name}", "type": one.type, "label": capfirst(_said(one.label)), "labels": _in_all(one.label), "writable": one.writable,
         "choices": [{"value": value, "labels": _in_all(label)} for value, label in one.choices]}
        for one in kind.fields
    ]}  # fmt: skip


def _said(label: Any) -> str:
    return str(ports.text(label)) if isinstance(label, dict) else str(label)


def _in_all(label: Any) -> dict[str, str]:
    found = {}
    for language, _name in LANGUAGES:
        with translation.override(language):
            found[language] = capfirst(_said(label))
    return found
