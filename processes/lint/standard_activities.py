"""Rules of BPMN 2.0.2 on activities and scopes: sub-processes, markers, starts and ends of a scope."""

from __future__ import annotations

from collections.abc import Iterator

from processes.bpmn.model import Activity, ChoreographyActivity, Event, FlowNode, SubProcess, Task
from processes.lint.problems import Look, Problem
from processes.marked import word


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    for process in look.model.processes.values():
        if process.is_executable and process.process_type == "Public":
            yield look.problem("public_executable", process.id)
        yield from _scope(look, process.id)
    for node in look.model.nodes.values():
        if isinstance(node, Activity):
            yield from _activity(look, node)
        if isinstance(node, SubProcess):
            yield from _sub_process(look, node)
        if isinstance(node, ChoreographyActivity) and node.process in look.model.processes:
            yield look.problem("choreography_in_process", node.id)


# --- scopes --------------------------------------------------------------------------------------------------
def _scope(look: Look, scope: str) -> Iterator[Problem | None]:
    """10.5.2 and 10.5.3: a start event asks for an end event and the other way round, and then every other
    node is led to and led on from."""
    nodes = look.model.nodes_of(scope)
    starts = [n for n in nodes if n.kind == "startEvent"]
    ends = [n for n in nodes if n.kind == "endEvent"]
    if starts and not ends:
        yield look.problem("start_without_end", scope, related=tuple(n.id for n in starts))
    if ends and not starts and not _begins_otherwise(nodes):
        yield look.problem("end_without_start", scope, related=tuple(n.id for n in ends))
    for node in nodes:
        # where the process is to run, "can never be reached" says the same of this node and those behind it
        if starts and not node.incoming and not _may_begin(node) and not look.is_executable(node.id):
            yield look.problem("without_incoming", node.id)
        if ends and not node.outgoing and not _may_end(node):
            yield look.problem("without_outgoing", node.id)


def _begins_otherwise(nodes: tuple[FlowNode, ...]) -> bool:
    """An instantiating gateway or receive task stands for a start event (10.6.6)."""
    return any(getattr(node, "instantiate", False) for node in nodes)


def _stands_alone(node: FlowNode) -> bool:
    """Nodes without sequence flows by nature: compensation handlers and event sub-processes."""
    if isinstance(node, Activity) and node.is_for_compensation:
        return True
    return isinstance(node, SubProcess) and node.triggered_by_event


def _may_begin(node: FlowNode) -> bool:
    if node.kind in ("startEvent", "boundaryEvent") or _stands_alone(node):
        return True
    return getattr(node, "instantiate", False) or (isinstance(node, Event) and _is_link(node, "Catch"))


def _may_end(node: FlowNode) -> bool:
    if node.kind == "endEvent" or _stands_alone(node):
        return True
    # a boundary event without flow has its own finding
    return isinstance(node, Event) and (_is_link(node, "Throw") or node.kind == "boundaryEvent")


def _is_link(event: Event, way: str) -> bool:
    return way in event.kind and event.trigger == "link"


# --- activities ----------------------------------------------------------------------------------------------
def _activity(look: Look, node: Activity) -> Iterator[Problem | None]:
    if node.start_quantity < 1:
        yield look.problem("quantity_below_one", node.id, which=word("start"))
    if node.completion_quantity < 1:
        yield look.problem("quantity_below_one", node.id, which=word("completion"))
    if node.loop is not None and node.loop.loop_maximum is not None and node.loop.loop_maximum < 0:
        yield look.problem("loop_maximum", node.id)
    if node.is_for_compensation and (node.incoming or node.outgoing):
        yield look.problem("compensation_flow", node.id)
    if isinstance(node, Task) and node.instantiate and node.incoming:
        yield look.problem("instantiate_incoming", node.id, related=node.incoming)


def _sub_process(look: Look, node: SubProcess) -> Iterator[Problem | None]:
    inner = look.model.nodes_of(node.id)
    if node.kind == "adHocSubProcess":
        if not any(isinstance(n, Activity) for n in inner):
            yield look.problem("ad_hoc_empty", node.id)
        for event in (n for n in inner if n.kind in ("startEvent", "endEvent")):
            related = (event.id,)
            yield look.problem("ad_hoc_start_end", node.id, inner=look.name(event.id), related=related)
        return
    yield from _scope(look, node.id)
    if node.triggered_by_event:
        if node.incoming or node.outgoing:
            yield look.problem("event_sub_process_flow", node.id, related=node.incoming + node.outgoing)
        starts = [n for n in inner if isinstance(n, Event) and n.kind == "startEvent"]
        if len(starts) != 1 or starts[0].trigger == "none":
            yield look.problem("event_sub_process_start", node.id, related=tuple(n.id for n in starts))
