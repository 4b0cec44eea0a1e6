"""The three-way merge of trees: what stays, where it stands, and what it says.

The tree of theirs is edited in place, so that what nobody touched keeps its bytes, comments and foreign parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from processes.marked import word
from processes.merging import Conflict
from processes.merging.index import ROOT, Index, Key, Language
from processes.merging.settle import order, settle
from processes.merging.writing import Hand

TAKEN_OUT, CHANGED = word("taken out"), word("changed")


@dataclass(frozen=True)
class Grown:
    """The merged tree with what was found on the way: its elements by their keys; `trees` are the three as they came."""

    root: Any
    elements: Mapping[Key, Any]
    conflicts: tuple[Conflict, ...]
    theirs: tuple[str, ...]
    trees: tuple[Index, Index, Index]


def merge_trees(trees: Sequence[Any], language: Language, prefer: str, *, keep: Iterable[Key] = ()) -> Grown:
    """Merge three trees (base, theirs, mine); the one of theirs becomes the result. `keep` are elements that must not go."""
    base, theirs, mine = trees
    return _Merge(_indexed(base, theirs, mine, language), language, prefer, set(keep)).grown()


def _indexed(base: Any, theirs: Any, mine: Any, language: Language) -> tuple[Index, Index, Index]:
    """The three trees by the same keys; what one of them does not take apart, none does."""
    atoms: set[Key] = set()
    while True:
        one = Index(base, language, atoms)
        two = Index(theirs, language, atoms, [one])
        three = Index(mine, language, atoms, [one, two])
        found = one.atoms | two.atoms | three.atoms
        if found == atoms:
            return one, two, three
        atoms = found


class _Merge:
    def __init__(self, trees: tuple[Index, Index, Index], language: Language, prefer: str, keep: set[Key]) -> None:
        self.base, self.theirs, self.mine = self.trees = trees
        self.language, self.prefer, self.keep = language, prefer, keep
        self.conflicts: list[Conflict] = []
        self.theirs_ids = tuple(dict.fromkeys(self._changed_by_them()))

    def grown(self) -> Grown:
        stays = self._what_stays()
        parents = self._parents(stays)
        facts = {key: self._settled(key) for key in stays if key in self.theirs and key in self.mine}
        rows = self._orders(stays, parents)
        hand = Hand(self.trees, self.language)
        hand.write(stays, facts, rows)
        elements = {key: hand.elements[key] for key in stays}
        return Grown(self.theirs.root, elements, tuple(dict.fromkeys(self.conflicts)), self.theirs_ids, self.trees)

    # --- what stays --------------------------------------------------------------------------------------
    def _what_stays(self) -> set[Key]:
        base, theirs, mine = self.base, self.theirs, self.mine
        by_mine = [key for key in base.elements if key in theirs and key not in mine]
        by_them = [key for key in base.elements if key in mine and key not in theirs]
        kept = self._kept(by_mine, theirs, mine) | self._kept(by_them, mine, theirs)
        stays = {key for key in (*theirs.elements, *mine.elements) if key not in base}
        stays |= {key for key in base.elements if key in theirs and key in mine} | kept
        for key in list(stays):
            self._hold(key, stays, kept)
        gone = {key for key in (*by_mine, *by_them) if key not in stays}
        return self._followers(stays, kept, gone)

    def _kept(self, gone: list[Key], side: Index, other: Index) -> set[Key]:
        """Of what one took out, what stays because the other changed it; each with all that it holds."""
        lost = set(gone)
        kept: set[Key] = set()
        touched = {self._weighed(key, side, lost) for key in gone if self._touched(key, side)} | self.keep
        for key in (key for key in gone if key in touched):
            top = key
            while side.parents[top] in lost:
                top = side.parents[top]
            if top not in kept:
                kept.update(below for below in side.below(top) if below in lost)
                self._say_kept(top, side, other)
        return kept

    def _weighed(self, key: Key, side: Index, lost: set[Key]) -> Key | None:
        """What is to stay for a change of this: itself, what it follows, or nothing."""
        leader = self._leader(key, side)
        if leader is None or leader not in lost:
            return key
        return leader if self.language.weighs(side.elements[key]) else None

    def _leader(self, key: Key, side: Index) -> Key | None:
        """What the element, or what it stands in, follows."""
        at: Key | None = key
        while at is not None and at != ROOT:
            found = self.language.follows(side.elements[at], side)
            if found is not None:
                return found
            at = side.parents.get(at)
        return None

    def _touched(self, key: Key, side: Index) -> bool:
        base = self.base
        return (
            base.facts(key) != side.facts(key)
            or base.parents.get(key) != side.parents.get(key)
            or any(base.parents.get(inner) != key for inner in side.children[key])
        )

    def _wish(self, key: Key) -> tuple[Key, bool]:
        """What an element is to stand in, and whether both moved it."""
        if key in self.theirs and key in self.mine:
            was = self.base.parents.get(key, self.theirs.parents[key])
            return settle(was, self.theirs.parents[key], self.mine.parents[key], self.prefer)
        return (self.theirs if key in self.theirs else self.mine).parents[key], False

    def _hold(self, key: Key, stays: set[Key], kept: set[Key]) -> None:
        """Keep what an element stands in."""
        while key != ROOT and (at := self._wish(key)[0]) not in stays:
            side, other = (self.theirs, self.mine) if at in self.theirs else (self.mine, self.theirs)
            if self._leader(key, side if key in side else other) is not None:
                return
            self._say_kept(at, side, other)
            stays.add(at)
            kept.add(at)
            key = at

    def _followers(self, stays: set[Key], kept: set[Key], gone: set[Key]) -> set[Key]:
        """Shapes and the like go with what they follow, and come back with it."""
        for side in (self.theirs, self.mine):
            for key, element in side.elements.items():
                leader = self.language.follows(element, side) if isinstance(element.tag, str) else None
                if leader is None:
                    continue
                if key in stays and leader in gone:
                    stays.difference_update(side.below(key))
                elif leader in kept and key not in stays and side.parents[key] in stays:
                    stays.update(side.below(key))
        while orphans := {k for k in stays if k != ROOT and not any(s.parents[k] in stays for s in self.trees if k in s)}:
            stays -= orphans
        return stays

    def _say_kept(self, key: Key, side: Index, other: Index) -> None:
        element = side.elements[key]
        owner = self.language.owner(element)
        if self._leader(key, side) is not None:
            return
        stayed, went = CHANGED, TAKEN_OUT
        self.conflicts.append(Conflict(
            owner, self.language.word(element, "-"), "",
            stayed if side is self.theirs else went, stayed if side is self.mine else went,
        ))  # fmt: skip

    # --- where it stands ---------------------------------------------------------------------------------
    def _parents(self, stays: set[Key]) -> dict[Key, Key]:
        found: dict[Key, Key] = {}
        for key in stays - {ROOT}:
            found[key] = self._parent(key, stays)
        for key in found:
            if _circles(key, found):
                self._moved_twice(key)
                found.update({k: self.theirs.parents[k] for k in found if k in self.theirs and self.theirs.parents[k] in stays})
                break
        return found

    def _parent(self, key: Key, stays: set[Key]) -> Key:
        chosen, clash = self._wish(key)
        if clash:
            self._moved_twice(key)
        return next(parent for parent in (chosen, *(s.parents[key] for s in self.trees if key in s)) if parent in stays)

    def _moved_twice(self, key: Key) -> None:
        places = [
            "" if key not in side else self.language.owner(side.elements[side.parents[key]]) for side in self.trees
        ]
        element = self.theirs.elements[key] if key in self.theirs else self.mine.elements[key]
        self.conflicts.append(Conflict(self.language.owner(element), self.language.word(element, "^"), *places))

    def _orders(self, stays: set[Key], parents: dict[Key, Key]) -> dict[Key, list[Key]]:
        held: dict[Key, dict[Key, None]] = {key: {} for key in stays}
        for key, parent in sorted(parents.items(), key=lambda pair: str(pair[0])):
            held[parent][key] = None
        found: dict[Key, list[Key]] = {}
        for key, inner in held.items():
            lists = [[k for k in side.children.get(key, ()) if k in inner] for side in self.trees]
            found[key], clash = order(lists[0], lists[1], lists[2], self.prefer)
            known = set(found[key])
            found[key].extend(k for k in inner if k not in known)
            element = self.theirs.elements.get(key)
            if clash and element is not None and self.language.ordered(element):
                texts = [", ".join(self.language.owner(side.elements[k]) for k in keys) for side, keys in zip(self.trees, lists, strict=True)]
                self.conflicts.append(Conflict(self.language.owner(element), self.language.word(element, "#"), *texts))
        return found

    # --- what it says ------------------------------------------------------------------------------------
    def _settled(self, key: Key) -> dict[str, tuple[Any, Index]]:
        """The facts to be changed in theirs, each with the tree that it is taken from."""
        base = self.base.facts(key) if key in self.base else {}
        theirs, mine = self.theirs.facts(key), self.mine.facts(key)
        found: dict[str, tuple[Any, Index]] = {}
        for name in dict.fromkeys((*theirs, *mine)):
            was, yours, ours = (facts.get(name) for facts in (base, theirs, mine))
            value, clash = _listwise(was, yours, ours, self.prefer) if name.startswith("[") else settle(was, yours, ours, self.prefer)
            element = self.theirs.elements[key]
            if clash and not self.language.quiet(element, name):
                texts = ["" if v is None else self.language.shown(v) for v in (was, yours, ours)]
                self.conflicts.append(Conflict(self.language.owner(element), self.language.word(element, name), *texts))
            if value != yours:
                found[name] = (value, self.mine)
        return found

    def _changed_by_them(self) -> Iterator[str]:
        base, theirs = self.base, self.theirs
        for key, element in theirs.elements.items():
            if key not in base or base.facts(key) != theirs.facts(key) or base.parents.get(key) != theirs.parents.get(key):
                yield self.language.owner(element)
        for key, element in base.elements.items():
            if key not in theirs:
                yield self.language.owner(element)


def _listwise(base: Any, theirs: Any, mine: Any, prefer: str) -> tuple[Any, bool]:
    """A list as one value; item by item where all three are equally long."""
    if not (base and theirs and mine and len(base) == len(theirs) == len(mine)):
        return settle(base, theirs, mine, prefer)
    items = [settle(b, t, m, prefer) for b, t, m in zip(base, theirs, mine, strict=True)]
    return tuple(value for value, _clash in items), any(clash for _value, clash in items)


def _circles(key: Key, parents: dict[Key, Key]) -> bool:
    seen = {key}
    at = parents.get(key)
    while at is not None:
        if at in seen:
            return True
        seen.add(at)
        at = parents.get(at)
    return False
