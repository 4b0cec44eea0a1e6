"""Decision tables: every hit policy, what is refused, and tables against a plain reading of their rules."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.dmn import DmnError, load

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="urn:t">'


def table(*rules: tuple[str, str], policy: str = "UNIQUE", aggregation: str = "", values: str = "", default: str = "") -> bytes:
    """A table of one number `n` and one output; each rule is a test and a result."""
    more = f' aggregation="{aggregation}"' if aggregation else ""
    allowed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    other = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    rows = "".join(
        f'<rule id="r{n}"><inputEntry id="i{n}"><text>{escape(test)}</text></inputEntry>'
        f'<outputEntry id="o{n}"><text>{escape(result)}</text></outputEntry></rule>'
        for n, (test, result) in enumerate(rules, 1)
    )
    return (
        f'{HEAD}<inputData id="n" name="n"><variable name="n" typeRef="number"/></inputData>'
        f'<decision id="size" name="Size"><variable name="Size"/><informationRequirement id="q"><requiredInput href="#n"/>'
        f"</informationRequirement><decisionTable id=\"t\" hitPolicy={quoteattr(policy)}{more}><input id=\"c\"><inputExpression typeRef=\"number\">"
        f'<text>n</text></inputExpression></input><output id="o">{allowed}{other}</output>{rows}</decisionTable></decision></definitions>'
    ).encode()


def said(xml: bytes, n: Any) -> Any:
    return load(xml).evaluate("Size", {"n": n})


OVERLAPPING = (("> 0", '"some"'), ("> 10", '"many"'), ("> 0", '"some"'))
NUMBERS = (("> 0", "1"), ("> 10", "5"), ("> 10", "3"))


@pytest.mark.parametrize(("policy", "more", "rules", "value"), [
    ("FIRST", {}, OVERLAPPING, "some"), ("PRIORITY", {"values": '"many", "some"'}, OVERLAPPING, "many"),
    ("ANY", {}, (OVERLAPPING[0], OVERLAPPING[2]), "some"), ("RULE ORDER", {}, OVERLAPPING, ["some", "many", "some"]),
    ("OUTPUT ORDER", {"values": '"many", "some"'}, OVERLAPPING, ["many", "some", "some"]),
    ("COLLECT", {}, NUMBERS, [1, 5, 3]), ("COLLECT", {"aggregation": "SUM"}, NUMBERS, 9),
    ("COLLECT", {"aggregation": "MIN"}, NUMBERS, 1), ("COLLECT", {"aggregation": "MAX"}, NUMBERS, 5),
    ("COLLECT", {"aggregation": "COUNT"}, NUMBERS, 3), ("UNIQUE", {}, (("> 10", '"many"'), ("<= 10", '"few"')), "many"),
])  # fmt: skip
def test_each_hit_policy_answers_as_it_says(policy, more, rules, value):
    result = said(table(*rules, policy=policy, **more), 20)
    assert (result.value, result.diagnostics) == (value, ())


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_rules_that_contradict_their_policy_give_null_and_the_reason(policy):
    result = said(table(*OVERLAPPING, policy=policy), 20)
    assert result.value is None
    assert result.diagnostics


def test_where_no_rule_matches_the_default_counts():
    assert said(table(("> 10", '"many"'), default='"few"'), 3).value == "few"
    assert said(table(("> 10", '"many"')), 3).value is None


def test_the_reasons_of_an_answer_are_told():
    (row,) = said(table(*OVERLAPPING, policy="FIRST"), 20).trace
    assert (row.name, row.hit_policy, row.value, row.rules[0].number) == ("Size", "F", "some", 1)
    assert dict(row.inputs) == {"n": 20}


@pytest.mark.parametrize("n", [None, "text", True])
def test_a_value_of_another_type_is_null_with_the_reason(n):
    result = said(table(("> 10", '"many"'), ("-", '"any"'), policy="FIRST"), n)
    assert bool(result.diagnostics) == (n is not None)


def test_a_value_that_is_missing_is_named():
    result = load(table(("> 10", '"many"'))).evaluate("Size", {})
    assert (result.value, result.diagnostics[0].code) == (None, "missing-input")


# --- against a plain reading ----------------------------------------------------------------------------------------------
RULES = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.integers(0, 99)), min_size=1, max_size=6)


@settings(max_examples=120, deadline=None, derandomize=True, database=None)
@given(RULES, st.integers(-10, 10))
def test_a_table_of_ranges_answers_as_its_rules_read(rules, n):
    texts = [(f"[{min(a, b)}..{max(a, b)}]", str(result)) for a, b, result in rules]
    hits = [result for a, b, result in rules if min(a, b) <= n <= max(a, b)]
    assert said(table(*texts, policy="FIRST"), n).value == (hits[0] if hits else None)
    assert (said(table(*texts, policy="COLLECT"), n).value or []) == hits
    unique = said(table(*texts), n)
    assert unique.value == (hits[0] if len(hits) == 1 else None)
    assert bool(unique.diagnostics) == (len(hits) > 1)


# --- what is refused ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("xml", [
    b"", b"no xml", b"<a/>", table(("> 10", '"many"'))[:-30], table((">", '"many"')), table(("> 10", "1 +")),
    table(("> 10", "1"), policy="MAYBE"),
])  # fmt: skip
def test_a_file_that_is_no_decision_model_is_refused_with_a_sentence(xml):
    with pytest.raises(DmnError) as refusal:
        load(xml)
    assert refusal.value.code
    assert str(refusal.value.message).endswith((".", "”"))


@pytest.mark.parametrize("doctype", [
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
])  # fmt: skip
def test_a_doctype_is_refused(doctype):
    with pytest.raises(DmnError):
        load(doctype + table(("> 10", "&e;" if b"ENTITY e" in doctype else "1")))


def test_a_decision_that_needs_itself_is_refused():
    xml = table(("> 10", "1")).replace(b'<requiredInput href="#n"/>', b'<requiredDecision href="#size"/>')
    with pytest.raises(DmnError, match="needs itself"):
        load(xml).evaluate("Size", {"n": 1})


def test_a_decision_that_is_not_there_is_refused():
    with pytest.raises(DmnError):
        load(table(("> 10", "1"))).evaluate("Colour", {"n": 1})
