"""Whatever the text: FEEL ends in time, as a value, as null with the reason, or with its own refusal, and touches
nothing that was not handed to it. `python -m tests.processes.feel.test_fuzzing SEED` runs one case again."""

from __future__ import annotations

import json
import signal
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any
from unittest.mock import patch

import pytest

from processes.feel import (
    DEFAULT,
    Diagnostic,
    FeelSyntaxError,
    Limits,
    NotReadable,
    Result,
    evaluate,
    from_json,
    nodes,
    parse,
    parse_unary,
    to_json,
    to_text,
    unary,
    values,
    wire,
)
from processes.feel.builtins import BUILTINS
from processes.feel.parser import children
from processes.feel.scope import special_names
from processes.feel.values import kind

from .grammar import Grammar
from .traps import Touched, context

TIGHT = Limits(steps=10_000, items=2_000, text=50_000, regex_seconds=0.02, seconds=1.0)
"""What most cases run with, so that many of them reach a bound; every 500th case runs with the product's own limits."""

MARGIN = 1.0
"""Seconds of processor time that a case may take beyond Limits.seconds: reading the text, and one single operation that
is under way when the time is up."""

STUCK = 30.0
"""Seconds after which a case is stopped from outside."""


class Stuck(BaseException):
    """A case did not end."""


def _stop(signal_number: int, frame: object) -> None:
    raise Stuck(f"still running after {STUCK} seconds")


@contextmanager
def watched() -> Iterator[None]:
    """Stops what does not end by itself."""
    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, STUCK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def case(seed: int) -> tuple[str, bool, Limits]:
    """The text of a seed, whether it is unary tests, and the limits it runs with."""
    chance = Random(seed)
    text, tests = Grammar(chance).text()
    return text, tests, DEFAULT if seed % 500 == 0 else TIGHT


def judged(seed: int, text: str, tests: bool, limits: Limits) -> str:
    """How a case ended: value, null or refused. Anything else is raised."""
    scope = context()
    subject = scope[Random(seed).choice(sorted(scope, key=str))] if tests else None
    result, refusal = None, None
    began = time.thread_time()
    try:
        result = unary(text, subject, scope, limits=limits) if tests else evaluate(text, scope, limits=limits)
    except FeelSyntaxError as error:
        refusal = error
    finally:
        took = time.thread_time() - began
        assert took < limits.seconds + MARGIN, f"took {took:.1f} s"
    if refusal is not None or result is None:
        assert refusal
        assert str(refusal.message)
        assert 0 <= refusal.position <= len(text)
        return "refused"
    for diagnostic in result.diagnostics:
        assert isinstance(diagnostic, Diagnostic)
        assert str(diagnostic)
    kinds(result.value)
    kept(result)
    return "value" if result.value is not None else "null"


def kinds(value: Any) -> None:
    """The value is one of FEEL's; what stands inside a mapping that was handed over is not looked at."""
    queue, seen = [value], {id(value)}
    while queue:
        item = queue.pop()
        assert kind(item) != "unknown"
        if type(item) is list:
            new = [part for part in item if id(part) not in seen]
            seen.update(map(id, new))
            queue += new


def kept(result: Result) -> None:
    """The value can be stored and shown, or is refused with a sentence."""
    with patch.object(wire, "MOST_PARTS", 2_000), suppress(NotReadable):
        stored = to_json(result.value)
        from_json(json.loads(json.dumps(stored)))
    with patch.object(values, "MOST_TEXT", 20_000), suppress(NotReadable):
        assert isinstance(to_text(result.value), str)


def run(seeds: range) -> Counter[str]:
    """Runs the cases; the first that fails is told with its seed and text."""
    ends: Counter[str] = Counter()
    for seed in seeds:
        text, tests, limits = case(seed)
        try:
            with watched():
                ends[judged(seed, text, tests, limits)] += 1
        except (Exception, Touched, Stuck) as failure:
            pytest.fail(
                f"{type(failure).__name__}: {failure}\nthe {'tests' if tests else 'expression'} {text!r}\n"
                f"again: python -m tests.processes.feel.test_fuzzing {seed}"
            )
    return ends


# --- many cases -----------------------------------------------------------------------------------------------------
BLOCK = 10_000


def test_some_thousand_texts_end_as_they_should():
    ends = run(range(1, 2001))
    assert ends["value"] > 300
    assert ends["null"] > 300
    assert ends["refused"] > 300


@pytest.mark.long
@pytest.mark.parametrize("block", range(20))
def test_200_000_texts_end_as_they_should(block):
    ends = run(range(block * BLOCK, (block + 1) * BLOCK))
    assert sum(ends.values()) == BLOCK


def test_the_texts_have_every_construct_and_every_function():
    known = special_names(context())
    used: set[str] = set()
    constructs: set[type] = set()
    for seed in range(1, 2001):
        text, tests, _ = case(seed)
        try:
            queue: list[nodes.Node] = [(parse_unary if tests else parse)(text, known).tree]
        except FeelSyntaxError:
            continue
        while queue:
            node = queue.pop()
            constructs.add(type(node))
            if isinstance(node, nodes.Call) and isinstance(node.function, nodes.Name):
                used.add(node.function.name)
            queue += children(node)
    every = {item for item in vars(nodes).values() if isinstance(item, type) and issubclass(item, nodes.Node)}
    assert every - {nodes.Node} == constructs
    assert set(BUILTINS) <= used


# --- bombs ----------------------------------------------------------------------------------------------------------
DOUBLED = "{v0: [1, 2], " + ", ".join(f"v{n}: [v{n - 1}, v{n - 1}]" for n in range(1, 45)) + ", z: %s}.z"
LONG_TEXT = '{t0: "' + "\U0001f600" * 500 + '", ' + ", ".join(f"t{n}: t{n - 1} + t{n - 1}" for n in range(1, 11)) + ", z: %s}.z"
LONG_LIST = "{l: for i in 1..100000 return i, z: %s}.z"
BOMBS = (
    "for i in 1..100000000 return i", "for i in 1..9999999999999999999 return i", "count(9999999999999999999..-9999999999999999999)", "for i in 1..2000, j in 1..2000 return [i, j]", "for i in 1..400 return for j in 1..100000 return j",
    "for i in 1..100000 return partial", "for i in 1..100000 return [partial]", "string(for i in 1..40 return partial)", "for i in 1..40 return partial",
    "(for i in 1..40 return partial) = (for j in 1..40 return partial)", "every i in 1..1000000, j in 1..1000000 satisfies i > 0",
    DOUBLED % "v44", DOUBLED % "string(v44)", DOUBLED % "v44 = v44", DOUBLED % "flatten(v44)", DOUBLED % "distinct values([v44, v43])", DOUBLED % "{a: v44}.a",
    DOUBLED % ("v44 instance of " + "list<" * 45 + "number" + ">" * 45), DOUBLED % ("(function(x: " + "list<" * 45 + "number" + ">" * 45 + ") x)(v44)"), DOUBLED % "v44 in (v44)", DOUBLED % "list contains([v44], v44)",
    DOUBLED % "is(v44, v44)", DOUBLED % "v44.a.b", LONG_TEXT % "for i in 1..100000 return substring(t10, 2)", LONG_TEXT % "for i in 1..100000 return substring before(t10, \"x\")",
    LONG_TEXT % "for i in 1..100000 return upper case(t10)", LONG_TEXT % "some i in 1..100000 satisfies contains(t10, \"x\")", LONG_TEXT % "some i in 1..100000 satisfies t10 = t10 + \"\"",
    LONG_TEXT % "for i in 1..100000 return [t10 = t10, t10 < t10]", LONG_TEXT % "string(for i in 1..1000 return t10)", LONG_TEXT % "for i in 1..100000 return split(t10, \"x\")",
    LONG_TEXT % 'replace(t10, "(.+)", "' + "$1" * 20_000 + '")', LONG_TEXT % "string join(for i in 1..100 return t10)", LONG_TEXT % "for i in 1..1000 return matches(t10, \"(.+)+x\")",
    LONG_LIST % "for i in 1..100000 return sublist(l, 2)", LONG_LIST % "for i in 1..100000 return append(l, i)", LONG_LIST % "for i in 1..100000 return reverse(l)", LONG_LIST % "for i in 1..100000 return l = l",
    LONG_LIST % "get entries(context(for i in l return {key: string(i), value: i}))", LONG_LIST % "sort(l, function(a, b) " + "not(" * 40 + "a < b" + ")" * 40 + ")", LONG_LIST % "list replace(l, function(a, b) " + "1 + " * 150 + "a > 0, 1)",
    LONG_LIST % "distinct values(for i in l return [i])", LONG_LIST % "for i in l return index of(l, [i])", "for i in 1..100000 return function(" + ", ".join(f"p{n}" for n in range(6000)) + ") 0",
    "{f: function(n) [f(n), f(n)]}.f(1)", "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1)}.f(50)", "{f: function(x) x(x)}.f(function(x) x(x))", "(function(x) " + "+ ".join(["x(x)"] * 100) + ")(function(x) x(x))",
    'matches("' + "a" * 60 + '!", "(a+)+$")', 'replace("", "(((){1000}){1000}){1000}", "x")', 'matches("aaa", "((((a?){1000}){1000}){1000}){1000}")', 'split("' + "a" * 60 + '", "(a|a)*b")', 'replace("a", "a", "$' + "0" * 40_000 + '")',
    "{" + ", ".join(f"a {n}: 1" for n in range(5000)) + "}", "[" * 59 + "1" + "]" * 59, "(" * 25_000, "1" + "0" * 49_000, "a(" * 20_000, "]" * 25_000, "]1.." * 12_000, "x in (" * 8_000, '"' + "\\u0041" * 8_000 + '"', "not(" * 12_000, "/*" * 20_000,
    "[1..2[" * 8_000, "]1.." * 25 + "2[" * 25, "1 in (" * 28 + "2" + ")" * 28 + " !", "for x in " * 6_000, "{a: " * 10_000, "if " * 16_000, "-" * 49_000, "10 ** 10 ** 10 ** 10", "1.0000000001 ** 999999999", "exp(10 ** 6000)", "(10 ** -6000) ** 0.5",
    'duration("P99999999999999999999D") * 99999', '@"999999999-12-31" + @"P999999999Y"', 'for d in @"-999999999-01-01"..@"999999999-12-31" return d', 'range("[' + "(" * 10_000 + '")', "string(10 ** 6000)", "for i in 1..100000 return string(10 ** 6000)",
)  # fmt: skip
SMALL = Limits(steps=20_000, items=5_000, text=100_000, regex_seconds=0.05, seconds=0.2)


@pytest.mark.parametrize(("limits", "megabytes"), [(SMALL, 40), pytest.param(DEFAULT, 250, marks=pytest.mark.long)], ids=["small", "real"])
@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_costs_neither_much_time_nor_much_memory(text, limits, megabytes):
    tracemalloc.start()
    began = time.thread_time()
    try:
        with watched(), suppress(FeelSyntaxError):
            kept(evaluate(text, limits=limits))
        took, (_, peak) = time.thread_time() - began, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert took < limits.seconds + 3 * MARGIN  # counting memory makes everything slower
    assert peak < megabytes * 1_000_000


# --- what is handed in ----------------------------------------------------------------------------------------------
def test_what_python_can_hold_and_feel_cannot_becomes_null_with_a_reason():
    scope = context()
    for text in ("not a number < 1", "endless + 1", "vast * 2", "whole + 1", "string(vast)", "things", "thing", "deal.odd one", "deal.owner.spouse.password", "plain.__class__"):
        result = evaluate(text, scope)
        assert result.value is None
        assert result.diagnostics


def test_a_record_is_asked_for_its_own_fields_alone():
    scope = context()
    assert evaluate("deal.owner.name", scope).value == "Li"
    assert evaluate("deal.items[price > 4].name", scope).value == ["b"]
    assert evaluate("deal.password", scope).diagnostics[0].code == "unknown-entry"
    assert evaluate('get value(deal, "__class__")', scope).diagnostics[0].code == "unknown-entry"


def test_the_traps_do_close():
    for touch in (lambda s: s["deal"].amount, lambda s: s["deal"]["password"], lambda s: str(s["thing"]), lambda s: s["thing"].password, lambda s: s["thing"] == 1):
        with pytest.raises(Touched):
            touch(context())


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(repr(case(int(argument))[0]), dict(run(range(int(argument), int(argument) + 1))))
