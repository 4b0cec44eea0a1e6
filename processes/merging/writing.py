"""Writes what was decided into the tree of theirs, with as little change to its bytes as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from processes.merging.index import ROOT, XSI_TYPE, Index, Key, Language, content

Facts = Mapping[str, tuple[Any, Index]]


class Hand:
    """Edits the second of three trees."""

    def __init__(self, trees: tuple[Index, Index, Index], language: Language) -> None:
        self.base, self.theirs, self.mine = trees
        self.language = language
        self.elements = dict(self.theirs.elements)

    def write(self, stays: set[Key], facts: Mapping[Key, Facts], rows: Mapping[Key, Sequence[Key]]) -> None:
        """Make the tree hold what stays, in its rows, with its facts."""
        self._declare()
        for key in stays - set(self.elements):
            self.elements[key] = self._copied(key)
        for key, changed in facts.items():
            for name, (value, source) in changed.items():
                self._set(key, name, value, source.elements[key])
        for key, element in self.theirs.elements.items():
            if key not in stays:
                take_out(element)
        self._place(ROOT, rows)

    def _declare(self) -> None:
        """Declare at the root what prefixes mine brings, so that nothing is written with a made-up one."""
        root = self.theirs.root
        new = {prefix: space for prefix, space in self.mine.root.nsmap.items()
               if prefix and prefix not in root.nsmap and space not in root.nsmap.values()}  # fmt: skip
        if new:
            keep = [prefix for prefix in (*root.nsmap, *new) if prefix]
            etree.cleanup_namespaces(root.getroottree(), top_nsmap=new, keep_ns_prefixes=keep)

    def _copied(self, key: Key) -> Any:
        """An element of mine (else of before) without those of its parts that are placed one by one."""
        side = self.mine if key in self.mine else self.base
        source = side.elements[key]
        found = deepcopy(source)
        if isinstance(source.tag, str) and key not in side.atoms:
            for part, own in zip(source, list(found), strict=True):
                if part in side.key_of or self.language.derived(part):
                    found.remove(own)
        return found

    def _set(self, key: Key, name: str, value: Any, source: Any) -> None:
        element = self.elements[key]
        if name == "<":
            if isinstance(value, str) and isinstance(element.tag, str):
                element.tag = value
        elif name == ">":
            element.text = value or None
        elif name == "*":
            self._refill(element, source)
        elif name.startswith("["):
            self._relist(element, name[1:], value or (), key)
        elif value is None:
            del element.attrib[name]
        else:
            element.set(name, _qualified(element, value) if name == XSI_TYPE else value)

    @staticmethod
    def _refill(element: Any, source: Any) -> None:
        for part in list(element):
            element.remove(part)
        element.text = source.text
        for part in source:
            element.append(deepcopy(part))

    def _relist(self, element: Any, tag: str, wanted: Sequence[str], key: Key) -> None:
        """Put a list of like parts where the old one stands."""
        sources = {
            content(part): part
            for side in (self.base, self.theirs, self.mine) if key in side
            for part in side.elements[key] if part.tag == tag
        }  # fmt: skip
        copies = [deepcopy(sources[said]) for said in wanted]
        present = [part for part in element if part.tag == tag]
        at = element.index(present[0]) if present else len(element)
        tails = [part.tail for part in present]
        for part in present:
            element.remove(part)
        for offset, part in enumerate(copies):
            part.tail = tails[min(offset, len(tails) - 1)] if tails else None
            element.insert(at + offset, part)
        if tails and copies:
            copies[-1].tail = tails[-1]

    # --- places ------------------------------------------------------------------------------------------
    def _place(self, key: Key, rows: Mapping[Key, Sequence[Key]]) -> None:
        parent = self.elements[key]
        before = None
        indexed = {id(self.elements[own]) for own in rows.get(key, ())}
        for own in rows.get(key, ()):
            part = self.elements[own]
            if part.getparent() is not parent or _previous(part, indexed) is not before:
                take_out(part)
                self._insert(parent, before, part)
            before = part
        for own in rows.get(key, ()):
            self._place(own, rows)

    def _insert(self, parent: Any, before: Any, part: Any) -> None:
        at = parent.index(before) + 1 if before is not None else 0
        if not self.language.leads(part):
            while at < len(parent) and (self.language.derived(parent[at]) or (before is None and self.language.leads(parent[at]))):
                at += 1
        put(parent, at, part)


def _previous(part: Any, indexed: set[int]) -> Any:
    found = part.getprevious()
    while found is not None and id(found) not in indexed:
        found = found.getprevious()
    return found


def _qualified(element: Any, clark: str) -> str:
    space, _brace, local = clark[1:].partition("}")
    prefix = next((p for p, s in element.nsmap.items() if s == space), None)
    return f"{prefix}:{local}" if prefix else local


def put(parent: Any, at: int, part: Any) -> None:
    """Insert an element, set off by the white space that sets off its neighbours."""
    parent.insert(at, part)
    before, after = part.getprevious(), part.getnext()
    if before is None:
        if after is None:
            return
        part.tail = parent.text if not (parent.text or "").strip() else None
    elif after is None:
        first = before.getprevious()
        inner = first.tail if first is not None else parent.text
        if before.tail != inner or not part.tail:
            part.tail = before.tail
        if not (inner or "").strip():
            before.tail = inner
    else:
        part.tail = before.tail
    if (part.tail or "").strip():
        part.tail = None


def take_out(part: Any) -> None:
    """Remove an element; the white space behind the last one stays behind the one that is last now."""
    parent = part.getparent()
    if parent is None:
        return
    before, tail = part.getprevious(), part.tail
    if part.getnext() is None and tail and not tail.strip():
        if before is not None:
            before.tail = tail
        else:
            parent.text = None
    parent.remove(part)
    part.tail = None
