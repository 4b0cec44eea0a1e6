"""What a merge has to know of BPMN: which elements are the same, which repeat others, and what people call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from processes.bpmn.differ import word_for
from processes.bpmn.xml import BPMN, BPMNDI, DC, DI, OURS, local, namespace, reference, text_of
from processes.marked import say, word
from processes.merging.index import Index, Key, Language

_PICTURES = ("BPMNShape", "BPMNEdge")
_STANDARD = (BPMN, BPMNDI, DC, DI)
_OF_A_KIND = frozenset({"label", "guidance", "customer", "purpose", "measure", "input", "in", "out", "payload", "item", "text"})
_KEYS = ("key", "name", "lang", "of")
_ONE = re.compile(r"(standardLoop|multiInstanceLoop)Characteristics|ioSpecification")
_PLACES = {"x": word("place"), "y": word("place"), "width": word("size"), "height": word("size")}


class Drawing(Language):
    """The language of BPMN files, with our own settings in them."""

    def names(self, element: Any, index: Index) -> Sequence[Key]:
        tag, space = local(element), namespace(element)
        if space == BPMNDI and tag in _PICTURES and element.get("bpmnElement"):
            return [("picture", tag, reference(element.get("bpmnElement")))]
        if space == BPMN and tag == "flowNodeRef":
            holder = index.key_of.get(element.getparent())
            return [("lane", index.parents.get(holder or ()), reference(text_of(element)))]
        if _ONE.fullmatch(tag):
            return []
        return super().names(element, index)

    def local_name(self, element: Any) -> str | None:
        tag, space = local(element), namespace(element)
        if space == BPMN and tag.endswith(("Ref", "Refs")) and tag not in ("sourceRef", "targetRef") and not len(element):
            return text_of(element)
        if space in _STANDARD or (space == OURS and tag not in _OF_A_KIND):
            return None
        found = [f"{name}={element.get(name)}" for name in _KEYS if element.get(name)]
        return " ".join(found) if found else ("" if space == OURS else None)

    def derived(self, element: Any) -> bool:
        return local(element) in ("incoming", "outgoing") and namespace(element) == BPMN

    def listed(self, element: Any) -> bool:
        return local(element) == "waypoint" and namespace(element) == DI

    def single(self, element: Any) -> bool:
        return namespace(element) in (*_STANDARD, OURS)

    def follows(self, element: Any, index: Index) -> Key | None:
        if not isinstance(element.tag, str):
            return None
        if namespace(element) == BPMNDI and local(element) in _PICTURES:
            meant = reference(element.get("bpmnElement"))
        elif namespace(element) == BPMN and local(element) == "flowNodeRef":
            meant = reference(text_of(element))
        else:
            return None
        return ("id", meant) if meant else None

    def weighs(self, element: Any) -> bool:
        return local(element) == "flowNodeRef"

    def leads(self, element: Any) -> bool:
        return local(element) in ("documentation", "extensionElements") or not isinstance(element.tag, str)

    def owner(self, element: Any) -> str:
        while element is not None:
            if isinstance(element.tag, str):
                if local(element) in _PICTURES:
                    return reference(element.get("bpmnElement"))
                if local(element) == "flowNodeRef":
                    return reference(text_of(element))
                if element.get("id") and not local(element).endswith("EventDefinition"):
                    return str(element.get("id"))
            element = element.getparent()
        return ""

    def word(self, element: Any, what: str) -> str:
        if what == "-":
            return word("whether it is there")
        if what == "^":
            return word("lane") if local(element) == "flowNodeRef" else word("where it belongs")
        if what == "#":
            return word("order")
        if what.startswith("["):
            return word("course")
        if what == "<":
            return word("kind")
        if local(element) == "Bounds":
            return _PLACES.get(what, what)
        return self._part(element, what)

    def _part(self, element: Any, what: str) -> str:
        if namespace(element) == BPMN and element.get("id") and what not in (">", "*"):
            return word_for(what)
        part = word_for(local(element) or "comment")
        detail = {">": "", "*": ""}.get(what, what) or element.get("lang", "") or element.get("name", "")
        return say("%(part)s: %(detail)s", part=part, detail=detail.rpartition("}")[2]) if detail else part

    def shown(self, value: Any) -> str:
        if isinstance(value, tuple):
            return " ".join(",".join(re.findall(r'\b[xy]="([^"]*)"', text)) for text in value)
        return super().shown(value)

    def quiet(self, element: Any, what: str) -> bool:
        return what == "id"
