"""A picture for a file that brings none: layered, left to right, lanes as bands, lines with right angles.

The method is that of Sugiyama, Tagawa and Toda (1981) in its simplest form: loops are cut by a depth-first
search, a node's column is its longest path from a start, its row follows its predecessor's where that is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from processes.bpmn.diagram import Bounds
from processes.bpmn.edit import edited
from processes.bpmn.model import Activity, Event, FlowNode, Model, SubProcess
from processes.bpmn.routing import Grid, route
from processes.bpmn.xml import BPMNDI, DC, DI, Element, children

TASK = (100.0, 80.0)
EVENT = (36.0, 36.0)
GATEWAY = (50.0, 50.0)
DATA = (36.0, 50.0)
NOTE = (110.0, 50.0)
GAP_X, GAP_Y, PAD = 60.0, 44.0, 30.0
HEAD = 30.0

Points = list[tuple[float, float]]


@dataclass
class Placed:
    """Where everything of a scope lies, with its upper left corner at (0, 0)."""

    bounds: dict[str, Bounds] = field(default_factory=dict)
    lines: dict[str, Points] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0

    def shifted(self, x: float, y: float) -> Placed:
        """The same, moved."""
        return Placed(
            {k: Bounds(b.x + x, b.y + y, b.width, b.height) for k, b in self.bounds.items()},
            {k: [(px + x, py + y) for px, py in points] for k, points in self.lines.items()},
            self.width,
            self.height,
        )


def lay_out(model: Model) -> Model:
    """The model with a diagram in place of those it has; the model itself when it holds no process."""
    if not model.processes:
        return model
    placed, plane = _whole(model)

    def change(root: Element) -> None:
        for old in list(children(root, "BPMNDiagram", space=BPMNDI)):
            root.remove(old)
        _write(root, model, placed, plane)

    return edited(model, change)


# --- pools under one another ---------------------------------------------------------------------------------
def _whole(model: Model) -> tuple[Placed, str]:
    whole = Placed()
    y = 40.0
    pools = {p.process: p.id for p in model.participants.values() if p.process}
    width = 0.0
    parts = []
    for process in model.processes.values():
        part = _process(model, process.id)
        parts.append((process.id, part))
        width = max(width, part.width)
    for participant in model.participants.values():
        if not participant.process or participant.process not in model.processes:
            whole.bounds[participant.id] = Bounds(40, y, max(width + HEAD, 400), 70)
            y += 110
    for process_id, part in parts:
        pool = pools.get(process_id)
        moved = part.shifted(40 + (HEAD if pool else 0), y)
        whole.bounds |= moved.bounds
        whole.lines |= moved.lines
        if pool:
            whole.bounds[pool] = Bounds(40, y, width + HEAD, part.height)
        for lane in model.lanes.values():
            if lane.id in moved.bounds:
                b = moved.bounds[lane.id]
                whole.bounds[lane.id] = Bounds(b.x, b.y, width, b.height)
        y += part.height + 50
    for flow in model.message_flows.values():
        start, end = whole.bounds.get(flow.source), whole.bounds.get(flow.target)
        if start is not None and end is not None:
            whole.lines[flow.id] = _upright(start, end)
    has_collaboration = bool(model.participants) and bool(model.collaboration)
    return whole, model.collaboration if has_collaboration else model.process.id


def _upright(a: Bounds, b: Bounds) -> Points:
    """From one pool down or up to another; a wide pool is met straight above or below the narrow end."""
    down = a.centre[1] < b.centre[1]
    ax = b.centre[0] if a.width > 300 else a.centre[0]
    bx = ax if b.width > 300 else b.centre[0]
    start, end = (ax, a.bottom if down else a.y), (bx, b.y if down else b.bottom)
    if abs(ax - bx) < 1:
        return [start, end]
    middle = (start[1] + end[1]) / 2
    return [start, (ax, middle), (bx, middle), end]


# --- one scope -------------------------------------------------------------------------------------------------
def _process(model: Model, process_id: str) -> Placed:
    lanes = [lane for lane in model.lanes.values() if lane.process == process_id]
    leaves = [lane.id for lane in lanes if not any(other.parent == lane.id for other in lanes)]
    return _scope(model, process_id, leaves)


def _scope(model: Model, scope: str, lanes: list[str]) -> Placed:
    nodes = [n for n in model.nodes_of(scope) if n.kind != "boundaryEvent"]
    inner = {n.id: _scope(model, n.id, []) for n in nodes if isinstance(n, SubProcess) and n.children}
    sizes = {n.id: _size(n, inner.get(n.id)) for n in nodes}
    columns = _columns(model, nodes)
    bands = lanes or [""]
    rows, heights = _rows(model, nodes, columns, bands)
    return _placed(model, scope, nodes, inner, sizes, columns, rows, heights, lanes)


def _size(node: FlowNode, inner: Placed | None) -> tuple[float, float]:
    if isinstance(node, Event):
        return EVENT
    if node.kind.endswith("Gateway"):
        return GATEWAY
    if inner is not None:
        return inner.width + 2 * PAD - 10, inner.height + PAD
    return TASK


def _steps(model: Model, node: FlowNode) -> list[str]:
    """The nodes that a node's lines lead to, those of its boundary events too."""
    flows = list(model.outgoing_of(node.id))
    if isinstance(node, Activity):
        flows += [f for event in model.boundaries_of(node.id) for f in model.outgoing_of(event.id)]
    return [f.target for f in flows if f.target in model.nodes and model.nodes[f.target].scope == node.scope]


def _columns(model: Model, nodes: list[FlowNode]) -> dict[str, int]:
    known = {n.id for n in nodes}
    steps = {n.id: [t for t in _steps(model, n) if t in known] for n in nodes}
    order, forward = _unlooped([n.id for n in nodes if not n.incoming] + [n.id for n in nodes], steps)
    columns = dict.fromkeys(order, 0)
    for node in order:
        for target in forward[node]:
            columns[target] = max(columns[target], columns[node] + 1)
    return columns


def _unlooped(roots: list[str], steps: dict[str, list[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """The nodes in topological order and their steps without those that close a loop."""
    forward: dict[str, list[str]] = {node: [] for node in steps}
    open_: set[str] = set()
    finished: list[str] = []
    for root in roots:
        if root in open_ or root in finished:
            continue
        work = [(root, iter(steps[root]))]
        open_.add(root)
        done = set(finished)
        while work:
            node, following = work[-1]
            for target in following:
                if target in open_ and target not in done:
                    continue  # closes a loop
                forward[node].append(target)
                if target not in done:
                    open_.add(target)
                    work.append((target, iter(steps[target])))
                    break
            else:
                work.pop()
                done.add(node)
                finished.append(node)
    return finished[::-1], forward


def _rows(
    model: Model, nodes: list[FlowNode], columns: dict[str, int], bands: list[str]
) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """A row for each node, and for each band its first row and how many it has."""
    known = {n.id: n for n in nodes}
    band_of = {n.id: n.lane if n.lane in bands else bands[0] for n in nodes}
    before: dict[str, list[tuple[str, bool]]] = {}
    for node in nodes:
        for target in _steps(model, node):
            below = target not in [f.target for f in model.outgoing_of(node.id)]
            before.setdefault(target, []).append((node.id, below))
    local: dict[str, int] = {}
    taken: set[tuple[str, int, int]] = set()
    for node_id in sorted(known, key=lambda k: (columns[k], list(known).index(k))):
        band, column = band_of[node_id], columns[node_id]
        wanted = [local[p] + (1 if below else 0) for p, below in before.get(node_id, ())
                  if p in local and band_of[p] == band and columns[p] < column]  # fmt: skip
        row = min(wanted) if wanted else 0
        while (band, column, row) in taken:
            row += 1
        local[node_id] = row
        taken.add((band, column, row))
    heights: dict[str, tuple[int, int]] = {}
    first = 0
    for band in bands:
        count = max((local[k] + 1 for k in known if band_of[k] == band), default=1)
        heights[band] = (first, count)
        first += count
    return {k: heights[band_of[k]][0] + local[k] for k in known}, heights


def _placed(
    model: Model,
    scope: str,
    nodes: list[FlowNode],
    inner: dict[str, Placed],
    sizes: dict[str, tuple[float, float]],
    columns: dict[str, int],
    rows: dict[str, int],
    heights: dict[str, tuple[int, int]],
    lanes: list[str],
) -> Placed:
    left = HEAD + 20 if lanes else 0.0
    grid = Grid(
        _starts(
            [max([sizes[k][0] for k in columns if columns[k] == c] or [0.0]) for c in _range(columns)],
            left,
            GAP_X,
        ),
        _starts(
            [max([sizes[k][1] for k in rows if rows[k] == r] or [60.0]) for r in _range(rows)],
            GAP_Y / 2,
            GAP_Y,
        ),
        {(columns[n.id], rows[n.id]) for n in nodes},
    )
    placed = Placed(width=grid.width + 20, height=grid.height - GAP_Y / 2)
    for node in nodes:
        x, y = grid.centre(columns[node.id], rows[node.id])
        width, height = sizes[node.id]
        placed.bounds[node.id] = Bounds(x - width / 2, y - height / 2, width, height)
        if node.id in inner:
            content = inner[node.id].shifted(x - width / 2 + PAD - 5, y - height / 2 + PAD - 5)
            placed.bounds |= content.bounds
            placed.lines |= content.lines
        _boundaries(model, node, placed)
    for flow in model.flows_of(scope):
        points = route(model, flow, placed.bounds, grid, columns, rows)
        if points:
            placed.lines[flow.id] = points
    for band, (first, count) in heights.items():
        if band:
            top = grid.rows[first][0] - GAP_Y / 2
            bottom = grid.rows[first + count - 1][1] + GAP_Y / 2
            placed.bounds[band] = Bounds(0, top, placed.width, bottom - top)
    _beside(model, scope, placed)
    return placed


def _range(places: dict[str, int]) -> range:
    return range(max(places.values(), default=0) + 1)


def _starts(extents: list[float], start: float, gap: float) -> list[tuple[float, float]]:
    """First and last coordinate of each column or row."""
    found = []
    for extent in extents:
        found.append((start, start + extent))
        start += extent + gap
    return found


def _boundaries(model: Model, node: FlowNode, placed: Placed) -> None:
    host = placed.bounds[node.id]
    events = model.boundaries_of(node.id)
    for at, event in enumerate(events):
        x = host.x + host.width * (at + 1) / (len(events) + 1)
        placed.bounds[event.id] = Bounds(x - 18, host.bottom - 18, *EVENT)


def _beside(model: Model, scope: str, placed: Placed) -> None:
    """Data and notes in a row of their own below, under what they belong to."""
    joins = [a for a in model.artifacts.values() if a.source and a.target]
    things = [(d.id, DATA) for d in model.data.values() if d.scope == scope and d.kind.endswith("Reference")]
    things += [
        (a.id, NOTE) for a in model.artifacts.values() if a.scope == scope and a.kind == "textAnnotation"
    ]
    top, taken = placed.height + 10, 0.0
    for key, (width, height) in things:
        ends = [j.target if j.source == key else j.source for j in joins if key in (j.source, j.target)]
        near = next((placed.bounds[e].centre[0] for e in ends if e in placed.bounds), taken)
        x = max(near - width / 2, taken)
        placed.bounds[key] = Bounds(x, top, width, height)
        taken = x + width + 40
        placed.height = max(placed.height, top + height + 40)
        placed.width = max(placed.width, x + width + 20)
    for join in joins:
        a, b = placed.bounds.get(join.source), placed.bounds.get(join.target)
        if a is not None and b is not None and join.id not in placed.lines:
            up = a.centre[1] > b.centre[1]
            placed.lines[join.id] = [
                (a.centre[0], a.y if up else a.bottom),
                (b.centre[0], b.bottom if up else b.y),
            ]


# --- into the file -----------------------------------------------------------------------------------------------
def _write(root: Element, model: Model, placed: Placed, plane_id: str) -> None:
    space = {"bpmndi": BPMNDI, "dc": DC, "di": DI}
    used = set(_ids(root))
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", nsmap=space)
    diagram.set("id", _fresh(used, "BPMNDiagram_1"))
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane")
    plane.set("id", _fresh(used, "BPMNPlane_1"))
    plane.set("bpmnElement", plane_id)
    for key, bounds in placed.bounds.items():
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape")
        shape.set("id", _fresh(used, f"{key}_di"))
        shape.set("bpmnElement", key)
        if key in model.participants or key in model.lanes:
            shape.set("isHorizontal", "true")
        node = model.nodes.get(key)
        if isinstance(node, SubProcess):
            shape.set("isExpanded", "true" if node.children else "false")
        where = etree.SubElement(shape, f"{{{DC}}}Bounds")
        for name in ("x", "y", "width", "height"):
            where.set(name, f"{getattr(bounds, name):g}")
    for key, points in placed.lines.items():
        edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge")
        edge.set("id", _fresh(used, f"{key}_di"))
        edge.set("bpmnElement", key)
        for x, y in points:
            waypoint = etree.SubElement(edge, f"{{{DI}}}waypoint")
            waypoint.set("x", f"{x:g}")
            waypoint.set("y", f"{y:g}")


def _fresh(used: set[str], wanted: str) -> str:
    """An id nobody has; it is taken from now on."""
    name, count = wanted, 1
    while name in used:
        count += 1
        name = f"{wanted}_{count}"
    used.add(name)
    return name


def _ids(root: Element) -> Iterator[str]:
    for element in root.iter():
        if isinstance(element.tag, str) and element.get("id"):
            yield element.get("id", "")
