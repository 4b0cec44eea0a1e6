"""Boxed expressions to Python functions (DMN 1.5, 10.2). Each takes the state of the evaluation and the names in
scope; scopes are plain dictionaries, copied where an expression adds names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from processes.feel import Expression, FeelSyntaxError, parse, parse_unary
from processes.feel import types as ft
from processes.feel.runtime import Native, Run, Site, invoke
from processes.marked import say

from . import model as m
from .errors import DmnError
from .itemtypes import Types
from .state import Code, Scope, State
from .tables import compile_table


class Boxes:
    """Compiles the boxed expressions of one element. `names` are the names in scope, for the FEEL parser; `indexed`
    says whether large tables get an index."""

    def __init__(self, types: Types, names: frozenset[str], owner: str, indexed: bool = True) -> None:
        self.types = types
        self.names = names
        self.owner = owner
        self.indexed = indexed
        self._read: dict[tuple[str, bool], Expression] = {}

    def within(self, *names: str) -> Boxes:
        """A compiler for an inner scope that has more names."""
        return Boxes(self.types, self.names.union(names), self.owner, self.indexed)

    def feel(self, text: str, element: str, unary: bool = False) -> Expression:
        """A compiled text, read once however many cells hold it; raises DmnError that names the element."""
        if (text, unary) in self._read:
            return self._read[text, unary]
        build = parse_unary if unary else parse
        try:
            found = self._read[text, unary] = build(text, self.names, resolve=self.types.find)
            return found
        except FeelSyntaxError as error:
            shown = text if len(text) <= 60 else text[:57] + "..."
            raise DmnError("feel", say("In “%(owner)s”, “%(shown)s” cannot be read: %(message)s", owner=self.owner, shown=shown, message=error.message), element) from None

    def compile(self, box: m.Boxed) -> Code:
        """The function of a boxed expression, bound to the expression's own type."""
        method: Callable[[Any], Code] = getattr(self, "on_" + type(box).__name__.lower())
        code = method(box)
        wanted = self.types.reference(box.type)
        if wanted is ft.ANY or isinstance(box, (m.FunctionBox, m.RelationBox)):
            return code
        what = self.owner
        return lambda state, scope: state.bind(code(state, scope), wanted, what)

    def on_literalbox(self, box: m.LiteralBox) -> Code:
        if not box.text:
            return lambda state, scope: None
        expression = self.feel(box.text, box.element)
        return lambda state, scope: expression.run(state.run, scope)

    def on_tablebox(self, box: m.TableBox) -> Code:
        return compile_table(self, box)

    def on_contextbox(self, box: m.ContextBox) -> Code:
        inner = self
        rows: list[tuple[str, ft.Type, Code]] = []
        for variable, value in box.entries:
            inner = inner.within(variable.name)
            rows.append((variable.name, self.types.reference(variable.type), inner.compile(value)))
        result = inner.compile(box.result) if box.result is not None else None

        def context(state: State, scope: Scope) -> Any:
            local = scope.copy()
            found: dict[str, Any] = {}
            for name, wanted, code in rows:
                value = state.bind(code(state, local), wanted, name)
                found[name] = local[name] = value
                if isinstance(value, BoxedFunction):
                    value.scope = {**value.scope, name: value}  # a function may call itself by its entry's name
            return found if result is None else result(state, local)

        return context

    def on_relationbox(self, box: m.RelationBox) -> Code:
        columns = [(column.name, self.types.reference(column.type)) for column in box.columns]
        rows = [[self.compile(cell) for cell in row] for row in box.rows]

        def relation(state: State, scope: Scope) -> Any:
            return [
                {
                    name: state.bind(code(state, scope), wanted, name)
                    for (name, wanted), code in zip(columns, row, strict=False)
                }
                for row in rows
            ]

        return relation

    def on_listbox(self, box: m.ListBox) -> Code:
        items = [self.compile(item) for item in box.items]
        return lambda state, scope: [item(state, scope) for item in items]

    def on_functionbox(self, box: m.FunctionBox) -> Code:
        names = tuple(parameter.name for parameter in box.parameters)
        types = tuple(self.types.reference(parameter.type) for parameter in box.parameters)
        owner = self.owner
        if box.kind != "FEEL" or box.body is None:

            def refuse(state: State, scope: Scope) -> Any:
                reason = say("Functions outside of FEEL (Java, PMML) are not available here.")
                state.run.fail(Site(owner, 0), reason, None, "external")

            body: Code = refuse
        else:
            body = self.within(*names).compile(box.body)
        return lambda state, scope: BoxedFunction(owner, names, types, body, scope, state)

    def on_invocationbox(self, box: m.InvocationBox) -> Code:
        function = self.compile(box.function)
        names = tuple(variable.name for variable, _ in box.bindings)
        values = [
            (variable.name, self.types.reference(variable.type), self.compile(part) if part is not None else None)
            for variable, part in box.bindings
        ]
        site = Site(self.owner, 0)

        def invocation(state: State, scope: Scope) -> Any:
            arguments = [
                state.bind(code(state, scope), wanted, name) if code else None for name, wanted, code in values
            ]
            return invoke(state.run, function(state, scope), arguments, names, site)

        return invocation

    def on_conditionalbox(self, box: m.ConditionalBox) -> Code:
        condition, then, otherwise = (self.compile(part) for part in (box.condition, box.then, box.otherwise))
        return lambda state, scope: (then if condition(state, scope) is True else otherwise)(state, scope)

    def on_filterbox(self, box: m.FilterBox) -> Code:
        source, match = self.compile(box.source), self.within("item").compile(box.match)
        site = Site(self.owner, 0)

        def filtered(state: State, scope: Scope) -> Any:
            value = source(state, scope)
            if value is None:
                return state.run.fail(site, say("A list is needed to filter, but the value is missing (null)."))
            result = []
            for item in value if isinstance(value, list) else [value]:
                state.run.spend(1)
                local = {**scope, "item": item}
                if isinstance(item, dict):
                    local.update(item)
                found = match(state, local)
                if found is True:
                    result.append(item)
                elif found is not False and found is not None:
                    return state.run.fail(site, say("The condition of a filter must be true or false."), found, "type")
            return result

        return filtered

    def on_iteratorbox(self, box: m.IteratorBox) -> Code:
        source = self.compile(box.source)
        body = self.within(box.variable, "partial").compile(box.body)
        run_loop = {"for": _for, "some": _quantified(True), "every": _quantified(False)}[box.kind]
        variable, site = box.variable, Site(self.owner, 0)
        domain = _iteration(box.source)

        def iterate(state: State, scope: Scope) -> Any:
            value = domain(state, source(state, scope), site)
            if value is None:
                return None
            return run_loop(state, scope, variable, value, body)

        return iterate


def _iteration(box: m.Boxed) -> Callable[[State, Any, Site], list[Any] | None]:
    def domain(state: State, value: Any, site: Site) -> list[Any] | None:
        expression = parse("for i in l return i", ("l", "i"))
        if value is None:
            state.run.fail(site, say("A list is needed to go through, but the value is missing (null)."))
            return None
        found = expression.run(state.run, {"l": value})
        return found if isinstance(found, list) else None

    return domain


def _for(state: State, scope: Scope, variable: str, items: list[Any], body: Code) -> Any:
    result: list[Any] = []
    for item in items:
        state.run.items(1)
        result.append(body(state, {**scope, variable: item, "partial": list(result)}))
    return result


def _quantified(decided: bool) -> Callable[[State, Scope, str, list[Any], Code], Any]:
    def loop(state: State, scope: Scope, variable: str, items: list[Any], body: Code) -> Any:
        unsure = False
        for item in items:
            state.run.spend(1)
            value = body(state, {**scope, variable: item})
            if value is decided:
                return decided
            unsure = unsure or type(value) is not bool
        return None if unsure else not decided

    return loop


class BoxedFunction(Native):
    """A function defined by a boxed function definition, with the scope it was defined in."""

    __slots__ = ("body", "scope", "state")

    def __init__(
        self, name: str, parameters: tuple[str, ...], types: tuple[ft.Type, ...], body: Code, scope: Scope, state: State
    ) -> None:
        super().__init__(name, parameters, types, self._run)
        self.body = body
        self.scope = scope
        self.state = state

    def _run(self, run: Run, values: list[Any]) -> Any:
        return self.body(self.state, {**self.scope, **dict(zip(self.parameters, values, strict=True))})
