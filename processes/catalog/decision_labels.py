"""Names of a decision file's parts by language: `redraw:label` of decisions, inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping

from processes.bpmn import BpmnError
from processes.bpmn.extensions import NAMESPACE
from processes.bpmn.xml import local, read

_LABEL = f"{{{NAMESPACE}}}label"


def labels_of(dmn: str) -> Mapping[str, Mapping[str, str]]:
    """Texts by language, by the id and by the name of each labelled element; empty when it is no XML.

    English falls back to the element's `label` attribute, then to its name in words. Names of inputs win over
    names of columns.
    """
    try:
        root = read(dmn)
    except BpmnError:
        return {}
    found: dict[str, dict[str, str]] = {}
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        texts = {"en": element.get("label", "")} if element.get("label") else {}
        for child in element:
            if isinstance(child.tag, str) and local(child) == "extensionElements":
                texts |= {item.get("lang", "en"): (item.text or "").strip() for item in child.iter(_LABEL)}
        if texts:
            texts.setdefault("en", (element.get("name") or "").replace("_", " ").capitalize())
            for name in (element.get("id"), element.get("name")):
                if name:
                    found.setdefault(name, texts)
    return found
