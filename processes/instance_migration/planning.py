"""The plan of a migration: which element of the new drawing stands for which of the old one.

Elements are matched by id first; what is left is matched by structure: same kind, and the same name or the same
neighbours on both sides. A person may change any of it. Whoever reads the plan decides by it where tokens go, so
an element with more than one equally good match has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from processes.bpmn.model import Activity, CallActivity, Event, FlowNode, Model, SubProcess, Task
from processes.errors import Invalid
from processes.spoken import gettext as _

HUMAN = ("userTask", "manualTask")
NAME, NEIGHBOUR, ROLE = 3, 2, 1
ENOUGH = 3
"""The least likeness of a match by structure: the same name, or the same neighbours on both sides."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where tokens on an element go. `target` is empty where nothing is known; `why` is "same", "alike", "by_hand" or
    "gone"; with `restart` timers and limits begin anew, else they run on."""

    source: str
    target: str
    why: str
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The moves by element of the old drawing, and what stands for its sequence flows."""

    moves: Mapping[str, Move]
    flows: Mapping[str, str]

    def target(self, element: str) -> str:
        """The element of the new drawing that stands for one of the old; empty without one."""
        move = self.moves.get(element)
        return move.target if move is not None else ""

    def restarts(self, element: str) -> bool:
        """Whether timers and limits of an element begin anew."""
        move = self.moves.get(element)
        return move is not None and move.restart

    @property
    def renamed(self) -> dict[str, str]:
        """Elements that stand in the new drawing under another id."""
        return {m.source: m.target for m in self.moves.values() if m.target and m.target != m.source}


def plan(
    source: Model, target: Model, *, changes: Mapping[str, str] | None = None, restart: Iterable[str] = (),
) -> Plan:  # fmt: skip
    """Propose a plan and lay a person's `changes` over it (old element or flow to new one; empty for none).

    A timer or limit whose expression differs begins anew, and so do those named in `restart`. Raises Invalid for a
    name that is in neither drawing and for elements that cannot stand for each other.
    """
    given = dict(changes or {})
    by_hand = {name: goal for name, goal in given.items() if name in source.nodes}
    _demand(source, target, given, restart)
    pairs = {name: goal for name, goal in by_hand.items() if goal}
    taken = set(pairs.values())
    for name, node in source.nodes.items():
        other = target.nodes.get(name)
        if name not in given and other is not None and name not in taken and shape(node) == shape(other):
            pairs[name] = name
    same = {name for name, goal in pairs.items() if name not in given}
    _match_by_structure(source, target, pairs, {name for name, goal in by_hand.items() if not goal})
    anew = set(restart)
    moves = {}
    for name, node in source.nodes.items():
        goal = pairs.get(name, "")
        why = "by_hand" if name in by_hand else "same" if name in same else "alike" if goal else "gone"
        moves[name] = Move(name, goal, why, bool(goal) and (name in anew or clock(node) != clock(target.nodes[goal])))
    flows = _flows(source, target, pairs) | {name: goal for name, goal in given.items() if name in source.flows}
    return Plan(moves, flows)


def _demand(source: Model, target: Model, changes: Mapping[str, str], restart: Iterable[str]) -> None:
    for name, goal in changes.items():
        if name in source.flows:
            if goal and goal not in target.flows:
                raise Invalid(_("The new drawing has no sequence flow “%(id)s”.") % {"id": goal})
            continue
        if name not in source.nodes:
            raise Invalid(_("The old drawing has no element “%(id)s”.") % {"id": name})
        if not goal:
            continue
        if goal not in target.nodes:
            raise Invalid(_("The new drawing has no element “%(id)s”.") % {"id": goal})
        if shape(source.nodes[name]) != shape(target.nodes[goal]):
            raise Invalid(
                _("“%(old)s” cannot become “%(new)s”: they are of different kinds, so what waits there would be lost.")
                % {"old": source.name_of(name), "new": target.name_of(goal)}
            )
    goals = [goal for name, goal in changes.items() if goal and name in source.nodes]
    for name in restart:
        if name not in source.nodes:
            raise Invalid(_("The old drawing has no element “%(id)s”.") % {"id": name})
    if len(goals) != len(set(goals)):
        raise Invalid(_("Two elements of the old drawing cannot become the same one of the new."))


def shape(node: FlowNode) -> tuple[Any, ...]:
    """What must be equal for a token to rest on one element instead of the other."""
    loop = (node.loop.kind, node.loop.is_sequential) if isinstance(node, Activity) and node.loop is not None else None
    if isinstance(node, Event):
        return (node.kind, tuple(d.kind for d in node.definitions), node.parallel_multiple)
    if isinstance(node, CallActivity):
        return ("callActivity", node.called, loop)
    if isinstance(node, SubProcess):
        return (node.kind, node.triggered_by_event, loop)
    if node.kind in HUMAN:
        return ("human", loop)
    return (node.kind, loop)


def clock(node: FlowNode) -> tuple[Any, ...]:
    """What says until when an element waits."""
    if isinstance(node, Event):
        return tuple((d.timer, d.body.text.strip() if d.body else "", d.time) for d in node.definitions if d.kind == "timer")
    if isinstance(node, Activity):
        return (node.task.limit.strip(), node.task.limit_time)
    return ()


# --- by structure --------------------------------------------------------------------------------------------------
def _match_by_structure(source: Model, target: Model, pairs: dict[str, str], fixed: set[str]) -> None:
    """Match what is left, the surest pairs first; each pair found may make its neighbours surer."""
    while True:
        left = [n for n in source.nodes.values() if n.id not in pairs and n.id not in fixed]
        taken = set(pairs.values())
        free = [n for n in target.nodes.values() if n.id not in taken]
        likeness = {
            (a.id, b.id): score for a in left for b in free
            if shape(a) == shape(b) and (score := _likeness(source, target, a, b, pairs)) >= ENOUGH
        }  # fmt: skip
        found = {pair for pair in likeness if _is_alone_best(likeness, pair)}
        if not found:
            return
        best = max(likeness[pair] for pair in found)
        pairs.update(pair for pair in found if likeness[pair] == best)


def _is_alone_best(likeness: Mapping[tuple[str, str], int], pair: tuple[str, str]) -> bool:
    mine = likeness[pair]
    return all(
        other == pair or score < mine for other, score in likeness.items() if other[0] == pair[0] or other[1] == pair[1]
    )


def _likeness(source: Model, target: Model, a: FlowNode, b: FlowNode, pairs: Mapping[str, str]) -> int:
    before = {pairs.get(n.id) for n in source.predecessors(a.id)} & {n.id for n in target.predecessors(b.id)}
    after = {pairs.get(n.id) for n in source.successors(a.id)} & {n.id for n in target.successors(b.id)}
    host = isinstance(a, Event) and isinstance(b, Event) and a.attached_to and pairs.get(a.attached_to) == b.attached_to
    role = isinstance(a, Task) and source.role_of(a.id) == target.role_of(b.id) != ""
    return (
        NAME * bool(_names(a) & _names(b)) + NEIGHBOUR * bool(before) + NEIGHBOUR * bool(after) + NEIGHBOUR * bool(host)
        + ROLE * bool(role)
    )  # fmt: skip


def _names(node: FlowNode) -> set[str]:
    return {" ".join(name.split()).casefold() for name in (node.name, *node.labels.values()) if name.strip()}


def _flows(source: Model, target: Model, pairs: Mapping[str, str]) -> dict[str, str]:
    """What stands for each flow: the one between what stands for its ends, of several the one of the same id."""
    between: dict[tuple[str, str], list[str]] = {}
    for flow in target.flows.values():
        between.setdefault((flow.source, flow.target), []).append(flow.id)
    found = {}
    for flow in source.flows.values():
        goals = between.get((pairs.get(flow.source, ""), pairs.get(flow.target, "")), [])
        into = target.flows.get(flow.id)
        if flow.id in goals or len(goals) == 1:
            found[flow.id] = flow.id if flow.id in goals else goals[0]
        elif into is not None and into.target == pairs.get(flow.target):
            found[flow.id] = flow.id  # another element stands before it now, the way in is the same
    return found

