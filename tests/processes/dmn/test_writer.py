"""Decision files are written back without loss, and a change of a table touches nothing else."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from processes.catalog.loading import SHIPPED
from processes.dmn import DmnError, Document, canonical, load
from processes.dmn import model as m
from processes.dmn.reader import NAMESPACES

FILES = sorted(SHIPPED.glob("*/*.dmn"))


def foreign(namespace: str) -> bytes:
    """A file as another tool may write it: comments, CDATA, unknown extensions and attributes, notes, a diagram."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- before -->
<d:definitions xmlns:d="{namespace}" xmlns:o="urn:other" id="defs" name="Price" namespace="urn:price" o:tool="7">
  <d:extensionElements><o:secret a="1">kept</o:secret></d:extensionElements>
  <d:inputData id="in_n" name="n"><d:variable id="v1" name="n" typeRef="number"/></d:inputData>
  <d:decision id="price" name="Price" o:colour="red"><!-- a remark -->
    <d:variable id="v2" name="Price" typeRef="number"/>
    <d:informationRequirement id="q"><d:requiredInput href="#in_n"/></d:informationRequirement>
    <d:decisionTable id="t" hitPolicy="FIRST" preferredOrientation="Rule-as-Row" o:width="90">
      <d:input id="c1" label="Number" o:width="50"><d:inputExpression id="e1" typeRef="number"><d:text>n</d:text></d:inputExpression></d:input>
      <d:output id="o1" name="price" typeRef="number"/>
      <d:annotation name="en"/>
      <d:rule id="r1"><d:description>small</d:description><d:extensionElements><o:mark>x</o:mark></d:extensionElements>
        <d:inputEntry id="i1" o:shown="no"><d:text><![CDATA[< 10]]></d:text></d:inputEntry>
        <d:outputEntry id="x1"><d:text>1</d:text></d:outputEntry>
        <d:annotationEntry><d:text>few</d:text></d:annotationEntry></d:rule>
      <!-- the rest -->
      <d:rule id="r2"><d:inputEntry id="i2"><d:text>-</d:text></d:inputEntry><d:outputEntry id="x2"><d:text>2</d:text></d:outputEntry>
        <d:annotationEntry><d:text>many</d:text></d:annotationEntry></d:rule>
    </d:decisionTable>
  </d:decision>
  <d:decision id="other" name="Other"><d:variable name="Other"/><d:context><d:contextEntry><d:variable name="k"/>
    <d:literalExpression><d:text>1 + 1</d:text></d:literalExpression></d:contextEntry></d:context></d:decision>
  <o:unknown><o:deep/></o:unknown>
</d:definitions><?after it?>
""".encode()


VERSIONS = {version: namespace for namespace, version in NAMESPACES.items()}


# --- without a change ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_come_back_whole(path: Path) -> None:
    document = Document(path.read_bytes())
    assert canonical(document.write()) == canonical(path.read_bytes())
    for place in document.tables:
        assert canonical(document.with_table(place.number, place.table).write()) == canonical(path.read_bytes())


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_every_version_comes_back_whole(version: str) -> None:
    xml = foreign(VERSIONS[version])
    document = Document(xml)
    assert document.version == version
    assert canonical(document.write()) == canonical(xml)
    assert canonical(document.with_table(0, document.tables[0].table).write()) == canonical(xml)
    assert b"<!-- before -->" in document.write()
    assert b"<?after it?>" in document.write()
    assert b"<![CDATA[< 10]]>" in document.write()


@pytest.mark.outside_data
def test_the_public_suite_comes_back_whole(outside_data: Path) -> None:
    files = sorted((outside_data / "dmn-tck").rglob("*.dmn"))
    assert len(files) > 50
    tables = 0
    for path in files:
        data = path.read_bytes()
        document = Document(data)
        assert canonical(document.write()) == canonical(data), path.name
        for place in document.tables:
            tables += 1
            assert canonical(document.with_table(place.number, place.table).write()) == canonical(data), path.name
    assert tables > 20


# --- one change ------------------------------------------------------------------------------------------------
def rule(document: Document, number: int) -> m.Rule:
    return document.tables[0].table.rules[number]


def set_closely(document: Document) -> bytes:
    """The file without white space between its elements."""
    return re.sub(rb">\s+<", b"><", canonical(document.write()))


def with_rules(document: Document, *rules: m.Rule) -> Document:
    return document.with_table(0, replace(document.tables[0].table, rules=rules))


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_one_cell_changes_one_text(version: str) -> None:
    xml = foreign(VERSIONS[version])
    before = Document(xml)
    first = rule(before, 0)
    changed = with_rules(before, replace(first, tests=(m.Text("< 20", "i1"),)), rule(before, 1))
    assert canonical(changed.write()) == canonical(xml.replace(b"<![CDATA[< 10]]>", b"&lt; 20"))
    assert load(changed.write()).evaluate("Price", {"n": 15}).value == 1
    assert load(xml).evaluate("Price", {"n": 15}).value == 2


def test_rules_are_added_moved_and_taken_out() -> None:
    before = Document(foreign(VERSIONS["1.5"]))
    one, two = rule(before, 0), rule(before, 1)
    new = m.Rule("", 2, "", (m.Text("[10..20]"),), (m.Text("7"),), (("en", "some"), ("zh", "一些")))
    after = with_rules(before, one, new, two)
    assert [r.element for r in after.tables[0].table.rules] == ["r1", "rule_1", "r2"]
    assert after.tables[0].table.rules[1].annotations == (("en", "some"), ("zh", "一些"))
    assert load(after.write()).evaluate("Price", {"n": 12}).value == 7

    swapped = with_rules(after, after.tables[0].table.rules[2], after.tables[0].table.rules[0])
    assert [r.element for r in swapped.tables[0].table.rules] == ["r2", "r1"]
    text = swapped.write()
    for kept in (b"<o:mark>x</o:mark>", b'o:shown="no"', b"<!-- the rest -->", b"<!-- a remark -->", b"<o:deep/>", b">kept<"):
        assert kept in text
    assert b"rule_1" not in text


def test_a_copied_rule_gets_an_id_of_its_own() -> None:
    before = Document(foreign(VERSIONS["1.3"]))
    after = with_rules(before, rule(before, 0), rule(before, 0), rule(before, 1))
    assert [r.element for r in after.tables[0].table.rules] == ["r1", "rule_1", "r2"]


def test_columns_move_with_their_cells() -> None:
    before = Document(foreign(VERSIONS["1.5"]))
    table = before.tables[0].table
    column = m.Input("", "Customer", m.Text("customer"), "string", m.Text('"a", "b"'))
    rules = [replace(r, tests=(m.Text('"a"' if at == 0 else "-"), *r.tests)) for at, r in enumerate(table.rules)]
    output = m.Output("", "note", "Note", "string", None, m.Text('"none"'))
    rules = [replace(r, outputs=(*r.outputs, m.Text('"said"'))) for r in rules]
    wider = before.with_table(0, replace(table, inputs=(column, *table.inputs), outputs=(*table.outputs, output), rules=tuple(rules)))
    got = wider.tables[0].table
    assert [(c.element, c.label, c.type) for c in got.inputs] == [("input_1", "Customer", "string"), ("c1", "Number", "number")]
    assert got.inputs[0].allowed == m.Text('"a", "b"', "input_1")
    assert [[t.text for t in r.tests] for r in got.rules] == [['"a"', "< 10"], ["-", "-"]]
    assert got.outputs[1].default is not None
    assert b'o:shown="no"' in wider.write()

    back = replace(got, inputs=got.inputs[1:], outputs=got.outputs[:1], rules=tuple(
        replace(r, tests=r.tests[1:], outputs=r.outputs[:1]) for r in got.rules
    ))  # fmt: skip
    assert set_closely(wider.with_table(0, back)) == set_closely(before)


def test_policy_and_allowed_values() -> None:
    before = Document(foreign(VERSIONS["1.5"]))
    table = before.tables[0].table
    summed = before.with_table(0, replace(table, hit_policy="C", aggregation="+"))
    assert (summed.tables[0].table.hit_policy, summed.tables[0].table.aggregation) == ("C", "+")
    back = summed.with_table(0, replace(summed.tables[0].table, hit_policy="F", aggregation=""))
    assert canonical(back.write()) == canonical(before.write())
    bounded = before.with_table(0, replace(table, inputs=(replace(table.inputs[0], allowed=m.Text("[0..99]")),)))
    assert bounded.tables[0].table.inputs[0].allowed is not None
    freed = bounded.with_table(0, replace(bounded.tables[0].table, inputs=table.inputs))
    assert canonical(freed.write()) == canonical(before.write())


def test_rules_without_ids_are_known_by_what_they_say() -> None:
    xml = foreign(VERSIONS["1.5"])
    for name in (b' id="r1"', b' id="r2"', b' id="i1"', b' id="i2"', b' id="x1"', b' id="x2"', b' id="c1"', b' id="o1"'):
        xml = xml.replace(name, b"")
    before = Document(xml)
    one, two = rule(before, 0), rule(before, 1)
    assert canonical(before.with_table(0, before.tables[0].table).write()) == canonical(xml)
    last = with_rules(before, two)
    assert [r.outputs[0].text for r in last.tables[0].table.rules] == ["2"]
    assert b"<o:mark>" not in last.write()
    turned = with_rules(before, two, replace(one, outputs=(m.Text("5", "t"),)))
    assert [r.outputs[0].text for r in turned.tables[0].table.rules] == ["2", "5"]


@pytest.mark.parametrize(("change", "code"), [
    ({"outputs": ()}, "no-output"), ({"inputs": ()}, "rule-width"),
])  # fmt: skip
def test_a_table_that_does_not_fit_together_is_refused(change: dict[str, tuple[()]], code: str) -> None:
    document = Document(foreign(VERSIONS["1.5"]))
    with pytest.raises(DmnError) as refused:
        document.with_table(0, replace(document.tables[0].table, **change))
    assert refused.value.code == code
    with pytest.raises(DmnError, match="has no decision table"):
        document.table_of("Other")
    assert document.table_of("Price").number == document.table_of("price").number == 0


# --- many changes ----------------------------------------------------------------------------------------------
def scrambled(table: m.TableBox, chance: random.Random) -> m.TableBox:
    """The table with rules and columns added, changed, moved and taken out."""
    rules, inputs = list(table.rules), list(table.inputs)
    for _ in range(chance.randint(1, 6)):
        what = chance.choice(("cell", "output", "add", "remove", "move", "column", "narrow", "note"))
        at = chance.randrange(len(rules)) if rules else 0
        if what == "add":
            rules.insert(at, m.Rule("", 0, "", tuple(m.Text("-") for _ in inputs), tuple(m.Text("null") for _ in table.outputs), ()))
        elif what == "column":
            place = chance.randint(0, len(inputs))
            inputs.insert(place, m.Input("", "new", m.Text("1"), "number", None))
            rules = [replace(r, tests=(*r.tests[:place], m.Text(f"{n}"), *r.tests[place:])) for n, r in enumerate(rules)]
        elif what == "narrow" and len(inputs) > 1:
            place = chance.randrange(len(inputs))
            del inputs[place]
            rules = [replace(r, tests=r.tests[:place] + r.tests[place + 1 :]) for r in rules]
        elif rules and what == "remove" and len(rules) > 1:
            del rules[at]
        elif rules and what == "move":
            rules.insert(chance.randrange(len(rules)), rules.pop(at))
        elif rules and what == "note":
            rules[at] = replace(rules[at], description=f"note {chance.random()}")
        elif rules and what == "cell" and inputs:
            place = chance.randrange(len(inputs))
            tests = list(rules[at].tests)
            tests[place] = replace(tests[place], text=chance.choice(["-", "< 3 & > 1", '"ü<b>"', "not(1)"]))
            rules[at] = replace(rules[at], tests=tuple(tests))
        elif rules and what == "output":
            outputs = list(rules[at].outputs)
            outputs[0] = replace(outputs[0], text='"中文 & <x>"')
            rules[at] = replace(rules[at], outputs=tuple(outputs))
    return replace(table, rules=tuple(rules), inputs=tuple(inputs))


def content(table: m.TableBox) -> object:
    """A table without its ids."""
    return (
        table.hit_policy, table.aggregation, [(c.label, c.expression.text, c.type, c.allowed and c.allowed.text) for c in table.inputs],
        [(o.name, o.label, o.type) for o in table.outputs],
        [
            (r.description, [t.text for t in r.tests], [t.text for t in r.outputs], [n for n in r.annotations if n[1]])
            for r in table.rules
        ],
    )  # fmt: skip


def without_tables(xml: bytes) -> bytes:
    root = etree.fromstring(xml)
    for part in list(root.iter("{*}decisionTable")):
        part.clear()
    return etree.tostring(root, method="c14n", with_comments=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_whatever_is_changed_is_there_and_the_rest_is_as_it_was(path: Path) -> None:
    original = path.read_bytes()
    for seed in range(25):
        chance = random.Random(f"{path.stem} {seed}")
        document = Document(original)
        for _ in range(3):
            place = chance.choice(document.tables)
            wanted = scrambled(place.table, chance)
            document = document.with_table(place.number, wanted)
            got = document.tables[place.number].table
            assert content(got) == content(wanted)
            ids = [r.element for r in got.rules]
            assert len(set(ids)) == len(ids)
            kept = {r.element for r in wanted.rules} - {""}
            assert kept <= set(ids)
        assert without_tables(document.write()) == without_tables(original)
