"""The table editor of the browser gets a form of a file, and only what it edited comes into the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from processes.catalog.loading import SHIPPED
from processes.dmn import DmnError, Document, canonical
from processes.dmn.editor_form import EDITOR, EditorForm
from tests.processes.dmn.test_writer import VERSIONS, foreign

FILES = sorted(SHIPPED.glob("*/*.dmn"))
NS = {"d": EDITOR}


def by_editor(form: EditorForm) -> etree._Element:
    """The form as a browser holds it."""
    return etree.fromstring(form.xml)


def first_cell(root: etree._Element, sheet: str) -> etree._Element | None:
    return root.find(f".//d:decision[@id='{sheet}']/d:decisionTable/d:rule/d:outputEntry/d:text", NS)


def check_file(xml: bytes) -> int:
    """Both promises, for one file; gives how many tables and expressions were tried."""
    for language in ("en", "zh-hans"):
        form = EditorForm(xml, language=language)
        assert canonical(form.saved(form.xml)) == canonical(xml)
    form = EditorForm(xml)
    stored = Document(xml)
    for sheet in form.sheets:
        root = by_editor(form)
        if sheet.table is None:
            text = root.find(f".//d:decision[@id='{sheet.id}']/d:literalExpression/d:text", NS)
            assert text is not None
            text.text = "4711"
            after = Document(form.saved(etree.tostring(root)))
            assert [place.table for place in after.tables] == [place.table for place in stored.tables]
            assert after.write().count(b"4711") == stored.write().count(b"4711") + 1
            continue
        cell = first_cell(root, sheet.id)
        if cell is None:
            continue
        cell.text = "4711"
        after = Document(form.saved(etree.tostring(root)))
        table = stored.tables[sheet.table].table
        rule = table.rules[0]
        wanted = replace(table, rules=(replace(rule, outputs=(replace(rule.outputs[0], text="4711"), *rule.outputs[1:])), *table.rules[1:]))
        assert after.tables[sheet.table].table == wanted
        assert [place for place in after.tables if place.number != sheet.table] == [place for place in stored.tables if place.number != sheet.table]
        assert canonical(after.with_table(sheet.table, table).write()) == canonical(xml)  # nothing else differs
    return len(form.sheets)


# --- nothing is lost ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_come_back_as_they_were_and_one_cell_changes_one_cell(path: Path) -> None:
    assert check_file(path.read_bytes()) > 0


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_files_of_other_tools_come_back_whole_in_every_version(version: str) -> None:
    assert check_file(foreign(VERSIONS[version])) == 1


@pytest.mark.outside_data
def test_the_models_of_the_tck_come_back_whole(outside_data: Path) -> None:
    files = sorted((outside_data / "dmn-tck").rglob("*.dmn"))
    assert sum(check_file(path.read_bytes()) for path in files) > 150
    assert len(files) == 71


# --- what is edited ----------------------------------------------------------------------------------------------
TABLE = "campaign_stop"
SHIPPED_TABLE = SHIPPED / "campaign_approval" / "campaign_stop.dmn"


def edited(language: str, change: object) -> Document:
    form = EditorForm(SHIPPED_TABLE.read_bytes(), language=language)
    root = by_editor(form)
    change(root.find(f".//d:decision[@id='{TABLE}']/d:decisionTable", NS))  # type: ignore[operator]
    return Document(form.saved(etree.tostring(root)))


def added_and_removed(table: etree._Element) -> None:
    rules = table.findall("d:rule", NS)
    table.remove(rules[1])
    fresh = etree.fromstring(etree.tostring(rules[0]))
    for part in fresh.iter():
        if part.get("id"):
            part.set("id", f"new_{part.get('id')}")
    fresh.find("d:description", NS).text = "Quite new"  # type: ignore[union-attr]
    fresh.findall("d:inputEntry/d:text", NS)[0].text = "[20..30]"
    table.insert(table.index(rules[0]), fresh)


def test_rules_are_added_and_taken_out() -> None:
    before = Document(SHIPPED_TABLE.read_bytes()).tables[0].table
    after = edited("en", added_and_removed).tables[0].table
    assert [rule.element for rule in after.rules][1:] == ["campaign_stop_r1", "campaign_stop_r3", "campaign_stop_r4", "campaign_stop_r5"]
    assert after.rules[0].annotations == (("Why", "Quite new"),)
    assert [cell.text for cell in after.rules[0].tests] == ["[20..30]", "-", "-", "-"]
    assert [rule.tests for rule in after.rules[1:]] == [rule.tests for rule in before.rules if rule.number != 2]


def swapped(table: etree._Element) -> None:
    inputs = table.findall("d:input", NS)
    table.insert(table.index(inputs[0]), inputs[1])
    for rule in table.findall("d:rule", NS):
        cells = rule.findall("d:inputEntry", NS)
        rule.insert(rule.index(cells[0]), cells[1])


def test_cells_move_with_their_column() -> None:
    after = edited("en", swapped).tables[0].table
    assert [column.label for column in after.inputs][:2] == ["Came back %", "Sent"]
    assert [cell.element for cell in after.rules[0].tests][:2] == ["campaign_stop_r1_i2", "campaign_stop_r1_i1"]


def renamed(table: etree._Element) -> None:
    table.getparent().set("name", "停下来")  # type: ignore[union-attr]
    table.find("d:input", NS).set("label", "发出数量")  # type: ignore[union-attr]
    table.find("d:rule/d:description", NS).text = "数量太少"  # type: ignore[union-attr]


def test_words_edited_in_chinese_are_the_chinese_ones() -> None:
    before, after = Document(SHIPPED_TABLE.read_bytes()), edited("zh-hans", renamed)
    text = after.write().decode()
    assert after.tables == before.tables  # names and English words stand as they did
    assert '<redraw:label lang="zh-hans">发出数量</redraw:label>' in text
    assert '<redraw:label lang="zh-hans">数量太少</redraw:label>' in text
    assert '<redraw:label lang="zh-hans">停下来</redraw:label>' in text
    assert "继续或暂停" not in text
    assert '<redraw:label lang="en">Go on or halt</redraw:label>' in text


def test_words_edited_in_english_are_the_english_ones() -> None:
    after = edited("en", renamed)
    assert after.tables[0].table.inputs[0].label == "发出数量"
    assert after.tables[0].table.rules[0].annotations == (("Why", "数量太少"),)
    assert after.tables[0].name == "campaign_stop"
    assert '<redraw:label lang="en">停下来</redraw:label>' in after.write().decode()
    assert '<redraw:label lang="zh-hans">已发送</redraw:label>' in after.write().decode()


def test_a_first_chinese_word_makes_room_for_itself() -> None:
    xml = foreign(VERSIONS["1.5"])
    form = EditorForm(xml, language="zh-hans")
    root = by_editor(form)
    root.find(".//d:input", NS).set("label", "数")  # type: ignore[union-attr]
    saved = form.saved(etree.tostring(root))
    assert EditorForm(saved, language="zh-hans").xml.count("数".encode()) == 1
    assert Document(saved).tables == Document(xml).tables


def test_tables_inside_other_expressions_can_be_edited_too() -> None:
    xml = foreign(VERSIONS["1.5"]).replace(b"<d:literalExpression><d:text>1 + 1</d:text></d:literalExpression>", (
        b'<d:decisionTable><d:output/><d:rule><d:outputEntry><d:text>1</d:text></d:outputEntry></d:rule></d:decisionTable>'))
    form = EditorForm(xml)
    assert [(sheet.id, sheet.owner, sheet.label, sheet.table) for sheet in form.sheets] == [("price", "price", "Price", 0), ("table_2", "other", "Other", 1)]
    assert check_file(xml) == 2


# --- what is refused ---------------------------------------------------------------------------------------------
def no_outputs(table: etree._Element) -> None:
    for output in table.findall("d:output", NS):
        table.remove(output)


def too_narrow(table: etree._Element) -> None:
    rule = table.find("d:rule", NS)
    assert rule is not None
    rule.remove(rule.findall("d:inputEntry", NS)[0])


@pytest.mark.parametrize(("change", "code"), [(no_outputs, "no-output"), (too_narrow, "rule-width")])
def test_a_table_that_does_not_fit_together_is_refused(change: object, code: str) -> None:
    with pytest.raises(DmnError) as refused:
        edited("en", change)
    assert refused.value.code == code


@pytest.mark.parametrize("text", [
    b"<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'/>", foreign(VERSIONS["1.5"]), b"<a", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
])  # fmt: skip
def test_what_is_not_this_form_is_refused(text: bytes) -> None:
    with pytest.raises(DmnError):
        EditorForm(SHIPPED_TABLE.read_bytes()).saved(text)
