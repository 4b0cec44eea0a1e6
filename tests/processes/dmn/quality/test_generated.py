"""The analysis of tables against brute force: each table is asked with the real evaluator at every point of a fine grid
(all bounds, what lies between them, and beyond the ends)."""

from __future__ import annotations

import itertools

import pytest

from tests.processes.dmn.quality.tables import Asked, Sketch, grid, lies_in, made

EVERYTHING = 100_000
SEEDS = range(200)
STRANGE = range(1000, 1060)


def seen(sketch: Sketch) -> tuple[set[tuple[object, ...]], set[tuple[int, int]], set[int]]:
    """Gap points, overlapping pairs and rules that decide somewhere, found by asking everywhere."""
    asked = Asked(sketch)
    gaps, pairs, used = set(), set(), set()
    for point in grid(sketch):
        rules = asked.rules(point)
        if not rules:
            gaps.add(point)
        pairs |= set(itertools.combinations(rules, 2))
        used |= {asked.decides(point)} if sketch.policy in "FP" else set(rules)
    if sketch.policy == "A":
        pairs = {(a, b) for a, b in pairs if sketch.rules[a - 1][1] != sketch.rules[b - 1][1]}
    return gaps, pairs, used


@pytest.mark.parametrize("seed", SEEDS)
def test_it_agrees_with_asking_everywhere(seed):
    sketch = made(seed)
    gaps, pairs, used = seen(sketch)
    wants = sketch.policy in "UAFP" and not sketch.default

    report = sketch.report(most=EVERYTHING)

    assert report.complete
    assert not report.not_analysed
    assert {point for point in grid(sketch) if any(lies_in(point, gap.region) for gap in report.gaps)} == (gaps if wants else set())
    assert {found.rules for found in report.overlaps} == (pairs if sketch.policy in "UA" else set())
    assert {found.rule for found in report.unreachable} == set(range(1, len(sketch.rules) + 1)) - used
    every_example_holds(sketch, report)


def test_the_generated_tables_are_of_all_kinds():
    sketches = [made(seed) for seed in SEEDS]
    reports = [sketch.report(most=EVERYTHING) for sketch in sketches]
    cells = [cell for sketch in sketches for row, _ in sketch.rules for cell in row]

    assert {sketch.policy for sketch in sketches} == set("UAFPROC")
    assert {len(sketch.columns) for sketch in sketches} == {1, 2, 3, 4}
    assert {column.type for sketch in sketches for column in sketch.columns} >= {"number", "date", "string", "boolean"}
    assert sum(len({c.variable for c in s.columns}) < len(s.columns) for s in sketches) > 10
    assert sum("null" in cell for cell in cells) > 20
    assert sum(cell.startswith("not(") for cell in cells) > 50
    assert sum(bool(report.gaps) for report in reports) > 50
    assert sum(bool(report.overlaps) for report in reports) > 20
    assert sum(bool(report.unreachable) for report in reports) > 50


@pytest.mark.parametrize("seed", STRANGE)
def test_what_it_claims_beside_cells_that_it_does_not_analyse_is_so(seed):
    sketch = made(seed, strange=True)
    gaps, pairs, used = seen(sketch)

    report = sketch.report(most=EVERYTHING)

    claimed = {point for point in grid(sketch) if any(lies_in(point, gap.region) for gap in report.gaps)}
    assert claimed <= gaps
    assert {found.rules for found in report.overlaps} <= pairs
    assert not {found.rule for found in report.unreachable} & used
    every_example_holds(sketch, report)


def test_tables_with_strange_cells_still_give_findings():
    reports = [made(seed, strange=True).report() for seed in STRANGE]

    assert sum(bool(report.not_analysed) for report in reports) > 40
    assert sum(bool(report.not_analysed and (report.gaps or report.overlaps or report.unreachable)) for report in reports) > 15


def every_example_holds(sketch, report):
    asked = Asked(sketch)
    for gap in report.gaps:
        assert asked.rules(gap.example) == []
        assert lies_in(gap.example, gap.region)
    for overlap in report.overlaps:
        assert set(overlap.rules) <= set(asked.rules(overlap.example))
        assert lies_in(overlap.example, overlap.region)
        assert asked.refuses(overlap.example)
    for found in report.unreachable:
        if found.example is not None:
            assert found.rule in asked.rules(found.example)
            assert asked.decides(found.example) != found.rule
