"""Words of a decision file by language: `redraw:label` of decisions, inputs, outputs and rules (what is noted beside
a rule), `redraw:guidance` of decisions (what they ask), `redraw:value` of the values that columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from processes.bpmn import BpmnError
from processes.bpmn.extensions import NAMESPACE
from processes.bpmn.xml import Element, local, read

_LABEL = f"{{{NAMESPACE}}}label"
_GUIDANCE = f"{{{NAMESPACE}}}guidance"
_VALUE = f"{{{NAMESPACE}}}value"


@lru_cache(maxsize=64)
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
        texts |= _by_language(element, _LABEL)
        if texts:
            if element.get("name"):
                texts.setdefault("en", element.get("name", "").replace("_", " ").capitalize())
            for name in (element.get("id"), element.get("name")):
                if name:
                    found.setdefault(name, texts)
    return found


def questions_of(dmn: str) -> Mapping[str, Mapping[str, str]]:
    """What each decision asks, by its id and by language: its question is the English one."""
    try:
        root = read(dmn)
    except BpmnError:
        return {}
    found: dict[str, dict[str, str]] = {}
    for element in root.iter():
        if isinstance(element.tag, str) and local(element) == "decision":
            asked = next((child.text for child in element if isinstance(child.tag, str) and local(child) == "question"), "")
            texts = {"en": (asked or "").strip()} | _by_language(element, _GUIDANCE)
            found[element.get("id", "")] = {language: text for language, text in texts.items() if text}
    return found


@lru_cache(maxsize=64)
def value_words(dmn: str) -> Mapping[str, Mapping[str, str]]:
    """What the values of a file's columns are called, by value and by language; English falls back to the value in
    words. Empty when it is no XML, or says nothing."""
    try:
        root = read(dmn)
    except BpmnError:
        return {}
    found: dict[str, dict[str, str]] = {}
    for element in root.iter(_VALUE):
        value = element.get("of", "")
        texts = found.setdefault(value, {"en": value.replace("_", " ").capitalize()})
        texts[element.get("lang", "en")] = (element.text or "").strip()
    return found


def note_of(annotations: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """What is noted beside a rule, by language: in columns named for languages, or in one column (English) with
    labels of the rule for the others."""
    notes = {name: text for name, text in annotations.items() if text}
    plain = next(iter(notes.values()), "")
    said = ({"en": plain} if plain else {}) | notes
    return said | {language: text for language, text in labels.items() if text}


def _by_language(element: Element, tag: str) -> dict[str, str]:
    return {
        item.get("lang", "en"): (item.text or "").strip()
        for child in element
        if isinstance(child.tag, str) and local(child) == "extensionElements"
        for item in child.iter(tag)
    }
