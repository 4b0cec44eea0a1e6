"""The token game of BPMN 2.0.2, chapter 13, as literally as it can be written down. A reference, not an engine.

It knows the parsed drawing and nothing of the product besides: no rows, no locks, no queue, no FEEL. A state is a
value: the tokens of the process, each on a sequence flow, resting in an activity or event, or a sub-process with the
tokens inside it. Whatever may happen next is a new state, and nothing is ever decided by an order.

Covered: activities that pass at once or wait, start and end events (none, terminate, error), intermediate events,
exclusive, parallel, inclusive and event-based gateways, embedded sub-processes, events on a border (interrupting and
not), implicit splits and merges. Not covered: data beyond the choices of gateways, loops and multi-instance markers,
compensation, calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

from processes.bpmn.model import Model, SequenceFlow

Item = tuple[Any, ...]
Items = tuple[Item, ...]
Choose = Callable[[str, list[SequenceFlow]], list[tuple[str, ...]]]
_CONDITION = re.compile(r"(?:(?P<most>\w+) <= (?P<value>\d+)|list contains\((?P<in>\w+), (?P<member>\d+)\))\Z")
_PASSING = {"task", "intermediateThrowEvent", "startEvent"}
_WAITING = {"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"}


@dataclass(frozen=True, order=True)
class State:
    """Where the tokens are; `outcome` is empty while the process runs."""

    items: Items = ()
    outcome: str = ""


def without(items: Items, *gone: Item) -> Items:
    left = list(items)
    for item in gone:
        left.remove(item)
    return tuple(left)


def with_more(items: Items, *more: Item) -> Items:
    return tuple(sorted((*items, *more), key=repr))


class Game:
    """The rules over one drawing. `choose` says which flows out of a choosing node may be taken; `anything_fails`
    lets any activity with an error event on its border fail, whatever is drawn inside it."""

    def __init__(self, model: Model, choose: Choose, *, anything_fails: bool = False) -> None:
        self.model = model
        self.choose = choose
        self.anything_fails = anything_fails
        self.reach = cache(self._reach)

    # --- 13.2: the process ------------------------------------------------------------------------------------
    def start(self) -> set[State]:
        """Every state at rest after the process has begun."""
        return self.rest({State(self._begin(self.model.process.id))})

    def _begin(self, scope: str) -> Items:
        starts = self.model.starts_of(scope)
        return with_more((), *(("flow", f) for start in starts for f in start.outgoing))

    def rest(self, states: set[State]) -> set[State]:
        """Every state in which nothing moves by itself any more."""
        seen, waiting, resting = set(states), list(states), set()
        while waiting:
            state = waiting.pop()
            following = set(self.automatic(state))
            if not following:
                resting.add(state)
            for one in following - seen:
                seen.add(one)
                waiting.append(one)
        return resting

    def automatic(self, state: State) -> Iterator[State]:
        """What happens by itself."""
        if state.outcome:
            return
        if not state.items:
            yield State((), "completed")  # 13.4.6: no token is left
        for items, thrown in self._moves(state.items):
            yield self._whole(items, thrown)

    @staticmethod
    def _whole(items: Items, thrown: str) -> State:
        if thrown == "terminate":
            return State((), "terminated")
        return State((), "error") if thrown else State(items)

    # --- what moves in a scope --------------------------------------------------------------------------------
    def _moves(self, items: Items) -> Iterator[tuple[Items, str]]:
        """Each single move: the tokens after it, and what it throws out of the scope (an error, "terminate")."""
        for item in dict.fromkeys(items):
            if item[0] == "flow":
                yield from self._arrive(items, item)
            elif item[0] == "sub":
                yield from self._inside(items, item)

    def _inside(self, items: Items, sub: Item) -> Iterator[tuple[Items, str]]:
        node = self.model.nodes[sub[1]]
        if not sub[2]:  # 13.3.4: it is complete when no token is left in it
            yield from ((with_more(without(items, sub), *lays), "") for lays in self._leave(node))
        for inner, thrown in self._moves(sub[2]):
            yield self._around(items, sub, inner, thrown)

    def _around(self, items: Items, sub: Item, inner: Items, thrown: str) -> tuple[Items, str]:
        """What a move inside a sub-process means for the scope around it."""
        if thrown == "terminate":  # 13.5.6: it ends the sub-process it is in
            return with_more(without(items, sub), ("sub", sub[1], ())), ""
        if not thrown:
            return with_more(without(items, sub), ("sub", sub[1], inner)), ""
        for event in self.model.boundaries_of(sub[1]):  # 13.5.3: the innermost event that takes it
            if any(d.kind == "error" and (not d.ref or d.code == thrown) for d in event.definitions):
                return with_more(without(items, sub), *(("flow", f) for f in event.outgoing)), ""
        return without(items, sub), thrown

    def _arrive(self, items: Items, token: Item) -> Iterator[tuple[Items, str]]:
        node = self.model.nodes[self.model.flows[token[1]].target]
        rest = without(items, token)
        if node.kind in _WAITING:
            yield with_more(rest, ("at", node.id)), ""
        elif node.kind == "subProcess":
            yield with_more(rest, ("sub", node.id, self._begin(node.id))), ""
        elif node.kind == "endEvent":
            ends = {d.kind: d.code for d in getattr(node, "definitions", ())}
            yield rest, "terminate" if "terminate" in ends else ends.get("error", "")
        elif node.kind == "parallelGateway":  # 13.4.1
            tokens = [("flow", f) for f in node.incoming]
            if all(one in items for one in tokens):
                yield from ((with_more(without(items, *tokens), *lays), "") for lays in self._leave(node))
        elif node.kind == "inclusiveGateway" and len(node.incoming) > 1:
            tokens = [("flow", f) for f in node.incoming if ("flow", f) in items]
            if self._inclusive(items, node.id):
                yield from ((with_more(without(items, *tokens), *lays), "") for lays in self._leave(node))
        else:
            yield from ((with_more(rest, *lays), "") for lays in self._leave(node))

    def _leave(self, node: Any) -> Iterator[list[Item]]:
        """The tokens that leave a node; several answers where it chooses."""
        flows = [self.model.flows[f] for f in node.outgoing]
        choosing = node.kind in ("exclusiveGateway", "inclusiveGateway") and len(flows) > 1
        ways = self.choose(node.kind, flows) if choosing else [tuple(f.id for f in flows)]
        for way in ways:
            yield [("flow", f) for f in way]

    # --- 13.4.3: the inclusive gateway --------------------------------------------------------------------------
    def _inclusive(self, items: Items, gateway: str) -> bool:
        """For every path from a token to an empty incoming flow, not through the gateway, there is one from that
        token to an incoming flow that has a token, not through the gateway."""
        incoming = self.model.nodes[gateway].incoming
        full = {f for f in incoming if ("flow", f) in items}
        for item in items:
            ahead = self.reach(item[:2], gateway)
            if ahead & (set(incoming) - full) and not ahead & full:
                return False
        return True

    def _reach(self, item: Item, gateway: str) -> frozenset[str]:
        """The flows on paths that begin at a token and do not visit the gateway."""
        seen: set[str] = set()
        waiting = [item[1]] if item[0] == "flow" else self._out_of(item[1])
        while waiting:
            flow = waiting.pop()
            if flow not in seen:
                seen.add(flow)
                target = self.model.flows[flow].target
                if target != gateway:
                    waiting += self._out_of(target)
        return frozenset(seen)

    def _out_of(self, node_id: str) -> list[str]:
        node = self.model.nodes[node_id]
        events = self.model.boundaries_of(node_id) if hasattr(node, "boundaries") else ()
        return [*node.outgoing, *(f for event in events for f in event.outgoing)]

    # --- what happens from outside --------------------------------------------------------------------------------
    def events(self, state: State) -> set[str]:
        """The tasks that can be finished and the events that can happen."""
        return set() if state.outcome else set(self._events(state.items))

    def _events(self, items: Items) -> Iterator[str]:
        for item in items:
            if item[0] == "flow":
                continue
            node = self.model.nodes[item[1]]
            if node.kind == "eventBasedGateway":
                yield from self._first_of(node)
            elif item[0] == "at":
                yield node.id
            if hasattr(node, "boundaries"):
                borders = self.model.boundaries_of(node.id)
                yield from (e.id for e in borders if self.anything_fails or e.trigger != "error")
            if item[0] == "sub":
                yield from self._events(item[2])

    def _first_of(self, gateway: Any) -> list[str]:
        return [self.model.flows[f].target for f in gateway.outgoing]

    def happen(self, state: State, event: str) -> set[State]:
        """Every state at rest after a task was finished or an event has happened, once."""
        return self.rest({self._whole(items, "") for items in self._happen(state.items, event)})

    def _happen(self, items: Items, event: str) -> Iterator[Items]:
        for item in dict.fromkeys(items):
            if item[0] == "flow":
                continue
            node, rest = self.model.nodes[item[1]], without(items, item)
            boundaries = self.model.boundaries_of(node.id) if hasattr(node, "boundaries") else ()
            if item == ("at", event):
                yield from (with_more(rest, *lays) for lays in self._leave(node))
            elif node.kind == "eventBasedGateway" and event in self._first_of(node):
                # 13.4.4: the first event takes the token, the others are off
                yield from (with_more(rest, *lays) for lays in self._leave(self.model.nodes[event]))
            for border in boundaries:
                if border.id == event:  # 13.5.3
                    yield with_more(rest if border.is_interrupting else items, *(("flow", f) for f in border.outgoing))
            if item[0] == "sub":
                yield from (with_more(rest, ("sub", node.id, inner)) for inner in self._happen(item[2], event))

    # --- how it looks from outside --------------------------------------------------------------------------------
    def resting(self, items: Items) -> list[str]:
        """The elements on which tokens rest, each as often as there are tokens."""
        found: list[str] = []
        for item in items:
            found.append(self.model.flows[item[1]].target if item[0] == "flow" else item[1])
            if item[0] == "sub":
                found += self.resting(item[2])
        return sorted(found)

    def armed(self, state: State) -> list[str]:
        """The events that wait on behalf of an activity or a gateway, each as often as it waits."""
        return sorted(e for e in self._events(state.items) if self._waits_for_others(e))

    def _waits_for_others(self, event: str) -> bool:
        node = self.model.nodes[event]
        return node.kind == "boundaryEvent" or any(
            n.kind == "eventBasedGateway" for n in self.model.predecessors(event)
        )

    # --- every way it can go --------------------------------------------------------------------------------------
    def explore(self, most: int) -> set[State] | None:
        """Every state that can be reached, at rest or not; None when there are more than `most`."""
        first = State(self._begin(self.model.process.id))
        seen, waiting = {first}, [first]
        while waiting:
            state = waiting.pop()
            following = set(self.automatic(state))
            for event in self.events(state):
                following |= {self._whole(items, "") for items in self._happen(state.items, event)}
            for one in following - seen:
                seen.add(one)
                waiting.append(one)
                if len(seen) > most:
                    return None
        return seen

    def stuck(self, state: State) -> set[str]:
        """The nodes at which a whole scope waits for what can no longer come."""
        return set() if state.outcome else self._stuck(state.items)

    def _stuck(self, items: Items) -> set[str]:
        found = set().union(*(self._stuck(item[2]) for item in items if item[0] == "sub"))
        if items and all(item[0] == "flow" for item in items) and not any(True for _ in self._moves(items)):
            found |= {self.model.flows[item[1]].target for item in items}
        return found


# --- choosing -----------------------------------------------------------------------------------------------------
def by_data(data: Mapping[str, Any]) -> Choose:
    """Choices as the values of variables make them (13.4.2, 13.4.3): conditions in their order, else the default."""

    def holds(flow: SequenceFlow) -> bool:
        match = _CONDITION.match(flow.condition.text) if flow.condition is not None else None
        if match is None:
            return False
        if match["most"]:
            return data[match["most"]] <= int(match["value"])
        return int(match["member"]) in data[match["in"]]

    def choose(kind: str, flows: list[SequenceFlow]) -> list[tuple[str, ...]]:
        true = [f.id for f in flows if not f.is_default and holds(f)]
        true = true or [f.id for f in flows if f.is_default]
        return [tuple(true[:1] if kind == "exclusiveGateway" else true)]

    return choose


def every_way(kind: str, flows: list[SequenceFlow]) -> list[tuple[str, ...]]:
    """Every choice that some data could make."""
    if kind == "exclusiveGateway":
        return [(f.id,) for f in flows]
    maybe = [f.id for f in flows if not f.is_default]
    default = [(f.id,) for f in flows if f.is_default]
    return [s for size in range(1, len(maybe) + 1) for s in combinations(maybe, size)] + default
