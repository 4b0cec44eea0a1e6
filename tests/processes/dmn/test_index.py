"""A table with an index says what it says without one: value, rules, diagnostics, for any value of any kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.dmn import Decisions, load
from processes.dmn.index import FEWEST, ColumnIndex, TableIndex
from processes.feel import YearsMonths, parse_unary
from processes.feel.constants import constants

HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="urn:t">'
POLICIES = ("UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT")


def table(rules: list[list[str]], policy: str, columns: int, types: list[str], allowed: str = "") -> bytes:
    """A table over the inputs a, b, c ..., whose last cell of a rule is its output; `allowed` bounds the first input."""
    names = "abcdef"[:columns]
    data = "".join(f'<inputData id="i{n}" name="{n}"><variable name="{n}"/></inputData>' for n in [*names, "date", "x"])
    needs = "".join(f'<informationRequirement><requiredInput href="#i{n}"/></informationRequirement>' for n in [*names, "x"])
    values = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
    heads = "".join(
        f'<input><inputExpression typeRef="{of}"><text>{n}</text></inputExpression>{values if n == "a" else ""}</input>'
        for n, of in zip(names, types, strict=False)
    )
    rows = "".join(
        "<rule>" + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells[:columns])
        + f"<outputEntry><text>{escape(cells[-1])}</text></outputEntry></rule>"
        for cells in rules
    )  # fmt: skip
    return (
        f'{HEAD}{data}<decision id="t" name="T"><variable name="T"/>{needs}<decisionTable hitPolicy="{policy}">{heads}'
        f'<output><outputValues><text>"p", "q", "r"</text></outputValues></output>{rows}</decisionTable></decision></definitions>'
    ).encode()


# --- any table, any value ------------------------------------------------------------------------------------
literals = {
    "number": st.sampled_from(["0", "1", "-1", "2.5", "-3.75", "1000000000000000000000000000000000", "0.0000001"]),
    "string": st.sampled_from(['""', '"a"', '"b"', '"ab"', '"\\u4e2d"', '"a b"']),
    "date": st.sampled_from(['@"2026-11-28"', 'date("2026-11-29")', '@"2026-12-01"', 'date("2024-02-29")', 'date("no date")']),
    "duration": st.sampled_from(['@"P1D"', 'duration("PT24H")', '@"PT0S"', '@"-P3DT4H"']),
    "months": st.sampled_from(['@"P1Y"', '@"P12M"', '@"P0M"', 'duration("-P2Y1M")']),
    "moment": st.sampled_from(['@"2026-11-28T10:00:00"', '@"2026-11-28T10:00:00Z"', '@"2026-11-28T18:00:00+08:00"', '@"10:30:00"']),
    "boolean": st.sampled_from(["true", "false"]),
    "null": st.just("null"),
}
KINDS = ("number", "string", "date", "duration", "months", "moment", "boolean")


@st.composite
def cells(draw: st.DrawFn, of: str) -> str:
    """A cell over literals of a kind, or now and then of another one, or one that is no constant."""
    literal = literals[draw(st.sampled_from([of] * 8 + ["null", "boolean", "number", "string"]))]
    shape = draw(st.sampled_from(["-", "one", "one", "two", "more", "range", "range", "open", "not", "list", "name", "odd"]))
    one, two = draw(literal), draw(literal)
    if shape == "one":
        return one
    if shape == "two":
        return f"{one}, {two}"
    if shape == "more":
        return draw(st.sampled_from(["<", "<=", ">", ">=", "=", "!="])) + " " + one
    if shape == "range":
        return f"{draw(st.sampled_from('[(]'))}{one}..{two}{draw(st.sampled_from('])['))}"
    if shape == "open":
        return f"< {one}, > {two}"
    if shape == "not":
        return f"not({one}, {two})"
    if shape == "list":
        return f"[{one}, {two}]"
    if shape == "name":
        return draw(st.sampled_from(["x", "> x", "? = x", "not(x)", "nothing such", "[x..x]", "x + 1"]))
    return draw(st.sampled_from(["? > 1", "string length(?) > 1", "1 / 0", "-", "-"])) if shape == "odd" else "-"


VALUES: list[Any] = [
    None, True, False, Decimal(0), Decimal(1), Decimal("-1"), Decimal("2.5"), Decimal("1.00"), Decimal("0.5"), Decimal("-9E30"),
    Decimal("9E33"), 7, 2.5, "", "a", "aa", "ab", "b", "\0", "a\0", "中", "zz", dt.date(2026, 11, 28), dt.date(2026, 11, 30),
    dt.date(2024, 2, 29), dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.timedelta(days=1), dt.timedelta(hours=24, microseconds=1),
    dt.timedelta(0), YearsMonths(12), YearsMonths(-25), YearsMonths(5), dt.datetime(2026, 11, 28, 10), dt.time(10, 30),
    dt.datetime(2026, 11, 28, 10, tzinfo=dt.UTC), [Decimal(1)], ["a"], [], {"a": Decimal(1)},
]  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, int]:
    columns = draw(st.integers(1, 4))
    kinds = [draw(st.sampled_from(KINDS)) for _ in range(columns)]
    output = st.sampled_from(['"p"', '"q"', '"r"', "x", "1 / 0"])
    rules = [
        [*(draw(cells(of)) for of in kinds), draw(output)] for _ in range(draw(st.integers(FEWEST, FEWEST + 12)))
    ]
    typed = {"number": "number", "string": "string", "date": "date", "boolean": "boolean"}
    types = [draw(st.sampled_from(["", typed.get(of, "")])) for of in kinds]
    allowed = draw(st.sampled_from(["", "", '"a", "b"', "[0..2]"]))
    return table(rules, draw(st.sampled_from(POLICIES)), columns, types, allowed), columns


def same(one: Decisions, two: Decisions, context: dict[str, Any]) -> None:
    with_index, without = one.evaluate("T", context), two.evaluate("T", context)
    assert repr(with_index.value) == repr(without.value)
    assert repr(with_index.trace) == repr(without.trace)
    assert [repr(d) for d in with_index.diagnostics] == [repr(d) for d in without.diagnostics]


@settings(max_examples=150, deadline=None)
@given(tables(), st.data())
def test_the_index_changes_nothing(made: tuple[bytes, int], data: st.DataObject) -> None:
    xml, columns = made
    one, two = load(xml), load(xml, indexed=False)
    values = st.sampled_from(VALUES)
    for _ in range(12):
        context = {name: data.draw(values) for name in "abcdef"[:columns]} | {"x": data.draw(values)}
        same(one, two, context)


@pytest.mark.long
@settings(max_examples=4000, deadline=None)
@given(tables(), st.data())
def test_the_index_changes_nothing_in_many_tables(made: tuple[bytes, int], data: st.DataObject) -> None:
    xml, columns = made
    one, two = load(xml), load(xml, indexed=False)
    for _ in range(25):
        context = {name: data.draw(st.sampled_from(VALUES)) for name in "abcdef"[:columns]} | {"x": data.draw(st.sampled_from(VALUES))}
        same(one, two, context)


# --- how it does it --------------------------------------------------------------------------------------------
def rows(*texts: str) -> list[list[tuple[int, Any]]]:
    return [[(0, parse_unary(text))] for text in texts]


def possible(index: TableIndex, *values: Any) -> list[int]:
    return [row for row, _begin in index.possible(values)]


def test_only_rules_that_can_match_are_left() -> None:
    index = TableIndex(rows("< 10", "[10..20)", '"a"', "not(15)", "> 19.5"), 1)
    assert possible(index, Decimal(5)) == [0, 3]
    assert possible(index, Decimal(15)) == [1]
    assert possible(index, Decimal("19.6")) == [1, 3, 4]
    assert possible(index, Decimal(20)) == [3, 4]
    assert possible(index, "a") == [0, 1, 2, 3, 4]


def test_a_rule_with_another_cell_is_left_to_be_asked_from_there_on() -> None:
    asked = [[(0, parse_unary("1")), (1, parse_unary("> x")), (2, parse_unary('"a"'))], [(2, parse_unary('"b"'))]]
    index = TableIndex(asked, 3)
    assert list(index.possible([Decimal(1), Decimal(9), "z"])) == [(0, 1)]
    assert list(index.possible([Decimal(2), Decimal(9), "b"])) == [(1, 3)]
    assert list(index.possible([Decimal(1), Decimal(9), [Decimal(1)]])) == [(0, 1), (1, 2)]


def test_a_cell_that_leaves_a_diagnostic_takes_no_part() -> None:
    index = TableIndex(rows("< 10", '> "m"', "[30..20]"), 1)
    assert index.first == [1, 0, 0]
    assert list(index.possible([Decimal(50)])) == [(1, 0), (2, 0)]


def test_a_name_that_hides_a_function_turns_the_index_off() -> None:
    index = TableIndex(rows('> date("2026-11-28")'), 1)
    assert index.holds_in({"a": 1})
    assert not index.holds_in({"date": "mine"})


def test_the_ends_of_each_order_have_a_mask() -> None:
    column = ColumnIndex([(0, parse_unary('""')), (1, parse_unary('"a", "a\\u0000"'))], 0)
    assert [column.find(text) for text in ("", "\0", "a", "a\0", "a\0\0", "b")] == [1, 0, 2, 2, 0, 0]
    days = ColumnIndex([(0, parse_unary('< @"0001-01-02"')), (1, parse_unary('>= @"9999-12-31"'))], 4)
    assert [days.find(day) for day in (dt.date(1, 1, 1), dt.date(1, 1, 2), dt.date(9999, 12, 31))] == [5, 4, 6]


@pytest.mark.parametrize(("text", "found"), [
    ("-", ()), ("1, 2", (1, 2)), ("not(-3)", (-3,)), ('[@"2026-11-28"..date("2026-11-29")]', (dt.date(2026, 11, 28), dt.date(2026, 11, 29))),
    ("> x", None), ("? > 1", None), ("1 + 1", None), ('date("no date")', None), ("null", (None,)), ('duration("P1D")', (dt.timedelta(1),)),
    ('date(2026, 11, 28)', None), ('string("a")', None), ("{a: 1}", None),
])  # fmt: skip
def test_constants_of_a_cell(text: str, found: Any) -> None:
    got = constants(parse_unary(text))
    assert (None if got is None else tuple(sorted(got, key=str))) == (None if found is None else tuple(sorted(found, key=str)))
