"""Syntax trees to closures: each node becomes one Python function of a frame (see runtime), so that evaluating again
costs no more than the calls. Nothing is ever handed to Python's own eval or exec."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

from processes.marked import say

from . import nodes as n
from . import operators as op
from . import temporal as t
from . import types as ft
from .builtins import BUILTINS
from .builtins.registry import Signature
from .errors import Fault
from .numbers import CONTEXT, whole
from .parser import children, size
from .runtime import FIRST_LOCAL, MISSING, RUN, SCOPE, SUBJECT, Closure, Code, Frame, Run, Site, invoke
from .values import (
    EXPONENTS,
    KINDS,
    Range,
    Spend,
    admit,
    called,
    compare,
    equal,
    equal_admitted,
    free,
    in_range,
    kind,
)

_FAST = {"+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply, "/": CONTEXT.divide}
_PLAIN = frozenset(KINDS) - {list, Decimal}
_FOLDED = frozenset({"date", "time", "date and time", "duration"})
"""Functions whose value for a literal is found once, when the expression is compiled."""


class Compiler:
    """Compiles the nodes of one text. Local names have slots in the frame; inside a filter, the entries of the
    element come first."""

    def __init__(self, source: str, resolve: ft.Resolver | None = None) -> None:
        self.source = source
        self.resolve = resolve
        self.locals: list[tuple[str, int, bool]] = []  # name, slot, whether it is the element of a filter
        self.top = FIRST_LOCAL
        self.width = FIRST_LOCAL

    def site(self, node: n.Node) -> Site:
        return Site(self.source, node.position)

    def slot(self, name: str, element: bool = False) -> int:
        slot = self.top
        self.top += 1
        self.width = max(self.width, self.top)
        self.locals.append((name, slot, element))
        return slot

    def leave(self, count: int) -> None:
        del self.locals[len(self.locals) - count :]
        self.top -= count

    def compile(self, node: n.Node) -> Code:
        method: Callable[[Any], Code] = getattr(self, "on_" + type(node).__name__.lower())
        return method(node)

    # -- values and names -----------------------------------------------------------------------------------------

    def constant(self, node: n.Node) -> tuple[Any] | None:
        """In a tuple the value of a node that has the same in every evaluation and leaves no diagnostic; else None."""
        try:
            if isinstance(node, n.Literal):
                return (node.value,)
            if isinstance(node, n.At):
                return (t.parse_any(node.text),)
            if isinstance(node, n.Negation):
                operand = self.constant(node.operand)
                return (op.negate(operand[0]),) if operand else None
            if isinstance(node, n.RangeNode):
                start, end = (self.constant(part) if part is not None else None for part in (node.start, node.end))
                if (start is None) == (node.start is None) and (end is None) == (node.end is None):
                    return (make_range(start, end, node.start_included, node.end_included),)
        except Fault:
            pass  # the diagnostic belongs to each evaluation
        return None

    def on_literal(self, node: n.Literal) -> Code:
        value = node.value
        return lambda frame: value

    def on_at(self, node: n.At) -> Code:
        site, text = self.site(node), node.text
        try:
            value = t.parse_any(text)
        except Fault as fault:
            reason = fault.reason

            def wrong(frame: Frame) -> Any:
                frame[RUN].fail(site, reason, text, "conversion")

            return wrong
        return lambda frame: value

    def on_name(self, node: n.Name) -> Code:
        name, elements = node.name, []
        for own, slot, element in reversed(self.locals):
            if element:
                elements.append(slot)
            if own == name:
                return self.through(elements, name, _local(slot))
        return self.through(elements, name, self.outer(node))

    def through(self, elements: list[int], name: str, otherwise: Code) -> Code:
        """A name that the elements of enclosing filters may have as an entry."""
        if not elements:
            return otherwise

        def look(frame: Frame) -> Any:
            for slot in elements:
                element = frame[slot]
                if (type(element) is dict or isinstance(element, Mapping)) and name in element:
                    value = element[name]
                    return value if type(value) in _PLAIN else admit(value)
            return otherwise(frame)

        return look

    def outer(self, node: n.Name) -> Code:
        name, site = node.name, self.site(node)
        if name == "?":
            return lambda frame: frame[SUBJECT] if frame[SUBJECT] is not MISSING else _unknown(frame, name, site)
        builtin = BUILTINS.get(name)

        def look(frame: Frame) -> Any:
            value = frame[SCOPE].get(name, MISSING)
            if value is MISSING:
                return builtin if builtin is not None else _unknown(frame, name, site)
            if type(value) in _PLAIN or (type(value) is Decimal and value.is_finite() and value.adjusted() in EXPONENTS):
                return value
            try:
                return admit(value)
            except Fault as fault:
                return frame[RUN].fault(site, fault)

        return look

    # -- operators ------------------------------------------------------------------------------------------------

    def on_binary(self, node: n.Binary) -> Code:
        left, right, site = self.compile(node.left), self.compile(node.right), self.site(node)
        operator, constant = node.operator, self.constant(node.right)
        if operator in ("=", "!="):
            return _equality(left, right, site, operator == "!=")
        if operator in _ORDER:
            return _over_numbers(left, right, constant, _DIRECT[operator], _ordering(site, operator))
        return _over_numbers(left, right, constant, _FAST.get(operator), _arithmetic(site, operator))

    def on_negation(self, node: n.Negation) -> Code:
        constant = self.constant(node)
        if constant is not None:
            return _always(constant[0])
        operand, site = self.compile(node.operand), self.site(node)

        def negation(frame: Frame) -> Any:
            try:
                return op.negate(admit(operand(frame)))
            except Fault as fault:
                return frame[RUN].fault(site, fault)

        return negation

    def on_logic(self, node: n.Logic) -> Code:
        operands = [self.compile(item) for item in node.operands]
        decided = node.operator == "or"

        def logic(frame: Frame) -> Any:
            result: bool | None = not decided
            for operand in operands:
                value = operand(frame)
                if value is decided:
                    return decided
                if value is not True and value is not False:
                    result = None
            return result

        return logic

    def on_between(self, node: n.Between) -> Code:
        value, low, high = (self.compile(part) for part in (node.value, node.low, node.high))
        site = self.site(node)

        def between(frame: Frame) -> Any:
            try:
                found = value(frame)
                return compare(found, low(frame)) >= 0 and compare(found, high(frame)) <= 0
            except Fault as fault:
                return frame[RUN].fault(site, fault)

        return between

    def on_in(self, node: n.In) -> Code:
        value, site = self.compile(node.value), self.site(node)
        outer = self.slot("?")
        found = _any_of([self.test(item, outer, site) for item in node.tests])
        self.leave(1)

        def within(frame: Frame) -> Any:
            frame[outer] = value(frame)
            return found(frame)

        return within

    def on_instanceof(self, node: n.InstanceOf) -> Code:
        value, wanted, site = self.compile(node.value), ft.build(node.type, self.resolve), self.site(node)
        name = node.type.name
        if not ft.known(wanted):
            reason = say("There is no type “%(name)s”; check how it is spelt.", name=name)
            if name in ("list", "context", "range", "function"):
                reason = say("The type %(name)s needs its parameters here, such as list<number>.", name=name)

            def unknown(frame: Frame) -> Any:
                frame[RUN].fail(site, reason, name, "type")

            return unknown

        def instance(frame: Frame) -> Any:
            found = value(frame)
            return wanted is ft.NULL if found is None else wanted is not ft.NULL and wanted.conforms(found, frame[RUN].spend)

        return instance

    # -- containers -----------------------------------------------------------------------------------------------

    def on_listnode(self, node: n.ListNode) -> Code:
        items = [self.compile(item) for item in node.items]
        return lambda frame: [item(frame) for item in items]

    def on_contextnode(self, node: n.ContextNode) -> Code:
        site = self.site(node)
        keys = [key for key, _ in node.entries]
        rows: list[tuple[str, int, Code]] = []
        for key, part in node.entries:
            if isinstance(part, n.FunctionNode):  # a function may call itself by the name of its entry
                slot = self.slot(key)
                rows.append((key, slot, self.compile(part)))
            else:
                code = self.compile(part)
                rows.append((key, self.slot(key), code))
        self.leave(len(rows))
        if len(set(keys)) != len(keys):

            def repeated(frame: Frame) -> Any:
                frame[RUN].fail(site, say("The context has the same key twice; each key may stand once."), None, "duplicate-key")

            return repeated

        def context(frame: Frame) -> Any:
            result = {}
            for key, slot, code in rows:
                value = code(frame)
                frame[slot] = result[key] = value
                if type(value) is Closure and len(value.frame) > slot:
                    value.frame[slot] = value
            return result

        return context

    def on_rangenode(self, node: n.RangeNode) -> Code:
        constant = self.constant(node)
        if constant is not None:
            return _always(constant[0])
        site = self.site(node)
        start = self.compile(node.start) if node.start is not None else None
        end = self.compile(node.end) if node.end is not None else None
        first, last = node.start_included, node.end_included

        def bounds(frame: Frame) -> Any:
            try:
                return make_range(start and (start(frame),), end and (end(frame),), first, last)
            except Fault as fault:
                return frame[RUN].fault(site, fault)

        return bounds

    def on_path(self, node: n.Path) -> Code:
        source, name, site = self.compile(node.source), node.name, self.site(node)
        readers = _readers(name)

        def path(frame: Frame) -> Any:
            value = source(frame)
            if type(value) is dict:
                found = value.get(name, MISSING)
                if type(found) in _PLAIN or (type(found) is Decimal and found.is_finite() and found.adjusted() in EXPONENTS):
                    return found
            elif type(value) in readers:
                try:
                    return readers[type(value)](value)
                except Fault as fault:
                    return frame[RUN].fault(site, fault)
            return _select(frame[RUN], value, name, site)

        return path

    def on_filter(self, node: n.Filter) -> Code:
        source, site = self.compile(node.source), self.site(node)
        condition = node.condition
        if isinstance(condition, n.Literal) and isinstance(condition.value, Decimal):
            index = condition.value

            def nth(frame: Frame) -> Any:
                return _nth(frame[RUN], source(frame), index, site)

            return nth
        slot = self.slot("item", element=True)
        code, weight = self.compile(condition), size(condition)
        self.leave(1)

        def chosen(frame: Frame) -> Any:
            return _choose(frame, source(frame), code, slot, weight, site)

        return chosen

    # -- control --------------------------------------------------------------------------------------------------

    def on_if(self, node: n.If) -> Code:
        condition, then, otherwise = (self.compile(part) for part in (node.condition, node.then, node.otherwise))
        return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)

    def loops(self, iterators: tuple[n.Iterator, ...]) -> list[tuple[int, Callable[[Frame], Iterable[Any] | None]]]:
        found = []
        for row in iterators:
            start = self.compile(row.start)
            end = self.compile(row.end) if row.end is not None else None
            domain = _domain(start, end, self.site(row))
            found.append((self.slot(row.name), domain))
        return found

    def on_for(self, node: n.For) -> Code:
        partial = self.slot("partial")
        loops = self.loops(node.iterators)
        body, weight = self.compile(node.body), size(node.body) + 2
        self.leave(len(loops) + 1)
        innermost, uses_partial = len(loops) - 1, "partial" in self.source

        def loop(frame: Frame) -> Any:
            run: Run = frame[RUN]
            result: list[Any] = []
            kept, frame[partial] = frame[partial], result
            limit = run.limits.items

            def nest(level: int) -> bool:
                slot, domain = loops[level]
                values = domain(frame)
                if values is None:
                    return False
                if level < innermost:
                    for value in values:
                        run.spend(1)
                        frame[slot] = value
                        if not nest(level + 1):
                            return False
                    return True
                spend, add = run.spend, result.append
                for value in values:
                    frame[slot] = value
                    spend(weight)
                    if len(result) >= limit:
                        run.items(len(result) + 1)
                    if uses_partial:
                        frame[partial] = result.copy()
                        spend(len(result) >> 2)
                    add(body(frame))
                return True

            done = nest(0)
            frame[partial] = kept
            return result if done else None

        return loop

    def on_quantified(self, node: n.Quantified) -> Code:
        loops = self.loops(node.iterators)
        body, weight = self.compile(node.body), size(node.body) + 2
        self.leave(len(loops))
        innermost, decided = len(loops) - 1, node.kind == "some"

        def quantified(frame: Frame) -> Any:
            run: Run = frame[RUN]
            unsure = False

            def nest(level: int) -> bool | None:
                nonlocal unsure
                slot, domain = loops[level]
                values = domain(frame)
                if values is None:
                    return None
                if level < innermost:
                    for value in values:
                        run.spend(1)
                        frame[slot] = value
                        found = nest(level + 1)
                        if found is not False:
                            return found
                    return False
                spend = run.spend
                for value in values:
                    frame[slot] = value
                    spend(weight)
                    answer = body(frame)
                    if answer is decided:
                        return True
                    if answer is not True and answer is not False:
                        unsure = True
                return False

            found = nest(0)
            if found is None:
                return None
            return decided if found else (None if unsure else not decided)

        return quantified

    # -- functions ------------------------------------------------------------------------------------------------

    def on_functionnode(self, node: n.FunctionNode) -> Code:
        site = self.site(node)
        names = tuple(name for name, _ in node.parameters)
        types = tuple(ft.build(part, self.resolve) if part else ft.ANY for _, part in node.parameters)
        first = self.top
        for name in names:
            self.slot(name)
        body = self.compile(node.body)
        self.leave(len(names))
        if node.external:

            def refuse(frame: Frame) -> Any:
                frame[RUN].fail(site, say("Functions outside of FEEL (Java, PMML) are not available here."), None, "external")

            body = refuse
        weight = size(node.body) + len(names)

        def closure(frame: Frame) -> Any:
            frame[RUN].spend(len(frame))
            return Closure(names, types, body, first, frame.copy(), weight)

        return closure

    def on_call(self, node: n.Call) -> Code:
        site, names = self.site(node), node.names
        function = self.compile(node.function)
        arguments = [self.compile(part) for part in node.arguments]
        builtin = BUILTINS.get(node.function.name) if isinstance(node.function, n.Name) else None
        fitting = builtin.fitting(len(arguments), names) if builtin is not None else []
        folded = self.folded(node, fitting)

        def call(frame: Frame) -> Any:
            run = frame[RUN]
            target = function(frame)
            if target is not builtin or builtin is None:
                return invoke(run, target, [part(frame) for part in arguments], names, site)
            if folded is not None:
                run.spend(1)
                return folded[0]
            values = [part(frame) for part in arguments]
            run.spend(1)
            try:
                return builtin.apply(fitting, run, values, names)
            except Fault as fault:
                return run.fault(site, fault)

        return call

    def folded(self, node: n.Call, fitting: list[Signature]) -> tuple[Any] | None:
        """In a tuple the value of a call that makes a date, a time or a duration of a literal; None for all others."""
        if not isinstance(node.function, n.Name) or node.function.name not in _FOLDED or len(node.arguments) != 1:
            return None
        part = node.arguments[0]
        if not isinstance(part, n.Literal) or not isinstance(part.value, str) or not fitting:
            return None
        try:
            return (BUILTINS[node.function.name].apply(fitting, None, [part.value], node.names),)
        except Fault:
            return None  # the diagnostic belongs to each evaluation

    # -- unary tests ----------------------------------------------------------------------------------------------

    def on_comparison(self, node: n.Comparison) -> Code:
        return self.test(node, SUBJECT, self.site(node))

    def on_tests(self, node: n.Tests) -> Code:
        if node.anything:
            return lambda frame: True
        any_of = _any_of([self.test(item, SUBJECT, self.site(item)) for item in node.tests])
        if not node.negated:
            return any_of

        def none_of(frame: Frame) -> Any:
            found = any_of(frame)
            return None if found is None else not found

        return none_of

    def test(self, node: n.Node, subject: int, site: Site) -> Code:
        """One positive unary test of the subject in a slot (10.3.2.10 and Table 55)."""
        if isinstance(node, n.Comparison):
            return self.compared(node, subject, site)
        code = self.compile(node)
        if isinstance(node, n.Literal) and type(node.value) in (Decimal, str, bool):
            literal, of = node.value, type(node.value)

            def same(frame: Frame) -> Any:
                value = frame[subject]
                if type(value) is of:
                    try:
                        return value == literal
                    except DecimalException:
                        pass  # it is no number; equal() says what that means
                return equal(value, literal)

            return same
        if _mentions_subject(node):
            return code

        def matches(frame: Frame) -> Any:
            try:
                return match(frame[subject], code(frame), frame[RUN].spend)
            except Fault as fault:
                if fault.code == "null-operand":
                    return None
                return frame[RUN].fault(site, fault)

        return matches

    def compared(self, node: n.Comparison, subject: int, site: Site) -> Code:
        operand, operator = self.compile(node.operand), node.operator
        if operator in ("=", "!="):
            return _equality(_local(subject), operand, site, operator == "!=")
        accept = _ORDER[operator]

        def ordered(frame: Frame) -> Any:
            value, bound = frame[subject], operand(frame)
            if value is None or bound is None:
                return None
            try:
                return compare(value, bound) in accept
            except Fault as fault:
                return frame[RUN].fault(site, fault)

        return ordered


_ORDER: dict[str, tuple[int, ...]] = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}
_DIRECT: dict[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge,
}


def _unknown(frame: Frame, name: str, site: Site) -> None:
    frame[RUN].fail(site, say("There is no value named “%(name)s” here; check how it is spelt.", name=name), name, "unknown-name")


def _equality(left: Code, right: Code, site: Site, negative: bool) -> Code:
    def equality(frame: Frame) -> Any:
        try:
            found = equal_admitted(left(frame), right(frame), frame[RUN].spend)
        except Fault as fault:
            return frame[RUN].fault(site, fault)
        if found is None:
            return frame[RUN].fail(site, say("Values of different types cannot be compared; convert one of them first."), None, "type")
        return found is not negative

    return equality


def _over_numbers(
    left: Code, right: Code, constant: tuple[Any] | None, direct: Callable[[Any, Any], Any] | None,
    otherwise: Callable[[Frame, Any, Any], Any],
) -> Code:
    """An operator: `direct` for two numbers, `otherwise` for all else and to say why two numbers have no result.
    `constant` holds the right operand when that is always the same."""
    if direct is None:
        return lambda frame: otherwise(frame, left(frame), right(frame))
    if constant is not None and type(constant[0]) is Decimal:
        fixed = constant[0]

        def with_constant(frame: Frame) -> Any:
            a = left(frame)
            if type(a) is Decimal:
                try:
                    return direct(a, fixed)
                except DecimalException:
                    pass  # the other way says why
            return otherwise(frame, a, fixed)

        return with_constant

    def of_two(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is Decimal and type(b) is Decimal:
            try:
                return direct(a, b)
            except DecimalException:
                pass  # the other way says why
        return otherwise(frame, a, b)

    return of_two


def _ordering(site: Site, operator: str) -> Callable[[Frame, Any, Any], Any]:
    accept = _ORDER[operator]
    below, same, above = -1 in accept, 0 in accept, 1 in accept

    def ordering(frame: Frame, a: Any, b: Any) -> Any:
        try:
            order = compare(a, b)
        except Fault as fault:
            return frame[RUN].fault(site, fault)
        if order == 0 and not (below and above) and kind(a) in ("time", "date and time"):
            return same and equal(a, b) is True  # <= is < or =, and = needs both or neither time zone
        return order in accept

    return ordering


def _arithmetic(site: Site, operator: str) -> Callable[[Frame, Any, Any], Any]:
    def arithmetic(frame: Frame, a: Any, b: Any) -> Any:
        if operator == "+" and type(a) is str and type(b) is str:
            frame[RUN].text(len(a) + len(b))
            return a + b
        try:
            return op.calculate(operator, a, b)
        except Fault as fault:
            return frame[RUN].fault(site, fault)

    return arithmetic


def _any_of(tests: list[Code]) -> Code:
    """Whether one of some tests holds: true, false, or null when it cannot be said."""
    if len(tests) == 1:
        only = tests[0]

        def one(frame: Frame) -> bool | None:
            found = only(frame)
            return found if found is True or found is False else None

        return one

    def some(frame: Frame) -> bool | None:
        result: bool | None = False
        for test in tests:
            found = test(frame)
            if found is True:
                return True
            if found is not False:
                result = None
        return result

    return some


def match(subject: Any, test: Any, spend: Spend = free) -> bool | None:
    """Whether a subject satisfies the value of a unary test that does not mention it: a range that holds it, a list
    that contains it, an equal value, or a condition that is true."""
    if type(test) is Range:
        return None if subject is None else in_range(subject, test)
    if type(test) is list:
        spend(len(test))
        if type(subject) is list and equal_admitted(subject, test, spend) is True:
            return True
        result: bool | None = False
        for item in test:
            found = match(subject, item) if type(item) is Range else equal_admitted(subject, item, spend)
            if found is True:
                return True
        return result
    if type(test) is bool and type(subject) is not bool:
        return test
    return equal_admitted(subject, test, spend)


def _mentions_subject(node: n.Node) -> bool:
    queue = [node]
    while queue:
        part = queue.pop()
        if isinstance(part, n.Name) and part.name == "?":
            return True
        queue.extend(children(part))
    return False


def make_range(start: tuple[Any] | None, end: tuple[Any] | None, first: bool, last: bool) -> Range:
    """A range of two endpoints, or of one (the other argument None). Raises Fault when they do not fit together."""
    low, high = start[0] if start else None, end[0] if end else None
    if (start and low is None) or (end and high is None):
        raise Fault(say("An endpoint of the range is missing (null)."), code="null-operand")
    if low is not None and high is not None and compare(low, high) > 0:
        raise Fault(say("The start of a range must not lie after its end."), code="range")
    for value in (low, high):
        if value is not None:
            compare(value, value)
    return Range(low, high, first, last)


def _select(run: Run, value: Any, name: str, site: Site) -> Any:
    """value.name for everything that is not a plain entry of a plain context."""
    if isinstance(value, Mapping):
        found = value.get(name, MISSING)
        if found is MISSING:
            return run.fail(site, say("The context has no entry “%(key)s”.", key=name), name, "unknown-entry")
        try:
            return admit(found)
        except Fault as fault:
            return run.fault(site, fault)
    if type(value) is list:
        run.items(len(value))
        return [_select(run, item, name, site) for item in value]
    if value is None:
        return run.fail(site, say("“%(name)s” was asked of a missing value (null).", name=name), name, "null-operand")
    try:
        of = kind(value)
        read = op.PROPERTIES.get(of, {}).get(name)
        if read is None:
            return run.fail(site, say("A %(of)s has no “%(name)s”.", of=called(of), name=name), name, "unknown-entry")
        return read(value)
    except Fault as fault:
        return run.fault(site, fault)


@lru_cache(maxsize=64)
def _readers(name: str) -> dict[type, Callable[[Any], Any]]:
    """How a property of that name is read, by the Python type of the value."""
    return {
        of: op.PROPERTIES[kind][name] for of, kind in KINDS.items() if name in op.PROPERTIES.get(kind, ())
    }


def _nth(run: Run, value: Any, index: Decimal, site: Site) -> Any:
    if value is None:
        return run.fail(site, say("A list is needed before [...], but the value is missing (null)."), None, "null-operand")
    items = value if type(value) is list else [value]
    at = whole(index)
    if at is None or at == 0 or abs(at) > len(items):
        return run.fail(site, say("The list has %(count)s items and none at this position.", count=len(items)), index, "index")
    return items[at - 1 if at > 0 else at]


def _choose(frame: Frame, value: Any, code: Code, slot: int, weight: int, site: Site) -> Any:
    run: Run = frame[RUN]
    if value is None:
        return run.fail(site, say("A list is needed before [...], but the value is missing (null)."), None, "null-operand")
    items = value if type(value) is list else [value]
    result: list[Any] = []
    spend, cost, first = run.spend, weight + 1, True
    for item in items:
        spend(cost)
        frame[slot] = item
        found = code(frame)
        if found is True:
            result.append(item)
        elif first and type(found) is Decimal:
            return _nth(run, items, found, site)
        elif found is not False and found is not None:
            return run.fail(site, say("The condition in [...] must be true or false, or a position."), found, "type")
        first = False
    if not items:
        frame[slot] = None
        mark = len(run.diagnostics)
        found = code(frame)
        del run.diagnostics[mark:]  # the condition has no element to speak of; only its type is looked at
        if type(found) is Decimal:
            return _nth(run, items, found, site)
    return result


def _domain(start: Code, end: Code | None, site: Site) -> Callable[[Frame], Iterable[Any] | None]:
    """The values that an iterator runs over."""

    def domain(frame: Frame) -> Iterable[Any] | None:
        run: Run = frame[RUN]
        value = start(frame)
        try:
            if end is not None:
                return _steps(run, value, end(frame), True, True)
            if type(value) is Range:
                return _steps(run, value.start, value.end, value.start_included, value.end_included)
        except Fault as fault:
            run.fault(site, fault)
            return None
        if type(value) is list:
            return value
        if value is None:
            run.fail(site, say("A list is needed to go through, but the value is missing (null)."), None, "null-operand")
            return None
        return [value]

    return domain


def _steps(run: Run, start: Any, end: Any, first: bool, last: bool) -> Iterable[Any]:
    """Whole numbers or days from start to end, up or down."""
    of = kind(start)
    if of != kind(end) or of not in ("number", "date"):
        raise Fault(say("Only ranges of whole numbers or of dates can be gone through."), end, "type")
    if of == "number":
        low, high = whole(start), whole(end)
    else:
        low, high = t.ordinal_of(start), t.ordinal_of(end)
    if low is None or high is None:
        raise Fault(say("Only ranges of whole numbers or of dates can be gone through."), end, "type")
    step = 1 if high >= low else -1
    low, high = (low if first else low + step), (high if last else high - step)
    count = max((high - low) * step + 1, 0)  # a range may be longer than len() can tell
    if count > run.limits.items:
        run.items(count)
    return map(Decimal if of == "number" else t.date_of, range(low, high + step, step) if count else ())


def _always(value: Any) -> Code:
    """The code of a constant."""
    return lambda frame: value


def _local(slot: int) -> Code:
    """The code that reads a local name."""
    return operators.itemgetter(slot)
