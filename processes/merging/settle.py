"""Three-way answers for one value and for one order of things."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

THEIRS, MINE = "theirs", "mine"

V = TypeVar("V")
K = TypeVar("K", bound=Hashable)


def settle(base: V, theirs: V, mine: V, prefer: str) -> tuple[V, bool]:
    """The value that stands, and whether both changed it differently."""
    if theirs == mine or mine == base:
        return theirs, False
    if theirs == base:
        return mine, False
    return (mine if prefer == MINE else theirs), True


def order(base: Sequence[K], theirs: Sequence[K], mine: Sequence[K], prefer: str) -> tuple[list[K], bool]:
    """One order of all keys of theirs and mine, and whether both moved the same ones to different places.

    Keys that only one of the two has stand behind the key that they stand behind there.
    """
    common = set(base) & set(theirs) & set(mine)
    ours, yours, was = ([k for k in keys if k in common] for keys in (mine, theirs, base))
    moved_mine, moved_theirs = moved(was, ours), moved(was, yours)
    clash = ours != yours and bool(moved_mine & moved_theirs)
    if clash and prefer == MINE:
        return _filled(list(mine), theirs), True
    spine = list(theirs)
    if moved_mine and not clash and ours != yours:
        spine = _filled([key for key in spine if key not in moved_mine], [k for k in mine if k in common])
    return _filled(spine, mine), clash


def moved(before: Sequence[K], after: Sequence[K]) -> set[K]:
    """The keys that must have been moved, the others keeping their order."""
    if before == after:
        return set()
    places = {key: at for at, key in enumerate(after)}
    numbers = [places[key] for key in before]
    best: list[tuple[int, int]] = []
    for at, number in enumerate(numbers):
        longest = max(((best[j][0], j) for j in range(at) if numbers[j] < number), default=(0, -1))
        best.append((longest[0] + 1, longest[1]))
    at = max(range(len(best)), key=lambda place: best[place][0])
    stay = set()
    while at >= 0:
        stay.add(before[at])
        at = best[at][1]
    return set(before) - stay


def _filled(spine: list[K], other: Iterable[K]) -> list[K]:
    """The spine with the keys that only the other has, each behind the one before it."""
    there = list(other)
    known, others = set(spine), set(there)
    before: K | None = None
    for key in there:
        if key not in known:
            at = spine.index(before) + 1 if before is not None else 0
            while before is not None and at < len(spine) and spine[at] not in others:
                at += 1  # what the spine added here comes first
            spine.insert(at, key)
            known.add(key)
        before = key
    return spine


def align(before: Sequence[str], after: Sequence[str]) -> list[int | None]:
    """For each item of a list without names which item of before it is, by what it says, else by its place."""
    found: list[int | None] = [None] * len(after)
    for kind, low, high, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in ("equal", "replace"):
            for was, now in zip(range(low, high), range(start, end), strict=False):
                found[now] = was
    return found
