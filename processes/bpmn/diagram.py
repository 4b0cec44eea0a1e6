"""The picture of a drawing: shapes and edges of BPMN DI (BPMN 2.0.2, chapter 12), in diagram units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle; `x` and `y` are its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the rectangle."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        """The x of its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower side."""
        return self.y + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where an element is drawn; `element` is the element's id."""

    id: str
    element: str
    bounds: Bounds
    label: Bounds | None = None
    is_horizontal: bool = True
    is_expanded: bool | None = None
    is_marker_visible: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """How a flow or association runs: its waypoints from source to target."""

    id: str
    element: str
    waypoints: tuple[tuple[float, float], ...]
    label: Bounds | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """One BPMNDiagram; `plane` is the id of the process or collaboration it shows."""

    id: str = ""
    name: str = ""
    plane: str = ""
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing is drawn."""
        return not self.shapes
