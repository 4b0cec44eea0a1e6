"""How the variables of an instance came by their values: which, when, at which step, by whom and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from processes import feel, ports
from processes.inbox import values
from processes.runtime.models import ProcessInstance, VariableChange

MOST = 100


@dataclass(frozen=True, slots=True)
class Change:
    """That a variable got a value. `who` is empty for what the house did by itself, `step` for what was done from outside,
    `reason` for all but corrections by hand. `named`: the variable has a name in words."""

    at: datetime
    name: str
    label: str
    text: str
    named: bool
    step: Mapping[str, str]
    who: str
    reason: str


def value_history(instance: ProcessInstance) -> list[Change]:
    """The newest changes of an instance's variables, newest first."""
    rows = list(
        VariableChange.objects.filter(instance=instance.pk).select_related("task", "by")
        .defer("task__data", "task__draft", "task__flow_task").order_by("-at", "-pk")[:MOST]
    )  # fmt: skip
    said = values.in_words(instance, [(row.name, feel.from_json(row.value)) for row in rows])
    return [_change(row, value) for row, value in zip(rows, said, strict=True)]


def _change(row: VariableChange, value: values.Value) -> Change:
    who: Any = ports.people().display(row.by) if row.by is not None else ""
    text = "; ".join(f"{part.label}: {part.text}" for part in value.parts) if value.parts else value.text
    return Change(
        row.at, row.name, value.label, text if len(text) <= values.LONGEST else text[: values.LONGEST - 1] + "…",
        value.label != value.name, (row.task.labels or {"en": row.task.node_id}) if row.task is not None else {}, who, row.reason,
    )  # fmt: skip
