"""Writes decision files back without loss.

A document keeps the file as it came, of whatever version of DMN. Writing gives back every element, comment, foreign
attribute, diagram and extension; a change of a table touches the cells, rules and columns that differ and nothing
else. So a tool that knows only tables can edit a file whose other parts it does not understand.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from lxml import etree

from processes.marked import say

from . import model as m
from .errors import DmnError
from .reader import NAMESPACES, Reader, root_of

POLICIES = {
    "U": "UNIQUE", "A": "ANY", "P": "PRIORITY", "F": "FIRST", "R": "RULE ORDER", "O": "OUTPUT ORDER", "C": "COLLECT",
}
AGGREGATIONS = {"+": "SUM", "<": "MIN", ">": "MAX", "#": "COUNT"}
_HOLDERS = ("decision", "businessKnowledgeModel")


@dataclass(frozen=True, slots=True)
class Place:
    """A decision table in a document: the id and name of the decision or knowledge model it belongs to, its number
    among all tables of the file, and the table as it stands."""

    owner: str
    name: str
    number: int
    table: m.TableBox


class Document:
    """A decision file, for editing. Immutable: each change gives another document."""

    def __init__(self, xml: bytes | str) -> None:
        """Raises DmnError when the file is no decision model of DMN 1.1 to 1.6, or a table in it cannot be read."""
        self.root = self._root = root_of(xml, whole=True)
        self.reader = self._reader = Reader(self._root)
        self.version = NAMESPACES[self._reader.ns]
        self.elements = list(self._root.iter(self._tag("decisionTable")))
        self.tables = tuple(self._place(number, element) for number, element in enumerate(self.elements))

    def _tag(self, name: str) -> str:
        return f"{{{self._reader.ns}}}{name}"

    def _place(self, number: int, element: Any) -> Place:
        holder = self.holder_of(element)
        table = self._reader.table(element, (self._reader.identity(element), self._reader.type_of(element)))
        return Place(self._reader.identity(holder), holder.get("name", ""), number, table)

    def holder_of(self, element: Any) -> Any:
        """The decision or knowledge model that an element of the file belongs to."""
        return next((up for up in element.iterancestors() if up.tag in map(self._tag, _HOLDERS)), element)

    def table_of(self, owner: str) -> Place:
        """The first table of a decision or knowledge model, by its id or name. Raises DmnError when it has none."""
        for place in self.tables:
            if owner in (place.owner, place.name):
                return place
        raise DmnError("no-table", say("“%(name)s” has no decision table in this file.", name=owner), owner)

    def number_of(self, element: Any) -> int | None:
        """The number of the table that an element of the file is; None when it is none."""
        return next((at for at, table in enumerate(self.elements) if table is element), None)

    def write(self) -> bytes:
        """The file in UTF-8, equal to what was read in canonical form (C14N with comments)."""
        return etree.tostring(self._root.getroottree(), xml_declaration=True, encoding="UTF-8")

    def with_table(self, number: int, table: m.TableBox) -> Document:
        """The document with a table changed. Rules and columns are known by their ids; those with an id that the file
        does not have are new, those it has no longer are taken out. Raises DmnError for a table that does not fit
        together."""
        _check(table)
        copy = Document(self.write())
        _Change(copy._reader, copy.elements[number], copy.tables[number].table, table).make()
        return Document(copy.write())


def canonical(xml: bytes | str) -> bytes:
    """A file in canonical form (W3C Canonical XML 1.0, with comments), to compare by."""
    out = io.BytesIO()
    root_of(xml, whole=True).getroottree().write_c14n(out, with_comments=True)
    return out.getvalue()


def set_text(reader: Reader, holder: Any, text: str) -> None:
    """Set the text of a cell or expression; everything else in it stays."""
    if reader.text(holder) == text:
        return
    inner = reader.child(holder, "text")
    if inner is None:
        inner = etree.SubElement(holder, f"{{{reader.ns}}}text")
    for child in list(inner):
        inner.remove(child)
    inner.text = text


def _check(table: m.TableBox) -> None:
    if not table.outputs:
        raise DmnError("no-output", say("A decision table needs at least one output column."), table.element)
    for rule in table.rules:
        if len(rule.tests) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            raise DmnError(
                "rule-width", say("Rule %(number)s has %(tests)s conditions and %(results)s results; the table has %(inputs)s and %(outputs)s columns.", number=rule.number, tests=len(rule.tests), results=len(rule.outputs), inputs=len(table.inputs), outputs=len(table.outputs)), rule.element,
            )


class _Change:
    """One table changed in place."""

    def __init__(self, reader: Reader, element: Any, old: m.TableBox, new: m.TableBox) -> None:
        self.reader, self.element, self.old, self.new = reader, element, old, new
        self._ids = {part.get("id") for part in element.getroottree().iter() if isinstance(part.tag, str)}

    def make(self) -> None:
        self._attribute("hitPolicy", POLICIES[self.new.hit_policy], self.old.hit_policy == self.new.hit_policy)
        self._attribute("aggregation", AGGREGATIONS.get(self.new.aggregation, ""), self.old.aggregation == self.new.aggregation)
        inputs = self._columns("input", self.old.inputs, self.new.inputs, self._input)
        outputs = self._columns("output", self.old.outputs, self.new.outputs, self._output)
        notes = self._notes()
        self._rules(inputs, outputs, notes)

    def _attribute(self, name: str, value: str, same: bool) -> None:
        if same:
            return
        if value:
            self.element.set(name, value)
        elif name in self.element.attrib:
            del self.element.attrib[name]

    # --- XML -----------------------------------------------------------------------------------------------------
    def _parts(self, parent: Any, name: str) -> list[Any]:
        return list(self.reader.children(parent, name))

    def _new(self, name: str, prefix: str = "") -> Any:
        part = etree.Element(f"{{{self.reader.ns}}}{name}", nsmap=None)
        if prefix:
            part.set("id", next(made for n in count(1) if (made := f"{prefix}_{n}") not in self._ids))
            self._ids.add(part.get("id"))
        return part

    def _text(self, holder: Any, text: str) -> None:
        set_text(self.reader, holder, text)

    def _optional(self, holder: Any, name: str, text: m.Text | None, after: Sequence[str]) -> None:
        """Set, make or take out a part like the allowed values; a new one stands behind those named."""
        part, wanted = self.reader.child(holder, name), text.text if text is not None else ""
        if part is None and wanted:
            part = self._new(name)
            before = self._parts_of(holder, ("description", "extensionElements", *after))
            holder.insert(holder.index(before[-1]) + 1 if before else 0, part)
        if part is not None and wanted:
            self._text(part, wanted)
        elif part is not None and self.reader.text(part):
            _take_out(part)

    def _parts_of(self, parent: Any, names: Sequence[str]) -> list[Any]:
        return list(self.reader.children(parent, *names))

    def _placed(self, name: str, wanted: list[Any], before: Sequence[str]) -> None:
        """Make the children of a name those wanted, in this order; new ones stand where the others do, or behind those
        named."""
        present = self._parts(self.element, name)
        if present == wanted:
            return
        for part in present:
            if not any(part is kept for kept in wanted):
                _take_out(part)
        earlier = self._parts_of(self.element, ("description", "extensionElements", *before))
        at = self.element.index(earlier[-1]) + 1 if earlier else 0
        kept = [part for part in present if any(part is other for other in wanted)]
        if kept:
            at = min(self.element.index(part) for part in kept)
        for part in wanted:
            if part.getparent() is not None:
                tail = part.tail
                _take_out(part)
                part.tail = tail
            _put(self.element, at, part)
            at = self.element.index(part) + 1

    # --- columns -------------------------------------------------------------------------------------------------
    def _columns(self, name: str, old: Sequence[Any], new: Sequence[Any], fill: Callable[[Any, Any], None]) -> list[int | None]:
        """Change the columns; gives for each of the new ones which old one it was (None: it is new)."""
        parts = self._parts(self.element, name)
        origin = _origins(parts, old, new)
        wanted = []
        for was, column in zip(origin, new, strict=True):
            part = parts[was] if was is not None else self._new(name, name)
            if was is None or old[was] != column:
                fill(part, column)
            wanted.append(part)
        self._placed(name, wanted, ("input",) if name == "output" else ())
        return origin

    def _named(self, part: Any, name: str, value: str) -> None:
        if part.get(name, "") != value:
            if value:
                part.set(name, value)
            else:
                del part.attrib[name]

    def _input(self, part: Any, column: m.Input) -> None:
        inner = self.reader.child(part, "inputExpression")
        if inner is None:
            inner = self._new("inputExpression")
            part.insert(len(self._parts_of(part, ("description", "extensionElements"))), inner)
        if column.label != (part.get("label", "") or self.reader.text(inner)):
            self._named(part, "label", column.label)
        self._text(inner, column.expression.text)
        if self.reader.type_of(inner) != column.type:
            self._named(inner, "typeRef", column.type)
        self._optional(part, "inputValues", column.allowed, ("inputExpression",))

    def _output(self, part: Any, column: m.Output) -> None:
        self._named(part, "name", column.name)
        self._named(part, "label", column.label)
        if self.reader.type_of(part) != column.type:
            self._named(part, "typeRef", column.type)
        self._optional(part, "outputValues", column.allowed, ())
        self._optional(part, "defaultOutputEntry", column.default, ("outputValues",))

    def _notes(self) -> list[str]:
        """The names of the columns of notes, with those added that the new rules have and the table has not."""
        parts = self._parts(self.element, "annotation")
        names = [part.get("name", "") for part in parts]
        for rule in self.new.rules:
            for name, _note in rule.annotations:
                if name not in names and not name.isdecimal():
                    part = self._new("annotation")
                    part.set("name", name)
                    names.append(name)
                    parts.append(part)
        if len(parts) > len(self._parts(self.element, "annotation")):
            self._placed("annotation", parts, ("input", "output"))
        return names

    # --- rules ---------------------------------------------------------------------------------------------------
    def _rules(self, inputs: list[int | None], outputs: list[int | None], notes: list[str]) -> None:
        parts = self._parts(self.element, "rule")
        origins = _origins(parts, self.old.rules, self.new.rules)
        moved = inputs != list(range(len(self.old.inputs))) or outputs != list(range(len(self.old.outputs)))
        wanted = []
        for was, rule in zip(origins, self.new.rules, strict=True):
            part = parts[was] if was is not None else self._new("rule", "rule")
            if was is None or moved or not _alike(self.old.rules[was], rule):
                self._rule(part, rule, inputs if was is not None else [None] * len(inputs),
                           outputs if was is not None else [None] * len(outputs), notes)  # fmt: skip
            wanted.append(part)
        self._placed("rule", wanted, ("input", "output", "annotation"))

    def _rule(
        self, part: Any, rule: m.Rule, inputs: list[int | None], outputs: list[int | None], notes: list[str]
    ) -> None:
        described = self.reader.child(part, "description")
        if self.reader.plain(part, "description") != rule.description:
            if described is None:
                described = self._new("description")
                part.insert(0, described)
            described.text = rule.description
        self._cells(part, "inputEntry", inputs, rule.tests, ())
        self._cells(part, "outputEntry", outputs, rule.outputs, ("inputEntry",))
        self._annotate(part, rule, notes)

    def _cells(self, part: Any, name: str, origin: list[int | None], texts: Sequence[m.Text], before: Sequence[str]) -> None:
        """The cells of a rule in the order of the columns: old ones move with their column."""
        present = self._parts(part, name)
        cells = [
            present[was] if was is not None and was < len(present) else self._new(name, name) for was in origin
        ]
        if cells != present:
            for cell in present:
                tail = cell.tail
                _take_out(cell)
                cell.tail = tail
            earlier = self._parts_of(part, ("description", "extensionElements", *before))
            at = part.index(earlier[-1]) + 1 if earlier else 0
            for offset, cell in enumerate(cells):
                _put(part, at + offset, cell)
        for cell, text in zip(cells, texts, strict=True):
            self._text(cell, text.text)

    def _annotate(self, part: Any, rule: m.Rule, notes: list[str]) -> None:
        entries = self._parts(part, "annotationEntry")
        told = dict(rule.annotations)
        texts = [told.get(name, "") for name in notes] or [note for _name, note in rule.annotations]
        for at, text in enumerate(texts):
            if at >= len(entries):
                if not any(texts[at:]):
                    return
                entries.append(self._new("annotationEntry"))
                part.append(entries[-1])
            self._text(entries[at], text)


def _origins(parts: Sequence[Any], old: Sequence[Any], new: Sequence[Any]) -> list[int | None]:
    """For each new column or rule which old one it was; None when it is new.

    They are known by their ids. In a file that gives them none they are known by being the same, else by their place.
    """
    own = {part.get("id"): at for at, part in enumerate(parts) if part.get("id")}
    nameless = [at for at, part in enumerate(parts) if not part.get("id")]
    used: set[int] = set()
    found: list[int | None] = []
    for at, item in enumerate(new):
        was = own.get(item.element)
        if was is None and item.element and nameless:
            alike = [other for other in nameless if other not in used and _alike(old[other], item)]
            was = alike[0] if alike else at if at in nameless and not any(_alike(old[at], later) for later in new) else None
        if was in used:
            was = None
        if was is not None:
            used.add(was)
        found.append(was)
    return found


def _alike(one: Any, two: Any) -> bool:
    return bool(replace(one, number=0) == replace(two, number=0) if isinstance(one, m.Rule) else one == two)


def _put(parent: Any, at: int, part: Any) -> None:
    """Insert an element; a new one is set off by the white space that sets off the one before it."""
    parent.insert(at, part)
    if part.tail is None:
        before = part.getprevious()
        part.tail = before.tail if before is not None else parent.text
        if part.tail is not None and part.tail.strip():
            part.tail = None


def _take_out(part: Any) -> None:
    """Remove an element without the text behind it."""
    parent = part.getparent()
    tail, before = part.tail, part.getprevious()
    if tail:
        if before is not None:
            before.tail = (before.tail or "") + tail if (tail or "").strip() else (before.tail or tail)
        elif tail.strip():
            parent.text = (parent.text or "") + tail
    parent.remove(part)
    part.tail = None
