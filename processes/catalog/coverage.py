"""Which rules of the decision tables of a file its examples reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from processes import feel, ports
from processes.catalog.examples import main_decision
from processes.dmn import DmnError

if TYPE_CHECKING:
    from processes.dmn import Decisions

Coverage: TypeAlias = Mapping[str, Mapping[int, tuple[int, ...]]]
"""By the id of a decision or business knowledge model, by the number of a rule: the numbers of the examples, from 1."""


def reached(decisions: Decisions, key: str, examples: Iterable[Mapping[str, Any]]) -> Coverage:
    """The rules that apply in each example of a file; where the priority of outputs decides, only the one that wins.

    An example that cannot be read, or asks a decision that is not there, reaches nothing: `misses` names it.
    """
    found: dict[str, dict[int, list[int]]] = {}
    for number, example in enumerate(examples, start=1):
        try:
            given = {name: feel.from_json(value) for name, value in example["in"].items()}
            answer = decisions.evaluate(example.get("decision") or main_decision(decisions, key), given, clock=ports.now)
        except (DmnError, feel.NotReadable):
            continue
        for row in answer.trace:
            for rule in row.rules[:1] if row.hit_policy == "P" else row.rules:
                numbers = found.setdefault(row.id, {}).setdefault(rule.number, [])
                if number not in numbers:
                    numbers.append(number)
    return {table: {rule: tuple(numbers) for rule, numbers in rules.items()} for table, rules in found.items()}
