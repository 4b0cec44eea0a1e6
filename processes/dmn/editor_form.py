"""A decision file in the form that the table editor of the browser reads, and what it edited written back.

The editor (dmn-js) knows DMN 1.2 and 1.3, tables and literal expressions. So it never gets the file itself but a form
made of it: each table of the file, wherever it stands, as the logic of a decision of its own, the literal expressions,
and the graph of requirements to look at. What comes back is compared with the form, and only the cells, rules, columns,
expressions and words that differ are written into the file. Whatever else the file holds never leaves the server.

    form = EditorForm(xml, language="en")
    form.xml                     # for the editor
    form.saved(edited)           # the file with what was edited; the same file when nothing was
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lxml import etree

from processes.marked import say

from . import model as m
from .errors import DmnError
from .form_graph import graph_of
from .form_words import Words
from .reader import Reader, root_of
from .writer import AGGREGATIONS, POLICIES, Document, Place, set_text

EDITOR = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_HEAD: Any = {None: EDITOR, "dmndi": "https://www.omg.org/spec/DMN/20191111/DMNDI/", "dc": "http://www.omg.org/spec/DMN/20180521/DC/",
         "di": "http://www.omg.org/spec/DMN/20180521/DI/", "biodi": "http://bpmn.io/schema/dmn/biodi/2.0"}  # fmt: skip

_WIDTH = "{http://bpmn.io/schema/dmn/biodi/2.0}width"
_NARROW, _WIDE, _LETTER, _PADDING = 110, 230, 8, 30


@dataclass(frozen=True, slots=True)
class Sheet:
    """Something that can be edited: its id in the form, the id of the decision or knowledge model it belongs to, what
    it is called, and the number of the table in the file (None for a literal expression)."""

    id: str
    owner: str
    label: str
    table: int | None


@dataclass(frozen=True, slots=True)
class _Ids:
    """The ids in the form of the columns, rules and cells of one table, in the order of the file."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[str, ...]


class EditorForm:
    """The form of one file in one language."""

    def __init__(self, xml: bytes | str, *, language: str = "en") -> None:
        """Raises DmnError when the file is no decision model."""
        self.document = Document(xml)
        self._root, self._reader = self.document.root, self.document.reader
        self._words = Words(language, self._reader)
        self._taken = {part.get("id") for part in self._root.iter() if isinstance(part.tag, str) and part.get("id")}
        self._given: set[str] = set()
        self._ids: dict[int, _Ids] = {}
        self.sheets: tuple[Sheet, ...] = ()
        self.xml = self._made()

    # --- the form --------------------------------------------------------------------------------------------------
    def _made(self) -> bytes:
        root = etree.Element(f"{{{EDITOR}}}definitions", nsmap=_HEAD)
        root.set("id", self._id(self._root, "definitions"))
        root.set("name", self._words.called(self._root))
        root.set("namespace", self._root.get("namespace", ""))
        sheets: list[Sheet] = []
        graph = graph_of(self._root, self._reader, self._words, self._id)
        for holder, part in graph.elements:
            root.append(part)
            logic = self._logic(holder)
            if logic is not None and etree.QName(part).localname == "decision":
                sheets.append(self._sheet(part, holder, logic))
        direct = {sheet.table for sheet in sheets}
        for place in self.document.tables:
            if place.number not in direct:
                sheets.append(self._elsewhere(root, place))
        graph.draw(root)
        self.sheets = tuple(sheets)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _logic(self, holder: Any) -> Any | None:
        return self._reader.child(holder, "decisionTable", "literalExpression")

    def _sheet(self, part: Any, holder: Any, logic: Any) -> Sheet:
        """Put the logic of a decision into its part of the form."""
        number = self.document.number_of(logic)
        if number is None:
            inner = _add(part, "literalExpression", id=self._id(logic, f"{part.get('id')}_expression"), typeRef=self._reader.type_of(logic))
            _add(inner, "text").text = self._reader.text(logic)
        else:
            self._table(part, number)
        return Sheet(part.get("id"), self._reader.identity(holder), part.get("name"), number)

    def _elsewhere(self, root: Any, place: Place) -> Sheet:
        """A table that stands in a knowledge model or another expression, as if it were a decision."""
        holder = self.document.holder_of(self.document.elements[place.number])
        part = _add(root, "decision", id=self._fresh(f"table_{place.number + 1}"), name=self._words.called(holder))
        self._table(part, place.number)
        return Sheet(part.get("id"), place.owner, part.get("name"), place.number)

    def _table(self, part: Any, number: int) -> None:
        table, element = self.document.tables[number].table, self.document.elements[number]
        inner = _add(part, "decisionTable", id=self._id(element, f"{part.get('id')}_table"), hitPolicy=POLICIES[table.hit_policy],
                     aggregation=AGGREGATIONS.get(table.aggregation, ""))  # fmt: skip
        prefix = f"t{number + 1}"
        inputs = [self._input(inner, raw, f"{prefix}_i{at}", column) for at, (raw, column) in enumerate(self._columns(element, "input", table.inputs), 1)]
        outputs = [self._output(inner, raw, f"{prefix}_o{at}", column) for at, (raw, column) in enumerate(self._columns(element, "output", table.outputs), 1)]
        rules = [self._rule(inner, element, raw, f"{prefix}_r{at}", rule) for at, (raw, rule) in enumerate(self._columns(element, "rule", table.rules), 1)]
        self._widths(inner, table)
        self._ids[number] = _Ids(tuple(inputs), tuple(outputs), tuple(rules))

    def _columns(self, element: Any, name: str, parts: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
        return zip(self._reader.children(element, name), parts, strict=True)

    def _widths(self, inner: Any, table: m.TableBox) -> None:
        """Give each column the width that its texts need: the editor's own is too wide for most and too narrow for some."""
        parts = list(inner.iterchildren(f"{{{EDITOR}}}input", f"{{{EDITOR}}}output"))
        for at, part in enumerate(parts):
            texts = [(*rule.tests, *rule.outputs)[at].text for rule in table.rules[:200]]
            longest = max((len(text) for text in (part.get("label") or part.get("name") or "", *texts)), default=0)
            part.set(_WIDTH, str(min(max(_NARROW, _LETTER * longest + _PADDING), _WIDE)))

    def _input(self, inner: Any, raw: Any, spare: str, column: m.Input) -> str:
        made = _add(inner, "input", id=self._id(raw, spare), label=self._words.label(raw))
        _cell(made, "inputExpression", f"{made.get('id')}_expr_", column.expression.text, self._fresh, typeRef=column.type)
        if column.allowed is not None:
            _cell(made, "inputValues", f"{made.get('id')}_values_", column.allowed.text, self._fresh)
        return str(made.get("id"))

    def _output(self, inner: Any, raw: Any, spare: str, column: m.Output) -> str:
        made = _add(inner, "output", id=self._id(raw, spare), label=self._words.label(raw), name=column.name, typeRef=column.type)
        if column.allowed is not None:
            _cell(made, "outputValues", f"{made.get('id')}_values_", column.allowed.text, self._fresh)
        if column.default is not None:
            _cell(made, "defaultOutputEntry", f"{made.get('id')}_default_", column.default.text, self._fresh)
        return str(made.get("id"))

    def _rule(self, inner: Any, element: Any, raw: Any, spare: str, rule: m.Rule) -> str:
        made = _add(inner, "rule", id=self._id(raw, spare))
        note = self._words.note(element, raw)
        if note:
            _add(made, "description").text = note
        for at, cell in enumerate(rule.tests, 1):
            _cell(made, "inputEntry", f"{made.get('id')}_i{at}_", cell.text, self._fresh)
        for at, cell in enumerate(rule.outputs, 1):
            _cell(made, "outputEntry", f"{made.get('id')}_o{at}_", cell.text, self._fresh)
        return str(made.get("id"))

    def _id(self, raw: Any, spare: str) -> str:
        """The id of an element in the form: its own where it has one that is not taken yet, else another."""
        own = raw.get("id", "")
        if own and own not in self._given and _is_name(own):
            self._given.add(own)
            return str(own)
        return self._fresh(spare)

    def _fresh(self, spare: str) -> str:
        name, count = spare, 1
        while name in self._taken or name in self._given:
            count += 1
            name = f"{spare}_{count}"
        self._given.add(name)
        return name

    # --- what was edited -------------------------------------------------------------------------------------------
    def saved(self, edited: bytes | str) -> bytes:
        """The file with what was edited. Raises DmnError when it is not this form, or a table does not fit together."""
        edits = self._edits(edited)
        document = self.document
        if edits.words or edits.expressions:
            document = Document(document.write())
            self._words.write(document, edits.words)
            for number, text in edits.expressions.items():
                set_text(document.reader, list(self._literals(document.root, document.reader))[number], text)
            document = Document(document.write())
        for number, table in edits.tables.items():
            document = document.with_table(number, table)
        return document.write()

    def _literals(self, root: Any, reader: Reader) -> Iterator[Any]:
        for holder in reader.children(root, "decision"):
            logic = reader.child(holder, "decisionTable", "literalExpression")
            if logic is not None and etree.QName(logic).localname == "literalExpression":
                yield logic

    def _edits(self, edited: bytes | str) -> _Edits:
        root = root_of(edited)
        reader = Reader(root)
        if reader.ns != EDITOR:
            raise DmnError("not-form", say("This is not what the table editor was given. Reload the page."))
        parts = {part.get("id"): part for part in reader.children(root, "decision")}
        edits = _Edits({}, {}, [])
        literals = 0
        for sheet in self.sheets:
            part = parts.get(sheet.id)
            logic = reader.child(part, "decisionTable", "literalExpression") if part is not None else None
            if part is None or logic is None or (etree.QName(logic).localname == "decisionTable") != (sheet.table is not None):
                raise DmnError("not-form", say("This is not what the table editor was given. Reload the page."), sheet.id)
            if sheet.table is None:
                if reader.text(logic) != self._expressions[literals]:
                    edits.expressions[literals] = reader.text(logic)
                literals += 1
            else:
                _TableEdit(self, sheet.table, logic, reader, edits).make()
            if (part.get("name") or "") != sheet.label and part.get("name"):
                edits.words.append((("holder", sheet.table if sheet.table is not None else -1, sheet.owner), part.get("name")))
        return edits

    @cached_property
    def _expressions(self) -> list[str]:
        return [self._reader.text(logic) for logic in self._literals(self._root, self._reader)]

    @cached_property
    def by_id(self) -> Mapping[str, Any]:
        """The parts of the form by their id."""
        return {part.get("id"): part for part in root_of(self.xml).iter() if isinstance(part.tag, str) and part.get("id")}


@dataclass
class _Edits:
    """What was edited: tables and expressions by their number, and words by what they belong to."""

    tables: dict[int, m.TableBox]
    expressions: dict[int, str]
    words: list[tuple[tuple[Any, ...], str]]


class _TableEdit:
    """One table that came back, compared with the form and told in the ids of the file."""

    def __init__(self, form: EditorForm, number: int, element: Any, reader: Reader, edits: _Edits) -> None:
        self.form, self.number, self.element, self.reader, self.edits = form, number, element, reader, edits
        self.base = form.document.tables[number].table
        self.ids = form._ids[number]
        self.now = reader.table(element, (self.base.element, self.base.type))
        stored = form.document.elements[number]
        self.stored = {name: list(form._reader.children(stored, name)) for name in ("input", "output", "rule")}
        self.places = {name: at for at, name in enumerate(self.ids.rules)}

    def make(self) -> None:
        inputs, input_of = self._columns("input", self.ids.inputs, self.base.inputs, self.now.inputs)
        outputs, output_of = self._columns("output", self.ids.outputs, self.base.outputs, self.now.outputs)
        raws = list(self.reader.children(self.element, "rule"))
        rules = tuple(self._rule(raw, rule, input_of, output_of) for raw, rule in zip(raws, self.now.rules, strict=True))
        table = replace(self.base, hit_policy=self.now.hit_policy, aggregation=self.now.aggregation, inputs=tuple(inputs),
                        outputs=tuple(outputs), rules=rules)  # fmt: skip
        if _plain(table) != _plain(self.base):
            self.edits.tables[self.number] = table

    def _columns(self, name: str, ids: tuple[str, ...], base: Any, now: Any) -> tuple[list[Any], list[int | None]]:
        raws = list(self.reader.children(self.element, name))
        origin = [ids.index(raw.get("id")) if raw.get("id") in ids else None for raw in raws]
        columns = []
        for raw, column, was in zip(raws, now, origin, strict=True):
            if was is None:
                columns.append(replace(column, element=""))
                continue
            columns.append(self._column(name, was, raw, column, base[was]))
        return columns, origin

    def _column(self, name: str, was: int, raw: Any, column: Any, old: Any) -> Any:
        """A column of the file as it was edited."""
        given = self.form.by_id[raw.get("id")]
        label = raw.get("label") or ""
        changed = label != (given.get("label") or "")
        own = self.form._words.own_label(self.stored[name][was])
        if changed and not own:
            self.edits.words.append(((name, self.number, was), label))
        new = replace(old, type=column.type, allowed=_text(old.allowed, column.allowed), label=label if changed and own else old.label)
        if name == "output":
            return replace(new, name=column.name)
        if changed and own and not label:
            new = replace(new, label=old.expression.text)
        return replace(new, expression=replace(old.expression, text=column.expression.text))

    def _rule(self, raw: Any, rule: m.Rule, inputs: list[int | None], outputs: list[int | None]) -> m.Rule:
        note = self.reader.plain(raw, "description")
        words, element = self.form._words, self.form.document.elements[self.number]
        if raw.get("id") not in self.places:
            notes = words.note_in_table(element, None, note)
            return replace(rule, element="", description="" if notes else note, annotations=notes,
                           tests=tuple(m.Text(cell.text) for cell in rule.tests), outputs=tuple(m.Text(cell.text) for cell in rule.outputs))  # fmt: skip
        was = self.places[raw.get("id")]
        old, stored = self.base.rules[was], self.stored["rule"][was]
        new = replace(old, number=rule.number, tests=_cells(old.tests, rule.tests, inputs), outputs=_cells(old.outputs, rule.outputs, outputs))
        if note == words.note(element, stored):
            return new
        place = words.place_of_note(element, stored)
        if place == "label":
            self.edits.words.append((("rule", self.number, was), note))
            return new
        if place == "description":
            return replace(new, description=note)
        return replace(new, annotations=words.note_in_table(element, old, note))


def _cells(old: tuple[m.Text, ...], now: tuple[m.Text, ...], origin: list[int | None]) -> tuple[m.Text, ...]:
    return tuple(
        replace(old[was], text=cell.text) if was is not None and was < len(old) else m.Text(cell.text)
        for cell, was in zip(now, origin, strict=True)
    )


def _text(old: m.Text | None, now: m.Text | None) -> m.Text | None:
    if now is None or not now.text:
        return None
    return replace(old, text=now.text) if old is not None else m.Text(now.text)


def _plain(table: m.TableBox) -> m.TableBox:
    return replace(table, rules=tuple(replace(rule, number=0) for rule in table.rules))


def _add(parent: Any, tag: str, /, **attributes: str) -> Any:
    part = etree.SubElement(parent, f"{{{EDITOR}}}{tag}")
    for key, value in attributes.items():
        if value:
            part.set(key, value)
    return part


def _cell(parent: Any, name: str, spare: str, text: str, fresh: Any, **attributes: str) -> None:
    part = _add(parent, name, id=fresh(spare), **attributes)
    _add(part, "text").text = text


def _is_name(text: str) -> bool:
    """Whether it may be an id in XML (an NCName, as far as the editor cares)."""
    return not text[0].isdigit() and all(letter.isalnum() or letter in "_-." for letter in text) and text[0] not in "-."


__all__ = ["EDITOR", "EditorForm", "Sheet"]
