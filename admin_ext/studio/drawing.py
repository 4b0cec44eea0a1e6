"""The page on which an owner redraws a process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from admin_ext.limits import due_words
from admin_ext.pages import page
from admin_ext.studio.words import words
from crm_core.kernel.models import Role
from processes import api, ports


@page
@require_POST
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Open the draft of a process, made from today's version when there is none, and go to it."""
    api.open_draft(key, user=request.user)
    return redirect("redraw:studio", key=key)


@page
@require_GET
def studio(request: HttpRequest, key: str) -> HttpResponse:
    """The drawing of a draft."""
    draft = api.draft_of(key, user=request.user)
    if draft is None:
        return redirect(f"{reverse('redraw:process', args=[key])}?tab=drawing")
    version = draft.version
    context = {
        "title": _("Studio"), "process": version.definition, "draft": draft, "version": version,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (version.definition.title(), reverse("redraw:process", args=[key]))],
        "settings": {**settings_of(version), "workingDay": due_words("P1D", "working", request.user)}, "words": words(), "tabs": tabs(version, "drawing"),
        "links": {name: address(f"studio_{name}", key) for name in ("difference", "rehearsals", "publication")},
    }  # fmt: skip
    return render(request, "redraw/studio/drawing.html", context)


def tabs(version: Any, current: str) -> list[tuple[str, str, int | None, bool]]:
    """The parts of a draft that have a page: label, address, how many there are, whether it is the present one."""
    key = version.definition.key
    rows = (
        ("drawing", _("Drawing"), "studio", None), ("decisions", _("Decisions"), "studio_decisions", None),
        ("forms", _("Forms"), "studio_forms", len(version.forms)), ("tests", _("Tests"), "studio_tests", len(version.tests)),
        ("publication", _("Publication"), "studio_publication", None),
    )  # fmt: skip
    found = []
    for name, label, page_name, count in rows:
        url = address(page_name, key) or address(page_name)
        if url:
            found.append((label, url, count, name == current))
    return found


def address(name: str, *given: str) -> str:
    """The address of a page of ours, empty where the house has no such room."""
    try:
        return reverse(f"redraw:{name}", args=given)
    except NoReverseMatch:
        return ""


def settings_of(version: Any) -> dict[str, Any]:
    """Everything the editor offers for choice: roles, actions with their inputs, tables, processes, kinds of records."""
    key, language = version.definition.key, get_language() or "en"
    return {
        "version": str(version.pk), "key": key, "language": "zh-hans" if language.startswith("zh") else "en",
        "languages": [["en", _("English")], ["zh-hans", _("Chinese")]],
        "roles": [[role.key, str(role)] for role in Role.objects.order_by("key")],
        "actions": [_action(action) for action in api.all_actions()],
        "forms": [[form, title_of(schema, form)] for form, schema in sorted(version.forms.items())],
        "decisions": [[one.key, one.title()] for one in api.decision_definitions()],
        "processes": [[one.key, one.title] for one in api.definitions(None, figures=False)],
        "subjects": [[kind.key, said(kind.label)] for kind in ports.subjects().all()],
        "partUrl": reverse("redraw:draft_part", args=[version.pk]), "pulseUrl": reverse("redraw:draft_pulse", args=[version.pk]),
        "checkUrl": reverse("redraw:draft_findings", args=[version.pk]), "soundnessUrl": reverse("redraw:draft_traps", args=[version.pk]),
        "layoutUrl": reverse("redraw:draft_layout"), "feelUrl": reverse("redraw:studio_feel"), "namesUrl": reverse("redraw:studio_names"), "limitUrl": reverse("redraw:studio_limit"),
        "formUrl": address("studio_form", key, "FORM"), "newFormUrl": address("studio_form_for_step", key), "decisionUrl": address("studio_decision", "DECISION"),
    }  # fmt: skip


def said(words: Any) -> str:
    """A text of a registry: one that translates itself, or one for each language."""
    return ports.text(words) if isinstance(words, Mapping) else str(words or "")


def title_of(schema: Any, key: str) -> str:
    """What a form calls itself, its key where it has no title."""
    return said(schema.get("title") if isinstance(schema, dict) else None) or key


def _action(action: Any) -> dict[str, Any]:
    return {
        "name": action.name, "label": said(action.label), "help": said(action.help), "background": action.background,
        "params": [
            {"name": one.name, "type": one.type, "label": said(one.label) or one.name, "help": said(one.help),
             "required": one.required, "default": one.default if isinstance(one.default, str | int | float | bool) else None,
             "choices": [[value, said(label)] for value, label in one.choices]}
            for one in action.parameters
        ],
    }  # fmt: skip
