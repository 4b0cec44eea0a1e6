"""What the owner of a decision table reads: each kind of finding in both languages, and which example reaches which rule."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils.translation import override

from processes.catalog.models import DecisionDefinition, DecisionVersion
from processes.catalog.table_findings import TOLD
from processes.catalog.table_quality import TableQuality, table_quality
from tests.processes.dmn.quality.tables import Column, Sketch
from tests.support.chinese import misprints

AMOUNT, TIER = Column("amount", "number"), Column("tier", "string", '"gold","silver","basic"')
_DATE = re.compile(r"\d+年\d+月\d+日")
LABELS = {"c0": ("Amount", "金额"), "c1": ("Tier", "等级"), "T": ("Discount", "折扣")}


def version_of(xml: str, examples: Any = ()) -> DecisionVersion:
    """An unsaved version of the decision “T”, its table and columns named in both languages."""
    for element, (english, chinese) in LABELS.items():
        words = f'<redraw:label lang="en">{english}</redraw:label><redraw:label lang="zh-hans">{chinese}</redraw:label>'
        extension = f"<extensionElements>{words}</extensionElements>"
        opening = f'<decision id="{element}" name="{element}">' if element == "T" else f'<input id="{element}">'
        xml = xml.replace(opening, opening + extension)
    xml = xml.replace("<definitions ", '<definitions xmlns:redraw="urn:redraw-crm:bpmn:1" ')
    version = DecisionVersion(definition=DecisionDefinition(key="T"), number=1, dmn=xml, examples=list(examples))
    version.content_hash = version.compute_hash()
    return version


def quality_of(sketch: Sketch, examples: Any = (), language: str = "en") -> TableQuality:
    with override(language):
        (found,) = table_quality(version_of(sketch.xml(), examples))
    return found


def sentences(sketch: Sketch, code: str) -> tuple[list[str], list[str]]:
    """What is said under a code, in English and in Chinese."""
    said = [
        [finding.sentence for finding in quality_of(sketch, language=language).findings if finding.code == code]
        for language in ("en", "zh-hans")
    ]
    assert [text for text in said[1] if misprints(_DATE.sub("某日", text))] == []
    return said[0], said[1]


def table(policy: str, *rows: tuple[str, ...], columns: Any = (AMOUNT, TIER)) -> Sketch:
    return Sketch(policy, columns[: len(rows[0]) - 1], [(row[:-1], row[-1]) for row in rows])


PLANTED = [
    (
        table("U", ("< 10000", "-", '"a"'), (">= 20000", "-", '"b"'), ("[10000..20000)", '"basic"', '"c"')),
        "table_gap",
        "Table “Discount”: Amount from 10,000 up to, not including, 20,000, and Tier “gold” or “silver”: no rule applies. "
        "Add a rule for this, or a default output.",
        "表“折扣”在以下情形没有适用的规则——“金额”：10,000 至 20,000（不含 20,000），且“等级”：“gold” 或 “silver”。请补充规则，或设置默认输出。",
    ),
    (
        table("U", ("> 5", '"gold"', '"a"'), ("<= 7.5", "-", '"b"'), ("> 7.5", 'not("gold")', '"c"')),
        "table_overlap",
        "Table “Discount”, rules 1 and 2: Amount above 5 up to 7.5, and Tier “gold”: both apply, but the hit policy allows only one. "
        "Make their conditions exclude each other.",
        "表“折扣”的规则 1 与 2 在以下情形同时匹配，而命中策略只允许一条——“金额”：大于 5 至 7.5，且“等级”：“gold”。请让它们的条件互斥。",
    ),
    (
        table("A", ("-", '"a"'), ("not(5)", '"b"')),
        "table_overlap",
        "Table “Discount”, rules 1 and 2: Amount anything but 5: both apply, with different results. "
        "Give them the same result, or make their conditions exclude each other.",
        "表“折扣”的规则 1 与 2 在以下情形同时匹配，但结果不同——“金额”：5 以外的值。请让它们的结果一致，或让条件互斥。",
    ),
    (
        table("C", ("-", '"platinum"', '"a"')),
        "table_unreachable",
        "Table “Discount”, rule 1: it can never apply, since no allowed value meets its condition on “Tier”. "
        "Change the condition, or remove the rule.",
        "表“折扣”的规则 1 永远不会匹配，因为“等级”没有任何允许的取值满足其条件。请修改条件，或删除该规则。",
    ),
    (
        table("F", ("> 5", '"a"'), ("> 7", '"b"'), ("-", '"c"')),
        "table_unreachable",
        "Table “Discount”, rule 2: it never decides, since rule 1 comes first wherever it applies. "
        "Change the order or the conditions, or remove the rule.",
        "表“折扣”的规则 2 永远不会生效，因为凡是它匹配之处，规则 1 都优先。请调整顺序或条件，或删除该规则。",
    ),
    (
        table("F", ("> 5", '"a"'), ("<= 5", '"b"'), ("-", '"c"')),
        "table_unreachable",
        "Table “Discount”, rule 3: it never decides, since rules 1, 2 together come first wherever it applies. "
        "Change the order or the conditions, or remove the rule.",
        "表“折扣”的规则 3 永远不会生效，因为凡是它匹配之处，规则 1、2 合起来都优先。请调整顺序或条件，或删除该规则。",
    ),
    (
        table("F", ("> limit", '"a"'), ("-", '"b"')),
        "table_not_analysable",
        "Table “Discount”, rule 1: the condition “> limit” on “Amount” is not analysed, so gaps and overlaps may be missed there.",
        "表“折扣”的规则 1 对“金额”的条件“> limit”无法分析，此处的空缺与重叠可能未被发现。",
    ),
    (
        table("F", ("5", '"a"'), ("-", '"b"'), columns=(Column("amount", "number", "even(?)"),)),
        "table_not_analysable",
        "Table “Discount”: the values of “Amount” (even(?)) are not analysed, so gaps and overlaps may be missed.",
        "表“折扣”中“金额”的取值（even(?)）无法分析，空缺与重叠可能未被发现。",
    ),
]


@pytest.mark.parametrize(("sketch", "code", "english", "chinese"), PLANTED)
def test_a_planted_fault_is_said_in_both_languages(sketch, code, english, chinese):
    assert sentences(sketch, code) == ([english], [chinese])


@pytest.mark.parametrize(
    ("kind", "cell", "english", "chinese"),
    [
        ("date", '>= date("2026-03-01")', "before March 1, 2026", "2026年3月1日 之前"),
        ("date", '[date("2026-03-01")..date("2026-03-05")]', "before March 1, 2026 or after March 5, 2026", "2026年3月1日 之前 或 2026年3月5日 之后"),
        ("date and time", '<= @"2026-03-01T10:30:00"', "after March 1, 2026 10:30", "2026年3月1日 10:30 之后"),
        ("time", '< @"10:30:15"', "from 10:30:15 on", "10:30:15 起"),
        ("boolean", "true", "no", "否"),
        ("days and time duration", '<= @"P1DT2H"', "above 1 day 2 h", "大于 1 天 2 小时"),
        ("years and months duration", '< @"P1Y2M"', "from 14 months", "14 个月 及以上"),
        ("string", '"CN","FR"', "anything but “CN”, “FR”", "“CN”、“FR” 以外的值"),
        ("number", "not(1, 2, 3)", "1, 2 or 3", "1、2 或 3"),
        ("number", "not(null, < 5)", "below 5 or without a value", "小于 5 或 空值"),
        ("number", "not((1..2))", "above 1 and below 2", "大于 1 且小于 2"),
        ("number", "not([1..2])", "from 1 to 2", "1 至 2"),
    ],
)
def test_values_are_said_as_people_write_them(kind, cell, english, chinese):
    sketch = table("U", (cell, '"a"'), columns=(Column("amount", kind),))
    said, in_chinese = sentences(sketch, "table_gap")

    assert f"Amount {english}: no rule" in said[0]
    assert f"“金额”：{chinese}。" in in_chinese[0]


def test_values_that_the_file_names_are_called_so():
    names = '<redraw:value of="gold" lang="zh-hans">金</redraw:value><redraw:value of="basic" lang="en">Plain</redraw:value>'
    xml = table("U", ("-", '"silver"', '"a"')).xml()
    xml = xml.replace("<inputData ", f"<extensionElements>{names}</extensionElements><inputData ", 1)

    said = []
    for language in ("en", "zh-hans"):
        with override(language):
            said.append(table_quality(version_of(xml))[0].findings[0])

    assert "“Discount”: Tier Gold or Plain: no rule" in said[0].sentence
    assert "“等级”：金 或 Plain。" in said[1].sentence
    assert said[0].example == (("Amount", 0), ("Tier", "gold"))
    assert [found.example_text for found in said] == ["Amount = 0, Tier = Gold", "金额 = 0、等级 = 金"]


def test_a_table_that_is_too_large_is_said_to_be(monkeypatch):
    monkeypatch.setattr("processes.dmn.quality.analysis.STEPS", 3)
    sketch = table("U", ("< 5", '"gold"', '"a"'), ("> 9", '"silver"', '"b"'))

    english, chinese = sentences(sketch, "table_too_large")

    assert english == ["Table “Discount” is too large to be searched completely; gaps and rules that never decide may be missing here. Split the table."]
    assert chinese == ["表“折扣”过大，未能完整检查，可能遗漏空缺和永不生效的规则。请拆分该表。"]
    assert not quality_of(sketch).complete


def test_findings_stand_at_their_rules_with_an_example_to_try():
    found = quality_of(table("U", ("> 5", '"a"'), ("> 7", '"b"'), ("< 0", '"c"')))

    overlap, gap, untried = found.findings
    assert (overlap.severity, overlap.element, overlap.rules) == ("error", "r2", (1, 2))
    assert overlap.example == (("Amount", 8),)
    assert (gap.severity, gap.element, gap.example_text) == ("warning", "table", "Amount = 0")
    assert (untried.code, untried.element, untried.rules) == ("rule_without_example", "table", (1, 2, 3))
    assert [[item.code for item in rule.findings] for rule in found.rules] == [
        ["table_overlap", "rule_without_example"], ["table_overlap", "rule_without_example"], ["rule_without_example"],
    ]  # fmt: skip
    assert (found.label, found.inputs, found.hit_policy) == ("Discount", ("Amount",), "U")


def test_it_is_told_which_example_reaches_which_rule():
    examples = [{"in": {"amount": value, "limit": 1}, "out": None} for value in (9, 6, 10)]

    found = quality_of(table("C", ("> 5", '"a"'), ("> 7", '"b"'), ("< 0", '"c"')), examples)

    assert [(rule.id, rule.examples) for rule in found.rules] == [("r1", (1, 2, 3)), ("r2", (1, 3)), ("r3", ())]
    assert (found.tried, found.untried) == (2, (3,))
    assert [finding.rules for finding in found.findings] == [(3,)]


def test_where_priority_decides_only_the_rule_that_wins_is_tried():
    examples = [{"in": {"amount": 9, "limit": 1}, "out": "a"}]

    found = quality_of(table("P", ("-", '"b"'), ("> 5", '"a"')), examples)

    assert [rule.examples for rule in found.rules] == [(), (1,)]


def test_an_example_that_cannot_be_read_reaches_nothing():
    examples = [{"in": {"amount": {"@": "nonsense", "v": 1}}, "out": 1}, {"decision": "nobody", "in": {}, "out": 1}]

    assert quality_of(table("F", ("-", '"a"')), examples).untried == (1,)


def test_tables_inside_other_expressions_are_looked_at_but_their_coverage_is_not_told():
    xml = table("U", ("> 5", '"a"')).xml()
    xml = xml.replace("<decisionTable", '<context><contextEntry><variable name="inner"/><decisionTable')
    xml = xml.replace("</decisionTable>", "</decisionTable></contextEntry></context>")

    (found,) = table_quality(version_of(xml))

    assert [finding.code for finding in found.findings] == ["table_gap"]
    assert [rule.examples for rule in found.rules] == [None]


def test_every_code_of_a_finding_is_planted_here():
    assert {code for _sketch, code, _english, _chinese in PLANTED} | {"table_too_large", "rule_without_example"} == set(TOLD)
