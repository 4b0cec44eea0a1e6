"""List functions (Table 75) and sort (Table 80)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from processes.marked import say

from ..errors import Fault
from ..numbers import CONTEXT, whole
from ..values import COMPARABLE, Function, admit, called, compare, equal_admitted, kind
from .registry import builtin


def _numbers(items: list[Any]) -> list[Decimal]:
    if set(map(type, items)) == {Decimal} and all(map(Decimal.is_finite, items)):
        return items
    values = [admit(item) for item in items]
    for value in values:
        if type(value) is not Decimal:
            code = "null-operand" if value is None else "type"
            raise Fault(say("Only numbers can be calculated with, and the list has a %(kind)s in it.", kind=called(kind(value))), value, code)
    return values


def _over_numbers(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return builtin(f"{name}(list: list)", f"{name}(*n: any)")


def _same(run: Any, one: Any, two: Any) -> bool:
    return equal_admitted(one, two, run.spend) is True


def _position(items: list[Any], position: Decimal, extra: int = 0) -> int:
    """A 1-based, or from the end negative, position as an index; raises Fault when it is outside."""
    at = whole(position)
    if at is None or at == 0 or abs(at) > len(items) + (extra if at > 0 else 0):
        raise Fault(say("The list has %(count)s items and none at this position.", count=len(items)), position, "index")
    return at - 1 if at > 0 else len(items) + at


@builtin("list contains(list: list, element: any)")
def list_contains(run: Any, items: list[Any], element: Any) -> bool:
    run.spend(len(items))
    return any(_same(run, item, element) for item in items)


@builtin("count(list: list)")
def count(run: Any, items: list[Any]) -> Decimal:
    return Decimal(len(items))


def _extreme(items: list[Any], sign: int) -> Any:
    if not items:
        return None
    values = [admit(item) for item in items]
    best = values[0]
    if set(map(type, values)) == {Decimal}:
        return min(values) if sign < 0 else max(values)
    if kind(best) not in COMPARABLE:
        raise Fault(say("These items have no order; compare only items of one kind."), best, "null-operand" if best is None else "type")
    for value in values[1:]:
        if compare(value, best) == sign:
            best = value
    return best


@builtin("min(list: list)", "min(*c: any)")
def minimum(run: Any, items: list[Any]) -> Any:
    run.spend(len(items))
    return _extreme(items, -1)


@builtin("max(list: list)", "max(*c: any)")
def maximum(run: Any, items: list[Any]) -> Any:
    run.spend(len(items))
    return _extreme(items, 1)


def _sum(values: list[Decimal]) -> Decimal:
    total, add = Decimal(0), CONTEXT.add
    for value in values:
        total = add(total, value)
    return total


@_over_numbers("sum")
def total(run: Any, items: list[Any]) -> Any:
    run.spend(len(items))
    return _sum(_numbers(items)) if items else None


@_over_numbers("mean")
def mean(run: Any, items: list[Any]) -> Any:
    run.spend(len(items))
    return CONTEXT.divide(_sum(_numbers(items)), Decimal(len(items))) if items else None


@_over_numbers("product")
def product(run: Any, items: list[Any]) -> Any:
    run.spend(len(items))
    result = Decimal(1)
    for value in _numbers(items):
        result = CONTEXT.multiply(result, value)
    return result if items else None


@_over_numbers("median")
def median(run: Any, items: list[Any]) -> Any:
    run.spend(len(items) * 4)
    values = sorted(_numbers(items))
    if not values:
        return None
    middle = len(values) // 2
    if len(values) % 2:
        return values[middle]
    return CONTEXT.divide(CONTEXT.add(values[middle - 1], values[middle]), Decimal(2))


@_over_numbers("stddev")
def standard_deviation(run: Any, items: list[Any]) -> Any:
    """The sample standard deviation."""
    run.spend(len(items) * 3)
    values = _numbers(items)
    if len(values) < 2:
        return None
    middle = CONTEXT.divide(_sum(values), Decimal(len(values)))
    squares = [CONTEXT.power(CONTEXT.subtract(value, middle), Decimal(2)) for value in values]
    return CONTEXT.sqrt(CONTEXT.divide(_sum(squares), Decimal(len(values) - 1)))


@_over_numbers("mode")
def mode(run: Any, items: list[Any]) -> list[Decimal]:
    run.spend(len(items) * 3)
    counts: dict[Decimal, int] = {}
    for value in _numbers(items):
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, times in counts.items() if times == most)


def _logic(items: list[Any], decided: bool) -> bool | None:
    if any(item is decided for item in items):
        return decided
    return (not decided) if all(type(item) is bool for item in items) else None


@builtin("all(list: list)", "all(*b: any)")
def all_true(run: Any, items: list[Any]) -> bool | None:
    run.spend(len(items))
    return _logic(items, False)


@builtin("any(list: list)", "any(*b: any)")
def any_true(run: Any, items: list[Any]) -> bool | None:
    run.spend(len(items))
    return _logic(items, True)


@builtin("sublist(list: list, start position: number, length: number?)")
def sublist(run: Any, items: list[Any], start: Decimal, length: Decimal | None) -> list[Any]:
    index = _position(items, start)
    if length is None:
        run.items(len(items) - index)
        return items[index:]
    wanted = whole(length)
    if wanted is None or not 1 <= wanted <= len(items) - index:
        raise Fault(say("The length reaches over the end of the list; make it shorter."), length, "index")
    run.items(wanted)
    return items[index : index + wanted]


@builtin("append(list: list, *item: any)")
def append(run: Any, items: list[Any], more: list[Any]) -> list[Any]:
    run.items(len(items) + len(more))
    return [*items, *more]


@builtin("concatenate(*list: list)")
def concatenate(run: Any, lists: list[list[Any]]) -> list[Any]:
    run.items(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("insert before(list: list, position: number, newItem: any)")
def insert_before(run: Any, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    index = _position(items, position)
    run.items(len(items) + 1)
    return [*items[:index], item, *items[index:]]


@builtin("remove(list: list, position: number)")
def remove(run: Any, items: list[Any], position: Decimal) -> list[Any]:
    index = _position(items, position)
    run.items(len(items))
    return [*items[:index], *items[index + 1 :]]


@builtin("list replace(list: list, position: number, newItem: any)")
def list_replace_at(run: Any, items: list[Any], position: Decimal, item: Any) -> list[Any]:
    index = _position(items, position)
    run.items(len(items))
    return [*items[:index], item, *items[index + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any)")
def list_replace_where(run: Any, items: list[Any], match: Function, new: Any) -> list[Any]:
    run.items(len(items))
    result = []
    for item in items:
        found = match.invoke(run, [item, new], (), None)
        if type(found) is not bool:
            raise Fault(say("The match function must answer true or false."), found, "type")
        result.append(new if found else item)
    return result


@builtin("reverse(list: list)")
def reverse(run: Any, items: list[Any]) -> list[Any]:
    run.items(len(items))
    return items[::-1]


@builtin("index of(list: list, match: any)")
def index_of(run: Any, items: list[Any], wanted: Any) -> list[Decimal]:
    run.items(len(items))
    return [Decimal(at) for at, item in enumerate(items, 1) if _same(run, item, wanted)]


def _distinct(run: Any, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    seen: set[tuple[str, Any]] = set()
    for item in items:
        of = kind(item)
        if of in ("number", "string", "boolean", "null", "date"):
            key = (of, item)
            if key not in seen:
                seen.add(key)
                kept.append(item)
            continue
        run.spend(len(kept) + 1)
        if not any(_same(run, item, other) for other in kept):
            kept.append(item)
    return kept


@builtin("union(*list: list)")
def union(run: Any, lists: list[list[Any]]) -> list[Any]:
    return _distinct(run, concatenate(run, lists))


@builtin("distinct values(list: list)")
def distinct_values(run: Any, items: list[Any]) -> list[Any]:
    run.items(len(items))
    return _distinct(run, items)


@builtin("flatten(list: list)")
def flatten(run: Any, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    stack = [iter(items)]
    while stack:
        for item in stack[-1]:
            if type(item) is list:
                stack.append(iter(item))
                break
            flat.append(item)
        else:
            stack.pop()
        run.spend(1)
        if len(flat) > run.limits.items:
            run.items(len(flat))
    return flat


@builtin("sort(list: list, precedes: function)")
def sort(run: Any, items: list[Any], precedes: Function) -> list[Any]:
    run.items(len(items))

    def order(one: Any, two: Any) -> int:
        run.spend(10)
        for first, second, sign in ((one, two, -1), (two, one, 1)):
            found = precedes.invoke(run, [first, second], (), None)
            if type(found) is not bool:
                raise Fault(say("The function that sorts must answer true or false."), found, "type")
            if found:
                return sign
        return 0

    return sorted(items, key=cmp_to_key(order))


@builtin("sort(list: list)")
def sort_naturally(run: Any, items: list[Any]) -> list[Any]:
    run.items(len(items) * 2)
    return sorted(items, key=cmp_to_key(compare))
