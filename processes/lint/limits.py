"""Limits, priorities, retries: is there one, and can it be read?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from processes.bpmn.model import Activity, Event, FlowNode, Rung, Task, is_feel
from processes.lint.durations import is_duration
from processes.lint.problems import Look, Problem
from processes.marked import word

_CHOICES = {
    "scope": ("branch", "team", "any"),
    "method": ("offer", "round_robin", "least_load", "account_manager", "previous"),
    "limit_time": ("calendar", "working"),
}
WHO = ("assignee", "lead", "owner")
"""Whom a rung may tell besides roles."""

PRIORITY = re.compile(r"[+-]?(\d{1,2}|100)")
"""A priority, or a step of it."""

_WORDS = {"scope": word("scope"), "method": word("way of assigning"), "limit_time": word("kind of time")}


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    for process in look.model.processes.values():
        yield from _limit(look, process.id, process.ext.limit, process.ext.limit_time)
        yield from _ladder(look, process.id, process.ext.ladder)
    for node in look.model.nodes.values():
        if isinstance(node, Task) and node.kind in ("userTask", "manualTask"):
            yield from _task(look, node)
        elif isinstance(node, Activity):
            yield from _limit(look, node.id, node.task.limit, node.task.limit_time)
        if isinstance(node, Activity):
            yield from _ladder(look, node.id, node.task.ladder)
            if node.task.ladder and not node.task.limit:
                yield look.problem("ladder_without_limit", node.id)
        yield from _retries(look, node)
        if isinstance(node, Event):
            for definition in node.definitions:
                if definition.kind == "timer" and definition.time not in _CHOICES["limit_time"]:
                    choices = ", ".join(_CHOICES["limit_time"])
                    words: dict[str, Any] = {
                        "text": definition.time,
                        "where": word("kind of time"),
                        "choices": choices,
                    }
                    yield look.problem("bad_choice", node.id, **words)


def _task(look: Look, node: Task) -> Iterator[Problem | None]:
    task = node.task
    if not task.limit and not _has_timer(look, node):
        yield look.problem("no_limit", node.id)
    if task.limit and not is_feel(task.limit) and not is_duration(task.limit):
        yield look.problem("bad_limit", node.id, text=task.limit)
    priority = task.priority.strip()
    if priority and not is_feel(priority) and not (priority.isdigit() and int(priority) <= 100):
        yield look.problem("bad_priority", node.id, text=priority)
    for name, choices in _CHOICES.items():
        value = getattr(task, name).strip()
        if value and not is_feel(value) and value not in choices:
            words: dict[str, Any] = {"text": value, "where": _WORDS[name], "choices": ", ".join(choices)}
            yield look.problem("bad_choice", node.id, **words)


def _limit(look: Look, element: str, limit: str, time: str) -> Iterator[Problem | None]:
    """The limit of a step that no person does, or of a process."""
    if limit and not is_feel(limit) and not is_duration(limit):
        yield look.problem("bad_limit", element, text=limit)
    if time not in _CHOICES["limit_time"]:
        choices = ", ".join(_CHOICES["limit_time"])
        yield look.problem("bad_choice", element, text=time, where=_WORDS["limit_time"], choices=choices)


def _ladder(look: Look, element: str, ladder: tuple[Rung, ...]) -> Iterator[Problem | None]:
    """The rungs: shares that can be read, in order and once each, that do something, for people who are there."""
    before = 0
    for rung in ladder:
        if not rung.share:
            yield look.problem("bad_rung", element, line=rung.line, text=rung.at)
            continue
        if rung.share == before:
            yield look.problem("rung_twice", element, line=rung.line, share=rung.share)
        elif rung.share < before:
            yield look.problem("rung_order", element, line=rung.line, share=rung.share, before=before)
        before = max(before, rung.share)
        if rung.priority and not PRIORITY.fullmatch(rung.priority):
            yield look.problem("bad_rung_priority", element, line=rung.line, text=rung.priority)
        if not (rung.notify or rung.priority or rung.role):
            yield look.problem("rung_empty", element, line=rung.line, share=rung.share)
        for role in (*(who for who in rung.notify if who not in WHO), *([rung.role] if rung.role else [])):
            if look.roles is not None and role not in look.roles:
                yield look.problem("unknown_role", element, line=rung.line, role=role)


def _has_timer(look: Look, node: Task) -> bool:
    return any(d.kind == "timer" for event in look.model.boundaries_of(node.id) for d in event.definitions)


def _retries(look: Look, node: FlowNode) -> Iterator[Problem | None]:
    action = node.action if isinstance(node, Task | Event) else None
    if action is None:
        return
    for where, text in ((word("backoff"), action.backoff), (word("timeout"), action.timeout)):
        if text and not is_feel(text) and not is_duration(text):
            yield look.problem("bad_duration", node.id, text=text, where=where)
