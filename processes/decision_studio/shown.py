"""A decision file to be read: its tables with words and marks, its expressions, and the parts that only this page shows
because the table editor does not know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from processes import ports
from processes.catalog.decision_labels import labels_of, note_of
from processes.catalog.models import DecisionVersion
from processes.catalog.table_findings import TableFinding
from processes.catalog.table_quality import TableQuality
from processes.decision_studio.looking import Look
from processes.dmn import DmnError, Document
from processes.dmn import model as m
from processes.dmn.reader import read
from processes.errors import Invalid
from processes.spoken import spoken

Labels = Mapping[str, Mapping[str, str]]
INDENT = "    "


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule: its cells, its note, what was found in it, and the numbers of the examples that reach it (None: unknown)."""

    number: int
    cells: tuple[str, ...]
    note: str
    findings: tuple[TableFinding, ...]
    examples: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class TableShown:
    """A table: `inputs` and `outputs` are what its columns are called; what was found is told without the marks of
    rules that no example reaches, which stand in a column of their own."""

    label: str
    hit_policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[RuleShown, ...]
    findings: tuple[TableFinding, ...]
    reached: int

    @property
    def noted(self) -> bool:
        """Whether anything is noted beside a rule."""
        return any(rule.note for rule in self.rules)


@dataclass(frozen=True, slots=True)
class PartShown:
    """A decision or knowledge model that is no table: what it is called, of what kind, and its expressions as text."""

    label: str
    kind: str
    text: str
    editable: bool


def shown(version: DecisionVersion, look: Look) -> tuple[list[TableShown], list[PartShown]]:
    """The tables of a version and its other parts; Invalid when the file cannot be read at all."""
    labels = labels_of(version.dmn)
    try:
        document, definitions = Document(version.dmn), read(version.dmn)
    except DmnError as error:
        raise Invalid(spoken(error.message)) from error
    quality: list[TableQuality | None] = [*look.tables] if len(look.tables) == len(document.tables) else [None] * len(document.tables)
    tables = [_table(place.table, ports.text(labels.get(place.owner)) or place.name, labels, found) for place, found in zip(document.tables, quality, strict=True)]
    return tables, list(_parts(definitions, labels))


def _table(table: m.TableBox, label: str, labels: Labels, found: TableQuality | None) -> TableShown:
    marks = {rule.number: rule for rule in found.rules} if found is not None else {}
    rules = tuple(
        RuleShown(
            rule.number, tuple(cell.text for cell in (*rule.tests, *rule.outputs)),
            ports.text(note_of(dict(rule.annotations), labels.get(rule.element) or {})) or rule.description,
            tuple(item for item in marks[rule.number].findings if item.code != "rule_without_example") if rule.number in marks else (),
            marks[rule.number].examples if rule.number in marks else None,
        )
        for rule in table.rules
    )  # fmt: skip
    findings = tuple(item for item in found.findings if item.code != "rule_without_example") if found is not None else ()
    return TableShown(
        label, table.hit_policy + table.aggregation,
        tuple(ports.text(labels.get(column.element)) or column.label or column.expression.text for column in table.inputs),
        tuple(ports.text(labels.get(column.element)) or column.label or column.name or label for column in table.outputs),
        rules, findings, found.tried if found is not None else 0,
    )  # fmt: skip


def _parts(definitions: m.Definitions, labels: Labels) -> Iterator[PartShown]:
    for element in definitions.elements.values():
        label = ports.text(labels.get(element.id)) or element.name
        if isinstance(element, m.Decision | m.Knowledge) and element.logic is not None and not isinstance(element.logic, m.TableBox):
            editable = isinstance(element, m.Decision) and isinstance(element.logic, m.LiteralBox)
            yield PartShown(label, type(element.logic).__name__.removesuffix("Box").lower(), "\n".join(_lines(element.logic)), editable)
        elif isinstance(element, m.Service):
            members = (*element.outputs, *element.encapsulated)
            yield PartShown(label, "service", "\n".join(href.rpartition("#")[2] for href in members), False)


def _lines(box: m.Boxed | None, depth: int = 0) -> Iterator[str]:
    """An expression as lines of text, what is inside it indented."""
    pad = INDENT * depth
    if isinstance(box, m.LiteralBox):
        yield from (pad + line for line in box.text.splitlines())
    elif isinstance(box, m.TableBox):
        yield f"{pad}[{', '.join(column.label for column in box.inputs)}]"
    elif isinstance(box, m.ContextBox):
        for variable, value in box.entries:
            yield f"{pad}{variable.name}:"
            yield from _lines(value, depth + 1)
        yield from _lines(box.result, depth)
    elif isinstance(box, m.FunctionBox):
        yield f"{pad}function({', '.join(variable.name for variable in box.parameters)})"
        yield from _lines(box.body, depth + 1)
    elif isinstance(box, m.InvocationBox):
        yield from _lines(box.function, depth)
        for variable, bound in box.bindings:
            yield f"{pad}{INDENT}{variable.name}:"
            yield from _lines(bound, depth + 2)
    elif isinstance(box, m.RelationBox):
        yield pad + " | ".join(column.name for column in box.columns)
        for row in box.rows:
            yield pad + " | ".join(" ".join(_lines(cell)) for cell in row)
    elif isinstance(box, m.ListBox):
        for item in box.items:
            yield from _lines(item, depth + 1)
    else:
        yield from _others(box, depth)


def _others(box: m.Boxed | None, depth: int) -> Iterator[str]:
    pad = INDENT * depth
    parts: list[tuple[str, m.Boxed]] = []
    if isinstance(box, m.ConditionalBox):
        parts = [("if", box.condition), ("then", box.then), ("else", box.otherwise)]
    elif isinstance(box, m.FilterBox):
        parts = [("in", box.source), ("match", box.match)]
    elif isinstance(box, m.IteratorBox):
        parts = [(f"{box.kind} {box.variable} in", box.source), ("return" if box.kind == "for" else "satisfies", box.body)]
    for word, part in parts:
        yield pad + word
        yield from _lines(part, depth + 1)
