"""Every situation a scope can come to, up to a bound.

The state space of a net is walked breadth first, so a counter-example is a shortest one, told as the elements on
its way. When the bound is hit, deadlocks are looked for once more in the smaller space in which one node at a time
is followed (stubborn sets, Valmari 1990: all deadlocks stay, since a node's tokens can be taken by no other node).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

from processes.bpmn.model import Activity, Event
from processes.lint.net import ALL, ANY, SOME, Net, Outcome, Transition, elements_of

Marking = tuple[tuple[str, int], ...]
_MOST_TOKENS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One firing: what a node takes and what it lays."""

    transition: Transition
    takes: tuple[str, ...]
    lays: tuple[str, ...]
    outcome: Outcome


@dataclass
class Walk:
    """What one walk through the situations of a scope has found."""

    deadlocks: dict[str, tuple[str, ...]] = field(default_factory=dict)  # node: the way there
    merges: dict[str, None] = field(default_factory=dict)
    left_over: dict[str, set[str]] = field(default_factory=dict)  # terminate end: nodes still open
    jumps: dict[str, None] = field(default_factory=dict)
    visited: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    ends: bool = False  # in the ordinary way
    states: int = 0
    bounded: bool = False
    grows: bool = False  # tokens can become more and more

    @property
    def is_whole(self) -> bool:
        """Whether every situation was looked at."""
        return not self.bounded and not self.grows


class StateSpace:
    """The situations of a net and the steps between them."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.consumer = {place: t for t in net.transitions.values() for place in t.takes}
        for t in net.transitions.values():
            if t.mode == SOME:
                self.consumer.update((fired(t, place), t) for place in t.takes)
        self._before = self._backwards()

    def walk(self, max_states: int, *, one_at_a_time: bool = False) -> Walk:
        """Walk through the situations from every beginning, at most `max_states` of them."""
        walk = Walk()
        self._begun: dict[Marking, tuple[str, ...]] = {}
        self._came: dict[Marking, tuple[Marking, Step]] = {}
        waiting: deque[Marking] = deque()
        for places in self.net.beginnings:
            marking = add((), places)
            if marking not in self._begun:
                self._begun[marking] = self._passed(places)
                self._visit(walk, places)
                waiting.append(marking)
        while waiting:
            marking = waiting.popleft()
            walk.states += 1
            if walk.states > max_states:
                walk.bounded = True
                break
            steps = self.steps(marking)
            if marking and not steps:
                self._deadlocked(marking, walk)
            self._merged(marking, walk)
            for step in _followed(steps, one_at_a_time):
                after = self._fire(marking, step, walk)
                if after not in self._came and after not in self._begun:
                    self._came[after] = (marking, step)
                    if not self._multiplies(after, walk):
                        waiting.append(after)
        return walk

    # --- steps --------------------------------------------------------------------------------------------------
    def steps(self, marking: Marking) -> list[list[Step]]:
        """The possible steps, those of one node together."""
        places = dict(marking)
        found = []
        for t in {id(t): t for place in places if (t := self.consumer.get(place)) is not None}.values():
            steps = list(self._some(t, places)) if t.mode == SOME else [
                Step(t, takes, outcome.lays, outcome)
                for takes in self._enabled(t, places)
                for outcome in t.outcomes
            ]  # fmt: skip
            if steps:
                found.append(steps)
        return found

    def _enabled(self, t: Transition, places: dict[str, int]) -> list[tuple[str, ...]]:
        marked = [place for place in t.takes if places.get(place)]
        if t.mode == ALL:
            return [tuple(t.takes)] if len(marked) == len(t.takes) else []
        if t.mode == ANY:
            return [tuple(marked)] if marked and not self._may_come(t, marked, places) else []
        if t.quantity == 1:
            return [(place,) for place in marked]
        return [
            takes
            for takes in combinations_with_replacement(marked, t.quantity)
            if all(takes.count(place) <= places[place] for place in marked)
        ]

    def _may_come(self, t: Transition, marked: list[str], places: dict[str, int]) -> bool:
        """13.4.3: some token may still come to an empty flow of the join, and not to a flow that has one."""
        empty = set().union(*(self._before[place] for place in t.takes if place not in marked))
        full = set().union(*(self._before[place] for place in marked))
        return any(place in empty and place not in full and self.consumer.get(place) is not t for place in places)

    def _some(self, t: Transition, places: dict[str, int]) -> Iterator[Step]:
        """A complex gateway fires once enough tokens have come, and then takes the others without going on."""
        marked = [place for place in t.takes if places.get(place)]
        gone = [place for place in t.takes if places.get(fired(t, place))]
        if not gone:
            if marked and t.enough[len(marked) - 1] is not False:
                reset = () if len(marked) == len(t.takes) else tuple(fired(t, place) for place in marked)
                for outcome in t.outcomes:
                    yield Step(t, tuple(marked), outcome.lays + reset, outcome)
            return
        late = [place for place in marked if place not in gone]
        coming: set[str] = set().union(*(self._before[p] for p in t.takes if p not in late and p not in gone))
        if not any(place in coming and self.consumer.get(place) is not t for place in places):
            yield Step(t, (*late, *(fired(t, place) for place in gone)), (), Outcome(()))

    def _backwards(self) -> dict[str, set[str]]:
        """For every flow into a join that waits: the places from which a token may come to it without passing
        the join."""
        leads: dict[str, set[str]] = {}  # a place: those that a token may go on to
        for t in self.net.transitions.values():
            laid = {place for outcome in t.outcomes for place in outcome.lays}
            for place in t.takes:
                leads[place] = laid
        back: dict[str, set[str]] = {}
        for place, laid in leads.items():
            for target in laid:
                back.setdefault(target, set()).add(place)
        found: dict[str, set[str]] = {}
        for t in self.net.transitions.values():
            if t.mode not in (ANY, SOME):
                continue
            for place in t.takes:
                seen: set[str] = set()
                waiting = [p for p in back.get(place, ()) if p not in t.takes]
                while waiting:
                    at = waiting.pop()
                    if at not in seen:
                        seen.add(at)
                        waiting += [p for p in back.get(at, ()) if p not in t.takes]
                found[place] = seen
        return found

    def _fire(self, marking: Marking, step: Step, walk: Walk) -> Marking:
        counts = dict(marking)
        for place in step.takes:
            counts[place] -= 1
        rest = {place: count for place, count in counts.items() if count}
        walk.visited.update((step.transition.node, *step.transition.covers, *step.outcome.via))
        if step.outcome.clears:
            self._cleared(rest, step, walk)
            if step.outcome.error:
                walk.errors.add(step.outcome.error)
            else:
                walk.ends = True
            return ()
        self._visit(walk, step.lays)
        after = add(tuple(rest.items()), step.lays)
        walk.ends = walk.ends or not after
        return after

    # --- what is told --------------------------------------------------------------------------------------------
    def _visit(self, walk: Walk, places: tuple[str, ...]) -> None:
        known = self.net.places
        walk.visited.update(elements_of(known[place] for place in places if place in known))

    def _passed(self, places: tuple[str, ...]) -> tuple[str, ...]:
        known = self.net.places
        return tuple(name for place in places if place in known for name in known[place].passes)

    def _said(self, step: Step) -> tuple[str, ...]:
        return (step.transition.node, *step.outcome.via, *self._passed(step.lays))

    def _way(self, marking: Marking) -> tuple[str, ...]:
        parts: list[tuple[str, ...]] = []
        while marking in self._came:
            marking, step = self._came[marking]
            parts.append(self._said(step))
        return tuple(name for part in (self._begun[marking], *reversed(parts)) for name in part)

    def _deadlocked(self, marking: Marking, walk: Walk) -> None:
        for place, _ in marking:
            t = self.consumer.get(place)
            if t is not None and t.node not in walk.deadlocks:
                # a path of what led there; the parts of it that run elsewhere belong to the story too
                walk.deadlocks[t.node] = self._way(marking)

    def _merged(self, marking: Marking, walk: Walk) -> None:
        if self.net.is_ad_hoc:
            return  # there people begin a step as often as they like
        seen: set[str] = set()
        for place, count in marking:
            t = self.consumer.get(place)
            if t is None or (t.mode != "each" and count < 2) or t.quantity > 1:
                continue
            node = self.net.nodes[t.node]
            if node.kind == "endEvent" or len(node.incoming) < 2:
                continue  # behind the merge everything runs more than once; the merge alone is named
            if count > 1 or t.node in seen:
                walk.merges[t.node] = None
            seen.add(t.node)

    def _cleared(self, rest: dict[str, int], step: Step, walk: Walk) -> None:
        if self.net.nodes[step.transition.node].kind != "endEvent":
            return
        others = {name for place in rest for name in self._open_at(place)}
        if others:
            walk.left_over.setdefault(step.transition.node, set()).update(others)

    def _open_at(self, place: str) -> Iterator[str]:
        """Where a token on a place can rest; where it rests nowhere, the node it comes to."""
        t = self.consumer.get(place)
        names = [*(self.net.places[place].passes if place in self.net.places else ()), *([t.node] if t else ())]
        resting = [name for name in names if _rests(self.net, name)]
        return iter(resting or names[-1:])

    def _multiplies(self, marking: Marking, walk: Walk) -> bool:
        """Say whether the marking strictly covers an earlier one on its way: then tokens grow without bound
        (Karp and Miller 1969); the split passed in between is the one that a path led back behind."""
        if sum(count for _, count in marking) > _MOST_TOKENS:
            walk.bounded = True
            return True
        now, at = dict(marking), marking
        between: list[Step] = []
        while at in self._came:
            at, step = self._came[at]
            between.append(step)
            if at != marking and all(now.get(place, 0) >= count for place, count in at):
                walk.grows = True
                splits = [one.transition.node for one in reversed(between) if self._splits(one)]
                if splits:  # else it is what an event beside its activity began, and that may happen often
                    walk.jumps[splits[0]] = None
                return True
        return False

    def _splits(self, step: Step) -> bool:
        events = (self.net.nodes[name] for name in step.outcome.via)
        return len(step.lays) > 1 and not any(isinstance(e, Event) and not e.is_interrupting for e in events)


def fired(t: Transition, place: str) -> str:
    """The place that remembers by which flows a complex gateway has let its tokens through."""
    return f"fired:{t.node}:{place}"


def add(marking: Marking, places: tuple[str, ...]) -> Marking:
    """The marking with one more token on each of the places."""
    counts = dict(marking)
    for place in places:
        counts[place] = counts.get(place, 0) + 1
    return tuple(sorted(counts.items()))


def _followed(steps: list[list[Step]], one_at_a_time: bool) -> list[Step]:
    if not one_at_a_time or len(steps) < 2:
        return [step for group in steps for step in group]
    # what ends the scope at once takes other nodes' tokens, so it comes last
    calm = [group for group in steps if not any(step.outcome.clears for step in group)]
    return calm[0] if calm else [step for group in steps for step in group]


def _rests(net: Net, name: str) -> bool:
    node = net.nodes[name]
    if isinstance(node, Event):
        return node.kind == "intermediateCatchEvent" and node.trigger not in ("none", "link")
    return isinstance(node, Activity) and node.kind != "task"


__all__ = ["Marking", "StateSpace", "Step", "Walk", "add", "fired"]
