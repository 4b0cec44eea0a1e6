"""What a version of a process says of itself, readable by anybody: purpose, measures, the tables it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from processes.bpmn.extensions import Measure
from processes.bpmn.model import Task as TaskElement
from processes.catalog import selectors as catalog
from processes.catalog.decision_labels import labels_of
from processes.catalog.models import DecisionVersion, ProcessVersion
from processes.dmn.model import Decision, TableBox
from processes.errors import NotFound


@dataclass(frozen=True)
class Rule:
    """One line of a table: the cells of its inputs and outputs as written."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class DecisionTable:
    """A decision table as it is written; titles by language."""

    key: str
    number: int
    title: Mapping[str, str]
    hit_policy: str
    inputs: tuple[Mapping[str, str], ...]
    outputs: tuple[Mapping[str, str], ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class About:
    """A version's own words."""

    purpose: Mapping[str, str]
    measures: tuple[Measure, ...]
    steps: int
    decisions: list[DecisionTable]


def about_version(version_id: UUID) -> About:
    """Purpose, measures and tables of a version; NotFound when there is none."""
    version = ProcessVersion.objects.select_related("definition").filter(pk=version_id).first()
    if version is None:
        raise NotFound(_("There is no such version."))
    model = catalog.model_of(version)
    keys = {
        node.decision.key for node in model.nodes.values() if isinstance(node, TaskElement) and node.decision is not None
    }
    tables: list[DecisionTable] = []
    for key in sorted(keys):
        try:
            found = catalog.decision_version_for(version, key)
        except NotFound:
            continue
        tables += _tables(found)
    process = model.process
    return About(process.purpose, process.measures, len(model.nodes), tables)


def _tables(version: DecisionVersion) -> list[DecisionTable]:
    words = labels_of(version.dmn)

    def named(element: Any, name: str) -> Mapping[str, str]:
        return words.get(element) or words.get(name) or {"en": name}

    found = []
    for node in catalog.decisions_of(version).nodes.values():
        decision = node.element
        if not isinstance(decision, Decision) or not isinstance(decision.logic, TableBox):
            continue
        table = decision.logic
        found.append(
            DecisionTable(
                key=version.definition.key, number=version.number, title=named(decision.id, decision.name),
                hit_policy=table.hit_policy,
                inputs=tuple(named(item.element, item.label or item.expression.text) for item in table.inputs),
                outputs=tuple(named(item.element, item.label or item.name or decision.name) for item in table.outputs),
                rules=tuple(
                    Rule(tuple(cell.text for cell in rule.tests), tuple(cell.text for cell in rule.outputs))
                    for rule in table.rules
                ),
            )
        )  # fmt: skip
    return found
