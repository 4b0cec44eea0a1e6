"""The conditions of a rule for a gap cover the gap, whatever kind of value it is about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from processes.catalog.models import DecisionDefinition, DecisionVersion
from processes.decision_studio.looking import look_at

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'


def table(kind: str, cells: list[str], allowed: str = "", policy: str = "UNIQUE") -> DecisionVersion:
    """A decision over one input of a type with these conditions."""
    values = f'<inputValues id="v"><text>{allowed}</text></inputValues>' if allowed else ""
    rules = "".join(
        f'<rule id="r{at}"><inputEntry id="i{at}"><text>{cell}</text></inputEntry><outputEntry id="o{at}"><text>{at}</text></outputEntry></rule>'
        for at, cell in enumerate(cells, 1)
    )
    xml = (
        f'{HEAD}<inputData id="in" name="x"><variable id="iv" name="x" typeRef="{kind}"/></inputData><decision id="k" name="k"><variable id="kv" name="k"/>'
        f'<informationRequirement id="q"><requiredInput href="#in"/></informationRequirement><decisionTable id="t" hitPolicy="{policy}">'
        f'<input id="c"><inputExpression id="e" typeRef="{kind}"><text>x</text></inputExpression>{values}</input><output id="o" name="k"/>{rules}</decisionTable></decision></definitions>'
    )
    found = DecisionVersion(definition=DecisionDefinition(key="k"), number=1, dmn=xml, examples=[])
    found.content_hash = found.compute_hash()
    return found


def escaped(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(("kind", "cells", "allowed", "expected"), [
    ("number", ["< 10", ">= 20"], "", "[10..20)"),
    ("number", ["<= 10", "> 20"], "", "(10..20]"),
    ("number", ["< 10"], "", ">= 10"),
    ("number", ["> 10"], "", "<= 10"),
    ("number", ["< 10", "> 10"], "", "10"),
    ("number", ["< 0.5", "> 1.5"], "", "[0.5..1.5]"),
    ("string", ['"a"'], '"a","b"', '"b"'),
    ("string", ['"a"', '"b"'], "", 'not("a", "b")'),
    ("boolean", ["true"], "", "false"),
    ("date", ['< date("2026-01-01")', '> date("2026-02-01")'], "", '[@"2026-01-01"..@"2026-02-01"]'),
])  # fmt: skip
def test_a_gap_is_covered_by_its_rule(kind: str, cells: list[str], allowed: str, expected: str) -> None:
    look = look_at(table(kind, [escaped(cell) for cell in cells], allowed))
    assert look.problem == ""
    gaps = [finding for finding in look.tables[0].findings if finding.code == "table_gap"]
    assert len(gaps) == 1
    rule = look.gap_rules[0][look.tables[0].findings.index(gaps[0])]
    assert rule == (expected,)
    filled = look_at(table(kind, [escaped(cell) for cell in [*cells, *rule]], allowed))
    assert [finding.code for finding in filled.tables[0].findings if finding.code != "rule_without_example"] == []


def test_texts_with_quotes_are_written_as_feel_reads_them() -> None:
    look = look_at(table("string", ['"a"'], json.dumps("a") + "," + json.dumps('say "b"')))
    rule = look.gap_rules[0][0]
    assert rule == ('"say \\"b\\""',)


# --- cells -------------------------------------------------------------------------------------------------------
def problems(cells: list[str]) -> list[tuple[int, int, str, int]]:
    found: list[Any] = list(look_at(table("number", [escaped(cell) for cell in cells])).cells)
    return [(one.rule, one.column, one.text, one.position) for one in found]


def test_every_cell_that_cannot_be_read_is_told_not_only_the_first() -> None:
    assert problems(["< (", "[1..", "> 3"]) == [(1, 0, "< (", 3), (2, 0, "[1..", 4)]


def test_a_name_that_is_not_known_is_told_and_that_texts_want_quotes() -> None:
    look = look_at(table("number", ["gold", "> 3"]))
    assert [(one.rule, one.text) for one in look.cells] == [(1, "gold")]
    assert '"gold"' in look.cells[0].sentence


def test_names_of_inputs_and_functions_are_known() -> None:
    assert problems(["> x + 1", "abs(x)", "date(&quot;2026-01-01&quot;).year".replace("&quot;", '"')]) == []
