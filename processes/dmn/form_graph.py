"""The requirements of a decision file as the editor draws them: a graph to look at, laid out in levels.

It is made anew for the editor's form and never written back, so that a diagram that came with a file stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .form_words import Words
from .reader import Reader

_EDITOR = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_DMNDI = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
_DC = "http://www.omg.org/spec/DMN/20180521/DC/"
_DI = "http://www.omg.org/spec/DMN/20180521/DI/"
_SIZES = {"inputData": (160, 50), "decision": (180, 80), "businessKnowledgeModel": (160, 60), "knowledgeSource": (120, 64)}
_NEEDS = {
    "informationRequirement": ("requiredInput", "requiredDecision"), "knowledgeRequirement": ("requiredKnowledge",),
    "authorityRequirement": ("requiredAuthority", "requiredInput", "requiredDecision"),
}  # fmt: skip
_APART, _LEVEL, _MARGIN = 40, 150, 40


@dataclass
class Graph:
    """The elements of the file (each with its part of the form) and which part needs which."""

    elements: list[tuple[Any, Any]] = field(default_factory=list)
    needs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def level(self, name: str, trail: frozenset[str] = frozenset()) -> int:
        """How far up a part stands: above all that it needs; a circle is cut."""
        return max((1 + self.level(other, trail | {name}) for other, _id in self.needs.get(name, []) if other not in trail | {name}), default=0)

    def draw(self, root: Any) -> None:
        """Add the diagram to the form."""
        if not self.elements:
            return
        diagram = etree.SubElement(etree.SubElement(root, f"{{{_DMNDI}}}DMNDI"), f"{{{_DMNDI}}}DMNDiagram")
        diagram.set("id", "redraw_diagram")
        boxes = self._boxes()
        for name, box in boxes.items():
            shape = etree.SubElement(diagram, f"{{{_DMNDI}}}DMNShape", id=f"redraw_shape_{name}", dmnElementRef=name)
            bounds = etree.SubElement(shape, f"{{{_DC}}}Bounds")
            for key, value in zip(("x", "y", "width", "height"), box, strict=True):
                bounds.set(key, str(value))
        for name, needed in self.needs.items():
            for other, requirement in needed:
                if other in boxes and name in boxes:
                    self._edge(diagram, requirement, boxes[other], boxes[name])

    def _boxes(self) -> dict[str, tuple[int, int, int, int]]:
        levels: dict[int, list[Any]] = {}
        for _raw, part in self.elements:
            levels.setdefault(self.level(part.get("id")), []).append(part)
        top, boxes = max(levels), {}
        for level, parts in levels.items():
            x = _MARGIN
            for part in parts:
                width, height = _SIZES[etree.QName(part).localname]
                boxes[part.get("id")] = (x, _MARGIN + (top - level) * _LEVEL, width, height)
                x += width + _APART
        return boxes

    def _edge(self, diagram: Any, requirement: str, start: tuple[int, ...], end: tuple[int, ...]) -> None:
        edge = etree.SubElement(diagram, f"{{{_DMNDI}}}DMNEdge", id=f"redraw_edge_{requirement}", dmnElementRef=requirement)
        for x, y in ((start[0] + start[2] // 2, start[1]), (end[0] + end[2] // 2, end[1] + end[3])):
            etree.SubElement(edge, f"{{{_DI}}}waypoint", x=str(x), y=str(y))


def graph_of(root: Any, reader: Reader, words: Words, identify: Callable[[Any, str], str]) -> Graph:
    """The graph of a file; `identify` gives the id of an element in the form."""
    graph = Graph()
    names: dict[str, str] = {}
    for at, raw in enumerate(reader.children(root, *_SIZES), 1):
        part = etree.Element(f"{{{_EDITOR}}}{etree.QName(raw).localname}", id=identify(raw, f"element_{at}"))
        part.set("name", words.called(raw))
        names.setdefault(reader.identity(raw), part.get("id", ""))
        graph.elements.append((raw, part))
    count = 0
    for raw, part in graph.elements:
        for kind, ways in _NEEDS.items():
            for need in reader.children(raw, kind):
                target = reader.child(need, *ways)
                other = names.get(target.get("href", "").strip().lstrip("#")) if target is not None else None
                if other is None or target is None:
                    continue
                count += 1
                made = etree.SubElement(part, f"{{{_EDITOR}}}{kind}", id=identify(need, f"requirement_{count}"))
                etree.SubElement(made, f"{{{_EDITOR}}}{etree.QName(target).localname}", href=f"#{other}")
                graph.needs.setdefault(part.get("id", ""), []).append((other, made.get("id", "")))
    return graph
