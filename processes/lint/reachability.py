"""What a token can never come to, what it can never leave, and loops that never wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from processes.bpmn.model import Activity, Event, FlowNode, Model, SubProcess, Task
from processes.lint.problems import Look, Problem

_AUTOMATIC_TASKS = frozenset({"task", "businessRuleTask", "scriptTask", "serviceTask", "sendTask"})
_PASSING = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway",
                      "intermediateThrowEvent"})  # fmt: skip


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module, scope by scope."""
    model = look.model
    scopes = [p.id for p in model.processes.values()]
    scopes += [n.id for n in model.nodes.values() if isinstance(n, SubProcess)]
    for scope in scopes:
        nodes = model.nodes_of(scope)
        if not nodes:
            continue
        if scope in model.processes and not any(_begins(n) for n in nodes):
            yield look.problem("no_start", scope)
        yield from _unreached(look, nodes)
        yield from _endless(look, nodes)
        yield from _spinning(look, nodes)


def _begins(node: FlowNode) -> bool:
    return node.kind == "startEvent" or getattr(node, "instantiate", False)


def _stands_alone(node: FlowNode) -> bool:
    if isinstance(node, Activity) and node.is_for_compensation:
        return True
    return isinstance(node, SubProcess) and node.triggered_by_event


def initial(nodes: tuple[FlowNode, ...]) -> list[FlowNode]:
    """Where tokens begin in a scope: its start events, or without any every node nothing leads to (10.5.2)."""
    starts = [n for n in nodes if _begins(n)]
    if not starts:
        starts = [n for n in nodes if not n.incoming and n.kind != "boundaryEvent"]
    return starts + [n for n in nodes if _stands_alone(n)]


def _unreached(look: Look, nodes: tuple[FlowNode, ...]) -> Iterator[Problem | None]:
    reached: set[str] = set()
    waiting = deque(n.id for n in initial(nodes))
    while waiting:
        node_id = waiting.popleft()
        if node_id not in reached:
            reached.add(node_id)
            waiting.extend(look.model.steps_from(node_id))
    for node in nodes:
        if node.id not in reached:
            yield look.problem("never_reached", node.id)


def _endless(look: Look, nodes: tuple[FlowNode, ...]) -> Iterator[Problem | None]:
    """A token is done at an end event, and where no flow leads on (which is another finding)."""
    model = look.model
    done = {n.id for n in nodes if n.kind == "endEvent" or not model.steps_from(n.id)}
    back: dict[str, list[str]] = {}
    for node in nodes:
        # a boundary event is a way on only for itself: the activity may well end without it
        onward = [f.target for f in model.outgoing_of(node.id)]
        if isinstance(node, Event) and node.trigger == "link":
            onward = list(model.steps_from(node.id))
        if isinstance(node, Activity):
            onward += [b.id for b in model.boundaries_of(node.id) if b.is_interrupting]
        for target in onward:
            back.setdefault(target, []).append(node.id)
    good: set[str] = set()
    waiting = deque(done)
    while waiting:
        node_id = waiting.popleft()
        if node_id not in good:
            good.add(node_id)
            waiting.extend(back.get(node_id, ()))
    for node in nodes:
        if node.id not in good:
            yield look.problem("no_way_to_end", node.id)


# --- loops -------------------------------------------------------------------------------------------------------
def _is_automatic(model: Model, node: FlowNode) -> bool:
    """Say whether a token may run through a node without waiting there."""
    if isinstance(node, Task):
        return node.kind in _AUTOMATIC_TASKS
    if isinstance(node, SubProcess):
        return node.kind != "adHocSubProcess" and not node.triggered_by_event and _runs_through(model, node.id)
    if isinstance(node, Event) and node.kind == "intermediateCatchEvent":
        return node.trigger in ("none", "link")
    return node.kind in _PASSING


def _runs_through(model: Model, scope: str) -> bool:
    """Say whether a way without a wait leads from the beginning of a sub-process to its end."""
    nodes = {node.id: node for node in model.nodes_of(scope)}
    seen: set[str] = set()
    waiting = [n.id for n in initial(tuple(nodes.values())) if not _stands_alone(n)]
    while waiting:
        node = nodes[waiting.pop()]
        if node.id in seen or not (node.kind in ("startEvent", "endEvent") or _is_automatic(model, node)):
            continue
        if not model.steps_from(node.id):
            return True
        seen.add(node.id)
        waiting += [target for target in model.steps_from(node.id) if target in nodes]
    return not nodes


def _spinning(look: Look, nodes: tuple[FlowNode, ...]) -> Iterator[Problem | None]:
    automatic = {n.id for n in nodes if _is_automatic(look.model, n)}
    for node in nodes:
        loop = node.loop if isinstance(node, Activity) else None
        if node.id in automatic and loop is not None and loop.kind == "standard" and loop.loop_maximum is None:
            yield look.problem("loop_without_wait", node.id, path=f"“{look.name(node.id)}”", related=(node.id,))
    for part in loops(look.model, automatic):
        names = ", ".join(f"“{look.name(n)}”" for n in part)
        yield look.problem("loop_without_wait", part[0], path=names, related=tuple(part))


def loops(model: Model, members: set[str]) -> list[list[str]]:
    """The strongly connected parts (Tarjan 1972) of the drawing that lie wholly in `members` and hold a loop,
    in the file's order."""
    steps = {m: [target for target in model.steps_from(m) if target in members] for m in members}
    order = {node: at for at, node in enumerate(model.nodes)}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for root in sorted(members, key=lambda m: order.get(m, 0)):
        if root in index:
            continue
        work = [(root, iter(steps[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, following = work[-1]
            for target in following:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(steps[target])))
                    break
                if target in stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    part, stack = stack[at:], stack[:at]
                    if len(part) > 1 or node in steps[node]:
                        found.append(sorted(part, key=lambda m: order.get(m, 0)))
    return found
