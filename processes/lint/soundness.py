"""Can work stand still, multiply, be left over, or never come to a step? Scope by scope, from the inside out.

Each scope is a net (`net`), made smaller first (`reduction`), then walked state by state up to a bound (`states`).
What a sub-process can come to (an ordinary end, an error that nobody in it takes) is known before the scope around
it is looked at, so together this is the drawing as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from processes.bpmn.model import Model, SubProcess
from processes.lint.net import Leaving, Net, catches, stands_alone
from processes.lint.problems import Look, Problem
from processes.lint.reduction import reduce
from processes.lint.states import StateSpace, Walk


def check(look: Look) -> Iterator[Problem | None]:
    """All findings, scope by scope; only of processes that are to run."""
    model = look.model
    drawing = Drawing(model, look.max_states)
    scopes = [p.id for p in model.processes.values() if p.is_executable]
    scopes += [n.id for n in model.nodes.values() if isinstance(n, SubProcess) and look.is_executable(n.id)]
    for scope in scopes:
        if len({n.id for n in model.nodes_of(scope)}) < 2:
            continue
        walk = drawing.walk(scope)
        if walk.bounded and not drawing.is_looked_through(scope):
            yield look.problem("bound_reached", scope, states=look.max_states)
        yield from _said(look, walk)
        for node in drawing.dead(scope):
            yield look.problem("never_reached", node)


def _said(look: Look, walk: Walk) -> Iterator[Problem | None]:
    for node, way in walk.deadlocks.items():
        path = " → ".join(f"“{look.name(step)}”" for step in way)
        yield look.problem("deadlock", node, path=path, related=way)
    for node in walk.merges:
        yield look.problem("multi_merge", node)
    for node, others in walk.left_over.items():
        names = ", ".join(f"“{look.name(other)}”" for other in sorted(others))
        yield look.problem("left_over", node, others=names, related=tuple(sorted(others)))
    for node in walk.jumps:
        yield look.problem("jump_back", node)


class Drawing:
    """The walks through all scopes of a drawing, each done once."""

    def __init__(self, model: Model, max_states: int) -> None:
        self.model = model
        self.max_states = max_states
        self._walks: dict[str, Walk] = {}
        self._through: dict[str, bool] = {}
        self._complete: dict[str, bool] = {}
        self._under_way: set[str] = set()

    def walk(self, scope: str) -> Walk:
        """What a scope can come to."""
        if scope not in self._walks:
            net = reduce(Net(self.model, scope, self.leaving))
            space = StateSpace(net)
            walk = space.walk(self.max_states)
            if walk.bounded:
                smaller = space.walk(self.max_states, one_at_a_time=True)
                walk.deadlocks = walk.deadlocks | smaller.deadlocks
                self._through[scope] = not smaller.bounded
            self._walks[scope] = walk
            self._complete[scope] = net.complete
        return self._walks[scope]

    def is_looked_through(self, scope: str) -> bool:
        """Whether deadlocks were looked for in every situation although the bound was hit."""
        self.walk(scope)
        return self._through.get(scope, True)

    def dead(self, scope: str) -> list[str]:
        """The elements of a scope that no token ever comes to, though flows lead there; none unless every
        situation was looked at. What lies behind a step at which work may stand still is not counted: the
        deadlock is the finding, and who goes on from there by hand comes to it."""
        walk = self.walk(scope)
        if not walk.is_whole or not walk.states or not self._complete[scope]:
            return []
        behind = frozenset().union(*(self.model.reachable_from(node) for node in walk.deadlocks), walk.deadlocks)
        return [
            node.id
            for node in self.model.nodes_of(scope)
            if node.id not in walk.visited and node.id not in behind and not stands_alone(node)
        ]

    def leaving(self, scope: str) -> Leaving:
        """How a sub-process may be left."""
        node = self.model.nodes[scope]
        if node.kind == "adHocSubProcess" or not self.model.nodes_of(scope) or scope in self._under_way:
            return Leaving()
        self._under_way.add(scope)
        walk = self.walk(scope)
        self._under_way.discard(scope)
        ordinary, errors = walk.ends or bool(walk.deadlocks) or not walk.is_whole, set(walk.errors)
        for handler in self._handlers(scope):
            start = self.model.starts_of(handler.id)[0]
            inside = self.leaving(handler.id)
            taken = {error for error in errors if catches(start, error)}
            if taken or start.trigger != "error":
                errors = (errors - taken) | inside.errors
                ordinary = ordinary or (inside.ordinary and start.is_interrupting)
        return Leaving(ordinary, frozenset(errors))

    def _handlers(self, scope: str) -> list[SubProcess]:
        return [
            node
            for node in self.model.nodes_of(scope)
            if isinstance(node, SubProcess) and node.triggered_by_event and self.model.starts_of(node.id)
        ]
