"""The doors of FEEL: parse, evaluate, test. Compiled expressions are immutable and cached, so callers may simply
hand over texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from processes.marked import say

from . import nodes as n
from .builtins import BUILTINS
from .compiler import Compiler
from .errors import Diagnostic, Fault, FeelEvaluationError, FeelSyntaxError, LimitReached
from .limits import DEFAULT, Limits
from .parser import children, parse_tests, parse_tree
from .runtime import FIRST_LOCAL, MISSING, Clock, Code, Run
from .scope import special_names
from .types import Resolver
from .values import admit

_EMPTY: Mapping[str, Any] = {}


class Result(NamedTuple):
    """What an evaluation gave: the value (null when it failed) and why parts of it became null."""

    value: Any
    diagnostics: tuple[Diagnostic, ...] = ()

    def require(self) -> Any:
        """The value; raises FeelEvaluationError when there are diagnostics."""
        if self.diagnostics:
            raise FeelEvaluationError(self.diagnostics)
        return self.value


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression, or compiled unary tests. Immutable; may be used by several threads at once."""

    source: str
    tree: n.Node
    code: Code
    width: int

    def run(self, run: Run, scope: Mapping[str, Any], subject: Any = MISSING) -> Any:
        """The value within an evaluation that is already under way (decision tables, functions)."""
        return self.code([run, scope, subject, *[None] * (self.width - FIRST_LOCAL)])

    def evaluate(
        self, context: Mapping[str, Any] | None = None, *, limits: Limits = DEFAULT, clock: Clock | None = None,
        tz: dt.tzinfo | None = None, subject: Any = MISSING,
    ) -> Result:
        """The value in a context. Never raises for what the expression or the context does; see Result."""
        state = Run(limits, clock, tz)
        value = guarded(state, self, context if context is not None else _EMPTY, subject)
        return Result(value, tuple(state.diagnostics) if state.diagnostics else ())


def guarded(state: Run, expression: Expression, scope: Mapping[str, Any], subject: Any = MISSING) -> Any:
    """Run an expression; a used-up budget makes the whole value null with a diagnostic."""
    try:
        return expression.code([state, scope, subject, *[None] * (expression.width - FIRST_LOCAL)])
    except LimitReached as stop:
        reason, code = stop.reason, "limit"
    except RecursionError:
        reason, code = say("The evaluation is nested too deeply; split it into named parts."), "limit"
    except MemoryError:
        reason, code = say("The evaluation needs too much memory; make the expression smaller."), "limit"
    except Fault as fault:
        reason, code = fault.reason, fault.code
    diagnostic = Diagnostic(expression.source, 0, reason, None, code)
    state.diagnostics = [*state.diagnostics[: state.limits.diagnostics - 1], diagnostic]
    return None


def _compile(source: str, tree: n.Node, resolve: Resolver | None) -> Expression:
    compiler = Compiler(source, resolve)
    try:
        code = compiler.compile(tree)
    except RecursionError:
        raise FeelSyntaxError(
            "too-deep", say("The expression is nested too deeply; split it into named parts.")
        ) from None
    return Expression(source, tree, code, compiler.width)


@lru_cache(maxsize=4096)
def _cached(source: str, names: tuple[str, ...], longest: int, depth: int, unary: bool) -> Expression | FeelSyntaxError:
    """What a text is compiled to, or why it is not. Of the limits only the two that bound a text are asked for here:
    to find all of them among the keys takes longer than many an evaluation."""
    limits = Limits(source=longest, depth=depth)
    try:
        tree = parse_tests(source, names, limits) if unary else parse_tree(source, names, limits)
        return _compile(source, tree, None)
    except FeelSyntaxError as error:
        return error


def _find(source: str, names: tuple[str, ...], limits: Limits, unary: bool) -> Expression:
    """The compiled text; `names` are sorted. Raises FeelSyntaxError."""
    if not isinstance(source, str):
        raise FeelSyntaxError("not-text", say("An expression must be a text."))
    found = _cached(source, names, limits.source, limits.depth, unary)
    if isinstance(found, FeelSyntaxError):
        raise FeelSyntaxError(found.code, found.message, found.position, found.line)
    return found


def parse(
    expression: str, names: Iterable[str] = (), *, limits: Limits = DEFAULT, resolve: Resolver | None = None
) -> Expression:
    """The compiled expression. `names` are names in scope; only those with operators or keywords in them matter.

    resolve: gives the types of names that `instance of` and parameters may use. Raises FeelSyntaxError.
    """
    if resolve is None:
        return _find(expression, tuple(sorted(names)), limits, False)
    return _compile(expression, parse_tree(expression, names, limits), resolve)


def parse_unary(
    test: str, names: Iterable[str] = (), *, limits: Limits = DEFAULT, resolve: Resolver | None = None
) -> Expression:
    """Compiled unary tests, as in the cell of a decision table. Raises FeelSyntaxError."""
    if resolve is None:
        return _find(test, tuple(sorted(names)), limits, True)
    return _compile(test, parse_tests(test, names, limits), resolve)


def evaluate(
    expression: str, context: Mapping[str, Any] | None = None, *, limits: Limits = DEFAULT,
    clock: Clock | None = None, tz: dt.tzinfo | None = None,
) -> Result:
    """The value of an expression in a context (DMN 1.5, chapter 10.3).

    clock: what today() and now() ask, a callable that gives an aware datetime; tz: the zone they are read in.
    Raises FeelSyntaxError when the text does not parse; all else is a null with diagnostics.
    """
    names = special_names(context) if context else ()
    found = _find(expression, names, limits, False)
    return found.evaluate(context, limits=limits, clock=clock, tz=tz)


def unary(
    test: str, value: Any, context: Mapping[str, Any] | None = None, *, limits: Limits = DEFAULT,
    clock: Clock | None = None, tz: dt.tzinfo | None = None,
) -> Result:
    """Whether a value satisfies unary tests: true, false, or null when it cannot be said."""
    names = special_names(context) if context else ()
    found = _find(test, names, limits, True)
    try:
        subject = admit(value)
    except Fault as fault:
        return Result(None, (Diagnostic(test, 0, fault.reason, None, fault.code),))
    result = found.evaluate(context, limits=limits, clock=clock, tz=tz, subject=subject)
    return result if type(result.value) is bool or result.value is None else Result(None, result.diagnostics)


# -- which names an expression uses -------------------------------------------------------------------------------


def _bound(node: n.Node) -> dict[int, frozenset[str]]:
    """For each child (by identity) of a node, the names that the node binds there."""
    if isinstance(node, n.ContextNode):
        bound: dict[int, frozenset[str]] = {}
        seen: frozenset[str] = frozenset()
        for key, part in node.entries:
            bound[id(part)] = seen
            seen |= {key}
        return bound
    if isinstance(node, (n.For, n.Quantified)):
        names = frozenset(row.name for row in node.iterators) | {"partial"}
        earlier = {
            id(row): frozenset(other.name for other in node.iterators[:index])
            for index, row in enumerate(node.iterators)
        }
        return {**earlier, id(node.body): names}
    if isinstance(node, n.FunctionNode):
        return {id(node.body): frozenset(name for name, _ in node.parameters)}
    if isinstance(node, n.Filter):
        return {id(node.condition): frozenset({"item"})}
    return {}


def free_paths(tree: n.Node) -> set[tuple[str, ...]]:
    """The names outside the expression that it reads, as paths: {("deal", "owner", "name")}. Names inside a filter
    may be entries of its elements; they are given too."""
    found: set[tuple[str, ...]] = set()
    queue: list[tuple[n.Node, frozenset[str], tuple[str, ...]]] = [(tree, frozenset({"?"}), ())]
    while queue:
        node, bound, tail = queue.pop()
        if isinstance(node, n.Name):
            if node.name not in bound and (tail or node.name not in BUILTINS):
                found.add((node.name, *tail))
        elif isinstance(node, n.Path):
            queue.append((node.source, bound, (node.name, *tail)))
        elif isinstance(node, n.Filter):
            queue.append((node.source, bound, tail))
            queue.append((node.condition, bound | {"item"}, ()))
        else:
            extra = _bound(node)
            for part in children(node):
                queue.append((part, bound | extra.get(id(part), frozenset()), ()))
    return found


def names(expression: str, names: Iterable[str] = (), *, unary: bool = False) -> set[str]:
    """The free names an expression uses, as dotted paths such as “deal.owner.name”. Raises FeelSyntaxError.

    The argument `names` are names in scope, as for parse; unary: the text is a cell of unary tests.
    """
    tree = _find(expression, tuple(sorted(names)), DEFAULT, unary).tree
    return {".".join(path) for path in free_paths(tree)}
