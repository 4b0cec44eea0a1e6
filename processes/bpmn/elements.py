"""The element table: what of BPMN 2.0 is executable here, since when, and what to do instead of the rest.

This is the support matrix. Lint names every element whose row says that it is not executable, tests walk the
table, the reference in the documentation is made from it. To make an element executable is to turn one word
of its row.

A row's key is the element's kind, then its trigger or marker: "userTask", "startEvent:message",
"multiInstance:parallel:userTask".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from processes.bpmn.model import Model
from processes.bpmn.nodes import (
    Activity,
    ChoreographyActivity,
    Event,
    FlowNode,
    Gateway,
    SubProcess,
    Task,
)

FIRST, FULL, NEVER = 1, 2, 0
"""Stages: the first floor of the engine, the full palette, not planned."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `stage` is when the element is (or becomes) executable, 0 for never; `instead` is a sentence
    that says what to draw in its place while it is not executable."""

    key: str
    label: str
    executable: bool
    stage: int
    instead: str = ""


_WAIT = "Draw an intermediate catch event instead."
_SUB = "Draw its content in the process itself, or call it as a process of its own with a call activity."
_HANDLER = "Draw a task on a path of its own that undoes the work."
_CHOREOGRAPHY = "Choreographies are drawings only; draw each participant’s process."

_ROWS = [
    # --- start events ---------------------------------------------------------------------------------------
    Row("startEvent:none", "start", True, FIRST),
    Row("startEvent:message", "message start", True, FIRST),
    Row("startEvent:timer", "timer start", True, FIRST),
    Row("startEvent:signal", "signal start", True, FULL),
    Row("startEvent:conditional", "conditional start", False, FULL, "Start it by a timer and ask in a gateway."),
    Row("startEvent:event:conditional", "conditional start of an event sub-process", True, FULL),
    Row("startEvent:event:multiple", "multiple start of an event sub-process", True, FULL),
    Row("startEvent:event:parallelMultiple", "parallel multiple start of an event sub-process", True, FULL),
    Row("startEvent:multiple", "multiple start", False, FULL, "Draw one start event for each."),
    Row("startEvent:parallelMultiple", "parallel multiple start", False, FULL, "Start it by one message."),
    Row("startEvent:error", "error start of an event sub-process", True, FULL),
    Row("startEvent:escalation", "escalation start of an event sub-process", True, FULL),
    Row("startEvent:compensate", "compensation start of an event sub-process", True, FULL),
    # --- tasks ----------------------------------------------------------------------------------------------
    Row("task", "abstract task", True, FIRST),
    Row("userTask", "user task", True, FIRST),
    Row("manualTask", "manual task", True, FIRST),
    Row("serviceTask", "service task", True, FIRST),
    Row("sendTask", "send task", True, FIRST),
    Row("businessRuleTask", "business rule task", True, FIRST),
    Row("scriptTask:feel", "script task in FEEL", True, FIRST),
    Row("scriptTask:other", "script task in another language", False, NEVER, "Write it in FEEL or use an action."),
    Row("receiveTask", "receive task", True, FULL),
    Row("receiveTask:instantiate", "instantiating receive task", False, FULL, "Draw a message start event."),
    # --- sub-processes and calls ----------------------------------------------------------------------------
    Row("callActivity", "call activity", True, FIRST),
    Row("subProcess", "embedded sub-process", True, FULL),
    Row("subProcess:event", "event sub-process", True, FULL),
    Row("transaction", "transaction", True, FULL),
    Row("adHocSubProcess", "ad-hoc sub-process", True, FULL),
    # --- markers --------------------------------------------------------------------------------------------
    Row("multiInstance:parallel:userTask", "parallel multi-instance of a user task", True, FIRST),
    Row("multiInstance:parallel:callActivity", "parallel multi-instance of a call activity", True, FIRST),
    Row("multiInstance:parallel", "parallel multi-instance of another activity", True, FULL),
    Row("multiInstance:sequential", "sequential multi-instance", True, FULL),
    Row("standardLoop", "standard loop", True, FULL),
    Row("compensationMarker", "activity for compensation", True, FULL),
    Row("quantities", "start or completion quantity other than 1", True, FULL),
    # --- gateways -------------------------------------------------------------------------------------------
    Row("exclusiveGateway", "exclusive gateway", True, FIRST),
    Row("parallelGateway", "parallel gateway", True, FIRST),
    Row("inclusiveGateway", "inclusive gateway", True, FIRST),
    Row("eventBasedGateway", "event-based gateway", True, FIRST),
    Row("eventBasedGateway:instantiate", "instantiating event-based gateway", False, FULL,
        "Draw one start event for each."),
    Row("eventBasedGateway:parallel", "parallel event-based gateway", False, FULL,
        "Draw a parallel gateway with one catch event on each path."),
    Row("complexGateway", "complex gateway", True, FULL),
    # --- intermediate events --------------------------------------------------------------------------------
    Row("intermediateCatchEvent:message", "message catch event", True, FIRST),
    Row("intermediateCatchEvent:signal", "signal catch event", True, FIRST),
    Row("intermediateCatchEvent:timer", "timer catch event", True, FIRST),
    Row("intermediateCatchEvent:conditional", "conditional catch event", True, FULL),
    Row("intermediateCatchEvent:link", "link catch event", True, FULL),
    Row("intermediateCatchEvent:multiple", "multiple catch event", True, FULL),
    Row("intermediateCatchEvent:parallelMultiple", "parallel multiple catch event", True, FULL),
    Row("intermediateThrowEvent:none", "none intermediate event", True, FIRST),
    Row("intermediateThrowEvent:signal", "signal throw event", True, FIRST),
    Row("intermediateThrowEvent:message", "message throw event", True, FULL),
    Row("intermediateThrowEvent:escalation", "escalation throw event", True, FULL),
    Row("intermediateThrowEvent:link", "link throw event", True, FULL),
    Row("intermediateThrowEvent:compensate", "compensation throw event", True, FULL),
    Row("intermediateThrowEvent:multiple", "multiple throw event", True, FULL),
    # --- boundary events ------------------------------------------------------------------------------------
    Row("boundaryEvent:message", "message boundary event", True, FIRST),
    Row("boundaryEvent:timer", "timer boundary event", True, FIRST),
    Row("boundaryEvent:error", "error boundary event", True, FIRST),
    Row("boundaryEvent:signal", "signal boundary event", True, FULL),
    Row("boundaryEvent:conditional", "conditional boundary event", True, FULL),
    Row("boundaryEvent:escalation", "escalation boundary event", True, FULL),
    Row("boundaryEvent:compensate", "compensation boundary event", True, FULL),
    Row("boundaryEvent:cancel", "cancel boundary event", True, FULL),
    Row("boundaryEvent:multiple", "multiple boundary event", True, FULL),
    Row("boundaryEvent:parallelMultiple", "parallel multiple boundary event", True, FULL),
    # --- end events -----------------------------------------------------------------------------------------
    Row("endEvent:none", "end", True, FIRST),
    Row("endEvent:terminate", "terminate end", True, FIRST),
    Row("endEvent:error", "error end", True, FIRST),
    Row("endEvent:message", "message end", True, FULL),
    Row("endEvent:signal", "signal end", True, FULL),
    Row("endEvent:escalation", "escalation end", True, FULL),
    Row("endEvent:compensate", "compensation end", True, FULL),
    Row("endEvent:cancel", "cancel end", True, FULL),
    Row("endEvent:multiple", "multiple end", True, FULL),
    # --- flows ----------------------------------------------------------------------------------------------
    Row("implicitSplit", "several flows out of an activity or event", True, FIRST),
    Row("implicitMerge", "several flows into an activity or event", True, FIRST),
    Row("conditionalFlow", "conditional and default flow out of an activity", True, FIRST),
    # --- not of processes -----------------------------------------------------------------------------------
    Row("choreographyTask", "choreography task", False, NEVER, _CHOREOGRAPHY),
    Row("subChoreography", "sub-choreography", False, NEVER, _CHOREOGRAPHY),
    Row("callChoreography", "call choreography", False, NEVER, _CHOREOGRAPHY),
    Row("implicitThrowEvent", "implicit throw event", False, NEVER, _WAIT),
    # --- for reading: these never stop an execution ---------------------------------------------------------
    Row("participant", "pool", True, FIRST),
    Row("lane", "lane", True, FIRST),
    Row("messageFlow", "message flow", True, FIRST),
    Row("dataObjectReference", "data object", True, FIRST),
    Row("dataStoreReference", "data store", True, FIRST),
    Row("dataInput", "data input", True, FIRST),
    Row("dataOutput", "data output", True, FIRST),
    Row("textAnnotation", "text annotation", True, FIRST),
    Row("group", "group", True, FIRST),
    Row("association", "association", True, FIRST),
    Row("dataAssociation", "data association", True, FIRST),
]  # fmt: skip

ELEMENTS: dict[str, Row] = {row.key: row for row in _ROWS}

_UNKNOWN = "Take it out, or draw it with elements of the palette."


def row(key: str) -> Row:
    """The row of a key. A key without a row (a trigger that BPMN does not allow there) is not executable."""
    return ELEMENTS.get(key) or Row(key, key.replace(":", " "), False, NEVER, _UNKNOWN)


def rows_of(model: Model, node: FlowNode) -> list[Row]:
    """Every row that a node touches: its own kind, its markers, the way its flows leave it."""
    return [row(key) for key in keys_of(model, node)]


def keys_of(model: Model, node: FlowNode) -> Iterator[str]:
    """The keys of `rows_of`."""
    if isinstance(node, Event):
        key = f"{node.kind}:{node.trigger}" if node.kind != "implicitThrowEvent" else node.kind
        around = model.nodes.get(node.scope)
        handles = isinstance(around, SubProcess) and around.triggered_by_event
        own = f"{node.kind}:event:{node.trigger}"
        yield own if handles and own in ELEMENTS else key
    elif isinstance(node, Gateway):
        yield _gateway_key(node)
    elif isinstance(node, ChoreographyActivity):
        yield node.kind
    elif isinstance(node, Activity):
        yield _activity_key(node)
        yield from _markers(node)
        if any(flow.condition is not None or flow.is_default for flow in model.outgoing_of(node.id)):
            yield "conditionalFlow"
    if not isinstance(node, Gateway):
        if len(node.outgoing) > 1:
            yield "implicitSplit"
        if len(node.incoming) > 1:
            yield "implicitMerge"


def _gateway_key(node: Gateway) -> str:
    if node.kind == "eventBasedGateway" and node.event_gateway_type == "Parallel":
        return f"{node.kind}:parallel"
    if node.kind == "eventBasedGateway" and node.instantiate:
        return f"{node.kind}:instantiate"
    return node.kind


def _activity_key(node: Activity) -> str:
    if isinstance(node, SubProcess) and node.triggered_by_event:
        return "subProcess:event"
    if isinstance(node, Task) and node.kind == "receiveTask" and node.instantiate:
        return "receiveTask:instantiate"
    if isinstance(node, Task) and node.kind == "scriptTask":
        language = node.script.language.lower() if node.script is not None else "feel"
        return "scriptTask:feel" if not language or "feel" in language else "scriptTask:other"
    return node.kind


def _markers(node: Activity) -> Iterator[str]:
    if node.loop is not None and node.loop.kind == "standard":
        yield "standardLoop"
    elif node.loop is not None and node.loop.is_sequential:
        yield "multiInstance:sequential"
    elif node.loop is not None:
        own = f"multiInstance:parallel:{node.kind}"
        yield own if own in ELEMENTS else "multiInstance:parallel"
    if node.is_for_compensation:
        yield "compensationMarker"
    if node.start_quantity != 1 or node.completion_quantity != 1:
        yield "quantities"
