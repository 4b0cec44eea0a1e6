"""A tree of XML by the identity of its elements, so that three trees can be laid side by side.

An element is known by the names that its language gives it (an id, the element a shape pictures), else by its tag
below its parent; among several of a tag by what it says, else by its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from processes.merging.settle import align

Key = tuple[Any, ...]
"""The identity of an element, the same in all three trees."""

ROOT: Key = ("root",)
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Language:
    """What a language says of its elements; the defaults are those of any XML."""

    def names(self, element: Any, index: Index) -> Sequence[Key]:
        """The names by which the element is known wherever it stands, the best first."""
        found = element.get("id")
        return [("id", found)] if found else []

    def local_name(self, element: Any) -> str | None:
        """What tells the element from others of its tag below the same parent; None when only its place does."""
        return None

    def said(self, element: Any) -> str:
        """What an element without a name is known by."""
        return content(element)

    def derived(self, element: Any) -> bool:
        """Whether the element repeats what others say, and is made anew after the merge."""
        return False

    def listed(self, element: Any) -> bool:
        """Whether the element is meaningful only as one of a list that is merged as one value."""
        return False

    def single(self, element: Any) -> bool:
        """Whether a parent has at most one of this tag, so that two added ones are the same."""
        return False

    def follows(self, element: Any, index: Index) -> Key | None:
        """The element without which this one cannot be (a shape without what it pictures)."""
        return None

    def weighs(self, element: Any) -> bool:
        """Whether a change of this follower is a change of what it follows."""
        return False

    def ordered(self, element: Any) -> bool:
        """Whether the order of the element's children has a meaning."""
        return False

    def leads(self, element: Any) -> bool:
        """Whether the element stands before the derived ones of its parent."""
        return False

    def owner(self, element: Any) -> str:
        """The id by which people know what the element belongs to."""
        while element is not None:
            if isinstance(element.tag, str) and element.get("id"):
                return str(element.get("id"))
            element = element.getparent()
        return ""

    def word(self, element: Any, what: str) -> str:
        """What of the element a conflict is about, as a word."""
        return what

    def shown(self, value: Any) -> str:
        """A value as people read it."""
        text = " ".join(value) if isinstance(value, tuple) else str(value)
        return text.rpartition("}")[2] if text.startswith("{") else text

    def quiet(self, element: Any, what: str) -> bool:
        """Whether a contradiction in this is of no interest to anybody."""
        return False


class Index:
    """The elements of one tree by their keys. `others` are trees indexed before, whose keys are taken where they fit."""

    def __init__(self, root: Any, language: Language, atoms: Iterable[Key] = (), others: Sequence[Index] = ()) -> None:
        self.root, self.language, self.others = root, language, others
        self.atoms = set(atoms)
        self.elements: dict[Key, Any] = {ROOT: root}
        self.key_of: dict[Any, Key] = {root: ROOT}
        self.parents: dict[Key, Key] = {}
        self.children: dict[Key, list[Key]] = {}
        self.aliases: dict[Key, Key] = {}
        self._visit(ROOT, root)

    def __contains__(self, key: Key) -> bool:
        return key in self.elements

    def _visit(self, key: Key, element: Any) -> None:
        self.children[key] = []
        if key in self.atoms or _mixed(element):
            self.atoms.add(key)
            return
        parts = [part for part in element if not self.language.derived(part) and not self.language.listed(part)]
        for part, own in zip(parts, self._keys(key, parts), strict=True):
            while own in self.elements:
                own = (*own, "again")
            self.elements[own], self.key_of[part], self.parents[own] = part, own, key
            self.children[key].append(own)
        for own in self.children[key]:
            self._visit(own, self.elements[own])

    def _keys(self, parent: Key, parts: Sequence[Any]) -> list[Key]:
        found: dict[int, Key] = {}
        nameless: dict[str, list[int]] = defaultdict(list)
        for at, part in enumerate(parts):
            names = self.language.names(part, self) if isinstance(part.tag, str) else ()
            local = self.language.local_name(part) if isinstance(part.tag, str) else None
            if names:
                found[at] = self._known(names)
            elif local is not None:
                found[at] = ("in", parent, tag_of(part), local)
            else:
                nameless[tag_of(part)].append(at)
        for tag, places in nameless.items():
            found.update(zip(places, self._aligned(parent, tag, [parts[at] for at in places]), strict=True))
        return [found[at] for at in range(len(parts))]

    def _known(self, names: Sequence[Key]) -> Key:
        taken = (other.aliases[name] for name in names for other in self.others if name in other.aliases)
        key = next((key for key in taken if key not in self.elements), names[0])
        for name in names:
            self.aliases.setdefault(name, key)
        return key

    def _aligned(self, parent: Key, tag: str, parts: Sequence[Any]) -> list[Key]:
        base = self.others[0] if self.others else None
        known = [] if base is None else [
            key for key in base.children.get(parent, ()) if key[0] == "at" and key[2] == tag
        ]  # fmt: skip
        said = [self.language.said(part) for part in parts]
        was = align([self.language.said(base.elements[key]) for key in known], said) if base is not None and known else [None] * len(parts)
        keys: list[Key] = []
        for at, (part, before) in enumerate(zip(parts, was, strict=True)):
            if before is not None:
                keys.append(known[before])
            elif self.language.single(part):
                keys.append(("at", parent, tag, "new", at))
            else:
                keys.append(("at", parent, tag, "new", said[at], said[:at].count(said[at])))
        return keys

    def facts(self, key: Key) -> Mapping[str, Any]:
        """What an element says itself: its tag, attributes, text, lists, and as one value what is not taken apart."""
        element = self.elements[key]
        if not isinstance(element.tag, str):
            return {"<": tag_of(element), ">": element.text or ""}
        found: dict[str, Any] = {"<": element.tag}
        found.update((name, _value(element, name)) for name in element.attrib)
        text = element.text or ""
        if key in self.atoms:
            found["*"] = inner(element)
        elif text.strip() or not len(element):
            found[">"] = text if text.strip() else ""
        for part in element:
            if self.language.listed(part):
                found[f"[{part.tag}"] = (*found.get(f"[{part.tag}", ()), content(part))
        return found

    def below(self, key: Key) -> list[Key]:
        """The element and all under it."""
        found = [key]
        for at in found:
            found.extend(self.children.get(at, ()))
        return found


def tag_of(part: Any) -> str:
    """The tag; of comments and instructions a sign for them."""
    return str(part.tag) if isinstance(part.tag, str) else "!" if part.tag is etree.Comment else "?"


def content(part: Any, *, exact: bool = False) -> str:
    """All that an element says, the same for the same meaning; with its white space when `exact`."""
    if not isinstance(part.tag, str):
        return f"<{tag_of(part)}{getattr(part, 'target', '')} {part.text or ''}>"
    facts = "".join(f" {name}={escaped(_value(part, name))}" for name in sorted(part.attrib))
    return f"<{part.tag}{facts}>{inner(part, exact=exact)}</>"


def inner(element: Any, *, exact: bool = True) -> str:
    """What stands between an element's tags."""
    found = [_text(element.text, exact)]
    for part in element:
        found += [content(part, exact=exact), _text(part.tail, exact)]
    return "".join(found)


def escaped(text: str) -> str:
    """A text in quotes."""
    return '"' + text.replace("&", "&amp;").replace('"', "&quot;") + '"'


def _text(text: str | None, exact: bool) -> str:
    found = text or ""
    return (found if exact or found.strip() else "").replace("&", "&amp;").replace("<", "&lt;")


def _mixed(element: Any) -> bool:
    parts = list(element)
    if not parts:
        return False
    real = any(isinstance(part.tag, str) for part in parts)
    return any((part.tail or "").strip() for part in parts) or (bool((element.text or "").strip()) and real)


def _value(element: Any, name: str) -> str:
    value = str(element.get(name))
    if name == XSI_TYPE:
        prefix, _colon, local = value.rpartition(":")
        return f"{{{element.nsmap.get(prefix or None) or ''}}}{local}"
    return value
