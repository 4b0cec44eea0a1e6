"""What changed in the drawing, in sentences, and what is marked in the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, pgettext

from processes.bpmn.differ import Change, diff
from processes.bpmn.elements import rows_of
from processes.bpmn.model import FlowNode, Model
from processes.comparison.model import DrawingChange
from processes.comparison.words import Property, properties
from processes.marked import BPMN
from processes.spoken import gettext as _

ORDER = {"added": 0, "removed": 1, "changed": 2, "moved": 3}
SIGNS = {"added": "+", "removed": "−", "changed": "≠", "moved": "→"}
"""How a change is marked in the picture, besides its colour and the style of its lines."""


def told(before: Model, after: Model) -> tuple[tuple[DrawingChange, ...], tuple[Property, ...]]:
    """The changes of the drawing, each with a number except moves, and the changed attributes of the process itself.

    What was changed and also moved is told once, as a change.
    """
    found = diff(before, after)
    attributes = tuple(
        one for change in found if change.element_kind == "Process" and change.kind == "changed"
        for one in properties(change.fields, before, after)
    )  # fmt: skip
    known = {change.element for change in found if change.kind == "changed"}
    shown = [
        change for change in found
        if not (change.element_kind == "Process" and change.kind == "changed") and not (change.kind == "moved" and change.element in known)
    ]  # fmt: skip
    shown.sort(key=lambda change: ORDER[change.kind])
    numbered = [change for change in shown if change.kind != "moved"]
    numbers = {id(change): number for number, change in enumerate(numbered, start=1)}
    return tuple(_said(change, numbers.get(id(change), 0), before, after) for change in shown), attributes


def _said(change: Change, number: int, before: Model, after: Model) -> DrawingChange:
    model = before if change.kind == "removed" else after
    element = model.find(change.element)
    name = model.name_of(change.element, get_language() or "en")
    return DrawingChange(
        change.kind, change.element, kind_said(model, change), name, _sentence(change, element, name, model, before),
        properties(change.fields, before, after), number,
    )  # fmt: skip


def kind_said(model: Model, change: Change) -> str:
    """The kind of an element in words."""
    element = model.find(change.element)
    if isinstance(element, FlowNode):
        return pgettext(BPMN, rows_of(model, element)[0].label)
    plain = {"Lane": _("lane"), "Participant": _("participant"), "SequenceFlow": _("flow"), "MessageFlow": _("message flow"),
             "Process": _("process")}  # fmt: skip
    return plain.get(change.element_kind) or _("part of the drawing")


def _called(element: Any, name: str, model: Model) -> str:
    ends = [getattr(element, "source", ""), getattr(element, "target", "")]
    if all(ends) and not getattr(element, "name", ""):
        language = get_language() or "en"
        return _("The flow from “%(source)s” to “%(target)s”") % {
            "source": model.name_of(ends[0], language), "target": model.name_of(ends[1], language)
        }  # fmt: skip
    return _("“%(text)s”") % {"text": name}


def _sentence(change: Change, element: Any, name: str, model: Model, before: Model) -> str:
    what = _called(element, name, model)
    if change.kind == "added":
        return _("%(what)s was added.") % {"what": what}
    if change.kind == "removed":
        return _("%(what)s was taken out.") % {"what": what}
    if change.kind == "moved":
        sentence = _("%(what)s runs differently.") if "waypoints" in change.fields else _("%(what)s was moved.")
        return sentence % {"what": what}
    was = before.name_of(change.element, get_language() or "en")
    if set(change.fields) == {"name"} and was != name:
        return _("“%(before)s” is now called “%(name)s”.") % {"before": was, "name": name}
    return _("%(what)s has changed.") % {"what": what}


def marks(changes: tuple[DrawingChange, ...]) -> tuple[Mapping[str, tuple[str, str]], Mapping[str, tuple[str, str]]]:
    """What is marked in the older and in the newer picture: by element the kind and the sign with its number."""
    found = {
        change.element: (change.kind, f"{SIGNS[change.kind]} {change.number}" if change.number else SIGNS[change.kind])
        for change in reversed(changes)
    }  # fmt: skip
    old = {element: mark for element, mark in found.items() if mark[0] != "added"}
    return old, {element: mark for element, mark in found.items() if mark[0] != "removed"}
