"""JSON as a tree, so that forms and lists are merged by the same rules as drawings.

An object becomes an element with one child for each entry, a list of objects an element with one child for each of
them; everything else (a text, a number, a list of texts) is one value, kept as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lxml import etree

from processes.merging.index import Index, Key, Language

NAME = "n"
DEEPEST = 60


class TooDeep(ValueError):
    """The text is nested too deeply to be merged, or is no JSON."""


def tree_of(text: str) -> Any:
    """The tree of a JSON text; TooDeep (a ValueError) for what cannot be one."""
    try:
        return _element(json.loads(text), 0)
    except RecursionError as error:
        raise TooDeep("nested too deeply") from error


def text_of(root: Any) -> str:
    """The JSON text of a tree."""
    return json.dumps(value_of(root), ensure_ascii=False, indent=2) + "\n"


def _element(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise TooDeep("nested too deeply")
    if isinstance(value, dict):
        found = etree.Element("object")
        for name, inner in value.items():
            part = _element(inner, depth + 1)
            part.set(NAME, json.dumps(name))
            found.append(part)
        return found
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        found = etree.Element("list")
        found.extend([_element(item, depth + 1) for item in value])
        return found
    found = etree.Element("list" if value == [] else "value")
    found.text = None if value == [] else json.dumps(value)
    return found


def value_of(element: Any) -> Any:
    """The value of an element."""
    if element.tag == "object":
        return {name_of(part): value_of(part) for part in element}
    if element.tag == "list":
        return [value_of(part) for part in element]
    return json.loads(element.text)


def name_of(element: Any) -> str:
    """The name of an entry; "" for the root and for an item of a list."""
    found = element.get(NAME)
    return "" if found is None else str(json.loads(found))


def entry(element: Any, name: str) -> Any:
    """A plain value of an object: a text, a number; None when it has none of that name."""
    part = next((part for part in element if name_of(part) == name), None) if element.tag == "object" else None
    return None if part is None or part.tag != "value" else json.loads(part.text)


class Json(Language):
    """The language of JSON; `names_of` and `called` of a kind of text say which items of lists are the same."""

    def names(self, element: Any, index: Index) -> Sequence[Key]:
        return []

    def local_name(self, element: Any) -> str | None:
        found = element.get(NAME)
        return None if found is None else str(found)

    def ordered(self, element: Any) -> bool:
        return element.tag == "list"

    def owner(self, element: Any) -> str:
        while element is not None:
            if not element.get(NAME) and (found := self.called(element)):
                return found
            element = element.getparent()
        return ""

    def called(self, element: Any) -> str:
        """What people call an item of a list."""
        return ""

    def path(self, element: Any) -> str:
        """The names of the entries from the item of a list down to the element."""
        names: list[str] = []
        while element is not None and element.get(NAME):
            names.insert(0, name_of(element))
            element = element.getparent()
        return ".".join(names)

    def shown(self, value: Any) -> str:
        text = str(value)
        return str(json.loads(text)) if text.startswith('"') else text
