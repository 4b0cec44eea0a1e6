"""Decision tables as a page shows them: heads, rules, and which columns are answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from processes import ports


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `out` for an answer."""

    title: str
    out: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a decision."""

    title: str
    hit_policy: str
    columns: list[Column]
    rules: list[list[tuple[str, bool]]]


def tables_of(decisions: list[Any]) -> list[Table]:
    """The tables among the decisions that a version asks."""
    return [
        Table(
            title=ports.text(found.title), hit_policy=found.hit_policy,
            columns=[Column(ports.text(name), False) for name in found.inputs]
            + [Column(ports.text(name), True) for name in found.outputs],
            rules=[[(cell, False) for cell in rule.inputs] + [(cell, True) for cell in rule.outputs] for rule in found.rules],
        )
        for found in decisions
    ]  # fmt: skip
