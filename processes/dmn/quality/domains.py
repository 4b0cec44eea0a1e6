"""What a column can hold, cut into pieces on which every cell is either true or not: a point at each bound that a cell
names, and the open stretch between two neighbours; each value that a cell names, and “any other” for texts.

A set of values is a bit mask with a bit for each piece. So a cell is a mask, “and” is `&`, and nothing is sampled.
null is a piece of its own only where a cell or the allowed values name it: elsewhere it counts as a value that
the inputs do not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from processes.feel.errors import Fault
from processes.feel.values import compare, kind

from .cells import Cell, Equal, OneOf, Order, Test, Within
from .report import Part, Span
from .scale import ORDERED, Position, between, position, value_at, zoned

NAMED = ("string", "boolean")


@dataclass(frozen=True, slots=True)
class Truth:
    """Where a test is surely or possibly true, and surely or possibly false; elsewhere it is null."""

    true: int
    maybe_true: int
    false: int
    maybe_false: int

    @classmethod
    def known(cls, true: int, false: int) -> Truth:
        """The truth of a test that is analysed."""
        return cls(true, true, false, false)


class Domain:
    """The pieces of one dimension of a table. `kind` is a kind of FEEL, or empty where the values are not analysed:
    then there is one piece that stands for all of them. `allowed` narrow the domain; `readable` tells whether all
    of them are analysed."""

    def __init__(self, kind_of: str, constants: Iterable[Any], allowed: Sequence[Cell] = ()) -> None:
        values = list(constants)
        self.kind = kind_of
        self.with_null = any(value is None for value in values)
        own = [value for value in values if value is not None and kind(value) == kind_of]
        self.with_zone = any(zoned(value, kind_of) for value in own)
        self.bounds: list[Position] = []
        self.named: list[Any] = []
        if kind_of in ORDERED:
            self.bounds = sorted({position(value, kind_of) for value in own})
            self._at = {bound: index for index, bound in enumerate(self.bounds)}
            self.count = 2 * len(self.bounds) + 1
            self.samples = [self._sample(index) for index in range(self.count)]
        elif kind_of in NAMED:
            self.named = [False, True] if kind_of == "boolean" else list(dict.fromkeys(own))
            self.samples = [*self.named] if kind_of == "boolean" else [*self.named, _another(self.named)]
            self.count = len(self.samples)
        else:
            self.count, self.samples = 1, ["other" if self.with_null else None]
        self.null = 1 << self.count if self.with_null else 0
        self.values = (1 << self.count) - 1
        self.exists = self.values if kind_of not in ORDERED else mask_of(
            index for index, sample in enumerate(self.samples) if sample is not None
        )
        self.open = kind_of == "string"
        self.full = self.exists | self.null
        self.readable = all(self.understands(cell) for cell in allowed)
        for cell in allowed:
            self.full &= self.matches(cell)[0] | self.null
        if kind_of == "string" and not self.full >> len(self.named) & 1:
            self.open = False

    def _sample(self, index: int) -> Any:
        """A value of a piece of the line; None when nothing lies there."""
        after = index // 2
        if index % 2:
            at: Position | None = self.bounds[after]
        else:
            low, high = self.bounds[after - 1 : after] if after else (), self.bounds[after : after + 1]
            at = between(low[0] if low else None, high[0] if high else None, self.kind)
        try:
            return None if at is None else value_at(at, self.kind, self.with_zone)
        except Fault:
            return None

    # -- cells as sets --------------------------------------------------------------------------------------------

    def matches(self, cell: Cell) -> tuple[int, int]:
        """The pieces on which a cell surely matches, and those on which it possibly does."""
        if cell.anything:
            return self.full, self.full
        truths = [self._truth(test) for test in cell.tests]
        if cell.negated:
            sure = reduce(lambda mask, truth: mask & truth.false, truths, self.full)
            return sure, reduce(lambda mask, truth: mask & truth.maybe_false, truths, self.full)
        sure = reduce(lambda mask, truth: mask | truth.true, truths, 0)
        return sure & self.full, reduce(lambda mask, truth: mask | truth.maybe_true, truths, 0) & self.full

    def understands(self, cell: Cell) -> bool:
        """Whether all of a cell is analysed here."""
        return cell.anything or not any(self._set(test) is None for test in cell.tests)

    def _truth(self, test: Test) -> Truth:
        return self._set(test) or Truth(0, self.values | self.null, 0, self.values | self.null)

    def _set(self, test: Test) -> Truth | None:
        """The truth of a test over the pieces, as the evaluator has it; None when it is not analysed."""
        if self.kind not in (*ORDERED, *NAMED) and not (isinstance(test, Equal) and test.value is None):
            return None
        if isinstance(test, Equal):
            found = self._equal(test.value)
            return Truth.known(found.false, found.true) if test.negative else found
        if isinstance(test, Order):
            return self._ordered(test)
        if isinstance(test, Within):
            inside = self._inside(test)
            return None if inside is None else Truth.known(inside, self.values & ~inside if self._fits(test) else 0)
        if isinstance(test, OneOf):
            return self._one_of(test)
        return None

    def _equal(self, value: Any) -> Truth:
        """Equality is null between two kinds, and false between null and any value."""
        if value is None:
            return Truth.known(self.null, self.values)
        if kind(value) != self.kind:
            return Truth.known(0, self.null)
        mask = self._point(value)
        return Truth.known(mask, (self.values & ~mask) | self.null)

    def _point(self, value: Any) -> int:
        if self.kind in ORDERED:
            return 1 << (2 * self._at[position(value, self.kind)] + 1)
        return 1 << self.named.index(value)

    def _below(self, value: Any) -> int | None:
        """The pieces before a value; None where the order is not analysed."""
        if self.kind in ORDERED:
            return (1 << (2 * self._at[position(value, self.kind)] + 1)) - 1
        if self.kind == "string" and not self.open:
            return mask_of(index for index, other in enumerate(self.named) if compare(other, value) < 0)
        return None

    def _ordered(self, test: Order) -> Truth | None:
        if kind(test.value) != self.kind:
            return Truth.known(0, 0)
        below = self._below(test.value)
        if below is None:
            return None
        point = self._point(test.value)
        if test.operator in ("<", "<="):
            mask = below | (point if test.operator == "<=" else 0)
        else:
            mask = self.values & ~below & ~(point if test.operator == ">" else 0)
        return Truth.known(mask, self.values & ~mask)

    def _fits(self, test: Within) -> bool:
        start, end = test.range.start, test.range.end
        return kind(start if start is not None else end) == self.kind

    def _inside(self, test: Within) -> int | None:
        if not self._fits(test):
            return 0
        low, high = test.range.start, test.range.end
        mask = self.values
        if low is not None:
            below = self._below(low)
            if below is None:
                return None
            mask &= ~below & ~(0 if test.range.start_included else self._point(low))
        if high is not None:
            below = self._below(high)
            if below is None:
                return None
            mask &= below | (self._point(high) if test.range.end_included else 0)
        return mask

    def _one_of(self, test: OneOf) -> Truth | None:
        """A list contains a value or it does not: null is no answer here. Mixed kinds are not analysed."""
        mask = 0
        for part in test.parts:
            if isinstance(part, Within):
                inside = self._inside(part) if self._fits(part) else None
                if inside is None:
                    return None
                mask |= inside
            else:
                mask |= self._equal(part.value).true
        return Truth.known(mask, (self.values | self.null) & ~mask)

    # -- sets as values -------------------------------------------------------------------------------------------

    def sample(self, mask: int) -> Any:
        """A value of a set; a missing one (None) only when the set holds nothing else."""
        for index in bits(mask & self.values):
            return self.samples[index]
        return None

    def part(self, mask: int, columns: tuple[int, ...]) -> Part:
        """A set in a form that can be said in words."""
        null = bool(mask & self.null)
        if self.kind in ORDERED:
            return Part(columns, self.kind, spans=tuple(self._spans(mask)), null=null)
        chosen = tuple(self.named[index] for index in range(len(self.named)) if mask >> index & 1)
        if self.open and mask >> len(self.named) & 1:
            rest = tuple(self.named[i] for i in range(len(self.named)) if self.full >> i & 1 and not mask >> i & 1)
            return Part(columns, self.kind, values=rest, others=True, null=null)
        return Part(columns, self.kind, values=chosen, others=not self.kind and bool(mask & 1), null=null)

    def _spans(self, mask: int) -> Iterable[Span]:
        """The stretches of a set of the line; what holds no value does not part them."""
        run: list[int] = []
        for index in range(self.count):
            if mask >> index & 1:
                run.append(index)
            elif self.exists >> index & 1 and run:
                yield self._span(run[0], run[-1])
                run = []
        if run:
            yield self._span(run[0], run[-1])

    def _span(self, first: int, last: int) -> Span:
        low = self.bounds[(first - 1) // 2] if first else None
        high = self.bounds[last // 2] if last // 2 < len(self.bounds) else None
        return Span(
            None if low is None else value_at(low, self.kind, self.with_zone), bool(first % 2),
            None if high is None else value_at(high, self.kind, self.with_zone), bool(last % 2),
        )


def mask_of(indices: Iterable[int]) -> int:
    found = 0
    for index in indices:
        found |= 1 << index
    return found


def bits(mask: int) -> Iterator[int]:
    """The indices of the pieces of a set."""
    for start, end in runs(mask):
        yield from range(start, end)


def runs(mask: int) -> Iterator[tuple[int, int]]:
    """The stretches of neighbouring pieces of a set: the first one, and the one after the last."""
    start = 0
    while mask:
        gap = (mask & -mask).bit_length() - 1
        mask >>= gap
        length = (~mask & (mask + 1)).bit_length() - 1
        yield start + gap, start + gap + length
        start += gap + length
        mask >>= length


def _another(named: Sequence[str]) -> str:
    """A text that no cell names."""
    text, number = "other", 1
    while text in named:
        number += 1
        text = f"other {number}"
    return text
