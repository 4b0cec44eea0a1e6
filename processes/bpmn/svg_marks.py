"""What is laid over a drawing: the state of one run, or the figures of many, as classes of nodes and small pills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from processes.bpmn.diagram import Bounds
from processes.bpmn.svg_icons import n
from processes.bpmn.svg_text import width_of

HOTTEST = 4


@dataclass(frozen=True, slots=True)
class State:
    """Tokens and short texts by node, nodes done and late, flows taken; figures beside names, warmth by node,
    warnings, counts on flows, and what is said of a node on hovering; by element how it differs from another version
    ("added", "removed", "changed", "moved") and the sign of that."""

    tokens: Mapping[str, int] = field(default_factory=dict)
    badges: Mapping[str, str] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    notes: Mapping[str, str] = field(default_factory=dict)
    heat: Mapping[str, int] | None = None
    alerts: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def changed(self, element: str) -> str:
        """The class of an element that differs, with a blank before it; empty for any other."""
        return f" rd-{self.changes[element][0]}" if element in self.changes else ""

    def classes(self, node_id: str) -> list[str]:
        """The classes of a node. A drawing coloured by warmth shows nothing else by colour."""
        if self.heat is not None:
            level = min(HOTTEST, max(0, self.heat.get(node_id, 0)))
            return [f"rd-heat-{level}"] if level else []
        found = []
        if self.tokens.get(node_id):
            found.append("rd-active")
        elif node_id in self.done:
            found.append("rd-done")
        if node_id in self.late:
            found.append("rd-late")
        return found


def pills(state: State, node_id: str, b: Bounds) -> str:
    """The pills at a node: how many are there, what warns of it, a short text."""
    count, text, alert = state.tokens.get(node_id, 0), state.badges.get(node_id, ""), state.alerts.get(node_id, "")
    parts = []
    if count:
        many = state.heat is not None
        late = " rd-late" if node_id in state.late and not many else ""
        said = str(count) if count > 1 or many else "●"
        parts.append(_pill(said, b.right - 2, b.y, "rd-badge" if many else f"rd-token{late}"))
    if alert:
        edge = b.right - 2 - (_width(str(count)) / 2 + 2 if count else -_width(alert) / 2)
        parts.append(_pill(alert, edge - _width(alert) / 2, b.y, "rd-alert"))
    if text:
        parts.append(_pill(text, b.right - 2, b.bottom if count else b.y, "rd-badge"))
    return "".join(parts)


def change_pill(state: State, element: str, x: float, y: float) -> str:
    """The sign of a difference, with its centre at a point."""
    if element not in state.changes:
        return ""
    kind, sign = state.changes[element]
    return _pill(sign, x, y, f"rd-change rd-{kind}")


def _width(text: str) -> float:
    return max(17.0, width_of(text, 10.5) + 10)


def _pill(text: str, x: float, y: float, style: str) -> str:
    """A small pill with its centre at (x, y), wide enough for its text."""
    width = _width(text)
    rect = f'<rect x="{n(x - width / 2)}" y="{n(y - 8.5)}" width="{n(width)}" height="17" rx="8.5"/>'
    return f'<g class="{style}">{rect}<text x="{n(x)}" y="{n(y + 3.8)}" text-anchor="middle">{escape(text)}</text></g>'
