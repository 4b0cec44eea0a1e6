"""Two versions of a process side by side: both drawings with what differs marked, and all of it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from admin_ext.pages import page
from processes import api

SIGNS = {"added": "+", "removed": "−", "changed": "≠", "moved": "→"}
SIDE_BY_SIDE, STACKED = "side", "stack"


@dataclass(frozen=True, slots=True)
class Pane:
    """One of both drawings; `look` is the element that is in sight first."""

    side: Any
    label: str
    drawing: SafeString
    look: str


@require_GET
@page
def difference(request: HttpRequest, key: str) -> HttpResponse:
    """What leads from one version of a process to another; both stand in the address."""
    choices = api.comparable_versions(key, user=request.user)
    context: dict[str, Any] = {
        "title": _("Compare two versions"), "key": key, "choices": choices,
        "crumbs": [(_("Processes"), reverse("redraw:processes")), (key, reverse("redraw:process", args=[key]))],
    }  # fmt: skip
    if len(choices) < 2 and not request.GET:
        return render(request, "redraw/studio/difference.html", context)
    after = _number(request, "to", choices[0].number if choices else 0)
    before = _number(request, "from", next((side.number for side in choices if side.number < after), after))
    found = api.difference(key, before, after, user=request.user)
    context["crumbs"][1] = (found.title, context["crumbs"][1][1])
    context |= {
        "found": found, "signs": SIGNS, "words": words(), "panes": _panes(found), "says": sentence(found), "side_by_side": request.GET.get("view") == SIDE_BY_SIDE,
        "told": [change for change in found.drawing if change.kind != "moved"],
        "moved": [change for change in found.drawing if change.kind == "moved"],
    }  # fmt: skip
    return render(request, "redraw/studio/difference.html", context)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else otherwise


def _panes(found: Any) -> list[Pane]:
    pictures = api.difference_pictures(found)
    labels = _("Before: version %(number)d"), _("After: version %(number)d")
    panes = []
    for side, label, picture, lacks in zip((found.before, found.after), labels, pictures, ("added", "removed"), strict=True):
        look = next((change.element for change in found.drawing if change.kind != lacks), "")
        safe = mark_safe(picture)  # noqa: S308 - composed with every text escaped
        panes.append(Pane(side, label % {"number": side.number}, safe, look))
    return panes


def words() -> dict[str, str]:
    """The kinds of changes as people call them."""
    return {
        "added": pgettext("what differs", "added"), "removed": pgettext("what differs", "taken out"),
        "changed": pgettext("what differs", "changed"), "moved": pgettext("what differs", "moved"),
    }  # fmt: skip


def sentence(found: Any) -> str:
    """All in one sentence: how much differs, and where."""
    if not found:
        return _("Both versions say the same.")
    counts = found.counts
    parts = [
        (ngettext("%(n)d thing in the drawing", "%(n)d things in the drawing", drawn), drawn)
        for drawn in [counts["added"] + counts["removed"] + counts["changed"]]
    ]
    parts += [
        (ngettext("%(n)d element only moved", "%(n)d elements only moved", counts["moved"]), counts["moved"]),
        (ngettext("%(n)d decision", "%(n)d decisions", counts["decisions"]), counts["decisions"]),
        (ngettext("%(n)d form", "%(n)d forms", counts["forms"]), counts["forms"]),
        (ngettext("%(n)d attribute", "%(n)d attributes", len(found.attributes)), len(found.attributes)),
    ]
    return _("It differs in: %(what)s.") % {"what": _joined([text % {"n": n} for text, n in parts if n])}


def _joined(parts: Sequence[str]) -> str:
    return pgettext("between the parts of a list", ", ").join(parts)
