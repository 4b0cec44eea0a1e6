"""Two people changed the same decision file: rules and columns of both are in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from processes.catalog.loading import SHIPPED
from processes.dmn import DmnError, Document, canonical
from processes.dmn import model as m
from processes.dmn.merge import merge
from processes.merging import Conflict
from tests.processes.dmn.test_writer import foreign
from tests.processes.publication.drawing import table

TERMS = (SHIPPED / "terms_approval" / "terms_level.dmn").read_text()
SIZE = table()
FOREIGN = foreign("https://www.omg.org/spec/DMN/20191111/MODEL/").decode()


def box(text: str) -> m.TableBox:
    return Document(text).tables[0].table


def with_(text: str, **change: Any) -> str:
    document = Document(text)
    return document.with_table(0, replace(document.tables[0].table, **change)).write().decode()


def rule_said(text: str, at: int, *, test: str | None = None, output: str | None = None) -> str:
    """The file with another first cell, or another first outcome, in a rule."""
    rules = list(box(text).rules)
    rule = rules[at]
    if test is not None:
        rule = replace(rule, tests=(m.Text(test, rule.tests[0].element), *rule.tests[1:]))
    if output is not None:
        rule = replace(rule, outputs=(m.Text(output, rule.outputs[0].element), *rule.outputs[1:]))
    rules[at] = rule
    return with_(text, rules=tuple(rules))


def with_rule(text: str, test: str, at: int) -> str:
    """The file with one more rule."""
    old = box(text)
    new = m.Rule("", 0, "", (m.Text(test), *(m.Text("-") for _ in old.inputs[1:])), old.rules[0].outputs, ())
    return with_(text, rules=(*old.rules[:at], new, *old.rules[at:]))


def with_column(text: str, name: str) -> str:
    """The file with one more input; every rule asks it for “yes”."""
    old = box(text)
    column = m.Input("", name, m.Text(name), "string", None)
    rules = tuple(replace(rule, tests=(*rule.tests, m.Text('"yes"'))) for rule in old.rules)
    return with_(text, inputs=(*old.inputs, column), rules=rules)


def without_rule(text: str, at: int) -> str:
    old = box(text)
    return with_(text, rules=(*old.rules[:at], *old.rules[at + 1 :]))


def asked(text: str) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in rule.tests) for rule in box(text).rules]


def noted(text: str) -> str:
    root = etree.fromstring(text.encode())
    root.append(etree.Comment("read"))
    return etree.tostring(root, encoding="unicode")


COUNT = len(box(TERMS).rules)
EDITS = st.sampled_from(["test", "output", "rule"])


def edit(text: str, kind: str, at: int, mark: str) -> str:
    match kind:
        case "test":
            return rule_said(text, at, test=f'"{mark}"')
        case "output":
            return rule_said(text, at, output=f'"{mark}"')
        case _:
            return with_rule(text, f'"{mark}"', at)


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(EDITS, st.integers(0, COUNT - 1))
def test_what_one_side_left_alone_is_as_the_other_made_it(kind, at):
    changed = edit(TERMS, kind, at, "mark")

    found = merge(TERMS, noted(TERMS), changed)

    assert found.conflicts == ()
    assert canonical(found.text.encode()).replace(b"<!--read-->", b"") == canonical(changed.encode())
    assert merge(TERMS, changed, TERMS).text == changed


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(EDITS, EDITS, st.permutations(range(COUNT)))
def test_changes_of_different_rules_are_both_there_whoever_came_first(one, two, places):
    left, right = edit(TERMS, one, places[0], "left"), edit(TERMS, two, places[1], "right")
    if {one, two} == {"rule"}:
        right = edit(TERMS, two, places[1], "right").replace('id="rule_1"', 'id="rule_2"')

    forth, back = merge(TERMS, left, right), merge(TERMS, right, left)

    assert (forth.conflicts, back.conflicts) == ((), ())
    assert sorted(asked(forth.text)) == sorted(asked(back.text))
    assert forth.text.count('"left"') == 1
    assert forth.text.count('"right"') == 1


def test_a_new_column_of_one_and_a_new_rule_of_the_other():
    found = merge(SIZE, with_column(SIZE, "colour"), with_rule(SIZE, "7", 0))

    assert asked(found.text) == [("7", "-"), *((*cells, '"yes"') for cells in asked(SIZE))]
    assert found.conflicts == ()


def test_a_new_column_of_each_in_the_same_place():
    right = with_column(SIZE, "form").replace("input_1", "input_9").replace("inputEntry_", "cell_")

    found = merge(SIZE, with_column(SIZE, "colour"), right)

    assert [column.label for column in box(found.text).inputs][-2:] == ["colour", "form"]
    assert {len(cells) for cells in asked(found.text)} == {len(box(SIZE).inputs) + 2}
    assert found.conflicts == ()


@pytest.mark.parametrize(("prefer", "stands"), [("theirs", "< 3"), ("mine", "< 4")])
def test_one_cell_changed_twice_is_a_conflict(prefer, stands):
    was = asked(SIZE)[0][0]
    rule, column = box(SIZE).rules[0].element, box(SIZE).inputs[0].label

    found = merge(SIZE, rule_said(SIZE, 0, test="< 3"), rule_said(SIZE, 0, test="< 4"), prefer=prefer)

    assert asked(found.text)[0][0] == stands
    assert found.conflicts == (Conflict(rule, f"cell: {column}", was, "< 3", "< 4"),)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_rule_that_one_takes_out_and_the_other_changes_stays(swapped):
    sides = [without_rule(SIZE, 0), rule_said(SIZE, 0, test="< 3")]
    told = ["taken out", "changed"]
    if swapped:
        sides.reverse()
        told.reverse()

    found = merge(SIZE, *sides)

    assert asked(found.text)[0][0] == "< 3"
    assert found.conflicts == (Conflict(box(SIZE).rules[0].element, "whether it is there", "", *told),)


def test_rules_moved_by_one_and_changed_by_the_other():
    rules = box(TERMS).rules
    left = with_(TERMS, rules=(*rules[1:], rules[0]))

    found = merge(TERMS, left, rule_said(TERMS, 0, test='"new"'))

    assert asked(found.text)[-1][0] == '"new"'
    assert found.conflicts == ()


def test_rules_moved_to_different_places_are_a_conflict():
    rules = box(TERMS).rules
    left, right = with_(TERMS, rules=(*rules[1:], rules[0])), with_(TERMS, rules=(rules[1], rules[0], *rules[2:]))

    found = merge(TERMS, left, right)

    assert [rule.element for rule in box(found.text).rules] == [rule.element for rule in (*rules[1:], rules[0])]
    assert [conflict.what for conflict in found.conflicts] == ["order"]


def test_what_an_arrow_needs_is_brought_back():
    root = etree.fromstring(FOREIGN.encode())
    taken = next(e for e in root.iter() if isinstance(e.tag, str) and e.get("id") == "in_n")
    taken.getparent().remove(taken)
    need = next(e for e in root.iter() if isinstance(e.tag, str) and e.get("id") == "q")
    need.getparent().remove(need)
    left = etree.tostring(root, encoding="unicode")
    right = FOREIGN.replace('id="other" name="Other"><d:variable name="Other"/>',
                            'id="other" name="Other"><d:variable name="Other"/><d:informationRequirement id="q2"><d:requiredInput href="#in_n"/></d:informationRequirement>')  # fmt: skip

    found = merge(FOREIGN.partition("?>")[2], left, right.partition("?>")[2])

    assert 'id="in_n"' in found.text
    assert 'id="q2"' in found.text
    assert [conflict.element for conflict in found.conflicts] == ["in_n"]


def test_comments_and_foreign_parts_survive():
    base = FOREIGN.partition("?>")[2]

    found = merge(base, rule_said(base, 1, output="3"), rule_said(base, 0, output="5"))

    assert all(part in found.text for part in ("<!-- before -->", "<!-- a remark -->", "<!-- the rest -->", "<o:secret a=\"1\">kept</o:secret>",
                                               'o:shown="no"', "<o:deep/>", "<![CDATA[< 10]]>", "<?after it?>"))  # fmt: skip
    assert [rule.outputs[0].text for rule in box(found.text).rules] == ["5", "3"]


def test_a_file_that_cannot_be_read_is_refused():
    with pytest.raises(DmnError):
        merge(SIZE, "<a/>", with_rule(SIZE, "7", 0))
