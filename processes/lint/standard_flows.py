"""Rules of BPMN 2.0.2 on sequence flows (8.4.13), message flows (9.4) and gateways (10.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from processes.bpmn.model import (
    Activity,
    ChoreographyActivity,
    Event,
    FlowNode,
    Gateway,
    MessageFlow,
    Model,
    SequenceFlow,
    Task,
)
from processes.lint.problems import Look, Problem
from processes.marked import word

_NO_SENDER = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
_NO_RECEIVER = frozenset({"endEvent", "intermediateThrowEvent"})
_WAITABLE = frozenset({"message", "signal", "timer", "conditional", "multiple", "parallelMultiple"})


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    for flow in look.model.flows.values():
        yield from _sequence_flow(look, flow)
    for message_flow in look.model.message_flows.values():
        yield from _message_flow(look, message_flow)
    for node in look.model.nodes.values():
        if isinstance(node, Gateway):
            yield from _gateway(look, node)
        if isinstance(node, Gateway | Activity) and node.default and node.default not in node.outgoing:
            yield look.problem("default_elsewhere", node.id, related=(node.default,))


def _sequence_flow(look: Look, flow: SequenceFlow) -> Iterator[Problem | None]:
    model = look.model
    for end in (flow.source, flow.target):
        other = model.find(end)
        if other is not None and not isinstance(other, FlowNode):
            yield look.problem(
                "flow_end", flow.id, name=flow.name or flow.id, other=look.name(end), related=(end,)
            )
    source, target = model.nodes.get(flow.source), model.nodes.get(flow.target)
    if source is None or target is None:
        return
    if not (source.scope == target.scope == flow.scope):
        yield look.problem(
            "flow_crosses_border", flow.id, related=(source.id, target.id), **_ends(look, flow)
        )
    chooses = isinstance(source, Activity | ChoreographyActivity) or source.kind in (
        "exclusiveGateway",
        "inclusiveGateway",
        "complexGateway",
    )
    if flow.condition is not None and flow.condition.text and not chooses:
        yield look.problem("condition_not_allowed", flow.id, related=(source.id,), **_ends(look, flow))


def _ends(look: Look, flow: SequenceFlow) -> dict[str, Any]:
    return {"source": look.name(flow.source), "target": look.name(flow.target)}


# --- message flows -------------------------------------------------------------------------------------------
def _message_flow(look: Look, flow: MessageFlow) -> Iterator[Problem | None]:
    model = look.model
    name = flow.name or flow.id
    for end, is_source in ((flow.source, True), (flow.target, False)):
        other = model.find(end)
        if other is not None and not _may_message(model, end, is_source):
            yield look.problem("message_flow_end", flow.id, name=name, other=look.name(end), related=(end,))
    pools = _pool(model, flow.source), _pool(model, flow.target)
    if pools[0] and pools[0] == pools[1]:
        related = (flow.source, flow.target)
        yield look.problem("message_flow_same_pool", flow.id, name=name, related=related)


def _may_message(model: Model, element_id: str, is_source: bool) -> bool:
    if element_id in model.participants:
        return True
    node = model.nodes.get(element_id)
    if isinstance(node, Event):
        return node.kind not in (_NO_SENDER if is_source else _NO_RECEIVER)
    return isinstance(node, Activity | ChoreographyActivity)


def _pool(model: Model, element_id: str) -> str:
    """The process (or for a black box the pool) that an end of a message flow lies in."""
    if element_id in model.participants:
        participant = model.participants[element_id]
        return participant.process or participant.id
    node = model.nodes.get(element_id)
    return node.process if node is not None else ""


_DIRECTIONS = {"Converging": word("converging"), "Diverging": word("diverging"), "Mixed": word("mixed")}


# --- gateways ------------------------------------------------------------------------------------------------
def _gateway(look: Look, gateway: Gateway) -> Iterator[Problem | None]:
    into, out = len(gateway.incoming), len(gateway.outgoing)
    wrong = {
        "Converging": out > 1,
        "Diverging": into > 1,
        "Mixed": into < 2 or out < 2,
    }
    if wrong.get(gateway.direction, False):
        yield look.problem("gateway_direction", gateway.id, direction=_DIRECTIONS[gateway.direction])
    if gateway.kind == "eventBasedGateway":
        yield from _event_gateway(look, gateway)


def _event_gateway(look: Look, gateway: Gateway) -> Iterator[Problem | None]:
    model = look.model
    if gateway.instantiate and gateway.incoming:
        yield look.problem("instantiate_incoming", gateway.id)
    if len(gateway.outgoing) < 2:
        yield look.problem("event_gateway_paths", gateway.id)
    targets = model.successors(gateway.id)
    for target in targets:
        if not _is_waitable(target):
            yield look.problem(
                "event_gateway_target", gateway.id, target=look.name(target.id), related=(target.id,)
            )
        elif len(target.incoming) > 1:
            yield look.problem(
                "event_gateway_target_incoming", gateway.id, target=look.name(target.id), related=(target.id,)
            )
    receives = [t for t in targets if t.kind == "receiveTask"]
    messages = [
        t for t in targets if isinstance(t, Event) and any(d.kind == "message" for d in t.definitions)
    ]
    if receives and messages:
        yield look.problem("event_gateway_mix", gateway.id, related=tuple(t.id for t in receives + messages))


def _is_waitable(target: FlowNode) -> bool:
    if isinstance(target, Event):
        return target.kind == "intermediateCatchEvent" and target.trigger in _WAITABLE
    # 10.6.6: a receive task after an event gateway must not have boundary events
    return isinstance(target, Task) and target.kind == "receiveTask" and not target.boundaries
