"""The difference of two versions of a decision file, as its owner would tell it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from processes.catalog.loading import SHIPPED
from processes.dmn import DmnError, Document
from processes.dmn import model as m
from processes.dmn.differ import ADDED, CHANGED, MOVED, REMOVED, Cell, Difference, compare
from tests.processes.dmn.test_writer import VERSIONS, foreign

FILES = sorted(SHIPPED.glob("*/*.dmn"))
BASE = foreign(VERSIONS["1.5"])


def changed(**values: object) -> bytes:
    document = Document(BASE)
    return document.with_table(0, replace(document.tables[0].table, **values)).write()


def rules() -> list[m.Rule]:
    return list(Document(BASE).tables[0].table.rules)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_does_not_differ_from_itself(path: Path) -> None:
    assert not compare(path.read_bytes(), Document(path.read_bytes()).write())


def test_words_pictures_and_remarks_are_no_difference() -> None:
    other = BASE.replace(b"<!-- a remark -->", b"").replace(b">kept<", b">gone<").replace(b'o:width="90"', b"")
    other = other.replace(b"<d:description>small</d:description>", b"")
    assert not compare(BASE, other)


def test_a_cell() -> None:
    one, two = rules()
    found = compare(BASE, changed(rules=(replace(one, tests=(m.Text("< 20", "i1"),), annotations=(("en", "not many"),)), two)))
    [table] = found.tables
    [rule] = table.rules
    assert (table.kind, table.owner, rule.kind, rule.before and rule.before.number) == (CHANGED, "price", CHANGED, 1)
    assert rule.cells == (Cell("Number", "< 10", "< 20", "c1"), Cell("en", "few", "not many"))
    assert not found.others


def test_rules_added_removed_and_moved() -> None:
    one, two = rules()
    new = m.Rule("", 0, "", (m.Text("[10..20]"),), (m.Text("7"),), ())
    assert [c.kind for c in compare(BASE, changed(rules=(one, new, two))).tables[0].rules] == [ADDED]
    assert [(c.kind, c.before and c.before.element) for c in compare(BASE, changed(rules=(two,))).tables[0].rules] == [(REMOVED, "r1")]
    [moved] = compare(BASE, changed(rules=(two, one))).tables[0].rules
    assert (moved.kind, moved.moved) == (MOVED, True)


def test_where_the_order_says_nothing_a_moved_rule_is_no_difference() -> None:
    unique = changed(hit_policy="U")
    document = Document(unique)
    turned = document.with_table(0, replace(document.tables[0].table, rules=document.tables[0].table.rules[::-1])).write()
    assert not compare(unique, turned)


def test_one_rule_that_moved_far_is_one_move() -> None:
    many = [m.Rule("", 0, "", (m.Text(str(n)),), (m.Text(str(n)),), ()) for n in range(30)]
    before = changed(rules=tuple(many))
    document = Document(before)
    order = list(document.tables[0].table.rules)
    order.insert(25, order.pop(3))
    found = compare(before, document.with_table(0, replace(document.tables[0].table, rules=tuple(order))).write())
    assert [(c.kind, c.before and c.before.tests[0].text) for c in found.tables[0].rules] == [(MOVED, "3")]


def test_rules_written_anew_find_the_one_that_says_most_of_the_same() -> None:
    one, two = rules()
    other = changed(rules=(replace(one, element="", tests=(m.Text("< 12"),)), replace(two, element="")))
    [rule] = compare(BASE, other).tables[0].rules
    assert (rule.kind, [cell.before for cell in rule.cells if cell.column == "Number"]) == (CHANGED, ["< 10"])


def test_columns_and_policy() -> None:
    table = Document(BASE).tables[0].table
    column = m.Input("", "Customer", m.Text("customer"), "string", None)
    wider = changed(
        hit_policy="C", aggregation="+", inputs=(replace(table.inputs[0], label="How many", allowed=m.Text("[0..9]")), column),
        rules=tuple(replace(r, tests=(*r.tests, m.Text("-"))) for r in table.rules),
    )  # fmt: skip
    [found] = compare(BASE, wider).tables
    assert found.policy == ("F", "C+")
    assert [(c.kind, c.label, c.what) for c in found.columns] == [
        (CHANGED, "How many", ("label", "allowed")), (ADDED, "Customer", ()),
    ]  # fmt: skip
    assert not found.rules, "a new column in which every rule says “-” changes no rule"
    [back] = compare(wider, BASE).tables
    assert [c.kind for c in back.columns] == [REMOVED, CHANGED]


def test_tables_and_other_logic() -> None:
    without = BASE.replace(b"1 + 1", b"1 + 2")
    assert compare(BASE, without) == Difference((), ((CHANGED, "other", "Other"),))
    start, end = BASE.index(b"<d:decisionTable"), BASE.index(b"</d:decisionTable>") + len(b"</d:decisionTable>")
    literal = BASE[:start] + b"<d:literalExpression><d:text>n</d:text></d:literalExpression>" + BASE[end:]
    found = compare(BASE, literal)
    assert [(t.kind, t.owner) for t in found.tables] == [(REMOVED, "price")]
    assert found.others == ((CHANGED, "price", "Price"),)
    assert [(t.kind) for t in compare(literal, BASE).tables] == [ADDED]
    with pytest.raises(DmnError):
        compare(BASE, b"<no/>")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_planted_change_is_told_and_nothing_else(path: Path) -> None:
    original = path.read_bytes()
    for seed in range(20):
        dice = random.Random(f"{path.stem} {seed}")
        document = Document(original)
        place = dice.choice([p for p in document.tables if p.table.inputs and len(p.table.rules) > 1])
        rows = list(place.table.rules)
        edited, gone = dice.sample(range(len(rows)), 2)
        column = dice.randrange(len(place.table.inputs))
        tests = list(rows[edited].tests)
        before = tests[column].text
        tests[column] = replace(tests[column], text="@planted")
        rows[edited] = replace(rows[edited], tests=tuple(tests))
        removed = rows.pop(gone)
        [table] = compare(original, document.with_table(place.number, replace(place.table, rules=tuple(rows))).write()).tables
        assert (table.owner, table.columns, table.policy) == (place.owner, (), None)
        assert {(c.kind, (c.before or removed).element) for c in table.rules} == {
            (REMOVED, removed.element), (CHANGED, place.table.rules[edited].element),
        }  # fmt: skip
        [cell] = next(c for c in table.rules if c.kind == CHANGED).cells
        assert (cell.before, cell.after) == (before, "@planted")
