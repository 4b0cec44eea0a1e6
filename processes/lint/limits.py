"""Limits, priorities, retries: is there one, and can it be read?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from processes.bpmn.model import Event, FlowNode, Task, is_feel
from processes.lint.durations import is_duration
from processes.lint.problems import Look, Problem
from processes.marked import word

_CHOICES = {
    "scope": ("branch", "team", "any"),
    "method": ("offer", "round_robin", "least_load", "account_manager", "previous"),
    "limit_time": ("calendar", "working"),
}
_WORDS = {"scope": word("scope"), "method": word("way of assigning"), "limit_time": word("kind of time")}


def check(look: Look) -> Iterator[Problem | None]:
    """All rules of this module."""
    for node in look.model.nodes.values():
        if isinstance(node, Task) and node.kind in ("userTask", "manualTask"):
            yield from _task(look, node)
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


def _has_timer(look: Look, node: Task) -> bool:
    return any(d.kind == "timer" for event in look.model.boundaries_of(node.id) for d in event.definitions)


def _retries(look: Look, node: FlowNode) -> Iterator[Problem | None]:
    action = node.action if isinstance(node, Task | Event) else None
    if action is None:
        return
    for where, text in ((word("backoff"), action.backoff), (word("timeout"), action.timeout)):
        if text and not is_feel(text) and not is_duration(text):
            yield look.problem("bad_duration", node.id, text=text, where=where)
