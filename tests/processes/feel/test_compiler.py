"""What the compiler finds out beforehand changes no value and no diagnostic."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from processes.feel import FeelSyntaxError, Limits, YearsMonths, evaluate, parse, unary
from processes.feel.scope import special_names

NOT_A_NUMBER = [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), float("nan"), float("-inf")]


def codes(text: str, **context: Any) -> list[str]:
    """The kinds of diagnostics that an evaluation leaves."""
    return [diagnostic.code for diagnostic in evaluate(text, context).diagnostics]


@pytest.mark.parametrize("value", NOT_A_NUMBER, ids=str)
@pytest.mark.parametrize("text", [
    "a > 1", "1 < a", "a + 1", "a between 1 and 2", "a in [1..2]", "[a][1] > 1", "l[1] > 1", "c.x > 1", "l[item > 1]", "max(l)", "sum(l)",
    'substring("abc", a)', "for i in 1..a return i", "sort(l)[1] > 1", "l[1] * 2",
])  # fmt: skip
def test_what_is_no_number_counts_as_null(text: str, value: Any) -> None:
    given, missing = ({"a": worth, "l": [worth], "c": {"x": worth}} for worth in (value, None))
    assert evaluate(text, given) == evaluate(text, missing)


def test_a_name_may_hide_the_function_of_a_constant() -> None:
    assert evaluate('date("2026-11-28")').value == dt.date(2026, 11, 28)
    assert codes('date("2026-11-28")', date=1) == ["type"]
    assert evaluate('{date: function(x) x + "!", r: date("2026-11-28")}.r').value == "2026-11-28!"
    assert evaluate('for date in [function(x) "mine"] return date("2026-11-28")').value == ["mine"]


def test_a_constant_that_has_no_value_says_so_in_each_evaluation() -> None:
    for text, code in (('date("2026-02-30")', "evaluation"), ("[5..1]", "range"), ('-"a"', "type"), ('duration("x")', "evaluation"), ("@\"x\"", "conversion")):
        compiled = parse(text)
        for _ in range(2):
            result = compiled.evaluate({})
            assert (result.value, [diagnostic.code for diagnostic in result.diagnostics]) == (None, [code]), text


@pytest.mark.parametrize(("text", "worth"), [
    ("-(-3)", Decimal(3)), ('-@"P1Y"', YearsMonths(-12)), ("5 in [-10..-(-5)]", True), ('duration(from: "P1Y")', YearsMonths(12)),
    ("1 / 4", Decimal("0.25")), ("2 in (< 3)", True), ("[1..3] = [1..3]", True), ("[1..3].start", Decimal(1)), ('@"2026-11-28".year', Decimal(2026)),
    ('@"2026-11-28" < @"2026-11-29"', True), ('@"P1D" >= @"PT24H"', True), ('"a" < "b"', True), ("max([1.0, 1.00])", Decimal("1.0")),
])  # fmt: skip
def test_constants_are_worth_what_they_say(text: str, worth: Any) -> None:
    assert evaluate(text).require() == worth


def test_a_division_by_zero_still_says_why() -> None:
    assert codes("1 / 0") == ["division-by-zero"]
    assert codes("a / b", a=1, b=0) == ["division-by-zero"]
    assert codes("a * a", a=Decimal("1E6000")) == ["overflow"]


def test_steps_are_counted_at_every_depth_of_a_loop() -> None:
    few = Limits(steps=200)
    for text in ("for i in 1..100 return i + 1", "for i in 1..20, j in 1..20 return 1", "every i in 1..100 satisfies i > 0", "count(many[item > 0])"):
        assert [d.code for d in evaluate(text, {"many": list(range(100))}, limits=few).diagnostics] == ["limit"], text
    assert evaluate("for i in 1..9 return i", limits=few).value == list(range(1, 10))


def test_names_in_scope_are_found_however_often_and_however_long_they_are() -> None:
    long = "a-" * 150 + "b"
    for _ in range(2):
        assert parse("Pre-bureau risk + 1", ["Pre-bureau risk"]).evaluate({"Pre-bureau risk": 2}).value == 3
        assert parse("Pre-bureau risk", ["bureau risk"]).evaluate({"Pre": 5, "bureau risk": 2}).value == 3
        assert parse(long + " + 1", [long]).evaluate({long: 2}).value == 3
        assert parse("a and b", ["a and b", "a"]).evaluate({"a and b": 7, "a": True, "b": True}).value == 7
        assert parse("a and b", ["a", "b"]).evaluate({"a and b": 7, "a": True, "b": True}).value is True


def test_limits_of_the_text_are_kept_however_often_it_is_evaluated() -> None:
    for _ in range(2):
        assert evaluate("((1))").value == 1
        for limits, code in ((Limits(source=4), "too-long"), (Limits(depth=2), "too-deep")):
            with pytest.raises(FeelSyntaxError) as refusal:
                evaluate("((1))", limits=limits)
            assert refusal.value.code == code


def test_names_that_must_be_known_are_found_in_what_a_context_holds() -> None:
    deep = {"list": [{"Pre-bureau risk": 4}], "inner": {"x and y": {"a*b": 5}}}
    assert special_names(deep) == ("Pre-bureau risk", "a*b", "x and y")
    assert special_names({"a": 1, "b c": 2, 3: {"d-e": 1}, "f" * 300 + "-g": 1}) == ("d-e", "f" * 300 + "-g")
    assert evaluate("list[1].Pre-bureau risk + inner.x and y.a*b", deep).value == 9


def test_a_single_test_answers_true_false_or_nothing() -> None:
    assert unary("[1..5]", None).value is None
    assert unary("[1..5]", "a").diagnostics[0].code == "type"
    assert unary("< 5", "a").diagnostics[0].code == "type"
    assert unary("5", "a").value is None
    assert evaluate("3 in 3", {}).value is True
    assert evaluate("null in [1..2]", {}).value is None
