"""One small table for each kind of finding, and for each way in which a cell or a column may be out of reach."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import time
from decimal import Decimal

import pytest

from processes.dmn.quality import Gap, NotAnalysed, Overlap, Part, Span, Unreachable
from tests.processes.dmn.quality.tables import Asked, Column, Sketch, reported

AMOUNT = Column("amount", "number")
TIER = Column("tier", "string", '"gold","silver","basic"')


def table(policy, columns, *rows, **more):
    """A table whose rows are cells and an output, in a row."""
    return Sketch(policy, columns, [(row[:-1], row[-1]) for row in rows], **more)


def test_a_gap_is_told_as_a_region_with_an_example():
    sketch = table("U", [AMOUNT, TIER], ("< 10", "-", "1"), (">= 20", "-", "2"), ("[10..20)", '"basic"', "3"))

    report = sketch.report()

    assert report.gaps == (
        Gap(
            (
                Part((0,), "number", spans=(Span(Decimal(10), True, Decimal(20), False),)),
                Part((1,), "string", values=("gold", "silver")),
            ),
            (Decimal(10), "gold"),
        ),
    )  # fmt: skip
    assert Asked(sketch).rules(report.gaps[0].example) == []


def test_a_default_output_and_lists_of_results_leave_no_gap():
    rows = [("> 5", '"a"')]

    assert table("U", [AMOUNT], *rows, default='"b"').report().gaps == ()
    assert [bool(table(policy, [AMOUNT], *rows).report().gaps) for policy in "UAFPROC"] == [True] * 4 + [False] * 3


def test_a_table_without_columns_or_rules_is_answered():
    assert len(table("U", []).report().gaps) == 1
    assert table("U", [], ("1",)).report().gaps == ()
    assert table("U", [AMOUNT]).report().gaps[0].region == ()


def test_an_overlap_is_told_with_its_region():
    report = table("U", [AMOUNT], ("< 10", "1"), (">= 5", "2")).report()

    assert report.overlaps == (
        Overlap((1, 2), (Part((0,), "number", spans=(Span(Decimal(5), True, Decimal(10), False),)),), (Decimal(5),)),
    )


@pytest.mark.parametrize(
    ("one", "two", "conflict"),
    [('"a"', '"a"', False), ('"a"', '"b"', True), ("1.0", "1", False), ("null", "-", False), ("limit", "limit + 1", False), ("1", "limit", False)],
)
def test_results_of_any_conflict_only_when_they_surely_differ(one, two, conflict):
    report = table("A", [AMOUNT], ("< 10", one), (">= 5", two), (">= 10", two), outputs="").report()

    assert bool(report.overlaps) is conflict


def test_first_names_the_rules_that_come_before():
    report = table("F", [AMOUNT], ("< 5", "1"), ("> 10", "2"), ("< 3", "3"), ("not([5..10])", "4"), ("-", "5")).report()

    assert [(found.rule, found.by) for found in report.unreachable] == [(3, (1,)), (4, (1, 2))]


def test_priority_goes_by_the_order_of_the_outputs_and_is_silent_without_one():
    rows = [("> 7", '"low"'), ("> 5", '"high"'), ("-", '"low"'), ("> 8", "string(limit)")]

    ordered = table("P", [AMOUNT], *rows, outputs='"high","low"').report()

    assert [(found.rule, found.by) for found in ordered.unreachable] == [(1, (2,))]
    assert table("P", [AMOUNT], *rows, outputs="").report().unreachable == ()


def test_a_rule_that_no_allowed_value_meets():
    sketch = table("C", [Column("amount", "number", "[0..100]"), Column("amount", "number")],
                   ("> 100", "-", "1"), ("> 50", "< 20", "2"), ("100", "-", "3"), ("-", "[7..7)", "4"))  # fmt: skip

    assert sketch.report().unreachable == (Unreachable(1, 0), Unreachable(2, 1), Unreachable(4, 1))


@pytest.mark.parametrize(
    ("type_name", "low", "high", "inside"),
    [
        ("date", 'date("2026-02-28")', '@"2026-03-01"', ()),
        ("date", 'date("2026-02-28")', '@"2026-03-02"', (dt.date(2026, 3, 1),)),
        ("years and months duration", '@"P1Y"', 'duration("P13M")', ()),
        ("number", "1", "1.1", (Decimal("1.05"),)),
    ],
)
def test_nothing_lies_between_two_neighbouring_days_or_months(type_name, low, high, inside):
    report = table("U", [Column("x", type_name)], (f"<= {low}", "1"), (f">= {high}", "2")).report()

    assert tuple(gap.example[0] for gap in report.gaps) == inside


def test_times_of_day_end_at_midnight():
    column = Column("x", "time")

    assert table("U", [column], ('>= @"00:00:00"', "1")).report().gaps == ()
    assert table("U", [column], ('> @"00:00:00"', "1")).report().gaps[0].example == (dt.time(0, 0),)


def test_null_is_a_value_only_where_it_is_named():
    assert table("U", [AMOUNT], ("< 5", "1"), (">= 5", "2")).report().gaps == ()
    named = table("U", [AMOUNT], ("< 5", "1"), ("null", "2"), ("> 5", "3"), ("not(null)", "4")).report()

    assert named.gaps == ()
    assert {found.rules for found in named.overlaps} == {(1, 4), (3, 4)}
    assert table("U", [AMOUNT], ("not(null)", "1")).report().gaps[0].region[0].null


def test_allowed_values_of_types_bound_a_column_too():
    items = (
        '<itemDefinition name="Percent"><typeRef>number</typeRef><allowedValues><text>[0..100]</text></allowedValues></itemDefinition>'
        '<itemDefinition name="Share"><typeRef>Percent</typeRef><allowedValues><text>&gt; 10</text></allowedValues></itemDefinition>'
    )
    sketch = table("U", [Column("x", "Share")], ("[0..40]", "1"), ("[60..90]", "2"), ("5", "3"), items=items)

    report = sketch.report()

    assert [part.spans for gap in report.gaps for part in gap.region] == [
        (Span(Decimal(40), False, Decimal(60), False), Span(Decimal(90), False, Decimal(100), True)),
    ]
    assert [found.rule for found in report.unreachable] == [3]


def test_a_column_has_the_type_of_the_variable_that_it_asks():
    items = (
        '<itemDefinition name="Grade"><typeRef>string</typeRef><allowedValues><text>"x","y"</text></allowedValues></itemDefinition>'
    )
    sketch = table("U", [Column("grade", "Grade")], ('"x"', "1"), items=items)
    untyped = sketch.xml().replace('<inputExpression typeRef="Grade">', "<inputExpression>")

    (gap,) = reported(untyped).gaps

    assert (gap.region, gap.example) == ((Part((0,), "string", values=("y",)),), ("y",))


def test_texts_are_ordered_only_where_they_are_enumerated():
    closed = table("U", [Column("x", "string", '"a","b","c"')], ('< "b"', "1"), ('["b".."b"]', "2")).report()
    open_ended = table("U", [Column("x", "string")], ('< "b"', "1"), ('"c"', "2")).report()

    assert [gap.example for gap in closed.gaps] == [("c",)]
    assert open_ended.not_analysed == (NotAnalysed(0, 1, '< "b"'),)


@pytest.mark.parametrize(
    "cell",
    ["< limit", "even(?)", "? > 3", "limit", "5 + 5", "[1..limit]", "[9..1]", '@"nonsense"', "1, limit", "not(limit)", "number(limit)"],
)
def test_what_is_not_analysed_is_named_and_nothing_is_claimed_of_it(cell):
    report = table("U", [AMOUNT], (cell, "1"), ("-", "2"), ("> 5", "3")).report()

    assert report.not_analysed == (NotAnalysed(0, 1, cell),)
    assert {found.rules for found in report.overlaps} - {(1, 2)} == {(2, 3)}
    assert report.unreachable == ()


def test_a_part_of_a_cell_that_is_analysed_still_counts():
    report = table("F", [AMOUNT], ("> 5, limit", "1"), ("> 7", "2"), ("-", "3")).report()

    assert [found.rule for found in report.unreachable] == [2]
    assert report.not_analysed == (NotAnalysed(0, 1, "> 5, limit"),)


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        (Column("x", "number", "even(?)"), "> 5", "even(?)"),
        (Column("x", "context"), "5", "context"),
        (Column("x", "time"), '@"10:00:00Z"', "time"),
        (Column("x", "Any"), '5, "a"', "Any"),
    ],
)
def test_a_column_whose_values_are_out_of_reach_is_named(column, cell, why):
    report = table("U", [column, AMOUNT], (cell, "< 5", "1"), ("-", "> 5", "2")).report()

    assert report.not_analysed == (NotAnalysed(0, None, why),)
    assert [gap.region for gap in report.gaps] == [(Part((1,), "number", spans=(Span(Decimal(5), True, Decimal(5), True),)),)]


def test_a_variable_called_like_a_function_is_no_constant():
    sketch = table("U", [Column("date", "date")], ('< date("2026-01-01")', "1"), ('>= @"2026-01-01"', "2"))

    assert sketch.report().not_analysed == (NotAnalysed(0, 1, '< date("2026-01-01")'),)


def test_moments_with_and_without_offset_are_not_mixed():
    mixed = table("U", [Column("x", "date and time")], ('< @"2026-01-01T00:00:00Z"', "1"), ('>= @"2026-01-01T00:00:00"', "2"))
    same = table("U", [Column("x", "date and time")], ('< @"2026-01-01T08:00:00+08:00"', "1"), ('>= @"2026-01-01T00:00:00Z"', "2"))

    assert len(mixed.report().not_analysed) == 1
    assert same.report().gaps == ()
    assert same.report().not_analysed == ()


# --- size --------------------------------------------------------------------------------------------------
FIVE = [Column(f"v{index}", "number") for index in range(5)]


def band(index: int, count: int) -> str:
    return "< 10" if index == 0 else f">= {10 * (count - 1)}" if index == count - 1 else f"[{10 * index}..{10 * index + 10})"


def test_a_thousand_rules_over_five_inputs_take_seconds():
    rows = [[band(at, 4) for at in point] for point in itertools.product(range(4), repeat=5)]
    sketch = Sketch("U", FIVE, [(cells, '"a"') for number, cells in enumerate(rows) if number not in (100, 101, 700)])

    begun = time.perf_counter()
    report = sketch.report()

    assert time.perf_counter() - begun < 20
    assert report.complete
    assert len(report.gaps) == 2  # 100 and 101 differ in the last input only
    assert report.overlaps == ()


def test_a_thousand_rules_that_overlap_at_random_take_seconds():
    chance = random.Random(7)

    def cell():
        low, high = sorted(chance.sample(range(1000), 2))
        return "-" if chance.random() < 0.3 else f"[{low}..{high})"

    rows = [([cell() for _column in FIVE], chance.choice(('"a"', '"b"'))) for _rule in range(1000)]
    begun = time.perf_counter()
    reports = {policy: Sketch(policy, FIVE, rows).report() for policy in "UF"}

    assert time.perf_counter() - begun < 60
    assert len(reports["U"].overlaps) == 20
    assert reports["U"].more_overlaps > 1000
    assert reports["F"].complete
    assert len(reports["F"].unreachable) > 100


def test_what_is_too_large_is_said_to_be_and_still_shows_a_gap():
    rows = [[band((at * factor) % 7, 7) for factor in (1, 2, 3, 4, 5)] for at in range(60)]
    sketch = Sketch("F", FIVE, [(cells, '"a"') for cells in rows])

    report = sketch.report(steps=400)

    assert not report.complete
    assert Asked(sketch).rules(report.gaps[0].example) == []
    assert sketch.report().complete


def test_many_findings_are_listed_in_part_and_counted():
    report = table("U", [AMOUNT], *[("> 5", "1")] * 30, *[(f"{number}", "1") for number in range(-50, 0, 2)]).report(most=3)

    assert (len(report.overlaps), report.more_overlaps) == (3, 30 * 29 // 2 - 3)
    assert len(report.gaps) == 1
