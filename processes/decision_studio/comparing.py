"""Two versions of a decision beside each other, rule by rule, with the words of the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processes import ports
from processes.catalog.decision_changes import Told, changes
from processes.catalog.decision_labels import labels_of
from processes.catalog.models import DecisionVersion
from processes.dmn import DmnError, differ
from processes.dmn import model as m
from processes.errors import Invalid
from processes.spoken import spoken


@dataclass(frozen=True, slots=True)
class CellPair:
    """A cell before and after."""

    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether it says something else."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class RulePair:
    """A rule before and after: kind is added, removed, changed or moved; a missing number says it is not there."""

    kind: str
    before: int | None
    after: int | None
    cells: tuple[CellPair, ...]


@dataclass(frozen=True, slots=True)
class TablePair:
    """A table that differs. The sentences tell everything; `rules` show what can be shown cell by cell, which is when
    both versions have the same columns."""

    label: str
    kind: str
    columns: tuple[str, ...]
    rules: tuple[RulePair, ...]
    sentences: tuple[str, ...]


def difference(before: DecisionVersion, after: DecisionVersion) -> list[TablePair]:
    """The tables and elements that differ; Invalid when a version cannot be read."""
    try:
        told = changes(before, after)
        found = {table.owner: table for table in differ.compare(before.dmn, after.dmn).tables}
    except DmnError as error:
        raise Invalid(spoken(error.message)) from error
    labels = {**labels_of(before.dmn), **labels_of(after.dmn)}
    names: dict[str, list[Told]] = {}
    for item in told:
        names.setdefault(item.element, []).append(item)
    return [_pair(items, found.get(element), labels) for element, items in names.items()]


def _pair(items: Sequence[Told], table: differ.TableChange | None, labels: Mapping[str, Mapping[str, str]]) -> TablePair:
    sentences = tuple(item.sentence for item in items)
    if table is None:
        return TablePair(items[0].name, "", (), (), sentences)
    shown = table.after or table.before
    both: tuple[m.Input | m.Output, ...] = (*shown.inputs, *shown.outputs) if shown is not None else ()
    columns = tuple(ports.text(labels.get(column.element)) or differ.label_of(column) for column in both)
    rules = tuple(_rule(rule) for rule in table.rules) if _same_columns(table) else ()
    return TablePair(items[0].name, table.kind, columns, rules, sentences)


def _same_columns(table: differ.TableChange) -> bool:
    """Whether cell stands against cell: no column is new, gone or elsewhere."""
    return all(change.kind == differ.CHANGED and "place" not in change.what for change in table.columns)


def _rule(change: differ.RuleChange) -> RulePair:
    old, new = _texts(change.before), _texts(change.after)
    width = max(len(old), len(new))
    old, new = old or [""] * width, new or [""] * width
    cells = tuple(CellPair(*pair) for pair in zip(old, new, strict=True))
    return RulePair(
        change.kind, change.before.number if change.before is not None else None,
        change.after.number if change.after is not None else None, cells,
    )  # fmt: skip


def _texts(rule: m.Rule | None) -> list[str]:
    return [cell.text for cell in (*rule.tests, *rule.outputs)] if rule is not None else []
