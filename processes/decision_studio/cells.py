"""What is wrong with the expressions in the cells of the tables of a file, each by itself and with its place in the text.

A file with one bad cell cannot be loaded, so the first thing wrong would hide all others; here every cell is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from processes import feel
from processes.dmn import model as m
from processes.dmn.reader import read
from processes.dmn.within import tables_in
from processes.spoken import gettext as _
from processes.spoken import spoken

EMPTY = ("", "-")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell whose text is wrong: the number of its table in the file, of its rule (0: the head of a column), its column
    (inputs from 0, outputs behind them), the sentence, and where in the text, in characters from 0."""

    table: int
    rule: int
    column: int
    text: str
    sentence: str
    position: int


def cell_problems(dmn: str | bytes, tables: tuple[m.TableBox, ...]) -> list[CellProblem]:
    """What is wrong in the cells of a file; `tables` are those of the file, in its order."""
    definitions = read(dmn)
    found: list[CellProblem] = []
    at = -1
    for owner in definitions.elements.values():
        if not isinstance(owner, m.Decision | m.Knowledge):
            continue
        names = _names(definitions, owner)
        for table, inner in tables_in(owner.logic):
            at = next((number for number in (at + 1, *range(len(tables))) if number < len(tables) and tables[number] == table), at)
            found += _table(at, table, names | inner)
    return found


def _names(definitions: m.Definitions, owner: m.Decision | m.Knowledge) -> frozenset[str]:
    """The names that the expressions of a decision may use."""
    wanted = owner.requires + owner.knowledge if isinstance(owner, m.Decision) else owner.knowledge
    needed = (definitions.elements.get(href.rpartition("#")[2]) for href in wanted)
    names = {element.variable.name for element in needed if element is not None} | {owner.variable.name}
    return frozenset(names | {item.name for item in definitions.imports} | {item.name for item in definitions.items})


def _table(number: int, table: m.TableBox, names: frozenset[str]) -> Iterator[CellProblem]:
    entries = {output.name for output in table.outputs if output.name}
    for at, column in enumerate(table.inputs):
        yield from _cell(number, 0, at, column.expression.text, names, unary=False)
    for rule in table.rules:
        for at, cell in enumerate(rule.tests):
            if cell.text not in EMPTY:
                yield from _cell(number, rule.number, at, cell.text, names, unary=True)
        for at, cell in enumerate(rule.outputs, len(table.inputs)):
            if cell.text not in EMPTY:
                yield from _cell(number, rule.number, at, cell.text, names | entries, unary=False)


def _cell(number: int, rule: int, column: int, text: str, names: frozenset[str], *, unary: bool) -> Iterator[CellProblem]:
    try:
        unknown = sorted(path.split(".")[0] for path in feel.names(text, names, unary=unary))
    except feel.FeelSyntaxError as error:
        yield CellProblem(number, rule, column, text, spoken(error.message), error.position)
        return
    for name in unknown:
        if name not in names:
            sentence = _("“%(name)s” is no name that is known here. Texts stand in quotes: \"%(name)s\".") % {"name": name}
            yield CellProblem(number, rule, column, text, sentence, max(text.find(name), 0))
            return
