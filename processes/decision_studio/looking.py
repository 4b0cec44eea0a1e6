"""A decision looked at, as it is stored or as somebody is just redrawing it: what is wrong, where rules are missing or
apply together, and what the examples give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processes import feel, ports
from processes.catalog import selectors as catalog
from processes.catalog.examples import main_decision, misses, said
from processes.catalog.models import DecisionVersion
from processes.catalog.table_quality import TableQuality, table_quality
from processes.decision_studio.cells import CellProblem, cell_problems
from processes.decision_studio.gap_rules import cells_for
from processes.dmn import Decisions, DmnError, Document
from processes.errors import Invalid
from processes.spoken import spoken

GAP = "table_gap"


@dataclass(frozen=True, slots=True)
class Result:
    """What an example gives: whether it holds, else why not; and the rules it reaches, by the id of what their table
    belongs to."""

    holds: bool
    sentence: str
    answer: str
    rules: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Look:
    """What was found. `problem` says why the file cannot be loaded; then there are no `tables` and no `results`."""

    problem: str
    cells: tuple[CellProblem, ...]
    tables: tuple[TableQuality, ...]
    results: tuple[Result, ...]

    @property
    def gap_rules(self) -> tuple[Mapping[int, tuple[str, ...]], ...]:
        """For each table the conditions of a rule for each gap, by the place of the gap among the findings."""
        return tuple(gap_rules(table) for table in self.tables)

    @property
    def sound(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.problem and not self.cells and all(result.holds for result in self.results) and not any(table.findings for table in self.tables)


def unsaved(version: DecisionVersion, dmn: str, examples: Sequence[Mapping[str, Any]]) -> DecisionVersion:
    """A version as it would be with another text; never saved."""
    found = DecisionVersion(definition=version.definition, number=version.number, state=version.state, dmn=dmn, examples=list(examples))
    found.content_hash = found.compute_hash()
    return found


def look_at(version: DecisionVersion) -> Look:
    """What is found in a version, stored or not. Invalid only for what is no decision file at all."""
    try:
        document = Document(version.dmn)
    except DmnError as error:
        raise Invalid(spoken(error.message)) from error
    cells = tuple(cell_problems(version.dmn, tuple(place.table for place in document.tables)))
    try:
        decisions = catalog.decisions_of(version)
        tables = table_quality(version)
    except DmnError as error:
        return Look(spoken(error.message), cells, (), ())
    except Invalid as error:
        return Look(error.sentence, cells, (), ())
    return Look("", cells, tables, tuple(_results(version, decisions)))


def gap_rules(table: TableQuality) -> dict[int, tuple[str, ...]]:
    """The conditions of a rule for each gap, by the place of the gap among the findings of its table."""
    return {
        at: cells_for(finding.region, len(table.inputs))
        for at, finding in enumerate(table.findings) if finding.code == GAP and finding.example is not None
    }  # fmt: skip


def _results(version: DecisionVersion, decisions: Decisions) -> list[Result]:
    key = version.definition.key
    missed = {miss.number: miss.sentence for miss in misses(decisions, key, version.examples)}
    return [_result(decisions, key, example, missed.get(number, "")) for number, example in enumerate(version.examples, 1)]


def _result(decisions: Decisions, key: str, example: Mapping[str, Any], missed: str) -> Result:
    try:
        given = {name: feel.from_json(value) for name, value in example["in"].items()}
        answer = decisions.evaluate(example.get("decision") or main_decision(decisions, key), given, clock=ports.now)
    except (DmnError, feel.NotReadable):
        return Result(not missed, missed, "", {})
    rules = {row.id: tuple(rule.number for rule in (row.rules[:1] if row.hit_policy == "P" else row.rules)) for row in answer.trace if row.hit_policy}
    return Result(not missed, missed, said(answer.value), rules)


__all__ = ["Look", "Result", "gap_rules", "look_at", "unsaved"]
