"""Can work stand still, multiply or be left over? Every situation of a scope, up to a bound.

The state space of the token game is walked breadth first, so a counter-example is a shortest one, told as the
names of the elements on its way. When the bound is hit, deadlocks are looked for once more in the reduced
space in which one node at a time is followed (stubborn sets, Valmari 1990: all deadlocks stay, since a node's
tokens can be taken by no other node).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from processes.bpmn.model import SubProcess
from processes.lint.problems import Look, Problem
from processes.lint.token_game import Marking, Net, Step, fire

_JOINS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})
_SPLITS = frozenset({"parallelGateway", "inclusiveGateway"})


@dataclass
class Walk:
    """What one walk through the situations of a scope has found."""

    deadlocks: dict[str, tuple[str, ...]] = field(default_factory=dict)  # node: the way there
    merges: dict[str, None] = field(default_factory=dict)
    left_over: dict[str, set[str]] = field(default_factory=dict)  # terminate end: nodes still open
    jumps: dict[str, None] = field(default_factory=dict)
    states: int = 0
    bounded: bool = False


def check(look: Look) -> Iterator[Problem | None]:
    """All findings, scope by scope; only of processes that are to run."""
    model = look.model
    scopes = [p.id for p in model.processes.values() if p.is_executable]
    scopes += [n.id for n in model.nodes.values() if isinstance(n, SubProcess) and look.is_executable(n.id)]
    for scope in scopes:
        nodes = model.nodes_of(scope)
        if not nodes or len({n.id for n in nodes}) < 2:
            continue
        net = Net(model, scope)
        walk = explore(net, look.max_states)
        if walk.bounded:
            reduced = explore(net, look.max_states, reduced=True)
            walk.deadlocks = walk.deadlocks | reduced.deadlocks
            if reduced.bounded:
                yield look.problem("bound_reached", scope, states=look.max_states)
        yield from _said(look, walk)


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


def explore(net: Net, max_states: int, *, reduced: bool = False) -> Walk:
    """Walk through the situations from every start, at most `max_states` of them."""
    walk = Walk()
    parents: dict[Marking, tuple[Marking | None, str]] = {}
    waiting: deque[Marking] = deque()
    for start, marking in net.starts():
        if marking not in parents:
            parents[marking] = (None, start)
            waiting.append(marking)
    while waiting:
        marking = waiting.popleft()
        walk.states += 1
        if walk.states > max_states:
            walk.bounded = True
            break
        steps = net.steps(marking)
        if marking and not steps:
            _deadlocked(net, marking, parents, walk)
        _merged(net, marking, walk)
        for step in _followed(steps, reduced):
            if step.clears:
                _cleared(net, marking, step, walk)
            after = fire(marking, step)
            if after in parents:
                continue
            parents[after] = (marking, step.node)
            if _multiplies(net, after, parents, walk):
                continue
            waiting.append(after)
    return walk


def _followed(steps: list[list[Step]], reduced: bool) -> list[Step]:
    if not reduced or len(steps) < 2:
        return [step for group in steps for step in group]
    # what ends the scope at once takes other nodes' tokens, so it comes last
    calm = [group for group in steps if not any(step.clears for step in group)]
    return calm[0] if calm else [step for group in steps for step in group]


def _way(marking: Marking, parents: dict[Marking, tuple[Marking | None, str]]) -> tuple[str, ...]:
    way: list[str] = []
    at: Marking | None = marking
    while at is not None:
        at, node = parents[at]
        way.append(node)
    return tuple(reversed(way))


def _deadlocked(
    net: Net, marking: Marking, parents: dict[Marking, tuple[Marking | None, str]], walk: Walk
) -> None:
    for place, _ in marking:
        node = net.target(place)
        if node not in walk.deadlocks:
            # a path of what led there; the parts of it that run elsewhere belong to the story too
            walk.deadlocks[node] = _way(marking, parents)


def _merged(net: Net, marking: Marking, walk: Walk) -> None:
    seen: set[str] = set()
    for place, count in marking:
        node = net.target(place)
        if net.nodes[node].kind in _JOINS and count < 2:
            continue
        if net.nodes[node].kind == "endEvent" or len(net.nodes[node].incoming) < 2:
            continue  # behind the merge everything runs more than once; the merge alone is named
        if count > 1 or node in seen:
            walk.merges[node] = None
        seen.add(node)


def _cleared(net: Net, marking: Marking, step: Step, walk: Walk) -> None:
    others = {net.target(place) for place, _ in fire_one(marking, step)}
    if others and net.nodes[step.node].kind == "endEvent":
        walk.left_over.setdefault(step.node, set()).update(others)


def fire_one(marking: Marking, step: Step) -> Marking:
    """What lies elsewhere when a step takes its tokens."""
    counts = dict(marking)
    for place in step.takes:
        counts[place] -= 1
    return tuple((place, count) for place, count in counts.items() if count)


def _multiplies(
    net: Net, marking: Marking, parents: dict[Marking, tuple[Marking | None, str]], walk: Walk
) -> bool:
    """Say whether the marking strictly covers an earlier one on its way: then tokens grow without bound
    (Karp and Miller 1969); the split passed in between is the one that a path led back behind."""
    if sum(count for _, count in marking) > 60:
        return True
    now = dict(marking)
    between: list[str] = []
    at, node = parents[marking]
    while at is not None:
        between.append(node)
        if all(now.get(place, 0) >= count for place, count in at) and at != marking:
            splits = [
                n for n in reversed(between) if net.nodes[n].kind in _SPLITS or len(net.nodes[n].outgoing) > 1
            ]
            walk.jumps[(splits or between)[0]] = None
            return True
        at, node = parents[at]
    return False
