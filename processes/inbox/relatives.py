"""What an instance was called by, and what it called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processes.inbox.visibility import seen_instances
from processes.runtime.models import ProcessInstance

MOST = 50


@dataclass(frozen=True, slots=True)
class Relative:
    """Another instance and the step that the call was made at."""

    instance: ProcessInstance
    step: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Relatives:
    """The caller, and what was called, oldest first; only what the person may see. `hidden` says that there is a caller
    that they may not see."""

    parent: Relative | None
    children: list[Relative]
    hidden: bool


def _called_at(child: ProcessInstance) -> Relative:
    at: Any = child.parent_task
    return Relative(child, at.labels or {"en": at.node_id})


def relatives(instance: ProcessInstance, *, user: Any) -> Relatives:
    """The instances around one that the person may see. Two queries at most."""
    rows = seen_instances(user).select_related("definition", "parent_task").defer("data", "parent_task__flow_task", "parent_task__data")
    parent = None
    at = instance.parent_task
    if at is not None:
        found = rows.filter(pk=at.process_id).first()
        parent = Relative(found, at.labels or {"en": at.node_id}) if found is not None else None
    called = list(rows.filter(parent_task__process=instance.pk).order_by("created", "pk")[:MOST])
    children = [_called_at(row) for row in called]
    return Relatives(parent, children, at is not None and parent is None)
