"""What a merge has to know of decision files: a cell belongs to its rule and its column, a shape to its decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lxml import etree

from processes.dmn.reader import NAMESPACES
from processes.marked import say, word
from processes.merging.index import Index, Key, Language

CELLS = {"inputEntry": "input", "outputEntry": "output", "annotationEntry": "annotation"}
_COLUMNS = tuple(CELLS.values())
_WORDS = {
    "name": word("name"), "label": word("name"), "hitPolicy": word("hit policy"), "aggregation": word("hit policy"),
    "typeRef": word("type"), "inputEntry": word("cell"), "outputEntry": word("cell"), "annotationEntry": word("note"),
    "inputExpression": word("what it asks"), "inputValues": word("allowed values"), "outputValues": word("allowed values"),
    "defaultOutputEntry": word("default"), "description": word("description"), "question": word("question"),
    "literalExpression": word("expression"),
}  # fmt: skip
_LOCAL = ("key", "name", "lang", "of")


def tag(element: Any) -> str:
    """The tag without its namespace; "" for comments."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def is_dmn(element: Any) -> bool:
    """Whether the element is one of the standard and not somebody's own."""
    return isinstance(element.tag, str) and etree.QName(element).namespace in NAMESPACES


def columns_of(table: Any, kind: str) -> list[Any]:
    """The columns of a table of one kind, in their order."""
    return [part for part in table if is_dmn(part) and tag(part) == kind]


class Tables(Language):
    """The language of DMN files, with our own settings in them."""

    def names(self, element: Any, index: Index) -> Sequence[Key]:
        if column := self._column(element, index):
            return [("cell", index.key_of[element.getparent()], column)]
        meant = element.get("dmnElementRef")
        if meant and tag(element) in ("DMNShape", "DMNEdge"):
            return [("picture", tag(element), meant)]
        return super().names(element, index)

    def local_name(self, element: Any) -> str | None:
        if is_dmn(element):
            return element.get("name") if tag(element) in ("annotation", "contextEntry") else None
        found = [f"{name}={element.get(name)}" for name in _LOCAL if element.get(name)]
        return " ".join(found) or None

    def listed(self, element: Any) -> bool:
        return tag(element) == "waypoint"

    def single(self, element: Any) -> bool:
        return is_dmn(element) or tag(element) in ("Bounds", "DMNLabel")

    def follows(self, element: Any, index: Index) -> Key | None:
        if not isinstance(element.tag, str):
            return None
        if tag(element) in ("DMNShape", "DMNEdge") and element.get("dmnElementRef"):
            return ("id", element.get("dmnElementRef"))
        return self._column(element, index)

    def weighs(self, element: Any) -> bool:
        return tag(element) in CELLS

    def ordered(self, element: Any) -> bool:
        return tag(element) == "decisionTable"

    def leads(self, element: Any) -> bool:
        return tag(element) in ("description", "extensionElements")

    def owner(self, element: Any) -> str:
        while element is not None:
            if tag(element) in ("DMNShape", "DMNEdge"):
                return str(element.get("dmnElementRef") or "")
            if element.get("id") and tag(element) not in (*CELLS, "inputExpression", "variable", "text"):
                return str(element.get("id"))
            element = element.getparent()
        return ""

    def word(self, element: Any, what: str) -> str:
        fixed = {"-": word("whether it is there"), "^": word("where it belongs"), "#": word("order"), "<": word("kind")}
        if what in fixed:
            return fixed[what]
        if what.startswith("[") or tag(element) == "Bounds":
            return word("place")
        if (cell := _cell(element)) is not None:
            return say("%(part)s: %(detail)s", part=word("cell"), detail=_column_name(cell))
        if tag(element) == "text":
            element = element.getparent()
        name = what if what not in (">", "*") else tag(element)
        return _WORDS.get(name, name)

    def quiet(self, element: Any, what: str) -> bool:
        return what == "id"

    @staticmethod
    def _column(element: Any, index: Index) -> Key | None:
        """The key of the column that a cell of a rule stands in."""
        kind = CELLS.get(tag(element))
        rule = element.getparent() if kind and is_dmn(element) else None
        if kind is None or rule is None or rule.getparent() is None:
            return None
        at = [part for part in rule if tag(part) == tag(element)].index(element)
        columns = columns_of(rule.getparent(), kind)
        return index.key_of.get(columns[at]) if at < len(columns) else None


def _cell(element: Any) -> Any:
    while element is not None and tag(element) not in CELLS:
        element = element.getparent()
    return element


def _column_name(cell: Any) -> str:
    rule = cell.getparent()
    at = [part for part in rule if tag(part) == tag(cell)].index(cell)
    columns = columns_of(rule.getparent(), CELLS[tag(cell)]) if rule.getparent() is not None else []
    if at >= len(columns):
        return ""
    asked = "".join(columns[at].itertext()).split("\n")[0].strip()
    return str(columns[at].get("label") or columns[at].get("name") or asked or columns[at].get("id") or at + 1)
