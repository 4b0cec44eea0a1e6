"""The analysis of one table: its columns as dimensions, its rules as boxes, and what each hit policy asks of them.

A cell that is not analysed may match or not. So a rule has a region where it surely applies and one where it possibly
does; a gap is claimed where no rule possibly applies, an overlap where two surely do, and a rule is claimed to be
unreachable where rules that surely come first cover all of its possible region. What is claimed is so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processes.dmn import model as m
from processes.dmn.itemtypes import Types
from processes.feel import FeelSyntaxError
from processes.feel.parser import parse_tests
from processes.feel.scope import Phrases
from processes.feel.values import kind

from .cells import OPAQUE, Cell, read_cell
from .domains import NAMED, Domain, bits
from .outputs import Outputs
from .regions import STEPS, Box, Budget, Search, Space, TooLarge, larger_first
from .report import Example, Gap, NotAnalysed, Overlap, Region, Report, Unreachable
from .scale import ORDERED, zoned

MOST = 20
"""How many gaps and overlaps are listed; of the others only the number is told."""

_BUILDING = 10  # laying out the rules is cheaper than searching

_MANY_BEFORE = 40  # up to so many rules before another one it is asked which of them are needed to cover it


@dataclass(frozen=True, slots=True)
class Dimension:
    """The columns that ask the same expression, and what it can give."""

    columns: tuple[int, ...]
    domain: Domain


def analyse(
    table: m.TableBox, types: Types, names: Collection[str] = (), scope: Mapping[str, str] | None = None, *,
    most: int = MOST, steps: int = 0,
) -> Report:
    """What is found in a table whose type references mean `types`. `names` are the names that its cells are read with,
    `scope` those that stand for other values, with their types: a variable called “date” is not taken for the function,
    and a column that asks a variable has its type too.

    At most `most` gaps and overlaps are listed. `steps` is the budget of work, 0 for the usual one.
    """
    try:
        return _Analysis(table, types, names, scope or {}, most, steps or STEPS).report()
    except TooLarge:
        return Report(complete=False)


class _Analysis:
    def __init__(
        self, table: m.TableBox, types: Types, names: Collection[str], scope: Mapping[str, str], most: int, steps: int
    ) -> None:
        self.table, self.types, self.scope = table, types, scope
        self.phrases = Phrases(names)
        self.most, self.steps = most, steps
        self.read: dict[str, Cell] = {}
        self.cells = [[self._cell(text.text) for text in rule.tests] for rule in table.rules]
        self.opaque: list[NotAnalysed] = []
        self.dimensions = list(self._dimensions())
        self.full: Box = tuple(dimension.domain.full for dimension in self.dimensions)
        pairs = [self._boxes(number) for number in range(len(table.rules))]
        building = Budget(_BUILDING * steps)
        self.sure = Space([sure for sure, _ in pairs], self.full, building)
        certain = all(sure == maybe for sure, maybe in pairs)
        self.maybe = self.sure if certain else Space([maybe for _, maybe in pairs], self.full, building)
        self.outputs = Outputs(table, types, self.phrases, scope)

    # -- reading --------------------------------------------------------------------------------------------------

    def _cell(self, text: str) -> Cell:
        if text not in self.read:
            try:
                self.read[text] = read_cell(parse_tests(text, self.phrases), self.scope)
            except FeelSyntaxError:
                self.read[text] = OPAQUE
        return self.read[text]

    def _dimensions(self) -> Iterator[Dimension]:
        groups: dict[str, list[int]] = {}
        for index, column in enumerate(self.table.inputs):
            groups.setdefault(" ".join(column.expression.text.split()), []).append(index)
        for indices in groups.values():
            yield Dimension(tuple(indices), self._domain(indices))

    def _domain(self, indices: Sequence[int]) -> Domain:
        kinds: set[str] = set()
        allowed: list[Cell] = []
        for index in indices:
            column = self.table.inputs[index]
            texts = [column.allowed.text] if column.allowed else []
            for type_name in {column.type, self.scope.get(column.expression.text, "")} - {""}:
                found, more = self.types.base(type_name)
                kinds |= {found} - {"Any"}
                texts += more
            allowed += [self._cell(text) for text in texts]
        cells = [row[index] for row in self.cells for index in indices]
        constants = [value for cell in (*cells, *allowed) for value in cell.constants()]
        kinds = kinds or {kind(value) for value in constants if value is not None}
        kind_of = next(iter(kinds), "") if len(kinds) < 2 else "?"
        own = [value for value in constants if value is not None and kind(value) == kind_of]
        zones = {zoned(value, kind_of) for value in own}
        strange = len(zones) == 2 or (kind_of == "time" and True in zones)
        if kind_of and (kind_of not in (*ORDERED, *NAMED) or strange):
            return self._opaque(indices)
        domain = Domain(kind_of, constants, allowed)
        return domain if domain.readable else self._opaque(indices)

    def _opaque(self, indices: Sequence[int]) -> Domain:
        """A dimension of which nothing is known; it matters only where a cell asks something of it."""
        for index in indices:
            if any(not row[index].anything for row in self.cells):
                column = self.table.inputs[index]
                self.opaque.append(NotAnalysed(index, None, column.allowed.text if column.allowed else column.type))
        return Domain("", ())

    def _boxes(self, rule: int) -> tuple[Box, Box]:
        sure, maybe = [], []
        for dimension in self.dimensions:
            certain = possible = dimension.domain.full
            for index in dimension.columns:
                one, two = dimension.domain.matches(self.cells[rule][index])
                certain &= one
                possible &= two
            sure.append(certain)
            maybe.append(possible)
        return tuple(sure), tuple(maybe)

    def _not_analysed(self) -> tuple[NotAnalysed, ...]:
        whole = {found.column for found in self.opaque}
        found = [*self.opaque]
        for dimension in self.dimensions:
            for index in dimension.columns:
                if index in whole:
                    continue
                found += [
                    NotAnalysed(index, rule.number, rule.tests[index].text)
                    for rule, row in zip(self.table.rules, self.cells, strict=True)
                    if not dimension.domain.understands(row[index])
                ]
        return tuple(sorted(found, key=lambda item: (item.rule or 0, item.column)))

    # -- what is said ---------------------------------------------------------------------------------------------

    def region(self, box: Box) -> Region:
        """The inputs that a box limits."""
        return tuple(
            dimension.domain.part(mask, dimension.columns)
            for dimension, mask in zip(self.dimensions, box, strict=True) if mask != dimension.domain.full
        )

    def example(self, box: Box) -> Example:
        """A value of a box for each column."""
        found: list[Any] = [None] * len(self.table.inputs)
        for dimension, mask in zip(self.dimensions, box, strict=True):
            for index in dimension.columns:
                found[index] = dimension.domain.sample(mask)
        return tuple(found)

    def report(self) -> Report:
        """Everything that is found within the budget."""
        overlaps, more_overlaps, all_overlaps = self._overlaps()
        unreachable, all_unreachable = self._unreachable()
        gaps, all_gaps = self._gaps() if self._wants_an_answer() else ([], True)
        listed = gaps[: self.most]
        return Report(
            tuple(Gap(self.region(box), self.example(box)) for box in listed), len(gaps) - len(listed),
            tuple(overlaps), more_overlaps, tuple(sorted(unreachable, key=lambda found: found.rule)),
            self._not_analysed(), all_overlaps and all_unreachable and all_gaps,
        )

    # -- gaps -----------------------------------------------------------------------------------------------------

    def _wants_an_answer(self) -> bool:
        return self.table.hit_policy in "UAFP" and not any(output.default for output in self.table.outputs)

    def _gaps(self) -> tuple[list[Box], bool]:
        """All gaps and True, or, where that is too much, one of them and False."""
        found: Box | None = None
        try:
            rules = self.maybe.meeting(self.full)
            search = Search(self.maybe, self.full, rules, Budget(self.steps))
            found = search.first()
            return (larger_first(search.all(), self.full) if found is not None else []), True
        except TooLarge:
            return ([found] if found is not None else []), False

    # -- overlaps -------------------------------------------------------------------------------------------------

    def _overlaps(self) -> tuple[list[Overlap], int, bool]:
        """The overlaps that are listed, how many more there are, and whether these are all."""
        found: list[Overlap] = []
        if self.table.hit_policy not in "UA":
            return found, 0, True
        try:
            return found, self._pairs(found, Budget(self.steps)), True
        except TooLarge:
            return found, 0, False

    def _pairs(self, found: list[Overlap], budget: Budget) -> int:
        """Add the pairs to `found` up to the most that are listed; the number of the others."""
        more = 0
        for one, box in enumerate(self.sure.boxes):
            if not all(box):
                continue
            others = self.sure.meeting(box) >> (one + 1)
            if self.table.hit_policy == "U" and len(found) == self.most:
                more += others.bit_count()
                continue
            budget.spend(others.bit_count())
            for two in bits(others):
                other = one + 1 + two
                if self.table.hit_policy == "A" and not self.outputs.differ(one, other):
                    continue
                if len(found) == self.most:
                    more += 1
                    continue
                both = tuple(a & b for a, b in zip(box, self.sure.boxes[other], strict=True))
                found.append(Overlap((one + 1, other + 1), self.region(both), self.example(both)))
        return more

    # -- unreachable rules ----------------------------------------------------------------------------------------

    def _unreachable(self) -> tuple[list[Unreachable], bool]:
        """The rules that never decide, and whether these are all."""
        found = list(self._empty())
        try:
            self._covered(found, Budget(self.steps))
        except TooLarge:
            return found, False
        return found, True

    def _empty(self) -> Iterator[Unreachable]:
        """Rules with a cell that no value meets."""
        for rule, box in enumerate(self.maybe.boxes):
            for dimension, mask in zip(self.dimensions, box, strict=True):
                if not mask:
                    yield Unreachable(rule + 1, self._culprit(rule, dimension))
                    break

    def _culprit(self, rule: int, dimension: Dimension) -> int:
        for index in dimension.columns:
            if not dimension.domain.matches(self.cells[rule][index])[1]:
                return index
        return dimension.columns[-1]

    def _covered(self, found: list[Unreachable], budget: Budget) -> None:
        """Rules before which others always come."""
        if self.table.hit_policy not in "FP":
            return
        empty = {item.rule for item in found}
        for rule, box in enumerate(self.maybe.boxes):
            if rule + 1 in empty:
                continue
            before = self.sure.meeting(box) & self.outputs.before(rule)
            if before and Search(self.sure, box, before, budget).first() is None:
                by = tuple(number + 1 for number in bits(self._needed(box, before, budget)))
                sure = self.sure.boxes[rule]
                found.append(Unreachable(rule + 1, by=by, example=self.example(sure) if all(sure) else None))

    def _needed(self, box: Box, before: int, budget: Budget) -> int:
        """As few of the rules before another one as cover it; none are named when there are very many."""
        if before.bit_count() > _MANY_BEFORE:
            return 0
        for rule in sorted(bits(before), reverse=True):
            fewer = before & ~(1 << rule)
            if Search(self.sure, box, fewer, budget).first() is None:
                before = fewer
        return before
