"""Rules of BPMN 2.0.2 on events (10.5): which trigger may stand where, boundary events, links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from processes.bpmn.model import Activity, Event, EventDefinition, SubProcess
from processes.lint.problems import Look, Problem
from processes.marked import say, word

_MANY = {"multiple", "parallelMultiple"}
_WORK = {"message", "timer", "signal", "conditional"} | _MANY
_CATCH_ALL = {"escalation", "error", "compensate"}
ALLOWED: dict[str, set[str]] = {
    "topStart": {"none"} | _WORK,
    "eventSubProcessStart": _WORK | _CATCH_ALL,
    "subProcessStart": {"none"},
    "intermediateCatchEvent": {"message", "timer", "conditional", "link", "signal"} | _MANY,
    "intermediateThrowEvent": {"none", "message", "escalation", "compensate", "link", "signal", "multiple"},
    "boundaryEvent": _WORK | _CATCH_ALL | {"cancel"},
    "endEvent": {"none", "message", "escalation", "error", "cancel", "compensate", "signal", "terminate", "multiple"},
}  # fmt: skip
"""Table 10.93 of the standard: the triggers of each position."""

_INSIDE_MANY = {"startEvent": _WORK, "intermediateCatchEvent": _WORK, "boundaryEvent": _WORK | _CATCH_ALL | {"cancel"},
                "intermediateThrowEvent": {"message", "escalation", "compensate", "signal"},
                "endEvent": ALLOWED["endEvent"] - {"none"}}  # fmt: skip
_POSITIONS = {
    "topStart": say("the start of a process"),
    "eventSubProcessStart": say("the start of an event sub-process"),
    "subProcessStart": say("the start of an embedded sub-process"),
    "intermediateCatchEvent": say("an intermediate event that waits"),
    "intermediateThrowEvent": say("an intermediate event that throws"),
    "boundaryEvent": say("the border of an activity"),
    "endEvent": say("an end"),
}
_TRIGGERS = {
    "none": word("no trigger"), "compensate": word("compensation"), "parallelMultiple": word("parallel multiple"),
    "message": word("message"), "timer": word("timer"), "signal": word("signal"), "conditional": word("conditional"),
    "escalation": word("escalation"), "error": word("error"), "cancel": word("cancel"), "link": word("link"),
    "terminate": word("terminate"), "multiple": word("multiple"),
}  # fmt: skip
_ALWAYS_INTERRUPTING = frozenset({"error", "cancel", "compensate"})


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    for node in look.model.nodes.values():
        if isinstance(node, Event):
            yield from _trigger(look, node)
            yield from _flows(look, node)
            if node.kind == "boundaryEvent":
                yield from _boundary(look, node)
            yield from _cancel_end(look, node)
    yield from _links(look)


def _position(look: Look, event: Event) -> str:
    if event.kind != "startEvent":
        return event.kind
    around = look.model.nodes.get(event.scope)
    if around is None:
        return "topStart"
    is_event_scope = isinstance(around, SubProcess) and around.triggered_by_event
    return "eventSubProcessStart" if is_event_scope else "subProcessStart"


def _trigger(look: Look, event: Event) -> Iterator[Problem | None]:
    position = _position(look, event)
    allowed = ALLOWED.get(position)
    if allowed is None:
        return
    trigger = event.trigger
    words: dict[str, Any] = {"trigger": _TRIGGERS.get(trigger, trigger), "position": _POSITIONS[position]}
    inner = _INSIDE_MANY[event.kind]
    wrong_inside = len(event.definitions) > 1 and any(d.kind not in inner for d in event.definitions)
    if position == "eventSubProcessStart" and trigger == "none":
        return  # said once, at the sub-process
    if trigger not in allowed or wrong_inside:
        yield look.problem("trigger_not_allowed", event.id, **words)
    elif not event.is_interrupting and trigger in _ALWAYS_INTERRUPTING:
        code = "boundary_must_interrupt" if event.kind == "boundaryEvent" else "start_must_interrupt"
        yield look.problem(code, event.id, **words)


def _flows(look: Look, event: Event) -> Iterator[Problem | None]:
    is_link = event.trigger == "link"
    if event.kind == "startEvent" and event.incoming:
        yield look.problem("start_incoming", event.id, related=event.incoming)
    if event.kind == "endEvent" and event.outgoing:
        yield look.problem("end_outgoing", event.id, related=event.outgoing)
    if is_link and event.kind == "intermediateThrowEvent" and event.outgoing:
        yield look.problem("link_flow", event.id, related=event.outgoing)
    if is_link and event.kind == "intermediateCatchEvent" and event.incoming:
        yield look.problem("link_flow", event.id, related=event.incoming)


def _boundary(look: Look, event: Event) -> Iterator[Problem | None]:
    model = look.model
    host = model.nodes.get(event.attached_to)
    if event.attached_to and model.find(event.attached_to) is not None:
        if not isinstance(host, Activity) or host.scope != event.scope:
            yield look.problem("boundary_host", event.id, related=(event.attached_to,))
        elif event.trigger == "cancel" and host.kind != "transaction":
            yield look.problem("cancel_boundary", event.id, related=(host.id,))
    if event.incoming:
        yield look.problem("boundary_incoming", event.id, related=event.incoming)
    if event.trigger == "compensate":
        yield from _compensation(look, event)
    elif not event.outgoing:
        yield look.problem("boundary_without_flow", event.id)


def _compensation(look: Look, event: Event) -> Iterator[Problem | None]:
    """10.7.1: the handler is joined by exactly one association and has no sequence flow."""
    model = look.model
    joined = [
        a for a in model.artifacts.values() if a.kind == "association" and event.id in (a.source, a.target)
    ]
    ends = [model.nodes.get(a.target if a.source == event.id else a.source) for a in joined]
    handlers = [node for node in ends if isinstance(node, Activity)]
    if event.outgoing or len(handlers) != 1 or not handlers[0].is_for_compensation:
        yield look.problem("compensation_boundary", event.id, related=tuple(node.id for node in handlers))


def _cancel_end(look: Look, event: Event) -> Iterator[Problem | None]:
    if event.kind == "endEvent" and any(d.kind == "cancel" for d in event.definitions):
        around = [look.model.nodes.get(scope) for scope in look.model.scopes_around(event.id)]
        if not any(node is not None and node.kind == "transaction" for node in around):
            yield look.problem("cancel_end", event.id)


# --- links ---------------------------------------------------------------------------------------------------
def _links(look: Look) -> Iterator[Problem | None]:
    """10.5.5: a throwing link and its catching link have one name (or name each other) and one scope."""
    throws, catches = _of(look, "intermediateThrowEvent"), _of(look, "intermediateCatchEvent")
    by_name: dict[tuple[str, str], str] = {}
    for event, link in catches:
        first = by_name.setdefault((event.scope, link.name), event.id)
        if link.name and first != event.id:
            yield look.problem("link_ambiguous", event.id, link=link.name, related=(first,))
    for event, link in throws:
        meant = [(e, c) for e, c in catches if e.scope == event.scope and _pair(link, c)]
        if not meant:
            yield look.problem("link_without_catch", event.id)
    for event, link in catches:
        if not any(e.scope == event.scope and _pair(t, link) for e, t in throws):
            yield look.problem("link_without_throw", event.id)
        for other, thrown in throws:
            if link.link_sources and _disagree(thrown, link):
                related, names = (other.id,), look.name(other.id)
                yield look.problem("link_mismatch", event.id, other=names, related=related)


def _of(look: Look, kind: str) -> list[tuple[Event, EventDefinition]]:
    return [
        (node, definition)
        for node in look.model.nodes.values()
        if isinstance(node, Event) and node.kind == kind
        for definition in node.definitions
        if definition.kind == "link"
    ]


def _pair(thrown: EventDefinition, caught: EventDefinition) -> bool:
    if thrown.link_target:
        return thrown.link_target == caught.id
    return thrown.name == caught.name or thrown.id in caught.link_sources


def _disagree(thrown: EventDefinition, caught: EventDefinition) -> bool:
    """One names the other, but the other names somebody else."""
    names_it, is_named = thrown.link_target == caught.id, thrown.id in caught.link_sources
    return bool(thrown.link_target) and names_it != is_named
