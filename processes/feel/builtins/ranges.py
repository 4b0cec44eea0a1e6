"""Range functions (Table 78). A point is any ordered value; a missing endpoint means no bound on that side."""

from __future__ import annotations

from typing import Any

from ..values import COMPARABLE, Range, compare, in_range
from .registry import builtin

_POINT = "|".join(sorted(COMPARABLE))


def _starts(one: Range, two: Range) -> int:
    """Compares where two ranges begin."""
    if one.start is None or two.start is None:
        return (one.start is not None) - (two.start is not None)
    order = compare(one.start, two.start)
    return order or int(two.start_included) - int(one.start_included)


def _ends(one: Range, two: Range) -> int:
    """Compares where two ranges end."""
    if one.end is None or two.end is None:
        return (two.end is not None) - (one.end is not None)
    order = compare(one.end, two.end)
    return order or int(one.end_included) - int(two.end_included)


def _gap(one: Range, two: Range) -> bool:
    """Whether range one lies wholly before range two."""
    if one.end is None or two.start is None:
        return False
    order = compare(one.end, two.start)
    return order < 0 or (order == 0 and not (one.end_included and two.start_included))


def _range_of(value: Any) -> Range:
    return value if type(value) is Range else Range(value, value, True, True)


@builtin(
    f"before(point1: {_POINT}, point2: {_POINT})", f"before(point: {_POINT}, range: range)",
    f"before(range: range, point: {_POINT})", "before(range1: range, range2: range)",
)
def before(run: Any, one: Any, two: Any) -> bool:
    return _gap(_range_of(one), _range_of(two))


@builtin(
    f"after(point1: {_POINT}, point2: {_POINT})", f"after(point: {_POINT}, range: range)",
    f"after(range: range, point: {_POINT})", "after(range1: range, range2: range)",
)
def after(run: Any, one: Any, two: Any) -> bool:
    return _gap(_range_of(two), _range_of(one))


@builtin("meets(range1: range, range2: range)")
def meets(run: Any, one: Range, two: Range) -> bool:
    return bool(
        one.end_included and two.start_included and one.end is not None and two.start is not None
        and compare(one.end, two.start) == 0
    )


@builtin("met by(range1: range, range2: range)")
def met_by(run: Any, one: Range, two: Range) -> bool:
    return meets(run, two, one)


@builtin("overlaps(range1: range, range2: range)")
def overlaps(run: Any, one: Range, two: Range) -> bool:
    return not _gap(one, two) and not _gap(two, one)


@builtin("overlaps before(range1: range, range2: range)")
def overlaps_before(run: Any, one: Range, two: Range) -> bool:
    return _starts(one, two) < 0 and not _gap(one, two) and _ends(one, two) <= 0


@builtin("overlaps after(range1: range, range2: range)")
def overlaps_after(run: Any, one: Range, two: Range) -> bool:
    return _starts(one, two) > 0 and not _gap(two, one) and _ends(one, two) >= 0


@builtin(f"finishes(point: {_POINT}, range: range)")
def finishes_point(run: Any, point: Any, bounds: Range) -> bool:
    return bounds.end_included and bounds.end is not None and compare(bounds.end, point) == 0


@builtin("finishes(range1: range, range2: range)")
def finishes(run: Any, one: Range, two: Range) -> bool:
    return _ends(one, two) == 0 and _starts(one, two) >= 0


@builtin(f"finished by(range: range, point: {_POINT})")
def finished_by_point(run: Any, bounds: Range, point: Any) -> bool:
    return finishes_point(run, point, bounds)


@builtin("finished by(range1: range, range2: range)")
def finished_by(run: Any, one: Range, two: Range) -> bool:
    return finishes(run, two, one)


@builtin(f"includes(range: range, point: {_POINT})")
def includes_point(run: Any, bounds: Range, point: Any) -> bool:
    return in_range(point, bounds)


@builtin("includes(range1: range, range2: range)")
def includes(run: Any, one: Range, two: Range) -> bool:
    return _starts(one, two) <= 0 and _ends(one, two) >= 0


@builtin(f"during(point: {_POINT}, range: range)")
def during_point(run: Any, point: Any, bounds: Range) -> bool:
    return in_range(point, bounds)


@builtin("during(range1: range, range2: range)")
def during(run: Any, one: Range, two: Range) -> bool:
    return includes(run, two, one)


@builtin(f"starts(point: {_POINT}, range: range)")
def starts_point(run: Any, point: Any, bounds: Range) -> bool:
    return bounds.start_included and bounds.start is not None and compare(bounds.start, point) == 0


@builtin("starts(range1: range, range2: range)")
def starts(run: Any, one: Range, two: Range) -> bool:
    return _starts(one, two) == 0 and _ends(one, two) <= 0


@builtin(f"started by(range: range, point: {_POINT})")
def started_by_point(run: Any, bounds: Range, point: Any) -> bool:
    return starts_point(run, point, bounds)


@builtin("started by(range1: range, range2: range)")
def started_by(run: Any, one: Range, two: Range) -> bool:
    return starts(run, two, one)


@builtin(f"coincides(point1: {_POINT}, point2: {_POINT})")
def coincides_points(run: Any, one: Any, two: Any) -> bool:
    return compare(one, two) == 0


@builtin("coincides(range1: range, range2: range)")
def coincides(run: Any, one: Range, two: Range) -> bool:
    return _starts(one, two) == 0 and _ends(one, two) == 0
