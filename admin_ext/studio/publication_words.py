"""What is said of changes: what was done with them, what stands in their way and where it is mended, what they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from admin_ext.studio.difference import SIGNS, sentence
from admin_ext.studio.difference import words as kinds
from processes import api
from processes.publication.models import ProcessChange

MOST_TOLD = 6
HAPPENED = {
    "submitted": (gettext_lazy("handed in"), "send"), "approved": (gettext_lazy("agreed to"), "thumb_up"),
    "sent_back": (gettext_lazy("sent back"), "undo"), "refused": (gettext_lazy("turned down"), "block"),
    "published": (gettext_lazy("published"), "check_circle"), "piloted": (gettext_lazy("pilot begun"), "science"),
    "rolled_out": (gettext_lazy("rolled out"), "check_circle"), "pilot_withdrawn": (gettext_lazy("pilot withdrawn"), "undo"),
    "withdrawn": (gettext_lazy("taken back"), "undo"), "checks_failed": (gettext_lazy("came back from the checks"), "error"),
    "not_published": (gettext_lazy("could not be published"), "error"), "not_handed_in": (gettext_lazy("could not be handed in again"), "error"),
}  # fmt: skip
SEVERITY = {
    "error": (pgettext_lazy("finding", "must be mended"), "red", "error"),
    "block": (gettext_lazy("mend it, or let it pass with a reason"), "amber", "front_hand"),
    "warning": (gettext_lazy("worth a look"), "", "warning"),
}  # fmt: skip
STATES = {
    "submitted": ("amber", "hourglass_top"), "sent_back": ("red", "undo"), "approved": ("green", "thumb_up"),
    "piloted": ("blue", "science"), "published": ("green", "check_circle"), "refused": ("red", "block"), "withdrawn": ("", "undo"),
}  # fmt: skip
FIELDS = {"owner": "owner", "at": "at", "choices": "groups"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what differs: its kind in a word and a sign, and the sentence."""

    kind: str
    sign: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What one version changes against another: in a sentence, the first lines of it, how many more, and the page with all."""

    before: int
    says: str
    lines: list[Line]
    more: int
    url: str


def told(row: ProcessChange) -> dict[str, Any]:
    """A change with what was done with it, in words."""
    done = []
    for one in row.happenings.all():
        word, icon = HAPPENED.get(one.what, (one.what, "circle"))
        done.append({"word": word, "icon": icon, "by": one.by, "at": one.at, "reason": one.reason})
    colour, icon = STATES.get(row.state, ("", "circle"))
    return {
        "change": row, "done": done, "approved_by": [one.by for one in row.happenings.all() if one.what == "approved"],
        "colour": colour, "icon": icon, "difference": difference_url(row, row.former or row.version.base),
    }  # fmt: skip


def difference_url(row: ProcessChange, before: Any) -> str:
    """The page that compares the version of a change with the one before; empty without one."""
    if before is None:
        return ""
    return compared(row.definition.key, before.number, row.version.number)


def compared(key: str, before: int, after: int) -> str:
    """The address of the comparison of two versions."""
    return f"{reverse('redraw:studio_difference', args=[key])}?from={before}&to={after}"


def changed(key: str, before: Any, after: Any, user: Any) -> Changed | None:
    """What a version changes against the one it was drawn from; None where that cannot be told."""
    if before is None:
        return None
    try:
        found = api.short_difference(key, before.number, after.number, user=user)
    except (api.NotFound, api.Invalid):
        return None
    words = kinds()
    lines = [Line(one.kind, SIGNS[one.kind], words[one.kind], one.sentence) for one in found.drawing if one.kind != "moved"]
    for one in found.decisions:
        kind = one.kind if one.kind in SIGNS else "changed"
        lines.append(Line(kind, SIGNS[kind], words[kind], one.title))
    lines += [Line("changed", SIGNS["changed"], words["changed"], one.sentence or one.form) for one in found.forms]
    return Changed(before.number, sentence(found), lines[:MOST_TOLD], len(lines) - MOST_TOLD, compared(key, before.number, after.number))


def place_url(key: str, version: Any, place: str, target: str) -> str:
    """Where an obstacle or a finding is mended; on the page itself for what belongs to the record."""
    if place == "drawing":
        return f"{reverse('redraw:studio', args=[key])}#{quote(target)}"
    if place == "form":
        return reverse("redraw:studio_form", args=[key, target])
    if place == "decision":
        return reverse("redraw:studio_decision", args=[target])
    if place == "tests":
        return f"{reverse('redraw:studio_tests', args=[key])}?version={version.number}"
    return "#update" if place == "update" else f"#r-{FIELDS.get(target, target)}"
