"""The typed, frozen model of a BPMN 2.0 file, and the look-ups everybody needs on it.

A `Model` never changes. It carries the bytes it was read from, so that writing gives back everything, also
what we do not understand. Look-ups are computed once and kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from processes.bpmn.diagram import Bounds, Diagram, Edge, Shape
from processes.bpmn.errors import Issue
from processes.bpmn.extensions import (
    NAMESPACE,
    ActionExt,
    CallExt,
    ChecklistItem,
    CorrelationExt,
    DecisionExt,
    Measure,
    MultiInstanceExt,
    NamedValue,
    ProcessExt,
    Rung,
    TaskExt,
    feel_of,
    is_feel,
)
from processes.bpmn.nodes import (
    CHOREOGRAPHY_KINDS,
    EVENT_KINDS,
    GATEWAY_KINDS,
    SUB_PROCESS_KINDS,
    TASK_KINDS,
    Activity,
    Artifact,
    CallActivity,
    ChoreographyActivity,
    DataElement,
    Event,
    EventDefinition,
    Expression,
    FlowNode,
    Gateway,
    Lane,
    LoopCharacteristics,
    MessageFlow,
    Named,
    Participant,
    Process,
    SequenceFlow,
    SubProcess,
    Task,
)

__all__ = [
    "CHOREOGRAPHY_KINDS", "EVENT_KINDS", "GATEWAY_KINDS", "NAMESPACE", "SUB_PROCESS_KINDS", "TASK_KINDS",
    "ActionExt", "Activity", "Artifact", "Bounds", "CallActivity", "CallExt", "ChecklistItem",
    "ChoreographyActivity", "CorrelationExt", "DataElement", "DecisionExt", "Definitions", "Diagram", "Edge",
    "Event", "EventDefinition", "Expression", "FlowNode", "Gateway", "Issue", "Lane", "LoopCharacteristics",
    "Measure",
    "MessageFlow", "Model", "MultiInstanceExt", "Named", "NamedValue", "Participant", "Process", "ProcessExt", "Rung",
    "SequenceFlow", "Shape", "SubProcess", "Task", "TaskExt", "feel_of", "is_feel",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """The head of the file."""

    id: str = ""
    name: str = ""
    target_namespace: str = ""
    exporter: str = ""
    exporter_version: str = ""
    expression_language: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A whole BPMN file. Mappings are by id and in the file's order; `source` is the file itself.

    Of two elements with one id the first is kept here; `issues` names the second, as it names every other
    thing that could not be read as meant.
    """

    source: bytes = field(repr=False)
    definitions: Definitions = field(default_factory=Definitions)
    processes: Mapping[str, Process] = field(default_factory=dict)
    nodes: Mapping[str, FlowNode] = field(default_factory=dict)
    flows: Mapping[str, SequenceFlow] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    participants: Mapping[str, Participant] = field(default_factory=dict)
    message_flows: Mapping[str, MessageFlow] = field(default_factory=dict)
    named: Mapping[str, Named] = field(default_factory=dict)
    data: Mapping[str, DataElement] = field(default_factory=dict)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    collaboration: str = ""
    diagrams: tuple[Diagram, ...] = ()
    issues: tuple[Issue, ...] = ()
    language: str = "en"
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def read_in(self, language: str) -> Model:
        """The same drawing, whose elements are called as in a language where sentences name them."""
        return self if language == self.language else replace(self, language=language)

    # --- single elements -------------------------------------------------------------------------------
    def node(self, node_id: str) -> FlowNode:
        """The flow node of an id; KeyError when there is none."""
        return self.nodes[node_id]

    def flow(self, flow_id: str) -> SequenceFlow:
        """The sequence flow of an id; KeyError when there is none."""
        return self.flows[flow_id]

    def find(self, element_id: str) -> Any | None:
        """The element of an id, whatever it is, or None."""
        for table in (self.nodes, self.flows, self.lanes, self.processes, self.participants,
                      self.message_flows, self.data, self.artifacts, self.named):  # fmt: skip
            if element_id in table:
                return table[element_id]
        return None

    def name_of(self, element_id: str, language: str = "") -> str:
        """How to call an element in a sentence: its name in the language (else the one it is read in), else its id."""
        element = self.find(element_id)
        if element is None:
            return element_id
        label = element.label(language or self.language) if hasattr(element, "label") else getattr(element, "name", "")
        return " ".join(label.split()) or getattr(element, "text", "") or element_id

    @property
    def process(self) -> Process:
        """The process the file is about: the first executable one, else the first with nodes, else the first.

        KeyError when the file holds no process.
        """
        every = list(self.processes.values())
        if not every:
            raise KeyError("this file holds no process")
        chosen = [p for p in every if p.is_executable] or [p for p in every if p.children] or every
        return chosen[0]

    @property
    def diagram(self) -> Diagram:
        """The first diagram of the file, an empty one when there is none."""
        return self.diagrams[0] if self.diagrams else Diagram()

    # --- around a node ---------------------------------------------------------------------------------
    def outgoing_of(self, node_id: str) -> tuple[SequenceFlow, ...]:
        """The sequence flows that leave a node, in the file's order."""
        return tuple(self.flows[f] for f in self.nodes[node_id].outgoing)

    def incoming_of(self, node_id: str) -> tuple[SequenceFlow, ...]:
        """The sequence flows that enter a node, in the file's order."""
        return tuple(self.flows[f] for f in self.nodes[node_id].incoming)

    def successors(self, node_id: str) -> tuple[FlowNode, ...]:
        """The nodes its sequence flows lead to."""
        return tuple(self.nodes[f.target] for f in self.outgoing_of(node_id) if f.target in self.nodes)

    def predecessors(self, node_id: str) -> tuple[FlowNode, ...]:
        """The nodes whose sequence flows lead to it."""
        return tuple(self.nodes[f.source] for f in self.incoming_of(node_id) if f.source in self.nodes)

    def boundaries_of(self, node_id: str) -> tuple[Event, ...]:
        """The events on the border of an activity, in the file's order."""
        node = self.nodes[node_id]
        found = (self.nodes[b] for b in node.boundaries) if isinstance(node, Activity) else ()
        return tuple(event for event in found if isinstance(event, Event))

    def default_of(self, node_id: str) -> SequenceFlow | None:
        """The default flow of a gateway or activity, None when it has none."""
        node = self.nodes[node_id]
        default = node.default if isinstance(node, Activity | Gateway) else ""
        return self.flows.get(default) if default in node.outgoing else None

    def role_of(self, node_id: str) -> str:
        """The role a task is offered to: its own, else that of its lane or of a lane around that one."""
        node = self.nodes[node_id]
        if isinstance(node, Task) and node.task.role:
            return node.task.role
        lane = self.lanes.get(node.lane)
        while lane is not None:
            if lane.role:
                return lane.role
            lane = self.lanes.get(lane.parent)
        parent = self.nodes.get(node.scope)
        return self.role_of(parent.id) if parent is not None else ""

    # --- scopes ----------------------------------------------------------------------------------------
    def nodes_of(self, scope_id: str) -> tuple[FlowNode, ...]:
        """The nodes directly in a process or sub-process, in the file's order."""
        scopes = self._cached("scopes", self._by_scope)
        return tuple(scopes.get(scope_id, ()))

    def flows_of(self, scope_id: str) -> tuple[SequenceFlow, ...]:
        """The sequence flows directly in a process or sub-process, in the file's order."""
        return tuple(f for f in self.flows.values() if f.scope == scope_id)

    def starts_of(self, scope_id: str) -> tuple[Event, ...]:
        """The start events directly in a process or sub-process."""
        return tuple(n for n in self.nodes_of(scope_id) if isinstance(n, Event) and n.kind == "startEvent")

    def scopes_around(self, node_id: str) -> tuple[str, ...]:
        """The ids of the scopes around a node, innermost first; the last is the process."""
        found: list[str] = []
        scope = self.nodes[node_id].scope
        while scope and scope not in found:
            found.append(scope)
            parent = self.nodes.get(scope)
            scope = parent.scope if parent is not None else ""
        return tuple(found)

    # --- the graph -------------------------------------------------------------------------------------
    def steps_from(self, node_id: str) -> tuple[str, ...]:
        """The nodes of its scope a token on it may go to next: along flows, to boundary events, links."""
        return tuple(self._cached("steps", self._steps).get(node_id, ()))

    def reachable_from(self, node_id: str) -> frozenset[str]:
        """The nodes of its scope that a token on `node_id` may come to; itself only over a loop."""
        known: dict[str, frozenset[str]] = self._cached("reachable", dict)
        if node_id not in known:
            known[node_id] = frozenset(_walk(self.steps_from(node_id), self.steps_from))
        return known[node_id]

    def can_reach(self, source: str, target: str) -> bool:
        """Say whether a token on `source` may come to `target` (both in one scope)."""
        return target in self.reachable_from(source)

    def reaches_flow(self, flow_id: str, without: str = "") -> frozenset[str]:
        """The nodes of the flow's scope from which a token may come to run through a flow, on paths that
        do not visit the node `without`.

        This is the question of an inclusive join (BPMN 2.0.2, 13.4.3): which tokens may still arrive here.
        """
        known: dict[tuple[str, str], frozenset[str]] = self._cached("reaches_flow", dict)
        key = (flow_id, without)
        if key not in known:
            source = self.flows[flow_id].source
            before = self._cached("steps_back", self._steps_back)
            if source == without or source not in self.nodes:
                known[key] = frozenset()
            else:
                known[key] = frozenset(
                    _walk((source,), lambda n: [p for p in before.get(n, ()) if p != without])
                )
        return known[key]

    # --- pictures --------------------------------------------------------------------------------------
    @property
    def shapes(self) -> Mapping[str, Shape]:
        """Every shape of every diagram, by the id of the element it shows (the first one counts)."""
        return self._cached("shapes", self._shapes)

    @property
    def edges(self) -> Mapping[str, Edge]:
        """Every edge of every diagram, by the id of the element it shows (the first one counts)."""
        return self._cached("edges", self._edges)

    # --- computed once ---------------------------------------------------------------------------------
    def _cached(self, name: str, compute: Any) -> Any:
        if name not in self._cache:
            self._cache[name] = compute()
        return self._cache[name]

    def _by_scope(self) -> dict[str, list[FlowNode]]:
        scopes: dict[str, list[FlowNode]] = {}
        for node in self.nodes.values():
            scopes.setdefault(node.scope, []).append(node)
        return scopes

    def _steps(self) -> dict[str, list[str]]:
        catches: dict[tuple[str, str], str] = {}
        for node in self.nodes.values():
            if isinstance(node, Event) and node.kind == "intermediateCatchEvent":
                for link in (d for d in node.definitions if d.kind == "link"):
                    catches.setdefault((node.scope, link.name), node.id)
                    if link.id:
                        catches[node.scope, link.id] = node.id
        steps: dict[str, list[str]] = {}
        for node in self.nodes.values():
            found = [f.target for f in self.outgoing_of(node.id) if f.target in self.nodes]
            if isinstance(node, Activity):
                found += [b for b in node.boundaries if b in self.nodes]
            if isinstance(node, Event) and node.kind == "intermediateThrowEvent":
                thrown = (d for d in node.definitions if d.kind == "link")
                links = ((node.scope, d.link_target or d.name) for d in thrown)
                found += [catches[key] for key in links if key in catches]
            steps[node.id] = found
        return steps

    def _steps_back(self) -> dict[str, list[str]]:
        back: dict[str, list[str]] = {}
        for source, targets in self._cached("steps", self._steps).items():
            for target in targets:
                back.setdefault(target, []).append(source)
        return back

    def _shapes(self) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for diagram in self.diagrams:
            for shape in diagram.shapes:
                found.setdefault(shape.element, shape)
        return found

    def _edges(self) -> dict[str, Edge]:
        found: dict[str, Edge] = {}
        for diagram in self.diagrams:
            for edge in diagram.edges:
                found.setdefault(edge.element, edge)
        return found


def _walk(first: Iterable[str], following: Any) -> set[str]:
    """Every node that can be come to from `first` (which count), breadth first."""
    seen: set[str] = set()
    waiting = deque(first)
    while waiting:
        node = waiting.popleft()
        if node not in seen:
            seen.add(node)
            waiting.extend(following(node))
    return seen
