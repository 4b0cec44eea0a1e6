"""Every expression of a drawing can be read, reads only declared fields, and every event says what it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from processes.bpmn.model import (
    Activity,
    CallActivity,
    Event,
    EventDefinition,
    Expression,
    FlowNode,
    Gateway,
    SubProcess,
    Task,
    feel_of,
    is_feel,
)
from processes.feel import nodes as f
from processes.feel.errors import FeelSyntaxError
from processes.feel.parser import children, parse_tree
from processes.lint.durations import is_cycle, is_duration, is_moment
from processes.lint.problems import Look, Problem
from processes.marked import Sentence, say, word

_TIMERS = {
    "timeDate": (is_moment, word("date and time"), "2026-12-31T17:00:00+08:00"),
    "timeDuration": (is_duration, word("duration"), say("%(way)s or %(other)s", way="PT4H", other="P2D")),
    "timeCycle": (is_cycle, word("repetition"), say("%(way)s or %(other)s", way="R/P1D", other="R3/PT1H")),
}


_MEANT = {"message": word("message"), "signal": word("signal")}


@dataclass(frozen=True, slots=True)
class Found:
    """One FEEL expression of the drawing: whose it is, where it stands, its text without the leading "="."""

    element: str
    where: Sentence
    text: str
    line: int


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    for found in expressions_of(look):
        try:
            tree = parse_tree(found.text)
        except FeelSyntaxError as error:
            yield look.problem(
                "bad_expression",
                found.element,
                line=found.line,
                text=found.text,
                where=found.where,
                reason=error.message,
            )
        else:
            yield from _fields(look, found, tree)
            yield _on_record(look, found, tree)
    for node in look.model.nodes.values():
        if isinstance(node, Event):
            for definition in node.definitions:
                yield _definition(look, node, definition)
        if isinstance(node, Activity) and node.loop is not None and node.loop.kind == "multiInstance":
            loop = node.loop
            if loop.cardinality is None and not loop.data_input and not loop.ext.collection:
                yield look.problem("loop_without_number", node.id)


# --- where expressions stand --------------------------------------------------------------------------------------
def expressions_of(look: Look) -> Iterator[Found]:
    """Every FEEL expression of the executable processes, in the file's order."""
    model = look.model
    for process in model.processes.values():
        for where, text in ((word("title"), process.ext.title), (word("business key"), process.ext.business_key),
                            (word("priority"), process.ext.priority), (word("limit"), process.ext.limit)):  # fmt: skip
            if process.is_executable and is_feel(text):
                yield Found(process.id, where, feel_of(text), process.ext.line)
    for node in model.nodes.values():
        if look.is_executable(node.id):
            yield from _of_node(node)
    for flow in model.flows.values():
        condition = flow.condition
        if (
            look.is_executable(flow.id)
            and condition is not None
            and condition.text
            and not condition.is_foreign
        ):
            yield Found(flow.id, word("condition"), condition.feel, condition.line)


def _of_node(node: FlowNode) -> Iterator[Found]:
    pairs: list[tuple[Sentence, str]] = [(word("limit"), node.task.limit)] if isinstance(node, Activity) else []
    if isinstance(node, Task):
        task = node.task
        pairs += [
            (word("who"), task.assignee),
            (word("scope"), task.scope),
            (word("priority"), task.priority),
            (word("four eyes"), task.four_eyes),
        ]
        if node.decision is not None:
            pairs += [(say("input %(name)s", name=pair.name), pair.value) for pair in node.decision.inputs]
        if node.kind == "scriptTask" and node.script is not None and not node.script.is_foreign:
            yield Found(node.id, word("script"), node.script.feel, node.script.line)
    if isinstance(node, Task | Event):
        pairs += [(say("payload %(name)s", name=pair.name), pair.value) for pair in node.payload]
        if node.action is not None:
            pairs += [(say("input %(name)s", name=pair.name), pair.value) for pair in node.action.inputs]
        if node.correlation is not None:
            pairs.append((word("correlation"), node.correlation.key))
    if isinstance(node, CallActivity):
        pairs.append((word("subject"), node.call.subject))
        pairs += [(say("in %(name)s", name=p.name), p.value) for p in node.call.inputs]
        pairs += [(say("out %(name)s", name=p.name), p.value) for p in node.call.outputs]
    if isinstance(node, Event):
        pairs += [(word("timer"), d.body.text) for d in node.definitions if d.body is not None]
        for definition in node.definitions:
            if definition.condition is not None and not definition.condition.is_foreign:
                yield Found(node.id, word("condition"), definition.condition.feel, definition.condition.line)
    for where, text in pairs:
        if is_feel(text):
            yield Found(node.id, where, feel_of(text), node.line)
    if isinstance(node, Gateway):
        yield from _formula(node, word("condition"), node.activation_condition)
    if isinstance(node, SubProcess):
        yield from _formula(node, word("completion condition"), node.completion_condition)
    if isinstance(node, Activity) and node.loop is not None:
        loop = node.loop
        for where, text in ((word("collection"), loop.ext.collection), (word("result"), loop.ext.output_element)):
            if is_feel(text):
                yield Found(node.id, where, feel_of(text), loop.line)
        for where, formula in ((word("number of runs"), loop.cardinality), (word("completion condition"), loop.completion_condition),
                               (word("loop condition"), loop.loop_condition)):  # fmt: skip
            yield from _formula(node, where, formula)


def _formula(node: FlowNode, where: Sentence, formula: Expression | None) -> Iterator[Found]:
    if formula is not None and formula.text and not formula.is_foreign:
        yield Found(node.id, where, formula.feel, formula.line)


# --- fields ---------------------------------------------------------------------------------------------------------
def _fields(look: Look, found: Found, tree: f.Node) -> Iterator[Problem | None]:
    """`lead.socre`: a field that the subject's view does not declare."""
    if look.subject_fields is None:
        return
    element = look.model.find(found.element)
    process = look.model.processes.get(getattr(element, "process", "") or found.element)
    subject = process.ext.subject if process is not None else ""
    known = look.subject_fields.get(subject)
    if not subject or known is None:
        return
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        waiting.extend(children(node))
        if not (isinstance(node, f.Path) and isinstance(node.source, f.Name) and node.source.name == subject):
            continue
        if node.name not in known:
            words: dict[str, Any] = {
                "where": found.where,
                "path": f"{subject}.{node.name}",
                "subject": subject,
            }
            yield look.problem("unknown_field", found.element, line=found.line, **words)


def _on_record(look: Look, found: Found, tree: f.Node) -> Problem | None:
    """An event that waits for a condition on the record learns of it only when its own instance moves."""
    node = look.model.nodes.get(found.element)
    if not isinstance(node, Event) or found.where != "condition":
        return None
    subject = look.model.processes[node.process].ext.subject
    waiting = [tree]
    while subject and waiting:
        part = waiting.pop()
        if isinstance(part, f.Name) and part.name == subject:
            return look.problem("condition_on_record", node.id, line=found.line, subject=subject)
        waiting.extend(children(part))
    return None


# --- events -----------------------------------------------------------------------------------------------------------
def _definition(look: Look, node: Event, definition: EventDefinition) -> Problem | None:
    if definition.kind == "timer":
        return _timer(look, node, definition)
    if definition.kind in _MEANT and not definition.name:
        return look.problem("event_unnamed", node.id, kind=_MEANT[definition.kind])
    if definition.kind == "error" and node.kind == "endEvent" and not definition.ref:
        return look.problem("event_unnamed", node.id, kind=word("error"))
    if definition.kind == "conditional" and (definition.condition is None or not definition.condition.text):
        return look.problem("event_unnamed", node.id, kind=word("condition"))
    return None


def _timer(look: Look, node: Event, definition: EventDefinition) -> Problem | None:
    text = definition.body.text.strip() if definition.body is not None else ""
    if not text:
        return look.problem("timer_missing", node.id)
    if is_feel(text) or text.startswith(("${", "#{")):
        return None
    fits, kind, example = _TIMERS[definition.timer]
    if fits(text):
        return None
    return look.problem("timer_literal", node.id, line=definition.line, text=text, kind=kind, example=example)
