"""Runs every rule family over a drawing and puts the findings in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from processes.bpmn.errors import BpmnError
from processes.bpmn.model import Model
from processes.bpmn.parser import parse
from processes.lint import (
    expressions,
    gateways,
    limits,
    reachability,
    references,
    soundness,
    standard_activities,
    standard_data,
    standard_events,
    standard_flows,
    structure,
    support,
)
from processes.lint.messages import MESSAGES, SEVERITIES
from processes.lint.problems import Look, Problem, problem

Family = Callable[[Look], Iterator[Problem | None]]

FAMILIES: tuple[Family, ...] = (
    structure.check,
    standard_flows.check,
    standard_events.check,
    standard_activities.check,
    standard_data.check,
    support.check,
    references.check,
    reachability.check,
    gateways.check,
    expressions.check,
    limits.check,
    soundness.check,
)


def check(
    model: Model,
    *,
    decisions: Mapping[str, Any] | None = None,
    forms: Mapping[str, Mapping[str, Any]] | None = None,
    actions: Mapping[str, Any] | None = None,
    roles: Collection[str] | None = None,
    processes: Collection[str] | None = None,
    subject_fields: Mapping[str, Collection[str]] | None = None,
) -> list[Problem]:
    """Every finding about a drawing, errors first, then in the file's order.

    `decisions` by key, `forms` (form-js schemas) by key, `actions` by name (each an iterable of parameters with
    `name` and `required`, or a mapping from input name to whether it is required), `roles`, `processes` (keys
    that may be called) and `subject_fields` (field names by subject type) say what exists; None means that it
    is not known, and references of that kind are then not checked.
    """
    look = Look(
        model=model,
        decisions=decisions,
        forms=forms,
        actions=actions,
        roles=roles,
        processes=processes,
        subject_fields=subject_fields,
    )
    found = [item for family in FAMILIES for item in family(look) if item is not None]
    unique = {(p.code, p.element, p.sentence): p for p in reversed(found)}
    return sorted(unique.values(), key=lambda p: (SEVERITIES.index(p.severity), p.line, p.code, p.element))


def check_text(xml: bytes | str, **known: Any) -> list[Problem]:
    """`check` of a file that may not even be readable; then the one finding says why."""
    try:
        model = parse(xml)
    except BpmnError as error:
        code = error.code if error.code in MESSAGES else "unreadable"
        return [problem(code, "error", error.element, (), error.line, {"sentence": error.sentence})]
    return check(model, **known)
