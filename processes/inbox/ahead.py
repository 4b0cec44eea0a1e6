"""What comes after a step, by its drawing: the most usual way to the end, for the strip below a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processes.bpmn.model import Activity, CallActivity, FlowNode, Model, SequenceFlow, Task
from processes.spoken import gettext as _

MOST = 5
_ICONS = {
    "userTask": "person", "manualTask": "person", "businessRuleTask": "table_chart", "sendTask": "mail",
    "serviceTask": "bolt", "scriptTask": "bolt", "receiveTask": "hourglass_empty", "callActivity": "account_tree",
    "endEvent": "radio_button_unchecked",
}  # fmt: skip
_MEANT = {*_ICONS, "subProcess", "task"}


@dataclass(frozen=True)
class Ahead:
    """A step to come: its names by language, who or what does it, and whether the process ends there."""

    element: str
    labels: Mapping[str, str]
    detail: str
    icon: str
    is_end: bool


def steps_ahead(
    model: Model, node_id: str, *, most: int = MOST, taken: Mapping[str, int] | None = None
) -> list[Ahead]:
    """The steps that usually follow an element, at most `most`. At a choice the way is taken that was `taken` most
    often (counts by flow id); where nothing is known of that, the default way."""
    found: list[Ahead] = []
    seen = {node_id}
    at = _next(model, node_id, taken or {})
    while at is not None and at.id not in seen and len(found) < most:
        seen.add(at.id)
        if at.kind in _MEANT:
            found.append(Ahead(at.id, _labels(at), _detail(model, at), _ICONS.get(at.kind, "circle"), at.kind == "endEvent"))
        at = _next(model, at.id, taken or {})
    return found


def _next(model: Model, node_id: str, taken: Mapping[str, int]) -> FlowNode | None:
    if node_id not in model.nodes:
        return None
    flows = model.outgoing_of(node_id)
    if not flows:
        return None
    usual = max(flows, key=lambda flow: taken.get(flow.id, 0))
    known = len(flows) > 1 and taken.get(usual.id, 0) > 0
    chosen = usual if known else model.default_of(node_id) or _forward(model, node_id, flows)
    return model.nodes.get(chosen.target)


def _forward(model: Model, node_id: str, flows: tuple[SequenceFlow, ...]) -> SequenceFlow:
    """The first flow that does not lead back to where it came from."""
    return next((flow for flow in flows if not model.can_reach(flow.target, node_id)), flows[0])


def _labels(node: FlowNode) -> Mapping[str, str]:
    return {"en": node.name or node.id, **node.labels}


def _detail(model: Model, node: FlowNode) -> Any:
    if node.kind in ("userTask", "manualTask"):
        role = model.role_of(node.id)
        lane = model.lanes.get(node.lane)
        words = {"en": lane.name, **lane.labels} if lane is not None and lane.name else {"en": role}
        return words if words["en"] else _("a person")
    if node.kind == "businessRuleTask":
        return _("by table · at once")
    if isinstance(node, CallActivity):
        return _("a process of its own")
    if isinstance(node, Task) and node.kind == "receiveTask":
        return _("waits for an answer")
    return _("automatic") if isinstance(node, Activity) else ""
