"""How a sequence flow runs over the grid of a layout: right angles, around what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from processes.bpmn.diagram import Bounds
from processes.bpmn.model import Model, SequenceFlow

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Grid:
    """Columns and rows by their first and last coordinate, and the cells that are taken."""

    columns: list[tuple[float, float]]
    rows: list[tuple[float, float]]
    taken: set[tuple[int, int]]

    @property
    def width(self) -> float:
        """The right side of the last column."""
        return self.columns[-1][1] if self.columns else 0.0

    @property
    def height(self) -> float:
        """The lower side of the last row, with the gap below it."""
        return self.rows[-1][1] + 44.0 if self.rows else 0.0

    def centre(self, column: int, row: int) -> tuple[float, float]:
        """The middle of a cell."""
        (left, right), (top, bottom) = self.columns[column], self.rows[row]
        return (left + right) / 2, (top + bottom) / 2

    def is_free(self, row: int, first: int, last: int) -> bool:
        """Say whether no node stands in a row strictly between two columns."""
        return not any((column, row) in self.taken for column in range(first + 1, last))

    def is_open(self, column: int, first: int, last: int) -> bool:
        """Say whether no node stands in a column strictly between two rows."""
        low, high = min(first, last), max(first, last)
        return not any((column, row) in self.taken for row in range(low + 1, high))


def route(
    model: Model,
    flow: SequenceFlow,
    bounds: dict[str, Bounds],
    grid: Grid,
    columns: dict[str, int],
    rows: dict[str, int],
) -> Points:
    """The waypoints of a flow; empty when one of its ends is not drawn."""
    source, target = model.nodes.get(flow.source), model.nodes.get(flow.target)
    if source is None or target is None or source.id not in bounds or target.id not in columns:
        return []
    host = getattr(source, "attached_to", "") or source.id
    if host not in columns:
        return []
    a, b = bounds[source.id], bounds[target.id]
    from_column, to_column, from_row, to_row = columns[host], columns[target.id], rows[host], rows[target.id]
    if to_column <= from_column:
        return _back(a, b, grid, from_row, to_row, source.kind == "boundaryEvent")
    if source.kind == "boundaryEvent":
        return _down(a, b, grid, (from_column, to_column), (from_row, to_row))
    if source.kind.endswith("Gateway") and from_row != to_row:
        free = grid.is_free(to_row, from_column - 1, to_column) and grid.is_open(
            from_column, from_row, to_row
        )
        if free:
            x = a.centre[0]
            return [(x, a.bottom if to_row > from_row else a.y), (x, b.centre[1]), (b.x, b.centre[1])]
    return _across(a, b, grid, (from_column, to_column), (from_row, to_row))


def _across(a: Bounds, b: Bounds, grid: Grid, columns: tuple[int, int], rows: tuple[int, int]) -> Points:
    start, end = (a.right, a.centre[1]), (b.x, b.centre[1])
    after, before = grid.columns[columns[0]][1] + 24, grid.columns[columns[1]][0] - 24
    if rows[0] == rows[1] and grid.is_free(rows[0], *columns):
        return [start, end]
    if rows[0] != rows[1] and grid.is_free(rows[0], *columns):
        return [start, (before, start[1]), (before, end[1]), end]
    if rows[0] != rows[1] and grid.is_free(rows[1], *columns):
        return [start, (after, start[1]), (after, end[1]), end]
    channel = _channel(grid, *rows)
    return [start, (after, start[1]), (after, channel), (before, channel), (before, end[1]), end]


def _down(a: Bounds, b: Bounds, grid: Grid, columns: tuple[int, int], rows: tuple[int, int]) -> Points:
    x, end = a.centre[0], (b.x, b.centre[1])
    if (
        rows[1] > rows[0]
        and grid.is_free(rows[1], columns[0] - 1, columns[1])
        and grid.is_open(columns[0], *rows)
    ):
        return [(x, a.bottom), (x, end[1]), end]
    channel, before = _channel(grid, rows[0], rows[0]), grid.columns[columns[1]][0] - 24
    return [(x, a.bottom), (x, channel), (before, channel), (before, end[1]), end]


def _back(a: Bounds, b: Bounds, grid: Grid, from_row: int, to_row: int, below: bool) -> Points:
    """A line that leads back runs in the gap over the rows it joins (from a border, below)."""
    if below:
        channel = _channel(grid, from_row, from_row)
        side = b.bottom if to_row <= from_row else b.y
        return [(a.centre[0], a.bottom), (a.centre[0], channel), (b.centre[0], channel), (b.centre[0], side)]
    channel = grid.rows[min(from_row, to_row)][0] - 14
    return [(a.centre[0], a.y), (a.centre[0], channel), (b.centre[0], channel), (b.centre[0], b.y)]


def _channel(grid: Grid, from_row: int, to_row: int) -> float:
    """The middle of the gap below the upper of two rows."""
    return grid.rows[min(from_row, to_row)][1] + 30
