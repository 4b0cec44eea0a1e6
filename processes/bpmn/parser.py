"""From the bytes of a BPMN file to its `Model`.

Raises `BpmnError` only when there is nothing to show: not XML, not BPMN, refused for safety. All else that
is wrong (a duplicate id, a dangling reference) becomes an `Issue` of the model, so that lint can name every
fault at once and the drawing can be shown with them.
"""

from __future__ import annotations

from typing import Any

from processes.bpmn.errors import BpmnError, Issue
from processes.bpmn.global_tasks import global_tasks, in_place
from processes.bpmn.model import Definitions, Model
from processes.bpmn.nodes import (
    Artifact,
    DataElement,
    FlowNode,
    Lane,
    MessageFlow,
    Named,
    Participant,
    Process,
    SequenceFlow,
)
from processes.bpmn.read_diagram import read_diagrams
from processes.bpmn.read_extensions import documentation_of, first, measures_ext, process_ext, texts
from processes.bpmn.read_nodes import ACTIVITY_KINDS, NODE_KINDS, NodeReader
from processes.bpmn.references import issues_of, listing_issues
from processes.bpmn.xml import (
    BPMN,
    MAX_BYTES,
    Element,
    as_bytes,
    child,
    children,
    flag,
    line_of,
    local,
    number,
    read,
    reference,
    text_of,
)
from processes.marked import say

_NAMED = {"message": "", "signal": "", "error": "errorCode", "escalation": "escalationCode", "dataStore": ""}
_DATA = frozenset(
    {"dataObject", "dataObjectReference", "dataStoreReference", "dataInput", "dataOutput", "property"}
)
_CHOREOGRAPHIES = ("choreography", "globalChoreographyTask")
_DATA_REFS = ("dataObjectRef", "dataStoreRef")
_ARTIFACTS = frozenset({"textAnnotation", "group", "association"})
_ASSOCIATIONS = frozenset({"dataInputAssociation", "dataOutputAssociation"})


def parse(xml: bytes | str, *, max_bytes: int = MAX_BYTES) -> Model:
    """Read a BPMN 2.0 file. `max_bytes` bounds its size.

    Raises `BpmnError` with code not_well_formed, doctype, encoding, too_large, too_deep or not_bpmn.
    """
    root = read(xml, max_bytes=max_bytes)
    if root.tag != f"{{{BPMN}}}definitions":
        raise BpmnError(
            "not_bpmn",
            say("The file is XML, but not BPMN 2.0: its outermost element must be BPMN’s “definitions”."),
            line=line_of(root),
        )
    return _Reader(root, xml if isinstance(xml, bytes) else as_bytes(xml)).model()


class _Reader:
    def __init__(self, root: Element, source: bytes) -> None:
        self.root = root
        self.source = source
        self.issues: list[Issue] = [*issues_of(root), *listing_issues(root)]
        self.nodes: dict[str, FlowNode] = {}
        self.flows: dict[str, SequenceFlow] = {}
        self.lanes: dict[str, Lane] = {}
        self.processes: dict[str, Process] = {}
        self.data: dict[str, DataElement] = {}
        self.artifacts: dict[str, Artifact] = {}
        self.participants: dict[str, Participant] = {}
        self.message_flows: dict[str, MessageFlow] = {}
        self.named = self._named()
        self.incoming: dict[str, list[str]] = {}
        self.outgoing: dict[str, list[str]] = {}
        self.defaults: set[tuple[str, str]] = set()
        self.boundaries: dict[str, list[str]] = {}
        self.lane_of: dict[str, str] = {}
        self.categories = {
            value.get("id", ""): value.get("value", "") for value in root.iter(f"{{{BPMN}}}categoryValue")
        }
        definitions = {e.get("id", ""): e for e in children(root) if local(e).endswith("EventDefinition")}
        self.global_tasks = global_tasks(root)
        self.builder = NodeReader(self.named, definitions, root.get("expressionLanguage", "").strip())

    def model(self) -> Model:
        self._survey()
        for element in children(self.root, "process", *_CHOREOGRAPHIES):
            self._process(element)
        for element in children(self.root, "collaboration", "globalConversation", *_CHOREOGRAPHIES):
            self._collaboration(element)
        if not self.processes:
            sentence = "The file holds no process."
            self.issues.append(Issue(code="no_process", sentence=sentence, line=line_of(self.root)))
        return Model(
            source=self.source,
            definitions=Definitions(
                id=self.root.get("id", ""),
                name=self.root.get("name", ""),
                target_namespace=self.root.get("targetNamespace", ""),
                exporter=self.root.get("exporter", ""),
                exporter_version=self.root.get("exporterVersion", ""),
                expression_language=self.root.get("expressionLanguage", ""),
            ),
            processes=self.processes,
            nodes=self.nodes,
            flows=self.flows,
            lanes=self.lanes,
            participants=self.participants,
            message_flows=self.message_flows,
            named=self.named,
            data=self.data,
            artifacts=self.artifacts,
            collaboration=next((e.get("id", "") for e in children(self.root, "collaboration")), ""),
            diagrams=read_diagrams(self.root),
            issues=tuple(self.issues),
        )

    # --- what nodes must know before they are built ----------------------------------------------------
    def _survey(self) -> None:
        """Who is connected to whom; the flows themselves and not the nodes' lists are the truth."""
        for flow in self.root.iter(f"{{{BPMN}}}sequenceFlow"):
            flow_id = self._id(flow)
            source, target = reference(flow.get("sourceRef")), reference(flow.get("targetRef"))
            if flow_id not in self.outgoing.get(source, ()):
                self.outgoing.setdefault(source, []).append(flow_id)
            if flow_id not in self.incoming.get(target, ()):
                self.incoming.setdefault(target, []).append(flow_id)
        for event in self.root.iter(f"{{{BPMN}}}boundaryEvent"):
            self.boundaries.setdefault(reference(event.get("attachedToRef")), []).append(self._id(event))
        for element in self.root.iter(f"{{{BPMN}}}*"):
            if element.get("default"):
                self.defaults.add((element.get("id", ""), reference(element.get("default"))))
        for process in self.root.iter(f"{{{BPMN}}}process", f"{{{BPMN}}}subProcess"):
            for lane_set in children(process, "laneSet"):
                self._lane_set(lane_set, self._id(process), "")

    def _lane_set(self, lane_set: Element, process: str, parent: str) -> None:
        for element in children(lane_set, "lane"):
            lane_id = self._id(element)
            ours = first(element, "lane")
            members = tuple(reference(text_of(part)) for part in children(element, "flowNodeRef"))
            self._keep(self.lanes, Lane(
                id=lane_id,
                process=process,
                name=element.get("name", ""),
                labels=texts(element, "label"),
                role=(ours.get("role", "") if ours is not None else "").strip(),
                nodes=members,
                parent=parent,
                line=line_of(element),
            ))  # fmt: skip
            for member in members:
                self.lane_of[member] = lane_id
            inner = child(element, "childLaneSet")
            if inner is not None:
                self._lane_set(inner, process, lane_id)

    def _named(self) -> dict[str, Named]:
        found: dict[str, Named] = {}
        for element in children(self.root, *_NAMED):
            kind = local(element)
            item = Named(
                id=self._id(element),
                kind=kind,
                name=element.get("name", ""),
                code=element.get(_NAMED[kind], "") if _NAMED[kind] else "",
                structure=reference(element.get("structureRef") or element.get("itemRef")),
                line=line_of(element),
            )
            found.setdefault(item.id, item)
        return found

    # --- processes and what is in them -----------------------------------------------------------------
    def _process(self, element: Element) -> None:
        process_id = self._id(element)
        inner = self._content(element, process_id, process_id)
        if local(element) != "process":
            return
        executable = element.get("isExecutable")
        self._keep(self.processes, Process(
            id=process_id,
            name=element.get("name", ""),
            labels=texts(element, "label"),
            documentation=documentation_of(element),
            is_executable=None if executable is None else executable.strip() in ("true", "1"),
            process_type=element.get("processType", "None"),
            is_closed=flag(element, "isClosed", False),
            ext=process_ext(element),
            purpose=texts(element, "purpose"),
            measures=measures_ext(element),
            children=inner,
            lanes=tuple(lane.id for lane in self.lanes.values() if lane.process == process_id),
            line=line_of(element),
        ))  # fmt: skip

    def _content(self, element: Element, scope: str, process: str) -> tuple[str, ...]:
        found: list[str] = []
        for part in children(element):
            kind = local(part)
            if kind in NODE_KINDS:
                found.append(self._node(part, scope, process))
            elif kind == "sequenceFlow":
                self._flow(part, scope, process)
            elif kind in _ARTIFACTS:
                self._artifact(part, scope)
            elif kind in _DATA:
                self._data(part, scope)
            elif kind == "ioSpecification":
                for data in children(part, "dataInput", "dataOutput"):
                    self._data(data, scope)
        return tuple(found)

    def _node(self, element: Element, scope: str, process: str) -> str:
        node_id = self._id(element)
        inner = self._content(element, node_id, process)
        for part in children(element, *_ASSOCIATIONS):
            self._association(part, node_id, local(part) == "dataInputAssociation")
        common: dict[str, Any] = {
            "id": node_id,
            "scope": scope,
            "process": process,
            "incoming": tuple(self.incoming.get(node_id, ())),
            "outgoing": tuple(self.outgoing.get(node_id, ())),
            "lane": self.lane_of.get(node_id, ""),
        }
        if node_id in self.boundaries and local(element) in ACTIVITY_KINDS:
            common["boundaries"] = tuple(self.boundaries[node_id])
        self._keep(self.nodes, self.builder.node(in_place(element, self.global_tasks), common, inner))
        return node_id

    def _flow(self, element: Element, scope: str, process: str) -> None:
        flow_id = self._id(element)
        source = reference(element.get("sourceRef"))
        immediate = element.get("isImmediate")
        self._keep(self.flows, SequenceFlow(
            id=flow_id,
            source=source,
            target=reference(element.get("targetRef")),
            scope=scope,
            process=process,
            name=element.get("name", ""),
            labels=texts(element, "label"),
            documentation=documentation_of(element),
            condition=self.builder.expression(child(element, "conditionExpression")),
            is_default=(source, flow_id) in self.defaults,
            is_immediate=None if immediate is None else immediate.strip() in ("true", "1"),
            line=line_of(element),
        ))  # fmt: skip

    def _data(self, element: Element, scope: str) -> None:
        state = child(element, "dataState")
        ref = next((element.get(name, "") for name in _DATA_REFS if element.get(name)), "")
        self._keep(self.data, DataElement(
            id=self._id(element),
            kind=local(element),
            scope=scope,
            name=element.get("name", ""),
            labels=texts(element, "label"),
            ref=reference(ref),
            is_collection=flag(element, "isCollection", False),
            state=state.get("name", "") if state is not None else "",
            line=line_of(element),
        ))  # fmt: skip

    def _artifact(self, element: Element, scope: str) -> None:
        category = self.categories.get(reference(element.get("categoryValueRef")), "")
        self._keep(self.artifacts, Artifact(
            id=self._id(element),
            kind=local(element),
            scope=scope,
            text=text_of(child(element, "text")) or category,
            labels=texts(element, "label"),
            source=reference(element.get("sourceRef")),
            target=reference(element.get("targetRef")),
            direction=element.get("associationDirection", "None"),
            line=line_of(element),
        ))  # fmt: skip

    def _association(self, element: Element, node_id: str, is_input: bool) -> None:
        """A data association is drawn between its data and the activity, whose inner inputs are not drawn."""
        end = reference(text_of(child(element, "sourceRef" if is_input else "targetRef")))
        self._keep(self.artifacts, Artifact(
            id=self._id(element),
            kind="dataAssociation",
            scope=node_id,
            source=end if is_input else node_id,
            target=node_id if is_input else end,
            direction="One",
            line=line_of(element),
        ))  # fmt: skip

    # --- collaborations --------------------------------------------------------------------------------
    def _collaboration(self, element: Element) -> None:
        for part in children(element):
            kind = local(part)
            if kind == "participant":
                several = child(part, "participantMultiplicity")
                self._keep(self.participants, Participant(
                    id=self._id(part),
                    name=part.get("name", ""),
                    labels=texts(part, "label"),
                    process=reference(part.get("processRef")),
                    minimum=(number(several, "minimum") or 0) if several is not None else None,
                    maximum=number(several, "maximum") if several is not None else None,
                    line=line_of(part),
                ))  # fmt: skip
            elif kind == "messageFlow":
                self._keep(self.message_flows, MessageFlow(
                    id=self._id(part),
                    source=reference(part.get("sourceRef")),
                    target=reference(part.get("targetRef")),
                    name=part.get("name", ""),
                    labels=texts(part, "label"),
                    message=reference(part.get("messageRef")),
                    line=line_of(part),
                ))  # fmt: skip
            elif kind in _ARTIFACTS and local(element) == "collaboration":
                self._artifact(part, self._id(element))

    @staticmethod
    def _id(element: Element) -> str:
        """The element's id; one that has none is called by its tag and line."""
        return element.get("id") or f"{local(element)}_at_line_{line_of(element)}"

    @staticmethod
    def _keep(table: dict[str, Any], item: Any) -> None:
        table.setdefault(item.id, item)


def tree_of(model: Model) -> Element:
    """The XML tree of a model, for rules and edits that go beyond what the model holds. A fresh copy."""
    return read(model.source, max_bytes=max(MAX_BYTES, len(model.source)))
