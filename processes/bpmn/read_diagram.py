"""BPMN DI: the shapes and edges of a file (BPMN 2.0.2, chapter 12)."""

from __future__ import annotations

import math

from processes.bpmn.diagram import Bounds, Diagram, Edge, Shape
from processes.bpmn.xml import BPMNDI, DC, DI, Element, child, children, flag, line_of, reference

LIMIT = 1e6  # a coordinate beyond this is a mistake, and would make a picture nobody can see


def read_diagrams(root: Element) -> tuple[Diagram, ...]:
    """Every `BPMNDiagram` of a file, shapes and edges with unreadable numbers left out."""
    return tuple(_diagram(element) for element in children(root, "BPMNDiagram", space=BPMNDI))


def _diagram(element: Element) -> Diagram:
    plane = child(element, "BPMNPlane", BPMNDI)
    parts = list(children(plane, space=BPMNDI)) if plane is not None else []
    shapes = (_shape(part) for part in parts if part.tag == f"{{{BPMNDI}}}BPMNShape")
    edges = (_edge(part) for part in parts if part.tag == f"{{{BPMNDI}}}BPMNEdge")
    return Diagram(
        id=element.get("id", ""),
        name=element.get("name", ""),
        plane=reference(plane.get("bpmnElement")) if plane is not None else "",
        shapes=tuple(shape for shape in shapes if shape is not None),
        edges=tuple(edge for edge in edges if edge is not None),
    )


def _shape(element: Element) -> Shape | None:
    bounds = _bounds(element)
    if bounds is None:
        return None
    expanded = element.get("isExpanded")
    return Shape(
        id=element.get("id", ""),
        element=reference(element.get("bpmnElement")),
        bounds=bounds,
        label=_label(element),
        is_horizontal=flag(element, "isHorizontal", True),
        is_expanded=None if expanded is None else expanded.strip() in ("true", "1"),
        is_marker_visible=flag(element, "isMarkerVisible", False),
        line=line_of(element),
    )


def _edge(element: Element) -> Edge | None:
    points = [_point(part) for part in children(element, "waypoint", space=DI)]
    known = tuple(point for point in points if point is not None)
    if len(known) < 2:
        return None
    return Edge(
        id=element.get("id", ""),
        element=reference(element.get("bpmnElement")),
        waypoints=known,
        label=_label(element),
        line=line_of(element),
    )


def _label(element: Element) -> Bounds | None:
    label = child(element, "BPMNLabel", BPMNDI)
    return _bounds(label) if label is not None else None


def _bounds(element: Element) -> Bounds | None:
    found = child(element, "Bounds", DC)
    if found is None:
        return None
    values = [_number(found.get(name)) for name in ("x", "y", "width", "height")]
    x, y, width, height = values
    if x is None or y is None or width is None or height is None or width < 0 or height < 0:
        return None
    return Bounds(x, y, width, height)


def _point(element: Element) -> tuple[float, float] | None:
    x, y = _number(element.get("x")), _number(element.get("y"))
    return None if x is None or y is None else (x, y)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LIMIT else None
