"""Which part of a box is left uncovered by other boxes, exactly and without a blind cross product.

A box has a set of pieces (a bit mask) in each dimension. One dimension after the other, its pieces are grouped by the
boxes that are still in play there; a group is searched once, however many pieces and ways lead to it. The idea of
sweeping the dimensions with the set of active rules is that of D. Calvanese, M. Dumas, Ü. Laurson, F. M. Maggi,
M. Montali, I. Teinemaa, “Semantics and Analysis of DMN Decision Tables”, BPM 2016, section 4; grouping and keeping
the groups replaces their sweep line, since pieces here need not be intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate
from operator import or_, xor
from typing import TypeAlias

from .domains import bits, mask_of, runs

Box: TypeAlias = tuple[int, ...]

STEPS = 10_000_000
"""How many pieces one analysis may look at: some seconds."""

BOXES = 20_000
"""How many uncovered boxes may be put together."""


class TooLarge(Exception):
    """The budget is used up."""


class Budget:
    """What a whole analysis may cost, so that no table can make it hang."""

    def __init__(self, steps: int) -> None:
        self.most = steps
        self.left = steps

    def spend(self, steps: int) -> None:
        """Use up a part; raises TooLarge."""
        self.left -= steps
        if self.left < 0:
            raise TooLarge


class Space:
    """The boxes of a table's rules. `boxes` is a box for each rule (bit i of a set of rules is rule i). The budget pays
    for laying them out; raises TooLarge."""

    def __init__(self, boxes: Sequence[Box], full: Box, budget: Budget) -> None:
        self.full = full
        self.boxes = boxes
        self.everyone = (1 << len(boxes)) - 1
        self.budget = budget
        self.at = [_rules_at([box[d] for box in boxes], mask, budget) for d, mask in enumerate(full)]
        self.order = sorted(range(len(full)), key=lambda d: len({self.at[d][piece] for piece in bits(full[d])}))
        self._near: list[dict[int, int]] = [{} for _ in full]

    def meeting(self, box: Box) -> int:
        """The rules whose boxes have something in common with a box."""
        found = self.everyone
        for d, mask in enumerate(box):
            near = self._near[d].get(mask)
            if near is None:
                self.budget.spend(mask.bit_count())
                near = reduce(or_, (reduce(or_, self.at[d][start:end], 0) for start, end in runs(mask)), 0)
                self._near[d][mask] = near
            found &= near
        return found


def _rules_at(masks: Sequence[int], full: int, budget: Budget) -> list[int]:
    """For each piece the set of rules that hold there: at the ends of the stretches of each rule it changes."""
    by_mask: dict[int, int] = {}
    for rule, mask in enumerate(masks):
        by_mask[mask] = by_mask.get(mask, 0) | 1 << rule
    changes = [0] * (full.bit_length() + 1)
    budget.spend(len(changes))
    for mask, rules in by_mask.items():
        for start, end in runs(mask & full):
            budget.spend(1)
            changes[start] ^= rules
            changes[end] ^= rules
    return list(accumulate(changes, xor))[:-1]


class Search:
    """What is left of one box when the boxes of `rules` are taken away."""

    def __init__(self, space: Space, box: Box, rules: int, budget: Budget) -> None:
        self.order = space.order
        self.box = [box[d] for d in self.order]
        self.rules = rules
        self.budget = budget
        self.space = space
        self.pieces: dict[int, list[tuple[int, int]]] = {}
        budget.spend(rules.bit_count())
        self.rest = self._covering_rest()
        self.known: dict[tuple[int, int], list[Box]] = {}
        self.covered: set[tuple[int, int]] = set()

    def _covering_rest(self) -> list[int]:
        """For each level, the rules that cover the box in all dimensions from there on."""
        found = [self.rules]
        for d, mask in reversed(list(zip(self.order, self.box, strict=True))):
            whole = mask_of(rule for rule in bits(found[-1]) if not mask & ~self.space.boxes[rule][d])
            found.append(whole)
        return found[::-1]

    def _groups(self, level: int, active: int) -> dict[int, int]:
        """The pieces of a level by the rules that stay active on them."""
        groups: dict[int, int] = {}
        self.budget.spend(1 + self.box[level].bit_count())
        if level not in self.pieces:
            at = self.space.at[self.order[level]]
            self.pieces[level] = [(1 << piece, at[piece]) for piece in bits(self.box[level])]
        for bit, rules in self.pieces[level]:
            rules &= active
            groups[rules] = groups.get(rules, 0) | bit
        return groups

    def _in_order(self, found: Sequence[int]) -> Box:
        masks = [0] * len(self.order)
        for d, mask in zip(self.order, found, strict=True):
            masks[d] = mask
        return tuple(masks)

    # -- one uncovered box ----------------------------------------------------------------------------------------

    def first(self) -> Box | None:
        """Some uncovered box, or None when there is none. Raises TooLarge."""
        if not all(self.box):
            return None
        found = self._first(0, self.rules)
        return None if found is None else self._in_order(found)

    def _first(self, level: int, active: int) -> Box | None:
        if not active:
            return tuple(self.box[level:])
        if active & self.rest[level] or (level, active) in self.covered:
            return None
        groups = self._groups(level, active)
        for rules in sorted(groups, key=int.bit_count):
            inner = self._first(level + 1, rules)
            if inner is not None:
                return (groups[rules], *inner)
        self.covered.add((level, active))
        return None

    # -- all uncovered boxes --------------------------------------------------------------------------------------

    def all(self) -> list[Box]:
        """All uncovered boxes, as few and large ones as merging gives. Raises TooLarge."""
        if not all(self.box):
            return []
        return [self._in_order(box) for box in merged(self._all(0, self.rules))]

    def _all(self, level: int, active: int) -> list[Box]:
        if not active:
            return [tuple(self.box[level:])]
        if active & self.rest[level]:
            return []
        known = self.known.get((level, active))
        if known is not None:
            return known
        found = [
            (mask, *inner) for rules, mask in self._groups(level, active).items() for inner in self._all(level + 1, rules)
        ]
        if len(found) > BOXES:
            raise TooLarge
        self.budget.spend(len(found))
        found = merged(found) if len(found) > 1 else found
        self.known[level, active] = found
        return found


def merged(boxes: Sequence[Box]) -> list[Box]:
    """Disjoint boxes with those put together that differ in one dimension only; the largest first."""
    found, before = list(boxes), -1
    width = len(found[0]) if found else 0
    while len(found) != before:
        before = len(found)
        for d in range(width):
            groups: dict[Box, int] = {}
            for box in found:
                rest = box[:d] + box[d + 1 :]
                groups[rest] = groups.get(rest, 0) | box[d]
            found = [(*rest[:d], mask, *rest[d:]) for rest, mask in groups.items()]
    return found


def larger_first(boxes: Sequence[Box], full: Box) -> list[Box]:
    """Boxes that limit few dimensions first, then those with many pieces."""
    def size(box: Box) -> tuple[int, int]:
        limited = sum(mask != whole for mask, whole in zip(box, full, strict=True))
        return limited, -sum(mask.bit_count() for mask in box)

    return sorted(boxes, key=size)
