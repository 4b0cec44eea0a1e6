"""Global tasks (BPMN 2.0.2, 10.3.6): tasks that stand beside the processes of a file and are called from within.

A call activity that calls one of its own file does what that task says, at its own place: so the model shows it as
that task, with the flows, the border and the markers of the call. The document keeps both as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from processes.bpmn.xml import BPMN, Element, child, children, local, reference

KINDS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
_OF_THE_CALL_ALONE = frozenset({"ioSpecification", "ioBinding", "supportedInterfaceRef"})


def global_tasks(root: Element) -> dict[str, Element]:
    """The global tasks of a file, by id."""
    return {element.get("id", ""): element for element in children(root, *KINDS)}


def in_place(element: Element, known: Mapping[str, Element]) -> Element:
    """A call of a global task of the file as that task, in the place of the call; any other element as it is."""
    if local(element) != "callActivity":
        return element
    called = known.get(reference(element.get("calledElement")))
    if called is None:
        return element
    task = deepcopy(element)
    task.tag = f"{{{BPMN}}}{KINDS[local(called)]}"
    del task.attrib["calledElement"]
    for name, value in called.attrib.items():
        if name not in task.attrib or (name == "name" and not task.get("name")):
            task.set(name, value)
    ours = child(task, "extensionElements")
    for part in children(called):
        if local(part) == "extensionElements" and ours is not None:
            ours.extend(deepcopy(inner) for inner in part)
        elif local(part) not in _OF_THE_CALL_ALONE:
            task.append(deepcopy(part))
    return task
