"""FEEL: what expressions are worth, what they become when they mean nothing, and what they can never do."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import time
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.feel import (
    FeelEvaluationError,
    FeelSyntaxError,
    Limits,
    YearsMonths,
    evaluate,
    from_json,
    names,
    to_json,
    unary,
)

CALM = settings(max_examples=200, deadline=None, derandomize=True, database=None)
DIGITS = decimal.Context(prec=34)
NUMBERS = st.decimals(min_value=-10**9, max_value=10**9, places=4, allow_nan=False, allow_infinity=False)


def worth(text: str, **context: Any) -> Any:
    """The value of what has one."""
    return evaluate(text, context).require()


# --- against another reading ----------------------------------------------------------------------------------------
@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> tuple[str, Decimal | None]:
    """An expression of numbers, and what it is worth by Python's own decimals."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        number = draw(NUMBERS)
        return (f"({number:f})" if number < 0 else f"{number:f}"), number
    left, a = draw(sums(depth - 1))
    right, b = draw(sums(depth - 1))
    sign = draw(st.sampled_from("+-*/"))
    if a is None or b is None or (sign == "/" and b == 0):
        return f"({left} {sign} {right})", None
    operations = {"+": DIGITS.add, "-": DIGITS.subtract, "*": DIGITS.multiply, "/": DIGITS.divide}
    return f"({left} {sign} {right})", operations[sign](a, b)


@CALM
@given(sums())
def test_arithmetic_is_decimal_with_34_digits(case):
    text, expected = case
    result = evaluate(text)
    assert result.value == expected
    assert bool(result.diagnostics) == (expected is None)


@CALM
@given(st.lists(st.integers(-50, 50), max_size=12), st.integers(-50, 50))
def test_lists_are_filtered_mapped_and_counted_as_python_does(items, limit):
    context = {"items": items, "limit": limit}
    assert worth("items[item > limit]", **context) == [i for i in items if i > limit]
    assert worth("for i in items return i * 2", **context) == [i * 2 for i in items]
    assert worth("count(items)", **context) == len(items)
    assert worth("some i in items satisfies i > limit", **context) is any(i > limit for i in items)
    assert worth("every i in items satisfies i > limit", **context) is all(i > limit for i in items)
    assert worth("sort(items, function(a, b) a < b)", **context) == sorted(items)
    assert worth("distinct values(items)", **context) == list(dict.fromkeys(items))
    if items:
        assert (worth("min(items)", **context), worth("max(items)", **context)) == (min(items), max(items))
        assert worth("items[1]", **context) == items[0]
        assert worth("items[-1]", **context) == items[-1]


@CALM
@given(st.dates(dt.date(1000, 1, 1), dt.date(9000, 1, 1)), st.integers(-1000, 1000))
def test_days_are_added_to_dates(day, days):
    sign = "-" if days < 0 else ""
    assert worth(f'd + duration("{sign}P{abs(days)}D")', d=day) == day + dt.timedelta(days=days) if (
        day.toordinal() + days) >= 1 else True  # fmt: skip


TRUTH = [(True, True), (True, False), (True, None), (False, True), (False, False), (False, None), (None, True), (None, False), (None, None)]


@pytest.mark.parametrize(("a", "b"), TRUTH)
def test_logic_has_three_values(a, b):
    both = False if a is False or b is False else None if None in (a, b) else True
    either = True if a is True or b is True else None if None in (a, b) else False
    assert evaluate("a and b", {"a": a, "b": b}).value is both
    assert evaluate("a or b", {"a": a, "b": b}).value is either


# --- what means nothing ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "code"), [
    ("1 / 0", "division-by-zero"), ("missing", "unknown-name"), ('"a" + 1', "type"), ('"x" < 1', "type"),
    ("f(1)", "unknown-name"), ('date("2024-02-30")', "evaluation"), ("{a: 1}.b", "unknown-entry"), ("number(\"x\")", "evaluation"),
])  # fmt: skip
def test_what_has_no_meaning_is_null_with_the_reason(text, code):
    result = evaluate(text)
    assert result.value is None
    assert result.diagnostics[0].code == code
    assert str(result.diagnostics[0].reason)
    with pytest.raises(FeelEvaluationError):
        result.require()


@pytest.mark.parametrize("text", ["", "1 +", "if true then 1", "(1", "[1, 2", '"open', "for x in", "1 = = 2", "{a 1}", "= 1"])
def test_what_cannot_be_read_says_where(text):
    with pytest.raises(FeelSyntaxError) as refusal:
        evaluate(text)
    assert str(refusal.value.message)


# --- what it can never do --------------------------------------------------------------------------------------------
class Secret:
    """An object from outside: nothing of it can be reached."""

    password = "4711"

    def __call__(self) -> str:
        return self.password


@pytest.mark.parametrize("text", [
    "__import__('os')", '__import__("os").system("true")', "(1).__class__", "count.__globals__", "x.password", "x()",
    "x.__class__.__mro__", '"a".format(x)', "eval(\"1\")", "open(\"/etc/hostname\")", "x", "[x]", "{y: x}.y", "string(x)",
])  # fmt: skip
def test_nothing_of_python_can_be_reached(text):
    try:
        result = evaluate(text, {"x": Secret()})
    except FeelSyntaxError:
        return
    assert result.diagnostics
    assert "4711" not in repr(result.value)
    assert not isinstance(result.value, Secret)


@pytest.mark.parametrize("text", [
    "for i in 1..100000000 return i", "count(1..100000000)", "{f: function(n) f(n + 1)}.f(1)", "[1..10][item > 0" + " and item > 0" * 4000 + "]",
    'string join(for i in 1..100000 return "' + "x" * 40 + '")', "for i in 1..2000, j in 1..2000 return i * j",
    'matches("' + "a" * 40 + '!", "(a+)+$")', "((1" + " + 1" * 2000 + "))", "10 ** 10 ** 10 ** 10",
    "{f: function(x) x(x)}.f(function(x) x(x))", "string length(" + "string(" * 50 + "1" + ")" * 51,
])  # fmt: skip
def test_nothing_runs_for_ever(text):
    began = time.monotonic()
    with suppress(FeelSyntaxError):  # too long or too deep to be read at all
        evaluate(text)
    assert time.monotonic() - began < 8


def test_a_bound_that_is_reached_is_a_diagnostic():
    result = evaluate("for i in 1..1000 return i", limits=Limits(items=100))
    assert (result.value, result.diagnostics[0].code) == (None, "limit")


PIECES = [*"ab1.,;:+-*/=<>!()[]{}\"' \n名", " and ", " if ", " then ", " in ", "..", "for ", "not(", "date(", "null"]


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_worth_something_or_is_refused(text):
    try:
        result = evaluate(text, {"a": 1, "b": [1, {"a": "x"}]})
    except FeelSyntaxError:
        return
    assert isinstance(result.diagnostics, tuple)


# --- tests of one value -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("test", "value", "holds"), [
    ("-", None, True), ("5", 5, True), ("5", 6, False), ("< 5", 4, True), ("[1..5]", 5, True), ("[1..5)", 5, False),
    ("]1..5]", 1, False), ('"a", "b"', "b", True), ('not("a", "b")', "b", False), ('not("a")', "c", True),
    ("> 3, < 1", 0, True), ("null", None, True), ("? > 3 and ? < 9", 5, True), ("limit", 7, True), ("> limit", 7, False),
    ('date("2024-01-01")', dt.date(2024, 1, 1), True), ("[1, 2, 3]", 2, True),
])  # fmt: skip
def test_a_unary_test_holds_or_not(test, value, holds):
    assert unary(test, value, {"limit": 7}).value is holds


@CALM
@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9), st.booleans(), st.booleans())
def test_a_range_holds_what_lies_between_its_ends(start, end, value, with_start, with_end):
    if start > end:
        return
    text = f"{'[' if with_start else '('}{start}..{end}{']' if with_end else ')'}"
    inside = (start <= value if with_start else start < value) and (value <= end if with_end else value < end)
    assert unary(text, value).value is inside


# --- kept as JSON ---------------------------------------------------------------------------------------------------------
KEPT = st.recursive(
    st.one_of(
        st.none(), st.booleans(), NUMBERS, st.text(max_size=10), st.dates(), st.decimals(allow_nan=False, allow_infinity=False, min_value=-10**30, max_value=10**30),
        st.datetimes(min_value=dt.datetime(1000, 1, 1), timezones=st.just(dt.UTC)), st.integers(-10**15, 10**15).map(lambda s: dt.timedelta(seconds=s % 10**8)),
        st.integers(-500, 500).map(YearsMonths),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.one_of(st.just("@"), st.just("v"), st.text(max_size=5)), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@CALM
@given(KEPT)
def test_a_value_comes_back_from_json_as_it_was(value):
    kept = json.loads(json.dumps(to_json(value)))
    back = from_json(kept)
    assert to_json(back) == kept
    assert evaluate("a = b", {"a": value, "b": back}).value is True


def test_a_function_cannot_be_kept():
    with pytest.raises(ValueError):
        to_json(evaluate("function(x) x").value)


def test_the_names_that_an_expression_reads_are_known():
    assert names("deal.amount > limit and (for x in items return x + y)[1] > 0") == {"deal.amount", "limit", "items", "y"}


def test_an_evaluation_ends_in_time_however_many_steps_it_has() -> None:
    bounded = Limits(steps=10**9, seconds=0.1)
    began = time.monotonic()
    result = evaluate("every i in 1..9000, j in 1..9000 satisfies i + j > 0", limits=bounded)
    assert time.monotonic() - began < 2
    assert result.value is None
    assert [d.code for d in result.diagnostics] == ["limit"]
    assert "longer than is allowed" in result.diagnostics[0].reason
    assert evaluate("sum(for i in 1..30, j in 1..30 return i * j)").value == 465**2


@pytest.mark.parametrize("text", ["some f in 1..9999999999999999999 satisfies f > 0", "for f in 9999999999999999999..1 return f", "every f in [-9223372036854775808..9223372036854775807] satisfies f > 0"])
def test_a_range_longer_than_a_machine_can_count_ends_at_the_limit(text: str) -> None:
    result = evaluate(text)
    assert result.value is None
    assert [d.code for d in result.diagnostics] == ["limit"]


def test_ranges_go_up_and_down_and_may_be_empty() -> None:
    assert evaluate("for i in 3..1 return i").value == [3, 2, 1]
    assert evaluate("for i in (1..2) return i").value == []
    assert evaluate("for i in (1..3) return i").value == [2]
