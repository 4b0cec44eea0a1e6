"""One evaluation: its clock, its budget, its diagnostics, and how functions are called.

A compiled expression is a closure over a frame, a Python list: frame[RUN] is the Run, frame[SCOPE] the mapping of
the names outside the expression, frame[SUBJECT] the value under a unary test, the rest are local variables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeAlias

from processes.marked import Sentence, say

from . import types as ft
from .errors import Diagnostic, Fault, LimitReached
from .limits import DEFAULT, Limits
from .values import Function, called, kind

Frame: TypeAlias = list[Any]
Code: TypeAlias = Callable[[Frame], Any]
Clock: TypeAlias = Callable[[], dt.datetime]

RUN, SCOPE, SUBJECT, FIRST_LOCAL = 0, 1, 2, 3
MISSING: Any = object()
STEPS_BETWEEN_LOOKS = 500
"""How many steps are taken between two looks at the machine's clock."""


def system_clock() -> dt.datetime:
    """The clock used when a caller passes none: the machine's, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a source text, for diagnostics."""

    source: str
    position: int


class Run:
    """The state of one evaluation. Never shared between threads."""

    __slots__ = ("_now", "_until", "calls", "clock", "diagnostics", "limits", "look_at", "steps", "tz")

    def __init__(self, limits: Limits = DEFAULT, clock: Clock | None = None, tz: dt.tzinfo | None = None) -> None:
        self.limits = limits
        self.clock = clock or system_clock
        self.tz = tz
        self.diagnostics: list[Diagnostic] = []
        self.steps = limits.steps
        self.calls = 0
        self._now: dt.datetime | None = None
        self._until = monotonic() + limits.seconds
        self.look_at = limits.steps - STEPS_BETWEEN_LOOKS if limits.steps > STEPS_BETWEEN_LOOKS else 0

    def now(self) -> dt.datetime:
        """The moment of this evaluation: asked once, so that now() is one value within an expression."""
        if self._now is None:
            moment = self.clock()
            if moment.tzinfo is None:
                raise Fault(say("The clock gave a moment without a time zone."), code="clock")
            self._now = moment.astimezone(self.tz) if self.tz is not None else moment
        return self._now

    def fail(self, site: Site, reason: Sentence, value: Any = None, code: str = "evaluation") -> None:
        """Note why something is null."""
        if len(self.diagnostics) < self.limits.diagnostics:
            self.diagnostics.append(Diagnostic(site.source, site.position, reason, value, code))

    def fault(self, site: Site, fault: Fault) -> None:
        """Note a Fault."""
        self.fail(site, fault.reason, fault.value, fault.code)

    def spend(self, steps: int) -> None:
        """Use up part of the budget of steps; now and then, look at the clock."""
        self.steps -= steps
        if self.steps < self.look_at:
            if self.steps < 0:
                raise LimitReached(say("The evaluation took more steps than are allowed; make the expression smaller."))
            self.look_at = max(self.steps - STEPS_BETWEEN_LOOKS, 0)
            self.seconds_left()

    def seconds_left(self) -> float:
        """How long the evaluation may still take; LimitReached when its time is over."""
        left = self._until - monotonic()
        if left <= 0:
            raise LimitReached(say("The evaluation took longer than is allowed; make the expression smaller."))
        return left

    def seconds_for_a_pattern(self) -> float:
        """How long the next use of a regular expression may take."""
        return min(self.seconds_left(), self.limits.regex_seconds)

    def items(self, count: int) -> None:
        """Check the length of a list that is about to be built, and pay for it."""
        if count > self.limits.items:
            raise LimitReached(say("A list would have %(count)s items; at most %(most)s are allowed.", count=count, most=self.limits.items))
        self.spend(count)

    def text(self, count: int) -> None:
        """Check the length of a string that is about to be built, and pay for it."""
        if count > self.limits.text:
            raise LimitReached(say("A text would have %(count)s characters; at most %(most)s are allowed.", count=count, most=self.limits.text))
        self.spend(count >> 4)

    def scan(self, count: int) -> None:
        """Pay for going through so many characters without building anything of their number."""
        self.spend(count >> 8)

    def enter(self) -> None:
        """Begin a call of a user function."""
        self.calls += 1
        if self.calls > self.limits.calls:
            raise LimitReached(say("Functions call each other too deeply; check that each of them comes to an end."))


def bind(
    arguments: list[Any], names: tuple[str, ...], parameters: tuple[str, ...], called_by: str = ""
) -> list[Any]:
    """Arguments in the order of the parameters; named ones that are missing are null (10.3.2.13.5)."""
    if not names:
        if len(arguments) != len(parameters):
            count = {"wanted": len(parameters), "given": len(arguments)}
            if called_by:
                raise Fault(
                    say("“%(name)s” takes %(wanted)s arguments, not %(given)s.", name=called_by, **count), code="arguments"
                )
            raise Fault(say("The function takes %(wanted)s arguments, not %(given)s.", **count), code="arguments")
        return arguments
    given = dict(zip(names, arguments, strict=True))
    unknown = [name for name in names if name not in parameters]
    if unknown:
        reason = (
            say("“%(name)s” has no parameter “%(parameter)s”.", name=called_by, parameter=unknown[0])
            if called_by
            else say("The function has no parameter “%(parameter)s”.", parameter=unknown[0])
        )
        raise Fault(reason, unknown[0], "arguments")
    return [given.get(name) for name in parameters]


class Closure(Function):
    """A function defined in FEEL: its body with the frame it was defined in (lexical scope)."""

    __slots__ = ("body", "first", "frame", "types", "untyped", "weight")

    def __init__(
        self, parameters: tuple[str, ...], types: tuple[ft.Type, ...], body: Code, first: int, frame: Frame, weight: int
    ) -> None:
        super().__init__("function", parameters)
        self.weight = weight
        self.types = types
        self.untyped = all(wanted is ft.ANY for wanted in types)
        self.body = body
        self.first = first
        self.frame = frame

    def invoke(self, run: Run, arguments: list[Any], names: tuple[str, ...], site: Site) -> Any:
        values = bind(arguments, names, self.parameters)
        run.steps -= self.weight
        if run.steps < run.look_at:
            run.spend(0)
        frame = self.frame.copy()
        frame[RUN] = run
        if self.untyped:
            frame[self.first : self.first + len(values)] = values
        else:
            pairs = zip(values, self.types, strict=True)
            frame[self.first : self.first + len(values)] = [
                ft.argument(value, wanted, run.spend) for value, wanted in pairs
            ]
        run.enter()
        try:
            return self.body(frame)
        finally:
            run.calls -= 1


class Native(Function):
    """A function defined in Python over the evaluator: business knowledge models and decision services."""

    __slots__ = ("code", "types")

    def __init__(
        self, name: str, parameters: tuple[str, ...], types: tuple[ft.Type, ...], code: Callable[[Run, list[Any]], Any]
    ) -> None:
        super().__init__(name, parameters)
        self.types = types
        self.code = code

    def invoke(self, run: Run, arguments: list[Any], names: tuple[str, ...], site: Site) -> Any:
        values = bind(arguments, names, self.parameters, self.name)
        values = [ft.argument(value, wanted, run.spend) for value, wanted in zip(values, self.types, strict=True)]
        run.enter()
        try:
            return self.code(run, values)
        finally:
            run.calls -= 1


def invoke(run: Run, function: Any, arguments: list[Any], names: tuple[str, ...], site: Site) -> Any:
    """Call any function value; failures become null with a diagnostic."""
    if not isinstance(function, Function):
        run.fail(site, say("Only a function can be called, and this is a %(kind)s.", kind=called(kind(function))), function, "type")
        return None
    try:
        run.spend(1)
        return function.invoke(run, arguments, names, site)
    except Fault as fault:
        run.fault(site, fault)
        return None


Scope: TypeAlias = Mapping[str, Any]
