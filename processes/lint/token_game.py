"""The token game of one scope, as far as lint needs it (BPMN 2.0.2, 13.3 and 13.4).

Tokens lie on sequence flows. A step takes tokens from flows into one node and lays tokens on flows out of it;
a node that can do this in several ways has several outcomes (which path a gateway chooses, whether a boundary
event fires). Conditions are not looked at: every path that may be taken is taken once. Activities are atomic,
their inside is a scope of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from processes.bpmn.model import Activity, Event, FlowNode, Model, SubProcess

Marking = tuple[tuple[str, int], ...]
_MANY_WAYS = 5  # beyond this many ways out, only single ways and all together are tried


@dataclass(frozen=True, slots=True)
class Step:
    """One firing: the node, what it takes and what it lays; `clears` when it ends the scope at once."""

    node: str
    takes: tuple[str, ...]
    lays: tuple[str, ...]
    clears: bool = False


class Net:
    """The steps that are possible in a scope under a marking."""

    def __init__(self, model: Model, scope: str) -> None:
        self.model = model
        self.nodes = {n.id: n for n in model.nodes_of(scope)}
        self.flows = {
            f.id: f for f in model.flows_of(scope) if f.source in self.nodes and f.target in self.nodes
        }
        self._links = self._link_places()
        self._outcomes = {node_id: self._ways(node) for node_id, node in self.nodes.items()}
        self._waits = {
            flow_id: model.reaches_flow(flow_id, without=flow.target)
            for flow_id, flow in self.flows.items()
            if self.nodes[flow.target].kind == "inclusiveGateway"
        }

    def starts(self) -> Iterator[tuple[str, Marking]]:
        """Every way the scope can begin: the node, and the marking after it."""
        begin = [n for n in self.nodes.values() if n.kind == "startEvent" or getattr(n, "instantiate", False)]
        if begin:
            for node in begin:
                for lays in self._outcomes[node.id]:
                    yield node.id, add((), lays)
            return
        together: Marking = ()
        first = ""
        for node in self.nodes.values():
            alone = isinstance(node, SubProcess) and node.triggered_by_event
            handler = isinstance(node, Activity) and node.is_for_compensation
            if not node.incoming and not alone and not handler and node.kind != "boundaryEvent":
                first = first or node.id
                together = add(together, self._outcomes[node.id][0])
        if first:
            yield first, together

    def target(self, place: str) -> str:
        """The node that takes tokens from a place."""
        return self._links[place] if place in self._links else self.flows[place].target

    def steps(self, marking: Marking) -> list[list[Step]]:
        """The possible steps, those of one node together."""
        places = dict(marking)
        found = []
        for node_id in dict.fromkeys(self.target(place) for place in places):
            takes = self._enabled(self.nodes[node_id], places)
            steps = [self._step(node_id, taken, lays) for taken in takes for lays in self._outcomes[node_id]]
            if steps:
                found.append(steps)
        return found

    def _step(self, node_id: str, takes: tuple[str, ...], lays: tuple[str, ...]) -> Step:
        node = self.nodes[node_id]
        clears = (
            isinstance(node, Event)
            and node.kind == "endEvent"
            and node.trigger in ("terminate", "error", "cancel")
        )
        return Step(node_id, takes, lays, clears)

    def _enabled(self, node: FlowNode, places: dict[str, int]) -> list[tuple[str, ...]]:
        marked = [f for f in (*node.incoming, f"link:{node.id}") if places.get(f)]
        into = [f for f in node.incoming if f in self.flows]
        if node.kind == "parallelGateway":
            return [tuple(into)] if into and len(marked) == len(into) else []
        if node.kind == "inclusiveGateway" and len(into) > 1:
            return [tuple(marked)] if marked and not self._may_come(node.id, into, marked, places) else []
        return [(place,) for place in marked]

    def _may_come(self, gateway: str, into: list[str], marked: list[str], places: dict[str, int]) -> bool:
        """13.4.3: some token may still come to an empty flow of the join, and not to a flow that has one."""
        empty = set().union(*(self._before(f) for f in into if f not in marked), set())
        full = set().union(*(self._before(f) for f in marked), set())
        return any(place in empty and place not in full for place in places if self.target(place) != gateway)

    def _before(self, flow: str) -> set[str]:
        """The places from which a token may come to a flow without passing its gateway."""
        nodes = self._waits[flow]
        return {p for p in self._all_places() if self.target(p) in nodes}

    def _all_places(self) -> list[str]:
        return [*self.flows, *self._links]

    # --- what a node lays down ----------------------------------------------------------------------------
    def _link_places(self) -> dict[str, str]:
        """A throwing link lays its token on a place of its catch."""
        found: dict[str, str] = {}
        for node in self.nodes.values():
            if isinstance(node, Event) and node.kind == "intermediateThrowEvent" and node.trigger == "link":
                for target in self.model.steps_from(node.id):
                    if target in self.nodes:
                        found[f"link:{target}"] = target
        return found

    def _ways(self, node: FlowNode) -> list[tuple[str, ...]]:
        out = tuple(f for f in node.outgoing if f in self.flows)
        if isinstance(node, Event) and node.kind == "intermediateThrowEvent" and node.trigger == "link":
            links = (f"link:{target}" for target in self.model.steps_from(node.id))
            return [tuple(place for place in links if place in self._links)]
        if node.kind in ("exclusiveGateway", "eventBasedGateway"):
            return [(f,) for f in out] or [()]
        if node.kind in ("inclusiveGateway", "complexGateway"):
            return _subsets(out) or [()]
        if not isinstance(node, Activity):
            return [out]
        return self._with_boundaries(node, self._normal(node, out))

    def _normal(self, node: Activity, out: tuple[str, ...]) -> list[tuple[str, ...]]:
        always = tuple(f for f in out if self.flows[f].condition is None and not self.flows[f].is_default)
        maybe = tuple(f for f in out if self.flows[f].condition is not None)
        default = tuple(f for f in out if self.flows[f].is_default)
        if not maybe:
            return [always + default]
        return [always + chosen for chosen in _subsets(maybe)] + [always + default]

    def _with_boundaries(self, node: Activity, normal: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        outcomes = list(normal)
        beside: list[tuple[str, ...]] = [()]
        for event in self.model.boundaries_of(node.id):
            lays = tuple(f for f in event.outgoing if f in self.flows)
            if event.is_interrupting:
                outcomes.append(lays)
            elif event.trigger != "compensate":
                beside.append(lays)
        every = tuple(itertools.chain.from_iterable(beside))
        extra = dict.fromkeys([*beside, every])
        return list(dict.fromkeys(main + more for main in outcomes for more in extra))


def _subsets(flows: tuple[str, ...]) -> list[tuple[str, ...]]:
    if len(flows) > _MANY_WAYS:
        return [*((f,) for f in flows), flows]
    return [s for size in range(1, len(flows) + 1) for s in itertools.combinations(flows, size)]


def add(marking: Marking, places: tuple[str, ...]) -> Marking:
    """The marking with one more token on each of the places."""
    counts = dict(marking)
    for place in places:
        counts[place] = counts.get(place, 0) + 1
    return tuple(sorted(counts.items()))


def fire(marking: Marking, step: Step) -> Marking:
    """The marking after a step."""
    if step.clears:
        return ()
    counts = dict(marking)
    for place in step.takes:
        counts[place] -= 1
    for place in step.lays:
        counts[place] = counts.get(place, 0) + 1
    return tuple(sorted((place, count) for place, count in counts.items() if count))
