"""From a drawing to a flow class: one node for each element, linked by the drawing's sequence flows.

The compiler knows which of our node classes executes which element and nothing of what the nodes do. Viewflow
copies the nodes it finds on a class, so they are linked after the class is made, on the copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils.translation import pgettext
from viewflow.workflow.base import Edge

from processes import feel
from processes.bpmn.elements import row as element_row
from processes.bpmn.extensions import NAMESPACE
from processes.bpmn.model import Activity, Event, FlowNode, Gateway, Model, SubProcess
from processes.bpmn.xml import read
from processes.catalog import selectors as catalog
from processes.compiler.naming import MODULE, flow_name, node_names
from processes.marked import BPMN
from processes.runtime.flow import APP, ProcessFlow
from processes.runtime.nodes.activities import AbstractTask, ActivityNode, ReceiveTaskNode
from processes.runtime.nodes.base import Flow, Node
from processes.runtime.nodes.calls import CallNode
from processes.runtime.nodes.complex_gateway import ComplexGateway
from processes.runtime.nodes.events import EndEvent, StartEvent, ThrowEvent
from processes.runtime.nodes.gateways import (
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
)
from processes.runtime.nodes.human import HumanTask
from processes.runtime.nodes.scopes import AdHocNode, EventScopeNode, ScopeNode
from processes.runtime.nodes.waiting import BoundaryEvent, CatchEvent, HandlerStart
from processes.runtime.nodes.work import ActionTask, RuleTask, ScriptTask, SendTask
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.catalog.models import ProcessVersion

_CLASSES: dict[str, type[Node]] = {
    "task": AbstractTask, "userTask": HumanTask, "manualTask": HumanTask, "serviceTask": ActionTask,
    "sendTask": SendTask, "businessRuleTask": RuleTask, "scriptTask": ScriptTask, "receiveTask": ReceiveTaskNode,
    "callActivity": CallNode, "subProcess": ScopeNode, "transaction": ScopeNode, "adHocSubProcess": AdHocNode,
    "exclusiveGateway": ExclusiveGateway, "parallelGateway": ParallelGateway, "inclusiveGateway": InclusiveGateway,
    "eventBasedGateway": EventBasedGateway, "complexGateway": ComplexGateway,
    "startEvent": StartEvent, "endEvent": EndEvent, "intermediateThrowEvent": ThrowEvent,
    "intermediateCatchEvent": CatchEvent, "boundaryEvent": BoundaryEvent,
}  # fmt: skip
_HANDLER_START = "startEvent of an event sub-process"
_TRIGGERS: dict[str, frozenset[str]] = {
    "startEvent": frozenset({"none", "message", "timer", "signal"}),
    _HANDLER_START: frozenset({"message", "timer", "signal", "conditional", "error", "escalation", "compensate",
                               "multiple", "parallelMultiple"}),
    "endEvent": frozenset({"none", "terminate", "error", "message", "signal", "escalation", "compensate", "cancel",
                           "multiple"}),
    "intermediateThrowEvent": frozenset({"none", "message", "signal", "link", "escalation", "compensate", "multiple"}),
    "intermediateCatchEvent": frozenset({"none", "message", "timer", "signal", "conditional", "link", "multiple",
                                         "parallelMultiple"}),
    "boundaryEvent": frozenset({"message", "timer", "signal", "conditional", "error", "escalation", "compensate",
                                "cancel", "multiple", "parallelMultiple"}),
}  # fmt: skip
_VARIABLE = f"{{{NAMESPACE}}}variable"


class CompileError(Exception):
    """A drawing that cannot be run; the sentence says why, `element` where."""

    def __init__(self, sentence: str, element: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.element = element


def compile_version(version: ProcessVersion) -> type[ProcessFlow]:
    """The flow class of a version. CompileError or BpmnError with a sentence when it cannot be run."""
    return compile_model(
        catalog.model_of(version), name=flow_name(version.definition.key, version.number), version=version
    )


def compile_model(model: Model, *, name: str, version: ProcessVersion | None = None) -> type[ProcessFlow]:
    """The flow class of a parsed drawing, under the name by which rows refer to it."""
    try:
        process = model.process
    except KeyError as error:
        raise CompileError(_("This file holds no process.")) from error
    elements = [node for node in model.nodes.values() if node.process == process.id]
    if not model.starts_of(process.id) and not any(not node.incoming for node in elements):
        raise CompileError(_("The process has no start. Draw a start event."), process.id)
    try:
        names = node_names(node.id for node in elements)
    except ValueError as error:
        raise CompileError(
            _("Two elements of this drawing get the same internal name. Change one of their ids.")
        ) from error
    attributes: dict[str, Any] = {
        "__module__": MODULE, "__doc__": process.name or process.id, "_model": model, "_version": version,
        "_process_id": process.id, "_defaults": dict(defaults_of(model)),
    }  # fmt: skip
    for element in elements:
        attributes[names[element.id]] = _node(model, element)
    flow: Any = type(name, (ProcessFlow,), attributes)
    flow._by_id = {element.id: flow._nodes_by_name[names[element.id]] for element in elements}
    for element in elements:
        node = flow._by_id[element.id]
        node.ref = f"{APP}/flows.{name}.{names[element.id]}"
        _link(model, flow, node)
    _set_incoming(flow)
    flow._starts = tuple(flow._by_id[node.id] for node in _beginnings(model, process.id))
    flow._handlers = _handlers(model, flow, process.id)
    flow._has_conditions = any(
        definition.kind == "conditional" for node in elements for definition in getattr(node, "definitions", ())
    )
    flow._escalates = any(isinstance(node, CallNode) or _throws_escalation(node.element) for node in flow._by_id.values())
    compiled: type[ProcessFlow] = flow
    return compiled


def _throws_escalation(element: FlowNode) -> bool:
    return isinstance(element, Event) and not element.is_catching and any(d.kind == "escalation" for d in element.definitions)


def defaults_of(model: Model) -> Iterator[tuple[str, str]]:
    """Names and defaults of the variables that the drawing declares; a default beginning with "=" is FEEL."""
    for element in read(model.source).iter(_VARIABLE):
        if element.get("name"):
            yield element.get("name", ""), element.get("default", "")


def _node(model: Model, element: FlowNode) -> Node:
    found = _CLASSES.get(element.kind)
    if found is None:
        raise _not_executable(model, element, element.kind)
    around = model.nodes.get(element.scope)
    in_handler = isinstance(around, SubProcess) and around.triggered_by_event
    if isinstance(element, Event):
        place = _HANDLER_START if element.kind == "startEvent" and in_handler else element.kind
        if element.trigger not in _TRIGGERS[place]:
            raise _not_executable(model, element, f"{element.kind}:{element.trigger}")
        if place == _HANDLER_START:
            found = HandlerStart
    if isinstance(element, Gateway) and (element.instantiate or element.event_gateway_type == "Parallel"):
        raise _not_executable(model, element, f"{element.kind}:instantiate")
    if isinstance(element, SubProcess) and element.triggered_by_event:
        found = EventScopeNode
    node = found(element)
    node.role = model.role_of(element.id) if isinstance(node, HumanTask) else ""
    _check_expressions(model, element)
    return node


def _not_executable(model: Model, element: FlowNode, key: str) -> CompileError:
    known = element_row(key)
    return CompileError(
        _("“%(name)s” is a %(kind)s, which cannot be run yet. %(instead)s")
        % {"name": model.name_of(element.id), "kind": pgettext(BPMN, known.label), "instead": known.instead and pgettext(BPMN, known.instead)},
        element.id,
    )


def _check_expressions(model: Model, element: FlowNode) -> None:
    """Conditions are read once here, so that a drawing with a broken one never runs."""
    for flow in model.outgoing_of(element.id):
        if flow.condition is None or not flow.condition.text.strip():
            continue
        if flow.condition.is_foreign:
            raise CompileError(
                _("The condition “%(text)s” is not written in FEEL.") % {"text": flow.condition.text.strip()[:200]},
                flow.id,
            )
        try:
            feel.parse(flow.condition.feel)
        except feel.FeelSyntaxError as error:
            raise CompileError(
                _("The condition “%(text)s” cannot be read: %(why)s")
                % {"text": flow.condition.feel[:200], "why": error}, flow.id,
            ) from error  # fmt: skip


def _link(model: Model, flow: type[ProcessFlow], node: Node) -> None:
    element = node.element
    outgoing = []
    default = model.default_of(element.id)
    for drawn in model.outgoing_of(element.id):
        if drawn.target not in flow._by_id:
            raise CompileError(_("The flow “%(id)s” leads nowhere.") % {"id": drawn.id}, drawn.id)
        condition = drawn.condition.feel if drawn.condition is not None else ""
        labels = {"en": drawn.name, **drawn.labels} if drawn.name else dict(drawn.labels)
        is_default = default is not None and default.id == drawn.id
        outgoing.append(Flow(drawn.id, flow._by_id[drawn.target], condition, is_default, labels))
    node.flows = tuple(outgoing)
    node.incoming_flows = tuple(element.incoming)
    if isinstance(node, ActivityNode):
        node.boundaries = tuple(
            found for event in model.boundaries_of(element.id) if isinstance(found := flow._by_id[event.id], BoundaryEvent)
        )
        node.compensation = _compensation(model, flow, element)
    if isinstance(node, ScopeNode):
        node.starts = tuple(flow._by_id[start.id] for start in _beginnings(model, element.id))
        node.handlers = _handlers(model, flow, element.id)
    if isinstance(node, ThrowEvent):
        node.link_target = _link_target(model, flow, element)


def _handlers(model: Model, flow: type[ProcessFlow], scope: str) -> tuple[HandlerStart, ...]:
    """The starts of the event sub-processes of a scope."""
    found = []
    for inner in model.nodes_of(scope):
        if isinstance(inner, SubProcess) and inner.triggered_by_event:
            handler = flow._by_id[inner.id]
            for start in model.starts_of(inner.id):
                node = flow._by_id[start.id]
                if isinstance(node, HandlerStart) and isinstance(handler, EventScopeNode):
                    node.scope = handler
                    found.append(node)
    return tuple(found)


def _compensation(model: Model, flow: type[ProcessFlow], element: FlowNode) -> Node | None:
    """The activity that an association ties to the compensation event on the border of an activity."""
    events = {event.id for event in model.boundaries_of(element.id) if event.trigger == "compensate"}
    for tie in model.artifacts.values():
        if tie.kind == "association":
            if tie.source in events and tie.target in flow._by_id:
                return flow._by_id[tie.target]
            if tie.target in events and tie.source in flow._by_id:
                return flow._by_id[tie.source]
    return None


def _link_target(model: Model, flow: type[ProcessFlow], element: FlowNode) -> Node | None:
    thrown = next((d for d in getattr(element, "definitions", ()) if d.kind == "link"), None)
    if thrown is None:
        return None
    for other in model.nodes_of(element.scope):
        if isinstance(other, Event) and other.kind == "intermediateCatchEvent":
            for definition in other.definitions:
                if definition.kind == "link" and thrown.link_target in ("", definition.id) and (
                    thrown.link_target or definition.name == thrown.name
                ):
                    return flow._by_id[other.id]
    raise CompileError(_("The link “%(name)s” has no catch event.") % {"name": thrown.name}, element.id)


def _beginnings(model: Model, scope: str) -> list[FlowNode]:
    """Where a scope begins: its start events; without any, every node that nothing leads to (10.5.2)."""
    starts: list[FlowNode] = list(model.starts_of(scope))
    return starts or [
        node
        for node in model.nodes_of(scope)
        if not node.incoming and node.kind != "boundaryEvent"
        and not (isinstance(node, Activity) and node.is_for_compensation)
        and not (isinstance(node, SubProcess) and node.triggered_by_event)
    ]  # fmt: skip


def _set_incoming(flow: type[ProcessFlow]) -> None:
    """Viewflow's view of the graph, for its tools that walk it."""
    for node in flow._by_id.values():
        node._incoming_edges = []
    for node in flow._by_id.values():
        for edge in node._outgoing():
            target: Any = edge.dst
            target._incoming_edges.append(Edge(node, target, edge.edge_class))


__all__ = ["CompileError", "compile_model", "compile_version", "defaults_of"]
