"""Edits of a drawing that change only what they are told to change.

Each takes a model and gives a new one: the document is copied, edited and read again. Elements are found by
id; an id that is not there gives `BpmnError("unknown_element", ...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from processes.bpmn.errors import BpmnError
from processes.bpmn.model import Model
from processes.bpmn.parser import parse, tree_of
from processes.bpmn.writer import serialise
from processes.bpmn.xml import BPMN, OURS, Element, child, children, local
from processes.marked import say

_BEFORE_EXTENSIONS = ("documentation",)


def edited(model: Model, change: Callable[[Element], None]) -> Model:
    """The model after `change` has edited a copy of its tree."""
    root = tree_of(model)
    change(root)
    return parse(serialise(root), max_bytes=max(len(model.source) * 2, 20 * 1024 * 1024))


def rename(model: Model, element_id: str, name: str) -> Model:
    """Give an element another name (its ids and everything else stay)."""

    def change(root: Element) -> None:
        element = find(root, element_id)
        if local(element) == "textAnnotation":
            holder = child(element, "text")
            if holder is None:
                holder = etree.SubElement(element, f"{{{BPMN}}}text")
            holder.text = name
        else:
            element.set("name", name)

    return edited(model, change)


def translate(model: Model, element_id: str, language: str, text: str) -> Model:
    """Set (or with an empty text take away) the translation of an element's name."""
    return set_text(model, element_id, "label", language, text)


def set_text(model: Model, element_id: str, tag: str, language: str, text: str) -> Model:
    """Set one of our texts by language: tag "label", "guidance", "customer" or "purpose"."""

    def change(root: Element) -> None:
        element = find(root, element_id)
        found = [p for p in _ours(element, tag) if p.get("lang", "en") == language]
        if not text:
            for part in found:
                _take_out(part)
        elif found:
            found[0].text = text
        else:
            part = etree.SubElement(_extensions(element), f"{{{OURS}}}{tag}", nsmap={"redraw": OURS})
            part.set("lang", language)
            part.text = text

    return edited(model, change)


def set_attribute(model: Model, element_id: str, tag: str, attributes: Mapping[str, str | None]) -> Model:
    """Set attributes of our extension element `tag` ("task", "action", "decision" ...); None takes one away.

    The extension element is made when it is not there.
    """

    def change(root: Element) -> None:
        element = find(root, element_id)
        part = next(iter(_ours(element, tag)), None)
        if part is None:
            part = etree.SubElement(_extensions(element), f"{{{OURS}}}{tag}", nsmap={"redraw": OURS})
        for name, value in attributes.items():
            if value is None:
                part.attrib.pop(name, "")
            else:
                part.set(name, value)

    return edited(model, change)


def set_condition(model: Model, flow_id: str, text: str) -> Model:
    """Set the FEEL condition of a sequence flow; an empty text takes the condition away."""

    def change(root: Element) -> None:
        flow = find(root, flow_id)
        holder = child(flow, "conditionExpression")
        if not text:
            if holder is not None:
                _take_out(holder)
            return
        if holder is None:
            holder = etree.SubElement(flow, f"{{{BPMN}}}conditionExpression")
        holder.text = text
        holder.attrib.pop("language", "")

    return edited(model, change)


def set_default(model: Model, node_id: str, flow_id: str) -> Model:
    """Make a flow the default of the gateway or activity it leaves."""

    def change(root: Element) -> None:
        flow = find(root, flow_id)
        if flow.get("sourceRef", "").rpartition(":")[2] != node_id:
            raise BpmnError("wrong_flow", say("“%(flow)s” does not leave “%(node)s”; choose a flow that begins there.", flow=flow_id, node=node_id), element=node_id)
        find(root, node_id).set("default", flow_id)

    return edited(model, change)


def find(root: Element, element_id: str) -> Element:
    """The element of an id; raises `BpmnError` when there is none."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.get("id") == element_id:
            return element
    raise BpmnError("unknown_element", say("The drawing has no element “%(element)s”; it may have been taken out.", element=element_id), element=element_id)


def _ours(element: Element, tag: str) -> list[Element]:
    holder = child(element, "extensionElements")
    return [] if holder is None else list(children(holder, tag, space=OURS))


def _extensions(element: Element) -> Element:
    """The element's `extensionElements`, made where the schema wants it: after the documentation."""
    holder = child(element, "extensionElements")
    if holder is None:
        holder = etree.Element(f"{{{BPMN}}}extensionElements")
        at = sum(1 for part in children(element, *_BEFORE_EXTENSIONS))
        element.insert(at, holder)
    return holder


def _take_out(part: Element) -> None:
    parent = part.getparent()
    if parent is not None:
        parent.remove(part)
