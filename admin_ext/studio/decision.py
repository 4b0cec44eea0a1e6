"""The decisions of the house, and the page of one: its table, what it answers, how versions differ, what would have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from admin_ext.pages import page
from admin_ext.studio import decision_replay, decision_words
from processes import api

TABS = ("table", "try", "difference", "replay")


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the page."""

    key: str
    label: str


@page
def decisions(request: HttpRequest) -> HttpResponse:
    """The decisions of the house, by what they are called."""
    context = {"title": _("Decisions"), "crumbs": [(_("Processes"), reverse("redraw:processes"))], "found": api.decisions(request.user)}
    return render(request, "redraw/studio/decisions.html", context)


@page
def decision(request: HttpRequest, key: str) -> HttpResponse:
    """One decision, in tabs; every state of the page has an address."""
    number = request.GET.get("version", "")
    head = api.decision(key, user=request.user, number=int(number) if number.isdecimal() and len(number) < 7 else None)
    tabs = [Tab("table", _("Table")), Tab("try", _("Try it")), Tab("difference", _("Difference"))]
    if head.may_edit:
        tabs.append(Tab("replay", _("Replay")))
    tab = next((one.key for one in tabs if one.key == request.GET.get("tab")), "table")
    context = {
        "title": head.title, "crumb_is_data": False, "crumbs": [(_("Processes"), reverse("redraw:processes")), (_("Decisions"), reverse("redraw:studio_decisions"))],
        "head": head, "shown": head.version, "tabs": tabs, "tab": tab, "asking": [(one, publication_of(one.key)) for one in head.asking],
    }  # fmt: skip
    fill = {"table": _table, "try": _try, "difference": _difference, "replay": decision_replay.fill}[tab]
    context |= fill(request, head)
    return render(request, "redraw/studio/decision.html", context)


def publication_of(process: str) -> str:
    """Where a process is published; empty while there is no such page."""
    try:
        return reverse("redraw:studio_publication", args=[process])
    except NoReverseMatch:
        return ""


def _table(request: HttpRequest, head: Any) -> dict[str, Any]:
    """The table to be read, or, of a draft and for who answers for it, to be edited."""
    number = head.version.number
    if head.version.is_open and head.may_edit and request.GET.get("read") is None:
        draft = api.open_decision_draft(head.definition.key, user=request.user)
        if draft.version.pk == head.version.pk:
            return decision_words.editor(api.decision_editor(head.definition.key, number, user=request.user), head, draft.revisions)
    tables, parts, look = api.decision_shown(head.definition.key, number, user=request.user)
    return {
        "tables": [(table, decision_words.policy(table.hit_policy), decision_words.found(table)) for table in tables],
        "parts": [(part, decision_words.kind(part.kind)) for part in parts], "look": look,
        "examples": list(zip(head.version.examples, look.results, strict=False)),
    }  # fmt: skip


def _try(request: HttpRequest, head: Any) -> dict[str, Any]:
    """The questions, and the answer where something was asked."""
    key, number, user = head.definition.key, head.version.number, request.user
    chosen = request.GET.get("decision", "")
    asked = api.decision_questions(key, number, user=user, decision=chosen)
    texts = {field.name: request.GET.get(f"in.{field.name}", "") for field in asked.inputs}
    context: dict[str, Any] = {"asked": asked, "fields": [(field, texts[field.name], f"in.{field.name}") for field in asked.inputs]}
    if "ask" not in request.GET:
        return context
    try:
        context["tried"] = api.ask_decision(key, number, texts, user=user, decision=chosen)
    except api.Invalid as error:
        context |= {"wrong": error.sentence, "errors": error.errors}
    return context


def _difference(request: HttpRequest, head: Any) -> dict[str, Any]:
    """What differs between two versions: by default the one shown against the one before it."""
    numbers = [version.number for version in head.versions]
    after = _chosen(request.GET.get("to"), numbers, head.version.number if request.GET.get("version") else numbers[0])
    older = [number for number in numbers if number < after]
    before = _chosen(request.GET.get("from"), numbers, older[0] if older else after)
    context: dict[str, Any] = {"numbers": numbers, "before": before, "after": after, "differs": []}
    if before != after:
        context["differs"] = api.decision_difference(head.definition.key, before, after, user=request.user)
    return context


def _chosen(text: str | None, numbers: list[int], otherwise: int) -> int:
    return next((number for number in numbers if str(number) == text), otherwise)


@page
@require_POST
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Open the draft, made from the newest version when there is none."""
    api.decision(key, user=request.user)  # NotFound for who may not even see it
    draft = api.open_decision_draft(key, user=request.user)
    return redirect(f"{reverse('redraw:studio_decision', args=[key])}?version={draft.version.number}")
