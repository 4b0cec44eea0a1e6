"""The net of one scope: what may happen in it, as far as tokens go (BPMN 2.0.2, 13.3 to 13.5).

Tokens lie on places, which are the sequence flows of the scope. A transition stands for a node: it takes tokens
from places and lays tokens on places, in one of its outcomes (which path a gateway chooses, whether an event on a
border happens, whether a sub-process throws an error). Conditions on data are not looked at: every path that may be
taken is taken once. Activities are atomic, their inside is a scope of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from processes.bpmn.model import Activity, Event, FlowNode, Gateway, Model, SubProcess
from processes.feel import evaluate
from processes.feel.errors import FeelSyntaxError

EACH, ALL, ANY, SOME = "each", "all", "any", "some"
"""How a node takes tokens: each by itself, one from all flows, what can still come (inclusive), enough (complex)."""

_MODES = {"parallelGateway": ALL, "inclusiveGateway": ANY, "complexGateway": SOME}
_MANY_WAYS = 5  # beyond this many ways out, only single ways and all together are tried
_ENDING = ("terminate", "error", "cancel")


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a sub-process may be left: whether in the ordinary way, and with which errors that nobody inside takes."""

    ordinary: bool = True
    errors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which a node lets go: the places it lays tokens on, the events on its border by which it does,
    and whether it ends the scope at once, with which error."""

    lays: tuple[str, ...]
    via: tuple[str, ...] = ()
    clears: bool = False
    error: str = ""


@dataclass(slots=True)
class Place:
    """Where tokens lie. `passes` are elements that a token runs through here after reductions, in their order;
    `covers` are elements whose ways were found alike and left out."""

    passes: tuple[str, ...] = ()
    covers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Transition:
    """A node. `quantity` is how many tokens it takes at once; `enough` says of a complex gateway whether that many
    tokens are: yes, no, or None for "it depends on data"."""

    node: str
    mode: str
    takes: list[str]
    outcomes: list[Outcome]
    quantity: int = 1
    enough: tuple[bool | None, ...] = ()
    covers: set[str] = field(default_factory=set)


class Net:
    """The places and transitions of a scope, and the markings it may begin with."""

    def __init__(self, model: Model, scope: str, leaving: Callable[[str], Leaving] | None = None) -> None:
        self.model = model
        self.nodes = {n.id: n for n in model.nodes_of(scope)}
        self.flows = {
            f.id: f for f in model.flows_of(scope) if f.source in self.nodes and f.target in self.nodes
        }
        self.is_ad_hoc = getattr(model.nodes.get(scope), "kind", "") == "adHocSubProcess"
        self.complete = True
        """Whether every combination of ways was taken in; else nothing is said of what never happens."""
        self._leaving = leaving or (lambda _scope: Leaving())
        self.places: dict[str, Place] = {flow: Place() for flow in self.flows}
        self.transitions: dict[str, Transition] = {}
        self.beginnings = self._begin()
        for node in self.nodes.values():
            takes = self._takes(node)
            self.places.update((place, Place()) for place in takes if place not in self.places)
            if takes:
                self.transitions[node.id] = self._transition(node, takes)

    # --- where it begins --------------------------------------------------------------------------------------
    def _begin(self) -> list[tuple[str, ...]]:
        """The places that hold a token in the beginning: one for each way the scope can begin."""
        events = [n for n in self.nodes.values() if n.kind == "startEvent" or getattr(n, "instantiate", False)]
        if events:
            return [(f"begin:{node.id}",) for node in events]
        together = tuple(f"begin:{n.id}" for n in self.nodes.values() if not n.incoming and not stands_alone(n)
                         and not _is_link_catch(n))  # fmt: skip
        return [together] if together else []

    def _takes(self, node: FlowNode) -> list[str]:
        begun = [f"begin:{node.id}"] if any(f"begin:{node.id}" in b for b in self.beginnings) else []
        linked = [f"link:{node.id}"] if _is_link_catch(node) else []
        return [*begun, *(f for f in node.incoming if f in self.flows), *linked]

    # --- what a node does ---------------------------------------------------------------------------------------
    def _transition(self, node: FlowNode, takes: list[str]) -> Transition:
        mode = _MODES.get(node.kind, EACH) if len(takes) > 1 else EACH
        return Transition(
            node=node.id,
            mode=mode,
            takes=takes,
            outcomes=self._outcomes(node),
            quantity=node.start_quantity if isinstance(node, Activity) else 1,
            enough=_enough(node, len(takes)) if mode == SOME else (),
        )

    def _outcomes(self, node: FlowNode) -> list[Outcome]:
        out = tuple(f for f in node.outgoing if f in self.flows)
        if isinstance(node, Event):
            kinds = [d.kind for d in node.definitions]
            if node.kind == "endEvent" and any(kind in _ENDING for kind in kinds):
                errors = (d.code or d.name for d in node.definitions if d.kind == "error")
                return [Outcome((), clears=True, error=next(errors, "") or ("?" if "error" in kinds else ""))]
            if node.kind == "intermediateThrowEvent" and "link" in kinds:
                return [Outcome(out + self._links_of(node))]
        if node.kind in ("exclusiveGateway", "eventBasedGateway"):
            return [Outcome((f,)) for f in out] or [Outcome(())]
        if node.kind in ("inclusiveGateway", "complexGateway"):
            maybe = tuple(f for f in out if not self.flows[f].is_default)
            default = [(f,) for f in out if self.flows[f].is_default]  # taken only when no other is
            return [Outcome(lays) for lays in (*self._subsets(maybe), *default)] or [Outcome(())]
        if not isinstance(node, Activity):
            return [Outcome(out)]
        return self._of_activity(node, out)

    def _links_of(self, node: Event) -> tuple[str, ...]:
        ahead = (self.nodes.get(target) for target in self.model.steps_from(node.id))
        return tuple(f"link:{n.id}" for n in ahead if n is not None and _is_link_catch(n))

    def _of_activity(self, node: Activity, out: tuple[str, ...]) -> list[Outcome]:
        leaving = Leaving()
        if isinstance(node, SubProcess) and not node.triggered_by_event:
            leaving = self._leaving(node.id)
        ordinary = [lays * node.completion_quantity for lays in self._chosen(out)]
        # a loop may well run not at all, and then the activity is left without anything inside having happened
        mains = [Outcome(lays) for lays in ordinary] if leaving.ordinary or node.loop is not None else []
        beside: list[Outcome] = []
        boundaries = self.model.boundaries_of(node.id)
        for event in boundaries:
            lays = tuple(f for f in event.outgoing if f in self.flows)
            if event.trigger == "compensate":
                continue
            (mains if event.is_interrupting else beside).append(Outcome(lays, via=(event.id,)))
        for error in sorted(leaving.errors):
            if not any(catches(event, error) for event in boundaries):
                mains.append(Outcome((), clears=True, error=error))
        extras = [(), *((one,) for one in beside), *([tuple(beside)] if len(beside) > 1 else [])]
        found = [
            Outcome(
                main.lays + tuple(itertools.chain.from_iterable(e.lays for e in extra)),
                via=tuple(itertools.chain.from_iterable(e.via for e in extra)) + main.via,
                clears=main.clears,
                error=main.error,
            )
            for main in mains
            for extra in extras
        ]
        return list(dict.fromkeys(found))

    def _chosen(self, out: tuple[str, ...]) -> list[tuple[str, ...]]:
        always = tuple(f for f in out if self.flows[f].condition is None and not self.flows[f].is_default)
        maybe = tuple(f for f in out if self.flows[f].condition is not None and not self.flows[f].is_default)
        default = tuple(f for f in out if self.flows[f].is_default)
        if not maybe:
            return [always + default]
        return [always + chosen for chosen in self._subsets(maybe)] + [always + default]

    def _subsets(self, flows: tuple[str, ...]) -> list[tuple[str, ...]]:
        if len(flows) > _MANY_WAYS:
            self.complete = False
            return [*((f,) for f in flows), flows]
        return [s for size in range(1, len(flows) + 1) for s in itertools.combinations(flows, size)]


def stands_alone(node: FlowNode) -> bool:
    """Say whether no token of the scope ever comes to the node: it has a beginning of its own."""
    if node.kind == "boundaryEvent" or (isinstance(node, Activity) and node.is_for_compensation):
        return True
    return isinstance(node, SubProcess) and node.triggered_by_event


def catches(event: Event, error: str) -> bool:
    """Say whether an event takes an error of a code; one that names none takes all."""
    return any(
        d.kind == "error" and (not d.ref or error in (d.code or d.name, d.name)) for d in event.definitions
    )


def _is_link_catch(node: FlowNode) -> bool:
    return (
        isinstance(node, Event)
        and node.kind == "intermediateCatchEvent"
        and any(d.kind == "link" for d in node.definitions)
    )


def _enough(node: FlowNode, most: int) -> tuple[bool | None, ...]:
    """Of a complex gateway, for 1 to `most` tokens: does it fire? None where that depends on data."""
    given = node.activation_condition if isinstance(node, Gateway) else None
    if given is None or not given.text.strip():
        return (True,) * most
    answers: list[bool | None] = []
    for count in range(1, most + 1):
        try:
            value = evaluate(given.feel, {"activationCount": count, "waitingForStart": True}).value
        except FeelSyntaxError:
            value = None  # said by the check of expressions
        answers.append(value if isinstance(value, bool) else None)
    return tuple(answers)


def elements_of(places: Iterable[Place]) -> Iterator[str]:
    """Every element that tokens on the places run through, or that was left out for one of these."""
    for place in places:
        yield from place.passes
        yield from place.covers
