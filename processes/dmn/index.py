"""An index over the rules of a decision table: which of them can match at all, found without asking each.

For every column the values are cut at the literals of its cells. Between two cuts no cell changes its mind, so that
one sample speaks for the whole piece: the cells themselves are asked, once, when the table is compiled, and the
answer is kept as a bit mask with a bit for each rule (bitmap index: O'Neil and Quass, SIGMOD 1997). A look-up is a
binary search in each column and the intersection of the masks.

What a table says must not depend on the index. So only cells made of constants take part, for kinds of values that
have one order; a rule counts as possible from its first other cell on, and from the first column on whose value the
index knows nothing about. The cells left are then asked as without an index, in the same order.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any, NamedTuple

from processes.feel import Expression
from processes.feel import temporal as t
from processes.feel.constants import calls, constants
from processes.feel.errors import Fault
from processes.feel.runtime import Run
from processes.feel.values import kind

FEWEST = 8
"""Tables with fewer rules are read through; an index would not pay."""

_EXACT = Context(prec=150, Emax=MAX_EMAX, Emin=MIN_EMIN)
_TYPES: dict[str, tuple[type, ...]] = {
    "number": (Decimal,), "string": (str,), "date": (dt.date, t.WideDate),
    "days and time duration": (dt.timedelta, t.WideDuration), "years and months duration": (t.YearsMonths,),
}


# --- one order of values -----------------------------------------------------------------------------------------
def _number_after(low: Decimal, high: Decimal | None) -> Decimal | None:
    if high is None:
        return _EXACT.add(low, _EXACT.add(abs(low), Decimal(1)))
    return _EXACT.divide(_EXACT.add(low, high), Decimal(2))


def _text_after(low: str, high: str | None) -> str | None:
    following = low + "\0"  # nothing lies between a text and this one
    return following if high is None or following < high else None


class Order(NamedTuple):
    """How values of a kind are ordered: `key` gives what is compared (None: the value itself), `below` a value under
    one and `after` one behind it (and under another one), None where there is none."""

    key: Callable[[Any], Any] | None
    below: Callable[[Any], Any]
    after: Callable[[Any, Any], Any]


def _counted(key: Callable[[Any], int], make: Callable[[int], Any]) -> Order:
    """The order of a kind whose values can be counted."""

    def made(number: int) -> Any:
        try:
            return make(number)
        except Fault:
            return None

    def after(low: Any, high: Any) -> Any:
        following = key(low) + 1
        return made(following) if high is None or following < key(high) else None

    return Order(key, lambda first: made(key(first) - 1), after)


_ORDERS: dict[str, Order] = {
    "number": Order(None, lambda first: _EXACT.subtract(first, _EXACT.add(abs(first), Decimal(1))), _number_after),
    "string": Order(None, lambda first: "" if first else None, _text_after),
    "date": _counted(t.ordinal_of, t.date_of),
    "days and time duration": _counted(t.length, t.make_duration),
    "years and months duration": _counted(lambda value: value.months, t.make_months),
}


# --- columns -----------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Pieces:
    """The masks of one kind of values: those at the cuts have odd places, those between them even ones."""

    key: Callable[[Any], Any] | None
    cuts: list[Any]
    masks: list[int]

    def find(self, value: Any) -> int:
        wanted = value if self.key is None else self.key(value)
        at = bisect_left(self.cuts, wanted)
        return self.masks[2 * at + (at < len(self.cuts) and self.cuts[at] == wanted)]


class _Uncertain(Exception):
    """Rules whose cell says more than yes or no to some value: it leaves a diagnostic."""

    def __init__(self, rows: set[int]) -> None:
        self.rows = rows


class ColumnIndex:
    """One column. `cells` are (row, test) of the cells that may take part; the bits of `others` are always set."""

    def __init__(self, cells: Sequence[tuple[int, Expression]], others: int) -> None:
        self._cells = dict(cells)
        self._others = others
        self._pieces: dict[type, _Pieces] = {}
        self._known: dict[Any, int | None] = {}
        used = {row: constants(test) or () for row, test in cells}
        counts = Counter(kind(value) for values in used.values() for value in values)
        main = True
        for of in [of for of, _count in counts.most_common() if of in _ORDERS]:
            try:
                pieces = self._cut(of, {row: [v for v in values if kind(v) == of] for row, values in used.items()})
            except _Uncertain:
                if main:
                    raise
                continue  # of a kind that is rare here nothing is known
            finally:
                main = False
            self._pieces |= dict.fromkeys(_TYPES[of], pieces)

    def find(self, value: Any) -> int | None:
        """The mask of the rules whose cell can match; None when nothing is known about such a value."""
        pieces = self._pieces.get(type(value))
        if pieces is not None:
            return pieces.find(value)
        if not self._cells:
            return self._others
        if value is None or value is True or value is False:
            if value not in self._known:
                self._known[value] = self._all(value)
            return self._known[value]
        return None

    def _all(self, value: Any) -> int | None:
        try:
            return self._asked(self._others, self._cells, value)
        except _Uncertain:
            return None

    def _asked(self, mask: int, rows: Iterable[int], value: Any) -> int:
        """The mask with the bits of some rows as their cells answer. _Uncertain names rows that cannot take part."""
        uncertain = set()
        for row in rows:
            run = Run()
            found = self._cells[row].run(run, {}, value)
            if run.diagnostics:
                uncertain.add(row)
            mask = mask | 1 << row if found is True else mask & ~(1 << row)
        if uncertain:
            raise _Uncertain(uncertain)
        return mask

    def _cut(self, of: str, used: dict[int, list[Any]]) -> _Pieces:
        order = _ORDERS[of]
        key = order.key or (lambda value: value)
        values = sorted({key(value): value for found in used.values() for value in found}.items())
        touched: dict[Any, set[int]] = {at: set() for at, _value in values}
        for row, found in used.items():
            for value in found:
                touched[key(value)].add(row)
        masks: list[int] = []
        mask, open_rows = self._others, set(self._cells)
        for sample, rows in _samples(order, [value for _at, value in values], list(touched.values())):
            open_rows |= rows
            if sample is not None:
                mask = self._asked(mask, open_rows, sample)
                open_rows = set()
            masks.append(mask)
        return _Pieces(order.key, [at for at, _value in values], masks)


def _samples(order: Order, cuts: list[Any], touched: list[set[int]]) -> Iterator[tuple[Any, set[int]]]:
    """For each piece, from the lowest: a value in it (None: it is empty), and the rows that may change their mind
    there."""
    yield order.below(cuts[0]), set()
    for at, cut in enumerate(cuts):
        yield cut, touched[at]
        yield order.after(cut, cuts[at + 1] if at + 1 < len(cuts) else None), touched[at]


# --- tables ------------------------------------------------------------------------------------------------------
class TableIndex:
    """The index of a table: which rules can match, and from which column on each must still be asked."""

    def __init__(self, rows: Sequence[Sequence[tuple[int, Expression]]], width: int) -> None:
        """`rows` are the cells of each rule as (column, test), without those that match everything."""
        self.width = width
        self._calls = frozenset[str]().union(*(calls(test) for row in rows for _column, test in row if constants(test) is not None))
        self.first = [
            next((column for column, test in row if constants(test) is None), width) for row in rows
        ]
        self.columns = [self._column(column, rows) for column in range(width)]

    def _column(self, column: int, rows: Sequence[Sequence[tuple[int, Expression]]]) -> ColumnIndex:
        """The index of a column; a rule whose cell turns out to be uncertain counts as possible from here on."""
        while True:
            cells = [
                (at, test) for at, row in enumerate(rows) if self.first[at] > column for where, test in row if where == column
            ]
            taking_part = {at for at, _test in cells}
            others = sum(1 << at for at in range(len(rows)) if at not in taking_part)
            try:
                return ColumnIndex(cells, others)
            except _Uncertain as uncertain:
                for row in uncertain.rows:
                    self.first[row] = column

    def holds_in(self, scope: Mapping[str, Any]) -> bool:
        """Whether the cells mean there what they meant when the index was made: no name hides a function they call."""
        return self._calls.isdisjoint(scope)

    def possible(self, values: Sequence[Any]) -> Iterator[tuple[int, int]]:
        """The rules that can match, in order, each with the column from which on its cells must be asked."""
        mask, known = -1, self.width
        for at, value in enumerate(values):
            found = self.columns[at].find(value)
            if found is None:
                known = at
                break
            mask &= found
            if not mask:
                return
        mask &= (1 << len(self.first)) - 1
        while mask:
            lowest = mask & -mask
            row = lowest.bit_length() - 1
            yield row, min(self.first[row], known)
            mask ^= lowest
