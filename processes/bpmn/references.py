"""Ids and references of a file: every id once, every reference to something that is there.

`id` is an xsd:ID in the schemas of BPMN 2.0.2 and BPMN DI, references are xsd:QName; a reference whose prefix
names another namespace than the file's own points into an import and is not looked up.
"""

from __future__ import annotations

from collections.abc import Iterator

from processes.bpmn.errors import Issue
from processes.bpmn.xml import BPMN, BPMNDI, Element, line_of, local, namespace, text_of

_ATTRIBUTES = frozenset(
    {
        "sourceRef", "targetRef", "default", "attachedToRef", "messageRef", "signalRef", "errorRef",
        "escalationRef", "processRef", "dataObjectRef", "dataStoreRef", "categoryValueRef", "activityRef",
        "operationRef", "parameterRef", "initiatingParticipantRef", "choreographyRef", "dataInputRef",
        "dataOutputRef",
    }
)  # fmt: skip
_CHILDREN = frozenset(
    {
        "incoming", "outgoing", "sourceRef", "targetRef", "flowNodeRef", "participantRef", "messageFlowRef",
        "inMessageRef", "outMessageRef", "errorRef", "operationRef", "dataInputRefs", "dataOutputRefs",
        "optionalInputRefs", "optionalOutputRefs", "whileExecutingInputRefs", "whileExecutingOutputRefs",
        "inputSetRefs", "outputSetRefs", "eventDefinitionRef", "loopDataInputRef", "loopDataOutputRef",
        "source", "target", "resourceRef",
    }
)  # fmt: skip


def owner_of(element: Element) -> str:
    """The id of the element itself or of the nearest one around it that has an id."""
    current: Element | None = element
    while current is not None:
        if isinstance(current.tag, str) and current.get("id"):
            return current.get("id", "")
        current = current.getparent()
    return ""


def issues_of(root: Element) -> Iterator[Issue]:
    """Duplicate ids and dangling references, in the file's order."""
    known: dict[str, Element] = {}
    elements = [e for e in root.iter() if isinstance(e.tag, str) and namespace(e) in (BPMN, BPMNDI)]
    for element in elements:
        found = element.get("id")
        if not found:
            continue
        if found in known:
            yield Issue(
                code="duplicate_id",
                sentence=f"The id “{found}” is used twice (line {line_of(known[found])}, then {line_of(element)}).",
                element=found,
                line=line_of(element),
                params={"id": found, "first": line_of(known[found]), "second": line_of(element)},
            )
        else:
            known[found] = element
    for element in elements:
        if namespace(element) == BPMN:
            yield from _dangling(element, known, root)
        elif element.get("bpmnElement") and _missing(element.get("bpmnElement", ""), element, known, root):
            meant = element.get("bpmnElement", "")
            yield Issue(
                code="dangling_shape",
                sentence=f"The picture shows “{meant}”, but the drawing has no such element.",
                element=owner_of(element),
                line=line_of(element),
                params={"ref": meant},
            )


def _dangling(element: Element, known: dict[str, Element], root: Element) -> Iterator[Issue]:
    uses = [(name, element.get(name, "")) for name in element.attrib if name in _ATTRIBUTES]
    if local(element) in _CHILDREN and len(element) == 0:
        uses.append((local(element), text_of(element)))
    for name, meant in uses:
        if not meant.strip():
            if name in ("sourceRef", "targetRef", "attachedToRef"):
                yield _issue(element, str(name), meant)
        elif _missing(meant, element, known, root):
            yield _issue(element, str(name), meant)
    required = {"sequenceFlow": ("sourceRef", "targetRef"), "messageFlow": ("sourceRef", "targetRef"),
                "boundaryEvent": ("attachedToRef",)}  # fmt: skip
    for name in required.get(local(element), ()):
        if element.get(name) is None:
            yield _issue(element, name, "")


def _issue(element: Element, name: str, meant: str) -> Issue:
    owner = owner_of(element)
    called = element.get("name") or owner or local(element)
    if meant.strip():
        sentence = f"“{called}” refers to “{meant.strip()}” ({name}), but there is no such element."
    else:
        sentence = f"“{called}” does not say what its {name} is."
    return Issue(
        code="dangling_reference" if meant.strip() else "missing_reference",
        sentence=sentence,
        element=owner,
        line=line_of(element),
        params={"attribute": name, "ref": meant.strip(), "name": called},
    )


def _missing(meant: str, element: Element, known: dict[str, Element], root: Element) -> bool:
    text = meant.strip()
    prefix, _, name = text.rpartition(":")
    if name in known or text in known:
        return False
    if prefix:
        space = element.nsmap.get(prefix)
        own = (root.get("targetNamespace") or "").strip()
        return space is None or space == own
    return True


def listing_issues(root: Element) -> Iterator[Issue]:
    """Nodes whose `incoming` and `outgoing` lists contradict the sequence flows.

    The lists are the other end of a flow's `sourceRef` and `targetRef` (BPMN 2.0.2, table 8.43 and figure
    8.33) and may be left out as a whole; a file that keeps them must keep them right.
    """
    flows = list(root.iter(f"{{{BPMN}}}sequenceFlow"))
    by_id = {flow.get("id", ""): flow for flow in flows}
    lists: dict[Element, set[tuple[str, str]]] = {}
    for tag in ("incoming", "outgoing"):
        for part in root.iter(f"{{{BPMN}}}{tag}"):
            parent = part.getparent()
            if parent is not None and namespace(parent) == BPMN:
                lists.setdefault(parent, set()).add((tag, text_of(part).rpartition(":")[2]))
    if not lists:
        return
    for node, entries in lists.items():
        for tag, flow_id in sorted(entries):
            flow = by_id.get(flow_id)
            end = "targetRef" if tag == "incoming" else "sourceRef"
            if flow is not None and (flow.get(end) or "").strip().rpartition(":")[2] != node.get("id"):
                yield _contradiction(node, flow_id, tag)
    nodes = {e.get("id"): e for e in root.iter(f"{{{BPMN}}}*") if e.get("id")}
    for flow in flows:
        for tag, end in (("outgoing", "sourceRef"), ("incoming", "targetRef")):
            found = nodes.get((flow.get(end) or "").strip().rpartition(":")[2])
            if found is not None and (tag, flow.get("id", "")) not in lists.get(found, set()):
                yield _contradiction(found, flow.get("id", ""), tag)


def _contradiction(node: Element, flow_id: str, tag: str) -> Issue:
    called = node.get("name") or node.get("id") or local(node)
    return Issue(
        code="flow_list_differs",
        sentence=f"What “{called}” lists as {tag} does not agree with the sequence flow “{flow_id}”.",
        element=node.get("id", ""),
        line=line_of(node),
        params={"name": called, "flow": flow_id, "list": tag},
        related=(flow_id,),
    )
