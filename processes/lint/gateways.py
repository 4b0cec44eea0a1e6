"""Gateways and activities that choose: are there conditions, and can all of them be false at once?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from processes.bpmn.model import Activity, FlowNode, Gateway, SequenceFlow
from processes.feel.errors import FeelSyntaxError
from processes.feel.parser import parse_tree
from processes.lint.conditions import NotAnalysable, all_false_example
from processes.lint.problems import Look, Problem
from processes.marked import say, word

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    domains = _domains(look.forms)
    for node in look.model.nodes.values():
        if not look.is_executable(node.id):
            continue
        flows = look.model.outgoing_of(node.id)
        default = look.model.default_of(node.id)
        if isinstance(node, Gateway) and node.kind in _CHOOSING and len(flows) > 1:
            yield from _missing(look, node, flows)
            if default is None:
                yield _undecided(look, node, flows, domains)
        elif isinstance(node, Activity) and default is None and flows and all(_conditional(f) for f in flows):
            yield _undecided(look, node, flows, domains)


def _conditional(flow: SequenceFlow) -> bool:
    return flow.condition is not None and bool(flow.condition.text)


def _missing(look: Look, node: Gateway, flows: tuple[SequenceFlow, ...]) -> Iterator[Problem | None]:
    for flow in flows:
        if not _conditional(flow) and not flow.is_default:
            yield look.problem(
                "flow_without_condition",
                flow.id,
                related=(node.id,),
                source=look.name(flow.source),
                target=look.name(flow.target),
            )


def _undecided(
    look: Look, node: FlowNode, flows: tuple[SequenceFlow, ...], domains: Mapping[str, list[Any]]
) -> Problem | None:
    conditions = [f.condition for f in flows if f.condition is not None and f.condition.text]
    if len(conditions) < len(flows):
        return None  # said by flow_without_condition
    try:
        trees = [parse_tree(c.feel) for c in conditions if not c.is_foreign]
        if len(trees) < len(conditions):
            raise NotAnalysable
        example = all_false_example(trees, domains)
    except (NotAnalysable, FeelSyntaxError):
        return look.problem("no_default", node.id, related=tuple(f.id for f in flows))
    if example is None:
        return None
    return look.problem("all_false", node.id, related=tuple(f.id for f in flows), example=_said(example))


def _said(example: Mapping[str, Any]) -> str:
    parts = [say("%(path)s is %(value)s", path=path, value=_word(value)) for path, value in example.items()]
    if not parts:
        return word("always")
    found = parts[0]
    for other in parts[1:]:
        found = say("%(these)s and %(other)s", these=found, other=other)
    return found


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return f"“{value}”" if value != "something else" else word("something else")


def _domains(forms: Mapping[str, Mapping[str, Any]] | None) -> dict[str, list[Any]]:
    """The values that a required choice in the process's own forms can give, by variable name.

    Only a required field in every form that has it is taken: an optional one may also be empty.
    """
    found: dict[str, list[Any]] = {}
    spoilt: set[str] = set()
    for schema in (forms or {}).values():
        for component in schema.get("components", ()):
            key, values = component.get("key"), component.get("values")
            if not key:
                continue
            required = bool((component.get("validate") or {}).get("required"))
            hidden = bool((component.get("conditional") or {}).get("hide"))
            if component.get("type") in ("select", "radio") and values and required and not hidden:
                known = found.setdefault(key, [])
                known.extend(v.get("value") for v in values if v.get("value") not in known)
            else:
                spoilt.add(key)
    return {key: values for key, values in found.items() if key not in spoilt}
