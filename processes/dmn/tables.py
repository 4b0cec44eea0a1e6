"""Decision tables (DMN 1.5, chapter 8 and 10.3.2.10): compiled once, evaluated with the reasons noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processes.feel import Expression, FeelSyntaxError, parse
from processes.feel import types as ft
from processes.feel.builtins import BUILTINS
from processes.feel.errors import Fault
from processes.feel.nodes import Literal, Tests
from processes.feel.runtime import Site
from processes.feel.values import equal
from processes.marked import Sentence, say

from . import model as m
from .errors import DmnError
from .index import FEWEST, TableIndex
from .state import Code, Scope, State
from .trace import MatchedRule

if TYPE_CHECKING:
    from .boxed import Boxes

_AGGREGATES = {"+": "sum", "<": "min", ">": "max", "#": "count"}


@dataclass(frozen=True, slots=True)
class Column:
    """A compiled column of conditions."""

    label: str
    expression: Expression
    wanted: ft.Type
    allowed: Expression | None
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """A compiled rule: only the cells that can fail, as (column, test)."""

    rule: m.Rule
    tests: tuple[tuple[int, Expression], ...]
    open: tuple[int, ...]
    outputs: tuple[Code, ...]
    annotations: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A compiled table."""

    element: str
    owner: str
    policy: str
    aggregation: str
    columns: tuple[Column, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    index: TableIndex | None
    ranks: tuple[tuple[Any, ...], ...]
    default: Code | None

    # -- conditions -----------------------------------------------------------------------------------------------

    def subjects(self, state: State, scope: Scope) -> list[Any]:
        """The values of the input expressions; null with a diagnostic when one has the wrong type."""
        run, bind = state.run, state.bind
        return [bind(column.expression.run(run, scope), column.wanted, column.label) for column in self.columns]

    def outside(self, state: State, values: list[Any], scope: Scope) -> set[int]:
        """The columns whose value is not one of the allowed ones: a `-` does not match there."""
        found = set()
        for index, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            if column.allowed is None or value is None:
                continue
            if column.allowed.run(state.run, scope, value) is not True:
                found.add(index)
                reason = say("The value of “%(label)s” is not one of the allowed values.", label=column.label)
                state.run.fail(Site(column.label, 0), reason, value, "input-value")
        return found

    def matching(self, state: State, scope: Scope, first: bool) -> list[Row]:
        """The rules that match, in rule order; only the first one when that decides."""
        values = self.subjects(state, scope)
        state.inputs = {column.label: value for column, value in zip(self.columns, values, strict=True)}
        outside = self.outside(state, values, scope)
        run = state.run
        run.spend(len(self.rows))
        frames: dict[int, list[Any]] = {}
        found = []
        for at, begin in self.possible(values, scope):
            row = self.rows[at]
            if outside and not outside.isdisjoint(row.open):
                continue
            for index, test in row.tests:
                if index < begin:
                    continue
                if index not in frames:
                    frame = frames[index] = [None] * self.columns[index].width
                    frame[0], frame[1], frame[2] = run, scope, values[index]
                if test.code(frames[index]) is not True:
                    break
            else:
                found.append(row)
                if first:
                    break
        return found

    def possible(self, values: list[Any], scope: Scope) -> Iterable[tuple[int, int]]:
        """The rules that can match, each with the column from which on its cells must be asked."""
        if self.index is not None and self.index.holds_in(scope):
            return self.index.possible(values)
        return ((at, 0) for at in range(len(self.rows)))

    # -- results --------------------------------------------------------------------------------------------------

    def output(self, state: State, scope: Scope, row: Row) -> Any:
        values = [code(state, scope) for code in row.outputs]
        return values[0] if len(self.names) == 1 else dict(zip(self.names, values, strict=True))

    def rank(self, value: Any) -> tuple[int, ...]:
        """Where an output stands in the lists of output values, the first one highest."""
        cells = [value] if len(self.names) == 1 else [value[name] for name in self.names]
        return tuple(
            next((at for at, other in enumerate(order) if equal(cell, other) is True), len(order)) if order else 0
            for cell, order in zip(cells, self.ranks, strict=True)
        )

    def evaluate(self, state: State, scope: Scope) -> Any:
        """The value of the table; notes the rules that matched."""
        rows = self.matching(state, scope, first=self.policy == "F")
        hits = [(row, self.output(state, scope, row)) for row in rows]
        if self.policy in ("P", "O") and len(hits) > 1:
            hits.sort(key=lambda hit: self.rank(hit[1]))
        state.policy = self.policy + self.aggregation
        state.rules = tuple(self.matched(row, value) for row, value in hits)
        if not hits:
            return self.default(state, scope) if self.default is not None else None
        return self.pick(state, hits)

    def matched(self, row: Row, value: Any) -> MatchedRule:
        outputs = {self.names[0]: value} if len(self.names) == 1 else value
        return MatchedRule(row.rule.number, row.rule.element, outputs, row.annotations, row.rule.description)

    def pick(self, state: State, hits: list[tuple[Row, Any]]) -> Any:
        values = [value for _, value in hits]
        if self.policy == "U" and len(hits) > 1:
            numbers = ", ".join(str(row.rule.number) for row, _ in hits)
            return self.fail(state, say("Rules %(numbers)s match together, but the hit policy allows only one; make their conditions exclude each other.", numbers=numbers), "unique")
        if self.policy == "A" and any(equal(value, values[0], state.run.spend) is not True for value in values[1:]):
            return self.fail(state, say("Several rules match with different results; the hit policy wants one."), "any")
        if self.policy in ("U", "A", "P", "F"):
            return values[0]
        if not self.aggregation:
            return values
        try:
            return BUILTINS[_AGGREGATES[self.aggregation]].invoke(state.run, [values], (), None)
        except Fault as fault:
            return self.fail(state, fault.reason, fault.code)

    def fail(self, state: State, reason: Sentence, code: str) -> None:
        state.run.fail(Site(self.owner, 0), reason, None, code)


def _order(boxes: Boxes, output: m.Output) -> tuple[Any, ...]:
    """The output values in the order of their list, which is their priority."""
    text = output.allowed.text if output.allowed else boxes.types.enumeration(output.type)
    if not text:
        return ()
    try:
        values = parse(f"[{text}]", boxes.names).evaluate({}).value
    except FeelSyntaxError:
        return ()
    return tuple(values) if isinstance(values, list) else ()


def _column(boxes: Boxes, column: m.Input, tests: list[Expression]) -> Column:
    if not column.expression.text:
        raise DmnError("no-input", say("A column of the decision table has no input expression; give it one."), column.element)
    allowed = boxes.feel(column.allowed.text, column.allowed.element, unary=True) if column.allowed else None
    expression = boxes.feel(column.expression.text, column.expression.element)
    width = max([3, *(test.width for test in tests)])
    return Column(column.label, expression, boxes.types.reference(column.type), allowed, width)


def compile_table(boxes: Boxes, box: m.TableBox) -> Code:
    """The function of a decision table. Raises DmnError with the id of the cell that cannot be read."""
    policy = box.hit_policy
    if len(box.outputs) > 1:
        if box.aggregation:
            raise DmnError("aggregation", say("A table with several outputs cannot be aggregated; keep one output, or take another hit policy."), box.element)
        if any(not output.name for output in box.outputs):
            raise DmnError("output-name", say("Each output column needs a name when there are several."), box.element)
    cells = [[boxes.feel(test.text, test.element, unary=True) for test in rule.tests] for rule in box.rules]
    columns = tuple(
        _column(boxes, column, [row[index] for row in cells]) for index, column in enumerate(box.inputs)
    )
    rows = tuple(_row(boxes, box, rule, tests) for rule, tests in zip(box.rules, cells, strict=True))
    names = tuple(output.name or output.label or boxes.owner for output in box.outputs)
    index = TableIndex([row.tests for row in rows], len(columns)) if boxes.indexed and len(rows) >= FEWEST else None
    table = Table(
        box.element, boxes.owner, policy, box.aggregation, columns, names, rows, index,
        tuple(_order(boxes, output) for output in box.outputs), _default(boxes, box),
    )
    return table.evaluate


def _row(boxes: Boxes, box: m.TableBox, rule: m.Rule, tests: list[Expression]) -> Row:
    closed = [(index, test) for index, test in enumerate(tests) if not _anything(test)]
    outputs = tuple(
        _output(boxes, text, output) for text, output in zip(rule.outputs, box.outputs, strict=True)
    )
    open_columns = tuple(index for index, test in enumerate(tests) if _anything(test))
    return Row(rule, tuple(closed), open_columns, outputs, dict(rule.annotations))


def _anything(test: Expression) -> bool:
    return isinstance(test.tree, Tests) and test.tree.anything


def _output(boxes: Boxes, text: m.Text, output: m.Output) -> Code:
    wanted, what = boxes.types.reference(output.type), output.name or output.label or boxes.owner
    if not text.text or text.text == "-":
        return lambda state, scope: None
    expression = boxes.feel(text.text, text.element)
    if isinstance(expression.tree, Literal) and (wanted is ft.ANY or wanted.conforms(expression.tree.value)):
        value = expression.tree.value
        return lambda state, scope: value
    if wanted is ft.ANY:
        return lambda state, scope: expression.run(state.run, scope)
    return lambda state, scope: state.bind(expression.run(state.run, scope), wanted, what)


def _default(boxes: Boxes, box: m.TableBox) -> Code | None:
    if not any(output.default for output in box.outputs):
        return None
    codes: list[tuple[str, Callable[[State, Scope], Any] | None]] = [
        (output.name, _output(boxes, output.default, output) if output.default else None) for output in box.outputs
    ]

    def default(state: State, scope: Scope) -> Any:
        values = {name: code(state, scope) if code else None for name, code in codes}
        return next(iter(values.values())) if len(codes) == 1 else values

    return default
