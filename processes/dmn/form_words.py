"""The words of a decision file in one language: where they stand, and how one is changed.

English names of columns stand in their `label`, notes beside rules in the first column of notes (or in the rule's
description where the table has none). Every other language has `redraw:label` elements, and so has the name of a
decision in any language, since the name itself is what expressions refer to.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from processes.bpmn.extensions import NAMESPACE

from . import model as m
from .reader import Reader

_LABEL = f"{{{NAMESPACE}}}label"
MAIN = "en"


class Words:
    """The words of a file in a language."""

    def __init__(self, language: str, reader: Reader) -> None:
        self.language, self.reader = language, reader
        self._named: dict[Any, list[str]] = {}

    def label(self, element: Any) -> str:
        """What a column is called: in the language, else in English, else nothing."""
        return self._label(element, self.language) or element.get("label", "") or self._label(element, MAIN)

    def called(self, holder: Any) -> str:
        """What a decision or another element of the graph is called: by its label, else by its name."""
        return self._label(holder, self.language) or self._label(holder, MAIN) or holder.get("label", "") or holder.get("name", "") or holder.get("id", "")

    def own_label(self, element: Any) -> bool:
        """Whether the attribute `label` is what the language shows of a column."""
        return self.language == MAIN and not self._label(element, MAIN)

    def place_of_note(self, table: Any, rule: Any) -> str:
        """Where the note of a rule in this language stands: its label, a column of notes, or its description."""
        names = self._notes(table)
        if self.language != MAIN and self.language not in names:
            return "label"
        if self._label(rule, self.language):
            return "label"
        return "column" if names else "description"

    def note(self, table: Any, rule: Any) -> str:
        """What is noted beside a rule."""
        said = self._label(rule, self.language)
        if said:
            return said
        texts = [self.reader.text(part) for part in self.reader.children(rule, "annotationEntry")]
        at = self._column(table)
        if at is not None:
            return texts[at] if at < len(texts) else ""
        return self.reader.plain(rule, "description")

    def note_in_table(self, table: Any, old: m.Rule | None, note: str) -> tuple[tuple[str, str], ...]:
        """The notes of a rule with the one of this language changed; nothing when the table has no column for it."""
        at = self._column(table)
        if at is None:
            return old.annotations if old is not None else ()
        names = self._notes(table)
        told = dict(old.annotations) if old is not None else {}
        told[names[at]] = note
        return tuple((name, told.get(name, "")) for name in names)

    def _column(self, table: Any) -> int | None:
        names = self._notes(table)
        if self.language in names:
            return names.index(self.language)
        return 0 if names else None

    def _notes(self, table: Any) -> list[str]:
        if table not in self._named:
            self._named[table] = [part.get("name") or f"{at}" for at, part in enumerate(self.reader.children(table, "annotation"), 1)]
        return self._named[table]

    def _label(self, element: Any, language: str) -> str:
        found = self._find(element, language)
        return (found.text or "").strip() if found is not None else ""

    def _find(self, element: Any, language: str) -> Any | None:
        for child in self.reader.children(element, "extensionElements"):
            for item in child.iter(_LABEL):
                if item.get("lang", MAIN) == language:
                    return item
        return None

    # --- change --------------------------------------------------------------------------------------------------
    def write(self, document: Any, words: list[tuple[tuple[Any, ...], str]]) -> None:
        """Change words in place: of columns and rules by the number of their table and their place in it, of decisions
        by their id."""
        for where, text in words:
            self._set(document.reader, self._holder(document, where), text)

    def _holder(self, document: Any, where: tuple[Any, ...]) -> Any:
        kind, number, which = where
        reader = document.reader
        if kind != "holder":
            return list(reader.children(document.elements[number], kind))[which]
        named = [part for part in document.root.iter() if isinstance(part.tag, str) and part.get("id") == which]
        return named[0] if named else next(part for part in document.root.iter() if isinstance(part.tag, str) and part.get("name") == which)

    def _set(self, reader: Reader, element: Any, text: str) -> None:
        own = Words(self.language, reader)._find(element, self.language)
        if own is not None:
            own.text = text
            return
        holder = reader.child(element, "extensionElements")
        if holder is None:
            holder = etree.Element(f"{{{reader.ns}}}extensionElements")
            described = reader.child(element, "description")
            element.insert(0 if described is None else element.index(described) + 1, holder)
            holder.tail = element.text if described is None else described.tail
        label = etree.SubElement(holder, _LABEL, nsmap={"redraw": NAMESPACE})
        label.set("lang", self.language)
        label.text = text
