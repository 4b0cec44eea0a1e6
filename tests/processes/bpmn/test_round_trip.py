"""What is read is written back: every element, attribute, comment and foreign part, also those nobody here knows."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from processes.bpmn import diff, parse, write
from processes.bpmn.edit import rename, set_condition, translate
from processes.bpmn.layout import lay_out
from tests.conformance.bpmn_files import canonical
from tests.processes.sketch import sketch
from tests.processes.token_game.drawings import drawing

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=20)
WORD = st.from_regex(r"[a-z][a-zA-Z0-9_.-]{0,9}", fullmatch=True)
FOREIGN = st.sampled_from(["http://camunda.org/schema/1.0/bpmn", "urn:somebody:else:1", "http://www.signavio.com"])
DRAWN = st.integers(0, 10_000).map(lambda seed: drawing(random.Random(seed).randrange).bpmn)


@st.composite
def foreign_files(draw: st.DrawFn) -> bytes:
    """A drawing with things from elsewhere all over it."""
    root = etree.fromstring(draw(DRAWN).encode())
    elements = [e for e in root.iter() if isinstance(e.tag, str)]
    for _thing in range(draw(st.integers(1, 8))):
        place = draw(st.sampled_from(elements))
        name = f"{{{draw(FOREIGN)}}}{draw(WORD)}"
        match draw(st.sampled_from(["attribute", "element", "comment", "instruction", "extension"])):
            case "attribute":
                place.set(name, draw(TEXT))
            case "comment":
                place.insert(0, etree.Comment(draw(TEXT).replace("-", " ")))
            case "instruction":
                place.insert(0, etree.ProcessingInstruction(draw(WORD).replace("xml", "x"), draw(TEXT).replace("?>", "")))
            case "element":
                _fill(draw, etree.SubElement(place, name))
            case _:
                inside = etree.SubElement(place, "{http://www.omg.org/spec/BPMN/20100524/MODEL}extensionElements")
                _fill(draw, etree.SubElement(inside, name))
    return etree.tostring(root, xml_declaration=True, encoding=draw(st.sampled_from(["UTF-8", "UTF-16"])))


def _fill(draw: st.DrawFn, element: Any) -> None:
    element.text = draw(TEXT)
    element.tail = draw(TEXT)
    element.set(draw(WORD), draw(TEXT))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(foreign_files())
def test_a_file_is_written_back_as_it_was_read(xml):
    assert canonical(write(parse(xml))) == canonical(xml)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(foreign_files())
def test_reading_what_was_written_gives_the_same_model(xml):
    once = parse(xml)
    assert diff(once, parse(write(once))) == []


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(foreign_files(), TEXT.filter(lambda text: text.strip()))
def test_an_edit_changes_what_it_says_and_nothing_else(xml, name):
    model = parse(xml)
    node = next(iter(model.nodes.values()))
    changed = rename(model, node.id, name)
    expected = etree.fromstring(xml)
    next(e for e in expected.iter() if isinstance(e.tag, str) and e.get("id") == node.id).set("name", name)
    assert canonical(write(changed)) == canonical(etree.tostring(expected, encoding="UTF-8"))
    assert {(c.kind, c.element) for c in diff(model, changed)} <= {("changed", node.id)}


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(DRAWN)
def test_a_layout_gives_every_element_a_place_and_changes_no_element(xml):
    model = parse(xml)
    laid = lay_out(model)
    assert diff(model, laid) == []
    assert set(laid.shapes) == set(model.nodes)
    assert set(laid.edges) == set(model.flows)
    assert lay_out(laid).diagrams == laid.diagrams


def test_a_translation_can_be_set_and_taken_away():
    model = parse(sketch("Start -> A -> End"))
    chinese = translate(model, "A", "zh-hans", "审批")
    assert chinese.nodes["A"].label("zh-hans") == "审批"
    assert diff(model, translate(chinese, "A", "zh-hans", "")) == []


def test_a_condition_can_be_set():
    model = parse(sketch("Start -> X -{n > 1}-> A -> End", "X -else-> B -> End", X="exclusiveGateway"))
    changed = set_condition(model, "F_X_A", "n > 5")
    assert changed.flows["F_X_A"].condition.feel == "n > 5"
    assert [(c.kind, c.element, [*c.fields]) for c in diff(model, changed)] == [("changed", "F_X_A", ["condition"])]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "GB18030", "ISO-8859-1", "windows-1252"])
def test_a_file_of_any_encoding_keeps_its_names(encoding):
    name = "Prüfen" if encoding in ("ISO-8859-1", "windows-1252") else "审批 Prüfen"
    root = etree.fromstring(sketch("Start -> A -> End").replace('name="A"', f'name="{name}"').encode())
    assert parse(etree.tostring(root, xml_declaration=True, encoding=encoding)).nodes["A"].name == name
