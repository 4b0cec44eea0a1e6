"""A drawing as SVG: what the file's diagram says, with the state of a run laid over it.

The picture carries classes only (see `svg_style`), no script, no reference to anything outside, no ids, so that
many can stand in one page. Text is escaped. Without a diagram the drawing is laid out first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape
from typing import Any

from processes.bpmn.diagram import Bounds, Edge, Shape
from processes.bpmn.layout import lay_out
from processes.bpmn.model import (
    Activity,
    CallActivity,
    ChoreographyActivity,
    DataElement,
    Event,
    FlowNode,
    Gateway,
    Lane,
    Model,
    Participant,
    SequenceFlow,
    SubProcess,
    Task,
)
from processes.bpmn.svg_edges import arrow, label_place, middle_of, rounded, start_sign
from processes.bpmn.svg_icons import MARKERS, TASKS, event_sign, gateway_sign, moved, n, path
from processes.bpmn.svg_marks import State, change_pill, pills
from processes.bpmn.svg_style import DRAWING_CSS
from processes.bpmn.svg_text import wrap

SIZE, LEADING = 11.0, 13.5
MARGIN = 24.0
HEAD = 28.0


def render(
    model: Model,
    *,
    language: str = "en",
    tokens: Mapping[str, int] | None = None,
    done: Collection[str] = (),
    taken: Collection[str] = (),
    badges: Mapping[str, str] | None = None,
    late: Collection[str] = (),
    notes: Mapping[str, str] | None = None,
    heat: Mapping[str, int] | None = None,
    alerts: Mapping[str, str] | None = None,
    counts: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
    changes: Mapping[str, tuple[str, str]] | None = None,
    only: Collection[str] | None = None,
    embed_css: bool = True,
    description: str = "",
) -> str:
    """The drawing as one `<svg>` element.

    `tokens` counts open work by node id, `badges` are short texts by node id, `done` and `late` are node ids,
    `taken` flow ids. For many runs at once `notes` are figures that stand with a node's name, `heat` colours nodes
    from 0 to 4, `alerts` are short texts that warn, `counts` stand on flows, `hints` are said of a node on hovering
    and to screen readers. `changes` marks by element how it differs from another version (added, removed, changed or
    moved) with a sign. `only` limits the picture to these elements. `embed_css=False` leaves the style sheet
    (`DRAWING_CSS`) to the page. `description` is read out by screen readers after the name.
    """
    drawn = model if model.shapes else lay_out(model)
    state = State(
        tokens or {}, badges or {}, frozenset(done), frozenset(late), frozenset(taken),
        notes or {}, heat, alerts or {}, counts or {}, hints or {}, changes or {},
    )  # fmt: skip
    picture = _Picture(drawn, language, state, None if only is None else frozenset(only))
    return picture.svg(embed_css, description)


class _Picture:
    def __init__(self, model: Model, language: str, state: State, only: frozenset[str] | None) -> None:
        self.model = model
        self.language = language
        self.state = state
        self.shapes = {k: s for k, s in model.shapes.items() if only is None or k in only}
        self.edges = {k: e for k, e in model.edges.items() if only is None or k in only}

    def svg(self, embed_css: bool, description: str) -> str:
        box = self._box()
        name = self._title()
        said = description or self._description()
        style = f"<style>{DRAWING_CSS}</style>" if embed_css else ""
        body = "".join(self._layers())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="rd-drawing" role="img" aria-label="{escape(name)}" '
            f'viewBox="{n(box.x)} {n(box.y)} {n(box.width)} {n(box.height)}" width="{n(box.width)}" '
            f'height="{n(box.height)}"><title>{escape(name)}</title><desc>{escape(said)}</desc>{style}{body}</svg>'
        )

    def _title(self) -> str:
        for process in (self.model.process,) if self.model.processes else ():
            if process.label(self.language):
                return process.label(self.language)
        return self.model.definitions.name or "Process"

    def _description(self) -> str:
        names = [self.model.nodes[k].label(self.language) for k in self.state.tokens if k in self.model.nodes]
        steps = [
            n_.label(self.language)
            for n_ in self.model.nodes.values()
            if isinstance(n_, Activity) and n_.name
        ]
        return "; ".join(" ".join(name.split()) for name in (names or steps)[:30])

    def _box(self) -> Bounds:
        boxes = [s.bounds for s in self.shapes.values()] + [s.label for s in self.shapes.values() if s.label]
        points = [p for e in self.edges.values() for p in e.waypoints]
        points += [q for e in self.edges.values() if e.label for q in _corners(e.label)]
        points += [q for b in boxes for q in _corners(b)]
        for key, shape in self.shapes.items():
            if shape.label is None and isinstance(self.model.find(key), Event | Gateway | DataElement):
                x, y = shape.bounds.centre[0], shape.bounds.bottom
                points += [(x - 40, y), (x + 40, y + 26)]
        if not points:
            return Bounds(0, 0, 200, 100)
        left, top = min(p[0] for p in points) - MARGIN, min(p[1] for p in points) - MARGIN
        right, bottom = max(p[0] for p in points) + MARGIN, max(p[1] for p in points) + MARGIN
        return Bounds(left, top, right - left, bottom - top)

    # --- layers ------------------------------------------------------------------------------------------
    def _layers(self) -> Iterator[str]:
        pools = [(k, s) for k, s in self.shapes.items() if k in self.model.participants]
        lanes = [(k, s) for k, s in self.shapes.items() if k in self.model.lanes]
        nodes = [(k, s) for k, s in self.shapes.items() if k in self.model.nodes]
        nodes.sort(key=lambda item: len(self.model.scopes_around(item[0])))
        open_scopes = [(k, s) for k, s in nodes if self._is_open(k, s)]
        others = [(k, s) for k, s in nodes if not self._is_open(k, s)]
        boundaries = [(k, s) for k, s in others if self.model.nodes[k].kind == "boundaryEvent"]
        plain = [(k, s) for k, s in others if self.model.nodes[k].kind != "boundaryEvent"]
        yield from (self._pool(self.model.participants[k], s) for k, s in pools)
        yield from (self._lane(self.model.lanes[k], s) for k, s in lanes)
        yield from (self._node(self.model.nodes[k], s) for k, s in open_scopes)
        yield from (self._edge(k, e) for k, e in self.edges.items())
        yield from (self._node(self.model.nodes[k], s) for k, s in plain + boundaries)
        yield from (self._data(self.model.data[k], s) for k, s in self.shapes.items() if k in self.model.data)
        yield from (self._artifact(k, s) for k, s in self.shapes.items() if k in self.model.artifacts)
        yield from (self._edge_label(k, e) for k, e in self.edges.items())
        yield from (self._badge(k, s) for k, s in nodes)
        yield from (self._differs(k) for k in self.state.changes)

    def _is_open(self, key: str, shape: Shape) -> bool:
        """An expanded sub-process is drawn under its content."""
        node = self.model.nodes[key]
        if not isinstance(node, SubProcess):
            return False
        inside = any(child in self.shapes for child in node.children)
        return shape.is_expanded if shape.is_expanded is not None and not inside else inside

    # --- pools and lanes -----------------------------------------------------------------------------------
    def _pool(self, pool: Participant, shape: Shape) -> str:
        b = shape.bounds
        paper = _rect(b, "rd-pool-paper")
        black_box = not pool.process or not self.model.nodes_of(pool.process)
        if black_box:
            words = self._lines(pool.label(self.language), b.width - 16, 3, b.centre, "rd-head-text")
            return _group(f"rd-participant{self.state.changed(pool.id)}", pool.id, paper + _rect(b, "rd-pool") + words)
        head = self._head(pool.label(self.language), shape)
        return _group(f"rd-participant{self.state.changed(pool.id)}", pool.id, paper + head + _rect(b, "rd-pool"))

    def _lane(self, lane: Lane, shape: Shape) -> str:
        has_name = bool(lane.label(self.language))
        head = self._head(lane.label(self.language), shape) if has_name else ""
        return _group(f"rd-lane-group{self.state.changed(lane.id)}", lane.id, head + _rect(shape.bounds, "rd-lane"))

    def _head(self, name: str, shape: Shape) -> str:
        b = shape.bounds
        if not shape.is_horizontal:
            head = Bounds(b.x, b.y, b.width, HEAD)
            return _rect(head, "rd-head") + self._lines(name, b.width - 8, 1, head.centre, "rd-head-text")
        head = Bounds(b.x, b.y, HEAD, b.height)
        lines = wrap(name, b.height - 10, SIZE, 2)
        x, y = head.centre
        start = -(len(lines) - 1) * 12 / 2 + 4
        words = "".join(
            f'<text class="rd-head-text" text-anchor="middle" y="{n(start + at * 12)}">{escape(line)}</text>'
            for at, line in enumerate(lines)
        )
        return _rect(head, "rd-head") + f'<g transform="translate({n(x)} {n(y)}) rotate(-90)">{words}</g>'

    # --- nodes ----------------------------------------------------------------------------------------------
    def _node(self, node: FlowNode, shape: Shape) -> str:
        if isinstance(node, Event):
            content = self._event(node, shape)
        elif isinstance(node, Gateway):
            content = self._gateway(node, shape)
        else:
            content = self._activity(node, shape)
        classes = ["rd-node", f"rd-{node.kind}"]
        classes += self.state.classes(node.id)
        name = self.state.hints.get(node.id) or " ".join(node.label(self.language).split())
        title = f"<title>{escape(name)}</title>" if name else ""
        return _group(" ".join(classes) + self.state.changed(node.id), node.id, title + content)

    def _activity(self, node: FlowNode, shape: Shape) -> str:
        b = shape.bounds
        thick = " rd-thick" if isinstance(node, CallActivity) else ""
        dashed = " rd-dashed" if isinstance(node, SubProcess) and node.triggered_by_event else ""
        body = _rect(b, f"rd-body{thick}{dashed}", radius=7)
        if node.kind == "transaction":
            body += _rect(Bounds(b.x + 3, b.y + 3, b.width - 6, b.height - 6), "rd-inner", radius=5)
        markers = self._markers(node, shape)
        icon = TASKS.get(node.kind, "")
        if icon:
            body += moved(icon, b.x + 13, b.y + 13, 0.85)
        if self._is_open_node(node, shape):
            words = self._text(
                node.label(self.language), b.centre[0], b.y + 17, b.width - 30, 1, "middle", "rd-task-text"
            )
        else:
            words = self._inside(node, b, bool(icon), bool(markers))
        return body + words + markers

    def _is_open_node(self, node: FlowNode, shape: Shape) -> bool:
        return isinstance(node, SubProcess) and self._is_open(node.id, shape)

    def _inside(self, node: FlowNode, b: Bounds, icon: bool, markers: bool) -> str:
        top = b.y + (4 if not icon else 6)
        bottom = b.bottom - (16 if markers else 4)
        note = self.state.notes.get(node.id, "")
        below = ""
        if note:
            below = self._put([note], b.centre[0], bottom - 4, "middle", "rd-figure")
            bottom -= LEADING
        room = max(1, int((bottom - top) // LEADING))
        lines = wrap(node.label(self.language), b.width - 12, SIZE, room)
        if icon and len(lines) * LEADING > b.height - 44:
            top += 13  # a long text would run into the sign, so it stands below it
            lines = wrap(
                node.label(self.language), b.width - 12, SIZE, max(1, int((bottom - top) // LEADING))
            )
        return self._set(lines, b.centre[0], (top + bottom) / 2, "middle", "rd-task-text") + below

    def _markers(self, node: FlowNode, shape: Shape) -> str:
        signs = []
        if isinstance(node, Activity):
            if node.loop is not None:
                several = "sequential" if node.loop.is_sequential else "parallel"
                signs.append("loop" if node.loop.kind == "standard" else several)
            if node.kind == "adHocSubProcess":
                signs.append("adHoc")
            if node.is_for_compensation:
                signs.append("compensation")
        if isinstance(node, SubProcess) and not self._is_open(node.id, shape):
            signs.append("collapsed")
        if isinstance(node, ChoreographyActivity) and node.kind == "subChoreography":
            signs.append("collapsed")
        b = shape.bounds
        left = b.centre[0] - (len(signs) - 1) * 8
        return "".join(moved(MARKERS[s], left + at * 16, b.bottom - 9, 0.9) for at, s in enumerate(signs))

    def _event(self, event: Event, shape: Shape) -> str:
        b = shape.bounds
        x, y = b.centre
        radius = min(b.width, b.height) / 2
        dashed = "" if event.is_interrupting else " rd-dashed"
        thick = " rd-thick" if event.kind == "endEvent" else ""
        body = _circle(x, y, radius, f"rd-body{thick}{dashed}")
        if event.kind in ("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"):
            body += _circle(x, y, radius - 3, f"rd-inner{dashed}")
        sign = event_sign(event.trigger, throwing=not event.is_catching)
        if sign:
            body += moved(sign, x, y, radius / 18 * 0.92)
        return body + self._outside(event, shape)

    def _gateway(self, gateway: Gateway, shape: Shape) -> str:
        b = shape.bounds
        x, y = b.centre
        corners = f"M{n(x)} {n(b.y)}L{n(b.right)} {n(y)}L{n(x)} {n(b.bottom)}L{n(b.x)} {n(y)}Z"
        parallel = gateway.event_gateway_type == "Parallel"
        sign = gateway_sign(gateway.kind, parallel, gateway.instantiate)
        scaled = moved(sign, x, y, min(b.width, b.height) / 50)
        return path(corners, "rd-body") + scaled + self._outside(gateway, shape)

    def _outside(self, node: FlowNode, shape: Shape) -> str:
        """The name of an event or gateway: where the file says, else below it."""
        name = node.label(self.language)
        if not name.strip():
            return ""
        if shape.label is not None and shape.label.width > 0:
            box = shape.label
            noted = self._noted(node)
            lines = [*wrap(name, max(box.width + 12, 76), SIZE, 4), *noted]
            middle = box.y + max(box.height, LEADING) / 2 + len(noted) * LEADING / 2
            return self._set(lines, box.centre[0], middle, "middle", "rd-label")
        above = node.kind.endswith("Gateway") and self._leaves_below(node)
        x = shape.bounds.centre[0]
        lines = [*wrap(name, 96, SIZE, 3), *self._noted(node)]
        if above:
            top = shape.bounds.y - 6 - (len(lines) - 1) * LEADING
            return self._put(lines, x, top, "middle", "rd-label")
        return self._put(lines, x, shape.bounds.bottom + 13, "middle", "rd-label")

    def _noted(self, node: FlowNode) -> list[str]:
        note = self.state.notes.get(node.id, "")
        return [note] if note else []

    def _leaves_below(self, node: FlowNode) -> bool:
        edges = [self.edges[f] for f in node.outgoing + node.incoming if f in self.edges]
        shape = self.shapes[node.id]
        return any(
            abs(p[1] - shape.bounds.bottom) < 2 for e in edges for p in (e.waypoints[0], e.waypoints[-1])
        )

    # --- data and artifacts ----------------------------------------------------------------------------------
    def _data(self, data: DataElement, shape: Shape) -> str:
        b = shape.bounds
        if data.kind == "dataStoreReference":
            r = b.height * 0.14
            wall = (
                f"M{n(b.x)} {n(b.y + r)}A{n(b.width / 2)} {n(r)} 0 0 1 {n(b.right)} {n(b.y + r)}V{n(b.bottom - r)}"
                f"A{n(b.width / 2)} {n(r)} 0 0 1 {n(b.x)} {n(b.bottom - r)}Z"
            )
            lid = f"M{n(b.x)} {n(b.y + r)}A{n(b.width / 2)} {n(r)} 0 0 0 {n(b.right)} {n(b.y + r)}"
            body = path(wall, "rd-body") + path(lid, "rd-inner")
        else:
            fold = min(b.width, b.height) * 0.28
            page = (
                f"M{n(b.x)} {n(b.y)}H{n(b.right - fold)}L{n(b.right)} {n(b.y + fold)}V{n(b.bottom)}H{n(b.x)}Z"
            )
            corner = f"M{n(b.right - fold)} {n(b.y)}V{n(b.y + fold)}H{n(b.right)}"
            body = path(page, "rd-body") + path(corner, "rd-inner")
            if data.is_collection or self._is_collection(data):
                body += moved(MARKERS["parallel"], b.centre[0], b.bottom - 9, 0.8)
            if data.kind in ("dataInput", "dataOutput"):
                style = "rd-icon" if data.kind == "dataInput" else "rd-icon-full"
                sign = path("M-5 -2H1V-5L6 0L1 5V2H-5Z", style)
                body += moved(sign, b.x + 11, b.y + 11, 0.9)
        name = data.labels.get(self.language) or data.name or self._name_of_ref(data)
        state = f" [{data.state}]" if data.state else ""
        if not name and not state:
            return _group(f"rd-data{self.state.changed(data.id)}", data.id, body)
        label = shape.label
        lines = wrap(name + state, max(label.width + 12, 80) if label else 100, SIZE, 3)
        if label is not None:
            words = self._set(
                lines, label.centre[0], label.y + max(label.height, LEADING) / 2, "middle", "rd-label"
            )
        else:
            words = self._put(lines, b.centre[0], b.bottom + 13, "middle", "rd-label")
        return _group(f"rd-data{self.state.changed(data.id)}", data.id, body + words)

    def _is_collection(self, data: DataElement) -> bool:
        meant = self.model.data.get(data.ref)
        return meant is not None and meant.is_collection

    def _name_of_ref(self, data: DataElement) -> str:
        meant: Any = self.model.find(data.ref) if data.ref else None
        return str(getattr(meant, "name", ""))

    def _artifact(self, key: str, shape: Shape) -> str:
        artifact = self.model.artifacts[key]
        b = shape.bounds
        text = artifact.labels.get(self.language) or artifact.text
        if artifact.kind == "group":
            words = self._text(text, b.centre[0], b.y - 5, b.width, 1, "middle", "rd-label") if text else ""
            return _group(f"rd-group-box{self.state.changed(key)}", key, _rect(b, "rd-group", radius=9) + words)
        if artifact.kind != "textAnnotation":
            return ""
        bracket = f"M{n(b.x + 8)} {n(b.y)}H{n(b.x)}V{n(b.bottom)}H{n(b.x + 8)}"
        lines = wrap(text, max(b.width - 10, 60), SIZE, max(1, int((b.height + 6) // LEADING)))
        words = self._set(lines, b.x + 7, b.centre[1], "start", "rd-note-text")
        return _group(f"rd-annotation{self.state.changed(key)}", key, path(bracket, "rd-note") + words)

    # --- edges ------------------------------------------------------------------------------------------------
    def _edge(self, key: str, edge: Edge) -> str:
        model, points, differs = self.model, edge.waypoints, self.state.changed(key)
        if key in model.flows:
            flow = model.flows[key]
            taken = " rd-taken" if key in self.state.taken else ""
            content = f'<path d="{rounded(points, 6)}"/>' + self._start_of(flow, edge) + arrow(points)
            return _group(f"rd-flow{taken}{differs}", key, content)
        if key in model.message_flows:
            line = f'<path class="rd-dashed" d="{rounded(points, 8)}"/>'
            content = line + start_sign(points, "message") + arrow(points, "rd-open")
            return _group(f"rd-flow rd-messageFlow{differs}", key, content)
        artifact = model.artifacts.get(key)
        if artifact is None:
            return ""
        content = f'<path class="rd-dotted" d="{rounded(points)}"/>'
        if artifact.direction in ("One", "Both"):
            content += arrow(points, "rd-angle", 7)
        if artifact.direction == "Both":
            content += arrow(points[::-1], "rd-angle", 7)
        return _group(f"rd-flow rd-association{differs}", key, content)

    def _start_of(self, flow: SequenceFlow, edge: Edge) -> str:
        source = self.model.nodes.get(flow.source)
        if flow.is_default:
            return start_sign(edge.waypoints, "default")
        if flow.condition is not None and isinstance(source, Task | SubProcess | CallActivity):
            return start_sign(edge.waypoints, "condition")
        return ""

    def _edge_label(self, key: str, edge: Edge) -> str:
        element = self.model.flows.get(key) or self.model.message_flows.get(key)
        name = "" if element is None else element.labels.get(self.language) or element.name
        name = f"{name} {self.state.counts.get(key, '')}".strip()
        if not name:
            return ""
        if edge.label is not None and edge.label.width > 0:
            lines = wrap(name, max(edge.label.width + 12, 60), SIZE, 3)
            middle = edge.label.y + max(edge.label.height, LEADING) / 2
            return self._set(lines, edge.label.centre[0], middle, "middle", "rd-label")
        x, y, anchor = label_place(edge.waypoints)
        lines = wrap(name, 110, SIZE, 2)
        top = y - (len(lines) - 1) * LEADING if anchor == "middle" else y
        return self._put(lines, x, top, anchor, "rd-label")

    # --- state ------------------------------------------------------------------------------------------------
    def _badge(self, key: str, shape: Shape) -> str:
        return pills(self.state, key, shape.bounds)

    def _differs(self, key: str) -> str:
        """The sign of a difference: at the upper left corner of a shape, in the middle of a flow."""
        shape, edge = self.shapes.get(key), self.edges.get(key)
        if shape is not None:
            return change_pill(self.state, key, shape.bounds.x + 2, shape.bounds.y)
        if edge is None:
            return ""
        return change_pill(self.state, key, *middle_of(edge.waypoints))

    # --- words ------------------------------------------------------------------------------------------------
    def _text(self, text: str, x: float, y: float, width: float, lines: int, anchor: str, style: str) -> str:
        return self._put(wrap(text, width, SIZE, lines), x, y, anchor, style)

    def _lines(self, text: str, width: float, lines: int, centre: tuple[float, float], style: str) -> str:
        return self._set(wrap(text, width, SIZE, lines), centre[0], centre[1], "middle", style)

    def _set(self, lines: list[str], x: float, middle: float, anchor: str, style: str) -> str:
        return self._put(lines, x, middle - (len(lines) - 1) * LEADING / 2 + 4, anchor, style)

    def _put(self, lines: list[str], x: float, y: float, anchor: str, style: str) -> str:
        return "".join(
            f'<text class="{style}" x="{n(x)}" y="{n(y + at * LEADING)}" text-anchor="{anchor}">{escape(line)}</text>'
            for at, line in enumerate(lines)
        )


def _corners(box: Bounds) -> list[tuple[float, float]]:
    return [(box.x, box.y), (box.right, box.bottom)]


def _group(classes: str, element: str, content: str) -> str:
    return f'<g class="{classes}" data-element="{escape(element)}">{content}</g>'


def _rect(b: Bounds, style: str, radius: float = 0) -> str:
    corner = f' rx="{n(radius)}"' if radius else ""
    place = f'x="{n(b.x)}" y="{n(b.y)}" width="{n(b.width)}" height="{n(b.height)}"'
    return f'<rect class="{style}" {place}{corner}/>'


def _circle(x: float, y: float, radius: float, style: str) -> str:
    return f'<circle class="{style}" cx="{n(x)}" cy="{n(y)}" r="{n(max(radius, 0.5))}"/>'
