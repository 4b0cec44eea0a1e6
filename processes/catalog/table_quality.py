"""The quality of the decision tables of a version, for the pages of their owners: what was found in each, in words with
an example to try, and which stored example reaches which rule.

    for table in table_quality(version):
        table.label, table.findings, [(rule.number, rule.examples) for rule in table.rules]"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processes import ports
from processes.catalog import selectors as catalog
from processes.catalog.coverage import Coverage, reached
from processes.catalog.decision_labels import labels_of, value_words
from processes.catalog.models import DecisionVersion
from processes.catalog.selectors import HashCache
from processes.catalog.table_findings import Named, TableFinding, findings_of
from processes.catalog.table_words import Words
from processes.dmn import DmnError
from processes.dmn import model as m
from processes.dmn.quality import Report, analyse
from processes.dmn.within import tables_in
from processes.errors import Invalid
from processes.spoken import gettext as _

if TYPE_CHECKING:
    from processes.dmn import Decisions


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """A rule: its number and id, the numbers (from 1) of the examples that reach it, and what was found in it.

    `examples` is None where it cannot be told which rules an example reaches (a table inside another expression).
    """

    number: int
    id: str
    examples: tuple[int, ...] | None
    findings: tuple[TableFinding, ...]


@dataclass(frozen=True, slots=True)
class TableQuality:
    """A table of a decision file. `id` is the table's, `decision` the id of what it belongs to, `hit_policy` one of
    U A P F R O C with its aggregation, `inputs` the labels of its input columns; the label and all sentences are in
    the language in use."""

    id: str
    decision: str
    label: str
    hit_policy: str
    inputs: tuple[str, ...]
    rules: tuple[RuleQuality, ...]
    findings: tuple[TableFinding, ...]
    complete: bool

    @property
    def untried(self) -> tuple[int, ...]:
        """The rules that no example reaches."""
        return tuple(rule.number for rule in self.rules if rule.examples == ())

    @property
    def tried(self) -> int:
        """How many rules some example reaches."""
        return sum(bool(rule.examples) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What does not depend on the reader: each table with its owner and report, and the coverage."""

    tables: tuple[tuple[Any, m.TableBox, bool, Report], ...]
    coverage: Coverage


_looked: HashCache[_Looked] = HashCache(64)


def table_quality(version: DecisionVersion) -> tuple[TableQuality, ...]:
    """The quality of every table in the file of a version, in its order; Invalid when the file cannot be read.

    Kept by the hash of the file and its examples, so that a page may ask again and again.
    """
    key = version.definition.key
    try:
        decisions = catalog.decisions_of(version)
    except DmnError as error:
        raise Invalid(_("The decision “%(key)s” cannot be read: %(reason)s") % {"key": key, "reason": error.message}) from error
    looked = _looked.get(f"{key}:{version.content_hash}", lambda: _look(decisions, key, version.examples))
    words = labels_of(version.dmn)
    values = {value: ports.text(texts) for value, texts in value_words(version.dmn).items()}

    def named(*names: str) -> str:
        labels = next((words[name] for name in names if name and name in words), None)
        return ports.text(labels) or next((name for name in reversed(names) if name), "")

    return tuple(_told(row, looked.coverage, named, values) for row in looked.tables)


def _look(decisions: Decisions, key: str, examples: Any) -> _Looked:
    return _Looked(tuple(_tables(decisions)), reached(decisions, key, examples))


def _tables(decisions: Decisions) -> Iterator[tuple[Any, m.TableBox, bool, Report]]:
    for (namespace, _id), node in decisions.nodes.items():
        if namespace != decisions.namespace or not isinstance(node.element, m.Decision | m.Knowledge):
            continue
        found = list(tables_in(node.element.logic))
        types, names, scope = decisions.types_of(node), decisions.names_of(node), decisions.scope_of(node)
        for table, inner in found:
            plain = len(found) == 1 and table is _own(node.element.logic)
            yield node.element, table, plain, analyse(table, types, names | inner, scope | dict.fromkeys(inner, ""))


def _own(logic: m.Boxed | None) -> m.Boxed | None:
    """The logic of a decision, or the body of a business knowledge model."""
    return logic.body if isinstance(logic, m.FunctionBox) else logic


def _told(
    row: tuple[Any, m.TableBox, bool, Report], coverage: Coverage, named: Callable[..., str], values: Mapping[str, str]
) -> TableQuality:
    owner, table, plain, report = row
    label = named(owner.id, owner.name)
    inputs = tuple(named(column.element, column.label or column.expression.text) for column in table.inputs)
    hits = coverage.get(owner.id, {})
    examples = {rule.number: hits.get(rule.number, ()) if plain else None for rule in table.rules}
    untried = [number for number, numbers in examples.items() if numbers == ()]
    findings = tuple(findings_of(Named(table, label, Words(inputs, values)), report, untried))
    rules = tuple(
        RuleQuality(
            rule.number, rule.element, examples[rule.number],
            tuple(item for item in findings if rule.number in item.rules),
        )
        for rule in table.rules
    )
    return TableQuality(
        table.element, owner.id, label, table.hit_policy + table.aggregation, inputs, rules, findings, report.complete
    )
