"""What a drawing may be coloured by, and what is laid over it: figures from `api.figures`, in words as well as in colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from admin_ext import words
from admin_ext.cockpit.figures import number, percent
from processes import ports

LEVELS = 4


@dataclass(frozen=True, slots=True)
class Colouring:
    """What a drawing may be coloured by: its key, its name, and how the scale reads."""

    key: str
    label: str
    legend: str


def colourings() -> list[Colouring]:
    """The ways to colour a drawing."""
    return [
        Colouring("time", _("Time taken"), _("Half take, on the calendar")),
        Colouring("waiting", _("Waiting"), _("Half wait until somebody has it, on the calendar")),
        Colouring("working", _("Being worked on"), _("Half are with somebody, on the calendar")),
        Colouring("late", _("Late"), _("Done after the limit")),
        Colouring("often", _("How often"), _("Done in a week")),
        Colouring("cost", _("Cost"), _("Cost in a week, by working hours and the rate of each step")),
    ]


def marks(found: Any, by: str, choices: frozenset[str]) -> tuple[dict[str, Any], str]:
    """What is laid over the drawing, and the figure at the hot end of the scale."""
    steps: Mapping[str, Any] = found.steps
    measured = {node: value for node, step in steps.items() if (value := _measure(step, by)) is not None}
    most = max(measured.values(), default=0)
    return {
        "tokens": {node: step.now for node, step in steps.items() if step.now},
        "alerts": {node: _("%(n)s late") % {"n": step.late} for node, step in steps.items() if step.late},
        "badges": {node: "!" for node, step in steps.items() if step.failed},
        "heat": {node: _level(value, most) for node, value in measured.items()},
        "notes": {node: _say(by, value) for node, value in measured.items()} | _endings(found),
        "counts": {flow: number(found.flows[flow]) for flow in choices if flow in found.flows},
        "hints": {node: hint(step) for node, step in steps.items()},
    }, _say(by, most) if most else ""  # fmt: skip


def hottest(found: Any, by: str) -> str:
    """The element to look at first; empty before anything was measured."""
    measured = {node: value for node, step in found.steps.items() if (value := _measure(step, by))}
    if by == "time":
        return found.slowest.node_id if found.slowest is not None else ""
    return max(measured, key=lambda node: measured[node], default="")


def _measure(step: Any, by: str) -> float | None:
    if step.kind in ("startEvent", "endEvent") or step.kind.endswith("Gateway"):
        return None
    if by == "late":
        return step.late_share
    if by == "often":
        return step.a_week or None
    if by == "cost":
        return step.cost
    took = {"waiting": step.waiting, "working": step.working}.get(by, step.median)
    return took.total_seconds() if took is not None and took.total_seconds() >= 1 else None


def _say(by: str, value: float) -> str:
    if by == "late":
        return percent(value)
    return number(value) if by in ("often", "cost") else words.length(timedelta(seconds=value))


def _level(value: float, most: float) -> int:
    return 0 if not value or not most else max(1, min(LEVELS, -int(-LEVELS * value // most)))


def _endings(found: Any) -> dict[str, str]:
    return {end.node_id: number(end.a_week) for end in found.ends if end.node_id}


def hint(step: Any) -> str:
    """All that is known of a step, as one line."""
    said = [ports.text(step.labels) or step.node_id]
    if step.now:
        said.append(_("%(n)s there now") % {"n": step.now})
    if step.late:
        said.append(_("%(n)s late") % {"n": step.late})
    if step.failed:
        said.append(ngettext("%(n)s failed", "%(n)s failed", step.failed) % {"n": step.failed})
    if step.median is not None and step.median.total_seconds() >= 1:
        said.append(_("half take %(length)s") % {"length": words.length(step.median)})
    if step.cost is not None:
        said.append(_("costs %(cost)s a week") % {"cost": number(step.cost)})
    if step.late_share is not None:
        said.append(_("%(share)s after the limit") % {"share": percent(step.late_share)})
    if step.a_week:
        said.append(_("%(n)s a week") % {"n": number(step.a_week)})
    return " · ".join(said)
