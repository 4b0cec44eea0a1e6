"""Rules of BPMN 2.0.2 on what the model does not carry: data (10.4), operations, resources, languages.

These look at the document itself, since only the standard's bookkeeping of data needs them; the engine here
works with variables and FEEL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from processes.bpmn.parser import tree_of
from processes.bpmn.references import owner_of
from processes.bpmn.xml import BPMN, Element, child, children, line_of, local, reference, text_of
from processes.lint.problems import Look, Problem

# RFC 3986: a scheme, then characters a URI may have; FEEL and others are also named by a bare word in practice
_URI = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*(:([A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?$")
_MIME = re.compile(r"^[A-Za-z0-9!#$&^_.+\-]+/[A-Za-z0-9!#$&^_.+\-]+(\s*;.*)?$")
_SHORT_LANGUAGES = frozenset({"feel", "javascript", "groovy", "python", "juel", "jexl", "ruby", "java"})
_LOOPS = ("standardLoopCharacteristics", "multiInstanceLoopCharacteristics")


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    root = tree_of(look.model)
    document = _Document(root)
    for element in root.iter(f"{{{BPMN}}}*"):
        for rule in _RULES.get(local(element), ()):
            yield from rule(look, document, element)
        yield from _languages(look, element)
        if len(list(children(element, *_LOOPS))) > 1:
            yield _found(look, "two_loop_markers", element)


class _Document:
    """The document's elements by id, and what the rules ask of them."""

    def __init__(self, root: Element) -> None:
        self.by_id: dict[str, Element] = {}
        for element in root.iter(f"{{{BPMN}}}*"):
            if element.get("id"):
                self.by_id.setdefault(element.get("id", ""), element)

    def get(self, ref: str | None) -> Element | None:
        return self.by_id.get(reference(ref))

    def item(self, element: Element | None, *names: str) -> str:
        """The item definition an element refers to: its own, or that of the object it stands for."""
        for name in names or ("itemSubjectRef", "itemRef", "structureRef"):
            if element is not None and element.get(name):
                return reference(element.get(name))
        return ""

    def is_collection(self, element: Element) -> bool:
        return element.get("isCollection", "false").strip() in ("true", "1")


def _found(look: Look, code: str, element: Element, **params: Any) -> Problem | None:
    owner = owner_of(element)
    params.setdefault("name", " ".join((element.get("name") or look.name(owner)).split()))
    return look.problem(code, owner, line=line_of(element), **params)


# --- languages -----------------------------------------------------------------------------------------------
def _languages(look: Look, element: Element) -> Iterator[Problem | None]:
    for name in ("language", "expressionLanguage", "typeLanguage"):
        value = element.get(name)
        known = value is None or value.strip().lower() in _SHORT_LANGUAGES or _URI.match(value.strip())
        if not known:
            yield _found(look, "language_uri", element, language=value or "")
    for name in ("scriptFormat", "textFormat"):
        value = element.get(name)
        if value and not _MIME.match(value.strip()) and value.strip().lower() not in _SHORT_LANGUAGES:
            yield _found(look, "script_format", element, format=value)


# --- resources, operations, calls ------------------------------------------------------------------------------
def _resource(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.3.1, ResourceRole: either a resource with its parameters or an assignment expression."""
    ref = child(element, "resourceRef")
    formula = child(element, "resourceAssignmentExpression")
    bound = child(element, "resourceParameterBinding")
    if (ref is not None and formula is not None) or (ref is None and bound is not None):
        yield _found(look, "resource_assignment", element)


def _operation(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.3.3: the data of a service, send or receive task are the messages of its operation."""
    operation = document.get(element.get("operationRef"))
    if operation is None:
        return
    kind = local(element)
    inputs, outputs = _data(document, element)
    asked = _message_item(document, child(operation, "inMessageRef"))
    answered = _message_item(document, child(operation, "outMessageRef"))
    wrong = False
    if kind in ("serviceTask", "sendTask") and asked is not None:
        wrong = inputs != [asked]
    if kind == "serviceTask" and answered is not None:
        wrong = wrong or outputs != [answered]
    if kind == "receiveTask" and asked is not None and outputs:
        wrong = outputs != [asked]
    if wrong:
        yield _found(
            look, "operation_data", element, operation=operation.get("name") or operation.get("id", "")
        )


def _message_item(document: _Document, ref: Element | None) -> str | None:
    """The item definition of a message; None when there is no message or it carries nothing."""
    message = document.get(text_of(ref)) if ref is not None else None
    return (document.item(message) or None) if message is not None else None


def _call(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.3.6: a call activity has the inputs and outputs of what it calls."""
    called = document.get(element.get("calledElement"))
    if called is None or child(called, "ioSpecification") is None:
        return
    if _data(document, element) != _data(document, called):
        name = called.get("name") or called.get("id", "")
        yield _found(look, "call_data", element, called=name)


def _data(document: _Document, element: Element) -> tuple[list[str], list[str]]:
    """The item definitions of an element's inputs and outputs, in order."""
    holder = child(element, "ioSpecification")
    if holder is None:
        return [], []
    return (
        [document.item(part) for part in children(holder, "dataInput")],
        [document.item(part) for part in children(holder, "dataOutput")],
    )


# --- data objects and sets ---------------------------------------------------------------------------------------
def _collection(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.4.1: isCollection must agree with the item definition's."""
    item = document.get(element.get("itemSubjectRef"))
    if item is None or element.get("isCollection") is None:
        return
    if document.is_collection(element) != document.is_collection(item):
        yield _found(look, "collection_differs", element)


def _association(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.4.2: the process's inputs only give and its outputs only take."""
    sources = [document.get(text_of(part)) for part in children(element, "sourceRef")]
    targets = [document.get(text_of(part)) for part in children(element, "targetRef")]
    for target in targets:
        if target is not None and local(target) == "dataInput" and _is_of_process(target):
            yield _found(look, "data_input_as_target", target)
    for source in sources:
        if source is not None and local(source) == "dataOutput" and _is_of_process(source):
            yield _found(look, "data_output_as_source", source)


def _is_of_process(element: Element) -> bool:
    holder = element.getparent()
    if holder is None or local(holder) != "ioSpecification":
        return False
    owner = holder.getparent()
    return owner is not None and local(owner) in ("process", "globalTask")


def _set(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.4.2: what is optional or read while executing is one of the set's own."""
    way = "Input" if local(element) == "inputSet" else "Output"
    own = {reference(text_of(part)) for part in children(element, f"data{way}Refs")}
    for part in children(element, f"optional{way}Refs", f"whileExecuting{way}Refs"):
        meant = reference(text_of(part))
        found = document.get(meant)
        if meant not in own and found is not None:
            yield _found(look, "optional_not_in_set", found)


def _loop(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.3.8: the collection of a multi-instance is a data input of the task (or a data object of the scope)."""
    for tag, kinds in (("loopDataInputRef", ("dataInput",)), ("loopDataOutputRef", ("dataOutput",))):
        meant = document.get(text_of(child(element, tag)))
        allowed = (*kinds, "dataObject", "dataObjectReference", "property", "dataStoreReference")
        if meant is not None and local(meant) not in allowed:
            yield _found(look, "loop_data", element)


def _event(look: Look, document: _Document, element: Element) -> Iterator[Problem | None]:
    """10.5.1: an event that names data has one per definition that carries an item, of the same item, in the
    definitions' order."""
    catching = local(element) in ("startEvent", "intermediateCatchEvent", "boundaryEvent")
    data = list(children(element, "dataOutput" if catching else "dataInput"))
    if not data:
        return
    items = []
    for definition in (part for part in children(element) if local(part).endswith("EventDefinition")):
        kind = local(definition).removesuffix("EventDefinition")
        named = document.get(definition.get(f"{kind}Ref"))
        if named is not None:
            items.append(document.item(named))
    if any(items) and [document.item(part) for part in data] != items:
        yield _found(look, "event_data", element)


_RULES = {
    **dict.fromkeys(("performer", "humanPerformer", "potentialOwner", "resourceRole"), (_resource,)),
    **dict.fromkeys(("serviceTask", "sendTask", "receiveTask"), (_operation,)),
    "callActivity": (_call,),
    **dict.fromkeys(("dataObject", "dataInput", "dataOutput"), (_collection,)),
    **dict.fromkeys(("dataInputAssociation", "dataOutputAssociation"), (_association,)),
    **dict.fromkeys(("inputSet", "outputSet"), (_set,)),
    "multiInstanceLoopCharacteristics": (_loop,),
    **dict.fromkeys(("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
                    (_event,)),
}  # fmt: skip
