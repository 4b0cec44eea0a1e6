"""What changed between two versions of a decision file: table by table, column by column, rule by rule.

Rules and columns are the same when they have the same id; those without a partner then find one that says the same, and
at last the one that says most of the same (a rule that was written anew and not redrawn keeps its place in the story).
Which rules moved is told by the fewest moves that explain the new order (longest increasing subsequence).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from . import model as m
from .reader import Reader, root_of
from .writer import Document, Place

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
ORDERED = frozenset("FR")
"""Hit policies under which the order of the rules says something."""
ALIKE = 0.5
"""The part of the cells that must be the same for two rules without a common id to be one rule, changed."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that says something else: the label of its column, both texts, and the id of the column (empty: a note)."""

    column: str
    before: str
    after: str
    element: str = ""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that was added, removed, changed or moved; `moved` says that a changed one also stands elsewhere."""

    kind: str
    before: m.Rule | None
    after: m.Rule | None
    cells: tuple[Cell, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that was added, removed or changed. `what` names what changed of it: label, expression, type, allowed,
    default, or place."""

    kind: str
    before: m.Input | m.Output | None
    after: m.Input | m.Output | None
    what: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What the column is called, in the newer version where it is there."""
        return label_of(self.after or self.before)


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that was added, removed or changed. `policy` are both hit policies (with aggregation) where they differ."""

    kind: str
    owner: str
    name: str
    before: m.TableBox | None
    after: m.TableBox | None
    policy: tuple[str, str] | None = None
    columns: tuple[ColumnChange, ...] = ()
    rules: tuple[RuleChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions compared. `others` are (kind, id, name) of elements whose logic or requirements changed outside of
    tables: literal expressions, contexts, inputs, types. Words, diagrams and white space are no difference."""

    tables: tuple[TableChange, ...]
    others: tuple[tuple[str, str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.tables or self.others)


def label_of(column: Any) -> str:
    """What a column is called."""
    if isinstance(column, m.Output):
        return column.label or column.name
    return str(column.label) if isinstance(column, m.Input) else ""


def compare(before: bytes | str, after: bytes | str) -> Difference:
    """The difference of two decision files. Raises DmnError for one that cannot be read."""
    old, new = Document(before), Document(after)
    return Difference(tuple(_tables(old.tables, new.tables)), tuple(_others(before, after)))


# --- tables ------------------------------------------------------------------------------------------------------
def _keys(places: Sequence[Place]) -> dict[tuple[str, int], Place]:
    """Tables by their owner and their number among its tables."""
    seen: dict[str, int] = {}
    found = {}
    for place in places:
        number = seen[place.owner] = seen.get(place.owner, -1) + 1
        found[place.owner, number] = place
    return found


def _tables(old: Sequence[Place], new: Sequence[Place]) -> Sequence[TableChange]:
    before, after = _keys(old), _keys(new)
    found = [
        TableChange(REMOVED, place.owner, place.name, place.table, None) for key, place in before.items() if key not in after
    ]
    for key, place in after.items():
        if key not in before:
            found.append(TableChange(ADDED, place.owner, place.name, None, place.table))
            continue
        change = _table(before[key].table, place)
        if change is not None:
            found.append(change)
    return found


def _table(old: m.TableBox, place: Place) -> TableChange | None:
    new = place.table
    inputs = _partners(old.inputs, new.inputs, _input_says)
    outputs = _partners(old.outputs, new.outputs, _output_says)
    columns = [*_columns(old.inputs, new.inputs, inputs), *_columns(old.outputs, new.outputs, outputs)]
    rules = _rules(old, new, inputs, outputs)
    policies = (old.hit_policy + old.aggregation, new.hit_policy + new.aggregation)
    policy = policies if policies[0] != policies[1] else None
    if not (columns or rules or policy):
        return None
    return TableChange(CHANGED, place.owner, place.name, old, new, policy, tuple(columns), tuple(rules))


def _partners(old: Sequence[Any], new: Sequence[Any], says: Callable[[Any], Any]) -> dict[int, int]:
    """For each place in `new` the place in `old` that is the same: by id, else by what it says, each once."""
    found: dict[int, int] = {}
    by_id = {item.element: at for at, item in enumerate(old)}
    unique = len(by_id) == len(old)
    for at, item in enumerate(new):
        if unique and item.element in by_id and by_id[item.element] not in found.values():
            found[at] = by_id[item.element]
    left = [at for at in range(len(old)) if at not in found.values()]
    for at, item in enumerate(new):
        if at not in found:
            same = next((other for other in left if says(old[other]) == says(item)), None)
            if same is not None:
                found[at] = same
                left.remove(same)
    return found


def _input_says(column: m.Input) -> Any:
    return " ".join(column.expression.text.split())


def _output_says(column: m.Output) -> Any:
    return column.name or column.label


def _text(text: m.Text | None) -> str:
    return text.text if text is not None else ""


def _columns(old: Sequence[Any], new: Sequence[Any], partners: dict[int, int]) -> Sequence[ColumnChange]:
    found = [ColumnChange(REMOVED, item, None) for at, item in enumerate(old) if at not in partners.values()]
    stay = _in_order([partners[at] for at in sorted(partners)])
    for at, item in enumerate(new):
        if at not in partners:
            found.append(ColumnChange(ADDED, None, item))
            continue
        was = old[partners[at]]
        what = [
            name for name, one, two in (
                ("label", label_of(was), label_of(item)),
                ("expression", _text(getattr(was, "expression", None)), _text(getattr(item, "expression", None))),
                ("type", was.type, item.type), ("allowed", _text(was.allowed), _text(item.allowed)),
                ("default", _text(getattr(was, "default", None)), _text(getattr(item, "default", None))),
            ) if one != two
        ]  # fmt: skip
        if partners[at] not in stay:
            what.append("place")
        if what:
            found.append(ColumnChange(CHANGED, was, item, tuple(what)))
    return found


# --- rules -------------------------------------------------------------------------------------------------------
def _says(rule: m.Rule) -> tuple[Any, ...]:
    return tuple(test.text for test in rule.tests), tuple(output.text for output in rule.outputs)


def _rules(
    old: m.TableBox, new: m.TableBox, inputs: dict[int, int], outputs: dict[int, int]
) -> Sequence[RuleChange]:
    partners = _partners(old.rules, new.rules, _says)
    _nearest(old, new, inputs, outputs, partners)
    matters = old.hit_policy in ORDERED and new.hit_policy in ORDERED
    stay = _in_order([partners[at] for at in sorted(partners)])
    found = [RuleChange(REMOVED, rule, None) for at, rule in enumerate(old.rules) if at not in partners.values()]
    for at, rule in enumerate(new.rules):
        if at not in partners:
            found.append(RuleChange(ADDED, None, rule))
            continue
        was = old.rules[partners[at]]
        cells = tuple(_cells(old, new, was, rule, inputs, outputs))
        moved = matters and partners[at] not in stay
        if cells:
            found.append(RuleChange(CHANGED, was, rule, cells, moved))
        elif moved:
            found.append(RuleChange(MOVED, was, rule, moved=True))
    return found


def _cells(
    old: m.TableBox, new: m.TableBox, was: m.Rule, rule: m.Rule, inputs: dict[int, int], outputs: dict[int, int]
) -> Sequence[Cell]:
    """What two rules say differently in the columns that both versions have, and in the notes."""
    found = []
    for at, column in enumerate(new.inputs):
        one = was.tests[inputs[at]].text if at in inputs else "-"
        if one != rule.tests[at].text:
            found.append(Cell(label_of(column), one, rule.tests[at].text, column.element))
    for at, output in enumerate(new.outputs):
        one = was.outputs[outputs[at]].text if at in outputs else ""
        if one != rule.outputs[at].text:
            found.append(Cell(label_of(output), one, rule.outputs[at].text, output.element))
    notes_before, notes_after = dict(was.annotations), dict(rule.annotations)
    for name in {**notes_before, **notes_after}:
        one, two = notes_before.get(name, ""), notes_after.get(name, "")
        if one != two:
            found.append(Cell(name, one, two))
    return found


def _nearest(
    old: m.TableBox, new: m.TableBox, inputs: dict[int, int], outputs: dict[int, int], partners: dict[int, int]
) -> None:
    """Give rules without a partner the one that says most of the same, the best pairs first."""
    left_old = [at for at in range(len(old.rules)) if at not in partners.values()]
    left_new = [at for at in range(len(new.rules)) if at not in partners]
    if len(left_old) * len(left_new) > 40_000:
        return  # two other tables; which rule became which says nothing
    width = max(1, len(inputs) + len(outputs))
    pairs = []
    for at in left_new:
        for was in left_old:
            one, two = old.rules[was], new.rules[at]
            same = sum(one.tests[inputs[c]].text == two.tests[c].text for c in inputs)
            same += sum(one.outputs[outputs[c]].text == two.outputs[c].text for c in outputs)
            if same / width >= ALIKE:
                pairs.append((-same, abs(at - was), at, was))
    for _same, _far, at, was in sorted(pairs):
        if at not in partners and was not in partners.values():
            partners[at] = was


def _in_order(places: Sequence[int]) -> set[int]:
    """The places that keep their order: a longest increasing subsequence (patience sorting)."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, place in enumerate(places):
        pile = bisect_left(tops, place)
        before.append(ends[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(place)
            ends.append(at)
        else:
            tops[pile], ends[pile] = place, at
    kept: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(places[at])
        at = before[at]
    return kept


# --- the rest ----------------------------------------------------------------------------------------------------
_SILENT = frozenset({"description", "extensionElements", "question", "allowedAnswers", "decisionTable"})


def _others(before: bytes | str, after: bytes | str) -> Sequence[tuple[str, str, str]]:
    """Elements whose logic outside of tables differs."""
    old, new = _elements(before), _elements(after)
    found = [(REMOVED, key, name) for key, (name, _text) in old.items() if key not in new]
    for key, (name, text) in new.items():
        if key not in old:
            found.append((ADDED, key, name))
        elif old[key][1] != text:
            found.append((CHANGED, key, name))
    return found


def _elements(xml: bytes | str) -> dict[str, tuple[str, bytes]]:
    """Name and logic of each element of the file by its id: canonical XML without words, tables and white space."""
    root = root_of(xml)
    reader = Reader(root)
    found = {}
    for child in reader.children(root, "inputData", "decision", "businessKnowledgeModel", "decisionService", "itemDefinition"):
        key, name = reader.identity(child), child.get("name", "")
        for part in list(child.iter(*(f"{{{reader.ns}}}{silent}" for silent in _SILENT))):
            if part is not child and part.getparent() is not None:
                part.getparent().remove(part)
        for part in child.iter():
            part.text, part.tail = (part.text or "").strip() or None, None
        found[key] = (name, etree.tostring(child, method="c14n", exclusive=True))
    return found
